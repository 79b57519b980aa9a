//! The chat, over the network.

use super::*;

/// Ann, bob and cat are connections 1, 2 and 3, and have read who came.
async fn ann_bob_and_cat(net: &Net) -> [WebSocket; 3] {
    let mut clients = Vec::new();
    for name in ["ann", "bob", "cat"] {
        clients.push(net.websocket(name, "/chat").await);
        net.settle().await;
    }
    let mut clients: [_; 3] = clients.try_into().ok().expect("three clients");
    for (client, greetings) in clients.iter_mut().zip([3, 2, 1]) {
        for _ in 0..greetings {
            client.next_text().await;
        }
    }
    clients
}

/// The transcript's entries from `start` on.
fn since(net: &Net, start: usize) -> Transcript {
    let mut transcript = said(net);
    transcript.entries.drain(..start);
    transcript
}

/// The three ways to send, on the wire.
#[test]
fn three_people_chat() {
    wire("Run the tests of the exercises first.", async |net: Net| {
        Chat::start(&net, Limits::default());
        let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
        let start = said(&net).entries.len();
        ann.text(r#"2["io.emit","hello, all"]"#).await;
        net.settle().await;
        bob.text(r#"2["socket.emit","note to self"]"#).await;
        net.settle().await;
        cat.text(r#"2["socket.broadcast.emit","hello, others"]"#)
            .await;
        for (client, heard) in [(&mut ann, 2), (&mut bob, 3), (&mut cat, 1)] {
            for _ in 0..heard {
                client.next_text().await;
            }
            client.hears_nothing_for(TEN_SECONDS).await;
        }
        assert_snapshot!("chat", since(&net, start));
    });
}

/// What a newcomer hears, what the others hear, and what the server's log says.
#[test]
fn people_come_and_go() {
    wire("Run the tests of the exercises first.", async |net: Net| {
        let chat = Chat::start(&net, Limits::default());
        let [mut ann, bob, cat] = ann_bob_and_cat(&net).await;
        ann.close(1000, "bye").await;
        assert_eq!(ann.closed().await, (1000, "bye".to_owned()));
        net.settle().await;
        std::mem::drop(cat);
        net.settle().await;
        assert_snapshot!("join-and-leave", said(&net));
        assert_snapshot!("log", chat.log());
        std::mem::drop(bob);
    });
}

/// One packet is nonsense: one client goes, with a reason. The rest goes on.
#[test]
fn nonsense_ends_one_connection_and_no_other() {
    wire(
        "A refused packet is 1008 for its sender alone.",
        async |net: Net| {
            let chat = Chat::start(&net, Limits::default());
            let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
            let start = said(&net).entries.len();
            ann.text("hello").await;
            assert_eq!(ann.closed().await.0, 1008);
            net.settle().await;
            bob.text(r#"2["chat","still here"]"#).await;
            for client in [&mut bob, &mut cat] {
                assert_eq!(client.next_text().await, r#"2["left",1]"#);
                assert_eq!(client.next_text().await, r#"2["chat",2,"still here"]"#);
            }
            assert_snapshot!("nonsense", since(&net, start));
            let log = chat.log();
            let last = log.lines().last().unwrap_or_default();
            assert_snapshot!(last, @r#"user 1 closed by the server: 1008 "packet type 'h': only 2, event""#);
        },
    );
}

/// One byte over the limit. The client hears 1009, though axum alone would hang up on it.
#[test]
fn a_message_that_is_too_long_is_1009() {
    wire(
        "`failure` knows the code, `close` sends it.",
        async |net: Net| {
            let chat = Chat::start(&net, Limits::default());
            let [mut ann, mut bob, _cat] = ann_bob_and_cat(&net).await;
            let of = |length: usize| format!("2[\"{}\"]", "x".repeat(length - 5));
            ann.text(&of(65536)).await;
            net.settle().await;
            assert_snapshot!(chat.hub.ids().len(), @"3");
            ann.text(&of(65537)).await;
            assert_snapshot!(format!("{:?}", ann.closed().await), @r#"(1009, "Space limit exceeded: Message too long: 65537 > 65536")"#);
            assert_eq!(bob.next_text().await, r#"2["left",1]"#);
        },
    );
}

/// Frames that no client library sends. Each is one client's end, and it hears why.
#[test]
fn whoever_breaks_a_rule_hears_which_one() {
    wire(
        "`failure` knows the code, `close` sends it.",
        async |net: Net| {
            let chat = Chat::start(&net, Limits::default());
            let frames: [(&str, &[u8]); 5] = [
                ("no UTF-8", b"\x81\x82\0\0\0\0\xff\xff"),
                ("no mask", b"\x81\x02hi"),
                ("a reserved bit", b"\xc1\x80\0\0\0\0"),
                ("half a ping", b"\x09\x80\0\0\0\0"),
                ("a length of 2^62", b"\x81\xff\x40\0\0\0\0\0\0\0\0\0\0\0"),
            ];
            let mut codes = Vec::new();
            for (name, frame) in frames {
                let mut ann = net.websocket("ann", "/chat").await;
                let stream = ann.get_mut().get_mut();
                _ = stream.write_all(frame).await;
                codes.push((name, ann.closed().await.0.to_string()));
            }
            assert_snapshot!(table(codes), @r"
        no UTF-8                 1007
        no mask                  1002
        a reserved bit           1002
        half a ping              1002
        a length of 2^62         1009
        ");
            assert_snapshot!(chat.hub.ids().len(), @"0");
        },
    );
}

#[test]
fn a_ping_is_answered_and_binary_is_ignored() {
    wire(
        "Neither is a packet, and neither is an end.",
        async |net: Net| {
            Chat::start(&net, Limits::default());
            let mut ann = net.websocket("ann", "/chat").await;
            ann.next_text().await;
            ann.send(tungstenite::Message::Ping("beat".into())).await;
            let pong = ann.message().await;
            assert_eq!(pong, tungstenite::Message::Pong("beat".into()));
            ann.send(tungstenite::Message::Binary("beat".into())).await;
            ann.hears_nothing_for(TEN_SECONDS).await;
            ann.text(r#"2["chat","still here"]"#).await;
            assert_eq!(ann.next_text().await, r#"2["chat",1,"still here"]"#);
        },
    );
}

const SMALL: Limits = Limits {
    queue: 3,
    when_full: WhenFull::DropClient,
};

/// Bob stops reading. Two packets fit into the network, one waits in `write`, three in the queue.
async fn bob_stops_reading(net: &Net) -> [WebSocket; 3] {
    let ann = net.websocket("ann", "/chat").await;
    net.settle().await;
    net.with_capacity(40);
    let mut bob = net.websocket("bob", "/chat").await;
    bob.next_text().await;
    net.settle().await;
    net.with_capacity(64 * 1024);
    let cat = net.websocket("cat", "/chat").await;
    net.settle().await;
    bob.next_text().await;
    [ann, bob, cat]
}

/// Ann goes on talking. Cat hears every word, in time.
#[test]
fn a_slow_client_is_dropped_and_holds_nobody_up() {
    wire("A full queue is its owner's matter.", async |net: Net| {
        let chat = Chat::start(&net, SMALL);
        let [mut ann, mut bob, mut cat] = bob_stops_reading(&net).await;
        let start = said(&net).entries.len();
        for word in 1..=7 {
            ann.text(&format!(r#"2["socket.broadcast.emit",{word}]"#))
                .await;
            net.settle().await;
        }
        net.pass(Duration::from_secs(2)).await;
        assert_eq!(bob.closed().await, (1013, "too slow".to_owned()));
        assert_snapshot!("slow-client", since(&net, start));
        for word in 1..=6 {
            let packet = format!(r#"2["chat",1,{word}]"#);
            if word == 1 {
                assert_eq!(cat.next_text().await, r#"2["welcome",3]"#);
            }
            assert_eq!(cat.next_text().await, packet);
        }
        assert_snapshot!(chat.hub.ids().len(), @"2");
    });
}

/// The other choice: Bob stays, and there is a hole in what he hears.
#[test]
fn a_slow_client_can_miss_packets_instead() {
    wire("`DropPacket`: the client stays.", async |net: Net| {
        let limits = Limits {
            when_full: WhenFull::DropPacket,
            ..SMALL
        };
        Chat::start(&net, limits);
        let [mut ann, mut bob, _cat] = bob_stops_reading(&net).await;
        for word in 1..=9 {
            ann.text(&format!(r#"2["socket.broadcast.emit",{word}]"#))
                .await;
            net.settle().await;
        }
        let mut heard = Vec::new();
        for _ in 0..6 {
            heard.push(bob.next_text().await);
        }
        ann.text(r#"2["socket.broadcast.emit",10]"#).await;
        heard.push(bob.next_text().await);
        assert_snapshot!(heard.join("\n"), @r#"
        2["chat",1,1]
        2["chat",1,2]
        2["chat",1,3]
        2["chat",1,4]
        2["chat",1,5]
        2["chat",1,6]
        2["chat",1,10]
        "#);
    });
}

/// Connections 1 to `count`, after all greetings. What the server says to them has room: they
/// are clients that read.
async fn crowd(net: &Net, count: usize) -> Vec<Client> {
    let mut clients = Vec::new();
    for n in 1..=count {
        let mut client = net.connect(&format!("client-{n}")).await;
        client.send(HANDSHAKE.replacen('/', "/chat", 1)).await;
        assert_eq!(client.response().await.status, 101);
        clients.push(client);
    }
    net.settle().await;
    clients
}

/// How many bytes each of the clients got, in a line.
fn heard(net: &Net, clients: std::ops::RangeInclusive<usize>) -> Vec<usize> {
    let traffic = clients.map(|n| net.traffic(&format!("client-{n}")));
    traffic.map(|traffic| traffic.down).collect()
}

/// More than a hundred say a word at the same moment. No queue is emptied between two of the words, and
/// nobody is slow.
#[test]
fn a_crowd_may_speak_at_once() {
    let advice = "Each queue has `self.limits.queue` places, 1024 by default.";
    wire(advice, async |net: Net| {
        let chat = Chat::start(&net, Limits::default());
        let mut clients = crowd(&net, 120).await;
        let before = heard(&net, 1..=120);
        for client in &mut clients {
            let word = b"\x81\x8e\0\0\0\x002[\"chat\",\"hi\"]";
            tokio::task::unconstrained(client.send(word)).await;
        }
        net.settle().await;
        assert_snapshot!(chat.hub.ids().len(), @"120");
        // Each word has a head of two bytes, and the speaker's id in it.
        let words = (1..=120).map(|n| format!(r#"..2["chat",{n},"hi"]"#).len());
        let words: usize = words.sum();
        let after = heard(&net, 1..=120);
        let heard = before
            .iter()
            .zip(&after)
            .filter(|(a, b)| **b - **a == words);
        assert_snapshot!(format!("{} heard every word", heard.count()), @"120 heard every word");
    });
}

/// Who leaves says goodbye to everybody: more than a hundred at once fill queues too.
#[test]
fn a_crowd_may_leave_at_once() {
    let advice = "Each queue has `self.limits.queue` places, 1024 by default.";
    wire(advice, async |net: Net| {
        let chat = Chat::start(&net, Limits::default());
        let mut clients = crowd(&net, 130).await;
        let before = heard(&net, 1..=10);
        clients.truncate(10);
        net.settle().await;
        assert_snapshot!(chat.hub.ids().len(), @"10");
        let farewells = (11..=130).map(|n| format!(r#"..2["left",{n}]"#).len());
        let farewells: usize = farewells.sum();
        let after = heard(&net, 1..=10);
        let heard = before
            .iter()
            .zip(&after)
            .filter(|(a, b)| **b - **a == farewells);
        assert_snapshot!(format!("{} heard every goodbye", heard.count()), @"10 heard every goodbye");
    });
}

/// Ann speaks once. A thousand hear it, and the paused clock has not moved.
#[test]
fn a_thousand_clients_hear_one_word() {
    wire("One queue for each, and no waiting.", async |net: Net| {
        let hub = relay(&net, Limits::default());
        let mut ann = net.websocket("ann", "/").await;
        let mut others = Vec::new();
        for n in 1..=1000 {
            let mut other = net.connect(&format!("other-{n}")).await;
            other.send(HANDSHAKE).await;
            others.push(other);
        }
        for other in &mut others {
            assert_eq!(other.response().await.status, 101);
        }
        net.settle().await;
        let before = net.now();
        ann.text(r#"2["chat","hello"]"#).await;
        let frame = b"\x81\x112[\"chat\",\"hello\"]";
        let mut heard = 0;
        for other in &mut others {
            heard += usize::from(other.bytes(frame.len()).await == frame);
        }
        let time = net.now() - before;
        ann.hears_nothing().await;
        let rows = [
            ("connected", hub.ids().len().to_string()),
            ("heard it", heard.to_string()),
            ("time on the clock", format!("{} s", time.as_secs_f32())),
        ];
        assert_snapshot!("fan-out", table(rows));
    });
}

const HANDSHAKE: &str = "GET / HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";
