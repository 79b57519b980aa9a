//! The server, over the network.

use super::*;

/// Opens a WebSocket for a client that speaks in bytes.
async fn open(net: &Net, name: &str) -> Client {
    let mut client = net.connect(name).await;
    client.send(REQUEST).await;
    assert_eq!(client.response().await.status, 101);
    client
}

/// One packet has the request and the first frame.
#[test]
fn answers_a_frame_that_comes_with_the_handshake() {
    let advice = "The bytes after the request are the first frame: `early`.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 1);
        let mut ann = net.connect("ann").await;
        ann.send([REQUEST.as_bytes(), &frame(TEXT, "Hello")].concat())
            .await;
        ann.response().await;
        ann.bytes(7).await;
        assert_snapshot!("early", net.transcript());
    });
}

/// TCP can end one direction alone: this client has said all it wants to say, and listens on.
#[test]
fn echoes_what_came_before_the_end() {
    let advice = "What was fed is flushed before the end: `next_message` does that.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 1);
        let texts = ["a".repeat(3), "b".repeat(5000), "c".repeat(5000)];
        // In the second round the last echo does not fit: it is written when ann reads.
        for capacity in [64 * 1024, 6000] {
            net.with_capacity(capacity);
            let mut ann = open(&net, "ann").await;
            let frames: Vec<_> = texts.iter().map(|text| frame(TEXT, text)).collect();
            ann.send(frames.concat()).await;
            ann.finish().await;
            net.settle().await;
            let echoes = ann.closed().await;
            let length = 2 + 3 + 2 * (4 + 5000);
            assert_eq!(echoes.len(), length, "bytes that came back, of {length}");
            assert!(texts.iter().all(|text| {
                let text = text.as_bytes();
                echoes.windows(text.len()).any(|part| part == text)
            }));
        }
    });
}

/// TCP carries bytes, and nobody promises more than one at a time.
#[test]
fn works_when_bytes_come_one_by_one() {
    wire(
        "Lesson 1 and tungstenite read on; so do you.",
        async |net: Net| {
            net.in_pieces_of(1);
            let _server = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            ann.text("Hello").await;
            assert_eq!(ann.next_text().await, "Hello");
            ann.close(1000, "bye").await;
            assert_eq!(ann.closed().await, (1000, "bye".to_owned()));
        },
    );
}

/// The client's own code comes back, and then the end: a clean close.
#[test]
fn lets_a_client_see_its_own_close_code() {
    wire(
        "The client closed with 4001 and must see 4001.",
        async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            ann.close(4001, "bye").await;
            let (code, reason) = ann.closed().await;
            clue(
                "1006",
                "1006: the connection ended without your close frame. Flush it, and read on to the end.",
            );
            assert_snapshot!(format!("{code} {reason}"), @"4001 bye");
            assert_snapshot!("close", net.transcript());
        },
    );
}

#[test]
fn echoes_a_mebibyte() {
    wire(
        "MESSAGE_LIMIT is the longest message that is accepted.",
        async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            for message in [
                Message::text("a".repeat(MESSAGE_LIMIT)),
                Message::binary(vec![0xff; MESSAGE_LIMIT]),
            ] {
                ann.send(message.clone()).await;
                // Not assert_eq!, which would print all of it.
                assert!(
                    ann.message().await == message,
                    "the message came back changed"
                );
            }
        },
    );
}

#[test]
fn keeps_the_order_of_a_thousand_messages() {
    let advice = "Answer one after the other, on one task: order is all there is to it.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 1);
        let mut ann = net.websocket("ann", "/").await;
        for n in 0..1000 {
            ann.text(&n.to_string()).await;
        }
        for n in 0..1000 {
            assert_eq!(ann.next_text().await, n.to_string());
        }
    });
}

/// Whatever one of them does, the other must not notice.
#[test]
fn serves_the_others_when_a_peer_vanishes() {
    wire(
        "An error ends one task, and only that.",
        async |net: Net| {
            let _server = start(&net, 2);
            let mut ann = net.websocket("ann", "/").await;
            for end in 1..11 {
                let mut bob = open(&net, "bob").await;
                bob.send(&frame(TEXT, "Hello")[..end]).await;
                drop(bob);
                net.settle().await;
            }
            ann.text("still there?").await;
            assert_eq!(ann.next_text().await, "still there?");
        },
    );
}

/// bob sends and sends, and never reads an answer.
#[test]
fn serves_the_others_when_a_peer_does_not_read() {
    let advice = "Each client has its task, and each wait for a client has its end.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 2);
        let mut ann = net.websocket("ann", "/").await;
        let mut bob = open(&net, "bob").await;
        tokio::spawn(async move {
            let kibibyte = frame(BINARY, [0; 1024]);
            for _ in 0..4096 {
                bob.send(&kibibyte).await;
            }
            pending::<()>().await;
        });
        ann.text("is bob in my way?").await;
        assert_eq!(ann.next_text().await, "is bob in my way?");
        net.pass(Duration::from_secs(20)).await;
        let taken = net.traffic("bob").up;
        assert!(
            taken < 600_000,
            "bob reads nothing, and {taken} bytes of his were read"
        );
        // By now bob has read nothing for more than 30 seconds, and there is a place again.
        net.pass(Duration::from_secs(15)).await;
        net.websocket("carol", "/").await;
    });
}

/// bob pings and pings, and never reads a pong.
#[test]
fn stops_reading_pings_when_the_pongs_are_not_read() {
    let advice = "A pong that cannot be sent must stop the reading: flush it at once.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 1);
        let mut bob = open(&net, "bob").await;
        tokio::spawn(async move {
            let pings = frame(PING, [b'?'; 125]).repeat(1000);
            for _ in 0..40 {
                bob.send(&pings).await;
            }
            pending::<()>().await;
        });
        net.pass(Duration::from_secs(20)).await;
        let taken = net.traffic("bob").up;
        assert!(
            taken < 600_000,
            "bob reads nothing, and {taken} bytes of his were read"
        );
    });
}

/// Each of these is told what was wrong with it; then its connection ends.
#[test]
fn tells_everybody_what_they_did_wrong() {
    let advice = "converse sends the close_frame of each error.";
    wire(advice, async |net: Net| {
        let _server = start(&net, 2);
        let mut ann = net.websocket("ann", "/").await;
        let mut told = String::new();
        for (what, bytes) in [
            ("no mask", b"\x81\x05Hello".to_vec()),
            ("RSV1 is set", frame(0xc1, "Hello")),
            ("opcode 3", frame(0x83, "")),
            ("opcode 11", frame(0x8b, "")),
            ("a ping in fragments", frame(0x09, "")),
            ("a ping of 126 bytes", frame(PING, [0; 126])),
            ("a continuation of nothing", frame(CONTINUATION, "Hello")),
            (
                "a text within a text",
                [frame(TEXT_BEGINS, "Hel"), frame(TEXT, "lo")].concat(),
            ),
            ("a close of one byte", frame(CLOSE, [3])),
            ("a close with 1005", frame(CLOSE, goodbye(1005, ""))),
            ("a reason that is not UTF-8", frame(CLOSE, b"\x03\xe8\xff")),
            ("a text that is not UTF-8", frame(TEXT, [0xff])),
            ("a text that ends within a character", frame(TEXT, [0xc3])),
            (
                "not UTF-8, in the second fragment",
                [frame(TEXT_BEGINS, [0xc3]), frame(CONTINUATION, [0xff])].concat(),
            ),
            (
                "a frame of a mebibyte and a byte",
                b"\x82\xff\0\0\0\0\0\x10\0\x01\0\0\0\0".to_vec(),
            ),
            (
                "a negative length",
                b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec(),
            ),
        ] {
            let mut bob = open(&net, "bob").await;
            bob.send(bytes).await;
            let rest = bob.closed().await;
            _ = match &rest[..] {
                [CLOSE, _, high, low, reason @ ..] => {
                    let code = u16::from_be_bytes([*high, *low]);
                    writeln!(told, "{what:<36}{code} {}", String::from_utf8_lossy(reason))
                }
                other => writeln!(told, "{what:<36}{other:?}"),
            };
            drop(bob);
            net.settle().await;
        }
        ann.text("who was that?").await;
        assert_eq!(ann.next_text().await, "who was that?");
        assert_snapshot!("malformed", told);
    });
}

/// A handshake that is none is answered by lessons 1 and 2, and the server goes on.
#[test]
fn answers_a_request_that_opens_no_websocket() {
    wire(
        "`connection` is given; accept on after it.",
        async |net: Net| {
            let _server = start(&net, 1);
            for (request, status) in [
                ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 426),
                (REQUEST.replace("GET", "POST"), 405),
                (REQUEST.replace("Version: 13", "Version: 12"), 426),
                ("\x16\x03\x01\r\n\r\n".to_owned(), 400),
            ] {
                let mut bob = net.connect("bob").await;
                bob.send(request).await;
                assert_eq!(bob.response().await.status, status);
                drop(bob);
                net.settle().await;
            }
            let mut ann = net.websocket("ann", "/").await;
            ann.text("Hello").await;
            assert_eq!(ann.next_text().await, "Hello");
        },
    );
}

/// Lesson 1's two updates over a WebSocket: the chapter's table.
#[test]
fn counts_what_two_updates_cost() {
    let mut rows = cost::over_http();
    let advice = "First let the other tests pass: this one adds up their bytes.";
    wire(advice, async move |net: Net| {
        rows.push(over_a_websocket(&net).await);
        assert_snapshot!("cost", cost::table(&rows));
    });
}

/// Asks once, and is sent each update as a message.
async fn over_a_websocket(net: &Net) -> cost::Row {
    let feed = Feed::default();
    tokio::spawn(cost::publish(feed.clone()));
    net.serve(move |stream| {
        let feed = feed.clone();
        async move {
            let upgraded = handshake::accept(stream, &[]).await;
            let mut socket = echo::websocket(upgraded.expect("a good request")).await;
            let (mut latest, mut since) = (feed.latest(), 0);
            while latest.changed().await.is_ok() {
                for update in feed.since(since) {
                    since = update.number;
                    let text = format!("{} {}", update.number, update.text);
                    let _ = socket.send(Message::text(text)).await;
                }
            }
        }
    });

    let mut row = cost::Row::new("WebSocket");
    let mut reader = net.connect("reader").await;
    let end = Instant::now() + cost::SCENE;
    row.requests += 1;
    // As few bytes as a handshake can have.
    let request = REQUEST.replace("server.example.com", "127.0.0.1:3000");
    reader.send(request.replace("GET /", "GET /updates")).await;
    reader.response().await;
    while let Ok(head) = timeout_at(end, reader.bytes(2)).await {
        reader.bytes(head[1].into()).await;
        row.learn(1, net.now());
    }
    row.traffic = net.traffic("reader");
    row
}

// ANCHOR: one_message
/// Once the handshake is paid: 12 bytes, a header of 2, and a mask of 4 on the way up.
#[test]
fn counts_what_one_message_costs() {
    wire("The echo of a text is one frame.", async |net: Net| {
        let _server = start(&net, 1);
        let mut ann = open(&net, "ann").await;
        let before = net.traffic("ann");
        ann.send(frame(TEXT, "twelve bytes")).await;
        ann.bytes(14).await;
        let after = net.traffic("ann");
        let (up, down) = (after.up - before.up, after.down - before.down);
        assert_snapshot!(format!("{up} bytes up, {down} bytes down"), @"18 bytes up, 14 bytes down");
    });
}
// ANCHOR_END: one_message
