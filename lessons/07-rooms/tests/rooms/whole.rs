//! Rooms and namespaces, over the network.

use super::*;

const EXERCISES: &str = "The server stands on all your exercises: mend their tests first. \
    `src/mux.rs` and `src/app.rs` are given: `git diff` shows what was changed.";

/// Ann, bob, cat and dan are 1 to 4. Ann and bob are in the kitchen, bob and cat in the attic.
async fn house(net: &Net) -> [WebSocket; 4] {
    let mut clients = Vec::new();
    for name in ["ann", "bob", "cat", "dan"] {
        clients.push(enter(net, name).await);
    }
    for (client, room) in [(0, "kitchen"), (1, "kitchen"), (1, "attic"), (2, "attic")] {
        let packet = format!(r#"2["join","{room}"]"#);
        say(net, &mut clients[client], &packet).await;
    }
    clients.try_into().ok().expect("four clients")
}

/// What a client has heard, up to an answer that it asks for: how many packets rooms were sent so far.
async fn heard(client: &mut WebSocket) -> (Vec<String>, u64) {
    client.text(r#"29["written"]"#).await;
    let mut heard = Vec::new();
    loop {
        let packet = client.next_text().await;
        match packet.strip_prefix("39[") {
            Some(args) => return (heard, args.trim_end_matches(']').parse().unwrap_or(0)),
            None => heard.push(packet),
        }
    }
}

#[test]
fn four_people_talk_in_rooms() {
    wire(EXERCISES, async |net| {
        chat(&net);
        let [mut ann, mut bob, _cat, mut dan] = house(&net).await;
        let start = entries(&net);
        say(&net, &mut ann, r#"2["to","kitchen",[],"soup?"]"#).await;
        say(&net, &mut bob, r#"2["in",["attic","kitchen"],[],"yes"]"#).await;
        say(&net, &mut dan, r#"2["to",[],"kitchen","not you"]"#).await;
        assert_snapshot!("to-rooms", since(&net, start));
    });
}

/// Each way to say it, who hears it, and how many packets were written for that.
#[test]
fn each_way_reaches_whom_it_should() {
    wire(EXERCISES, async |net| {
        chat(&net);
        let mut clients = house(&net).await;
        for client in &mut clients {
            heard(client).await;
        }
        let ways = [
            ("to kitchen", r#"["to","kitchen",[]"#),
            ("in kitchen", r#"["in","kitchen",[]"#),
            ("to kitchen, attic", r#"["to",["kitchen","attic"],[]"#),
            ("to kitchen, except attic", r#"["to","kitchen","attic""#),
            ("to all", r#"["to",[],[]"#),
            ("to all, except attic", r#"["to",[],["attic"]"#),
            ("to 2", r#"["to","2",[]"#),
            ("to 1", r#"["to","1",[]"#),
        ];
        let line = |way: &str, cells: [&str; 4], written: &str| {
            let [ann, bob, cat, dan] = cells;
            format!("{way:26}{ann:5}{bob:5}{cat:5}{dan:5}{written}")
        };
        let names = ["ann", "bob", "cat", "dan"];
        let mut lines = vec![line("ann says", names, "packets")];
        for (way, event) in ways {
            let (_, before) = heard(&mut clients[0]).await;
            say(&net, &mut clients[0], &format!(r#"2{event},"hi"]"#)).await;
            let (mut cells, mut after) = (["-"; 4], 0);
            for (client, cell) in clients.iter_mut().zip(&mut cells) {
                let (packets, written) = heard(client).await;
                after = written;
                *cell = match packets.len() {
                    0 => "-",
                    1 => "yes",
                    _ => "more",
                };
            }
            lines.push(line(way, cells, &(after - before).to_string()));
        }
        assert_snapshot!("rooms-matrix", lines.join("\n"));
    });
}

/// Whoever vanishes is in rooms, and those in them hear of it. Then it is in none.
#[test]
fn rooms_hear_of_an_end() {
    wire(EXERCISES, async |net| {
        let log = chat(&net);
        let [ann, bob, mut cat, mut dan] = house(&net).await;
        say(&net, &mut dan, r#"2["join","kitchen"]"#).await;
        let start = entries(&net);
        std::mem::drop(ann);
        net.settle().await;
        assert_snapshot!("left", since(&net, start));
        let last = log
            .lock()
            .unwrap()
            .iter()
            .rev()
            .take(2)
            .cloned()
            .collect::<Vec<_>>();
        assert_snapshot!(last.join("\n"), @r"
        a connection gone
        user 1 leaves /: 1, kitchen
        ");
        // Bob and dan are in the kitchen, and nobody is in ann's own room any more.
        say(
            &net,
            &mut cat,
            r#"20["to",["kitchen","1"],[],"who is here?"]"#,
        )
        .await;
        assert_snapshot!(answer(&mut cat).await, @"30[2]");
        std::mem::drop(bob);
    });
}

/// The lesson's bytes: Socket.IO's, less the digit that the layer below adds.
#[test]
fn a_connection_enters_namespaces_and_leaves_one() {
    wire(EXERCISES, async |net| {
        let spaces = ["/", "/custom", "/admin"]
            .into_iter()
            .fold(Spaces::default(), |spaces, name| spaces.with(name, quiet()));
        serve(&net, spaces);
        let mut ann = net.websocket("ann", "/").await;
        for packet in [
            "0",
            r#"0/custom,{"token":"123"}"#,
            "0/random",
            r#"2/custom,13["echo","x"]"#,
            r#"213["echo","y"]"#,
            "1/custom",
            r#"214["echo","z"]"#,
        ] {
            say(&net, &mut ann, packet).await;
        }
        assert_snapshot!("namespaces", since(&net, 0));
    });
}

/// Handlers say nothing here unless they are asked to.
fn quiet() -> Space {
    let mut space = space(Limits::default());
    let loud = space.on_connect;
    space.on_connect = Arc::new(move |member, stay, auth| {
        let on_event = loud(member, stay, auth);
        while member.packets.try_recv().is_ok() {}
        on_event
    });
    space
}

/// What is said in one namespace is heard there, and nowhere else.
#[test]
fn namespaces_do_not_hear_each_other() {
    wire(EXERCISES, async |net| {
        serve(
            &net,
            Spaces::default().with("/", quiet()).with("/admin", quiet()),
        );
        let mut clients = Vec::new();
        for (name, namespaces) in [
            ("ann", ["0", "0/admin"]),
            ("bob", ["0", "0"]),
            ("cat", ["0/admin", "0/admin"]),
        ] {
            let mut client = net.websocket(name, "/").await;
            client.text(namespaces[0]).await;
            client.next_text().await;
            if namespaces[1] != namespaces[0] {
                client.text(namespaces[1]).await;
                client.next_text().await;
            }
            clients.push(client);
        }
        let [ann, bob, cat] = &mut clients[..] else {
            unreachable!()
        };
        ann.text(r#"2["said in","/"]"#).await;
        ann.text(r#"2/admin,["said in","/admin"]"#).await;
        assert_snapshot!(bob.next_text().await, @r#"2["said in","/"]"#);
        assert_snapshot!(cat.next_text().await, @r#"2/admin,["said in","/admin"]"#);
        for client in [ann, bob, cat] {
            client.hears_nothing_for(TEN_SECONDS).await;
        }
    });
}

/// A newcomer hears that it is in before it hears anything else, however soon that is said.
#[test]
fn the_answer_to_a_connect_comes_first() {
    wire(EXERCISES, async |net| {
        serve(
            &net,
            Spaces::default().with("/admin", space(Limits::default())),
        );
        let mut ann = net.websocket("ann", "/").await;
        ann.text(r#"0/admin,{"token":"123"}"#).await;
        assert_snapshot!(ann.next_text().await, @r#"0/admin,{"sid":"1"}"#);
        assert_snapshot!(ann.next_text().await, @r#"2/admin,["welcome",{"token":"123"}]"#);
    });
}

/// Both sides call in a namespace, and in both directions the answer finds its call.
#[test]
fn calls_are_answered_in_a_namespace() {
    wire(EXERCISES, async |net| {
        let admin = quiet();
        let calls = admin.calls.clone();
        serve(
            &net,
            Spaces::default().with("/", quiet()).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0", "0/admin,"] {
            ann.text(packet).await;
            ann.next_text().await;
        }
        let id = calls.hub().ids()[0];
        let call = tokio::spawn(async move {
            let ferret = Event::new("ferret", ["tobi"]);
            calls.emit_with_ack(id, &ferret, TEN_SECONDS).await
        });
        assert_snapshot!(ann.next_text().await, @r#"2/admin,0["ferret","tobi"]"#);
        // An answer in another namespace is another call's, and none of this one's.
        ann.text(r#"30["not this"]"#).await;
        ann.text(r#"3/admin,0["woot"]"#).await;
        assert_snapshot!(format!("{:?}", call.await.unwrap()), @r#"Ok([String("woot")])"#);
        ann.text(r#"2/admin,7["echo","x"]"#).await;
        assert_snapshot!(ann.next_text().await, @r#"3/admin,7["x"]"#);
    });
}

/// socketio/socket.io thread 796: there the rooms of a namespace stayed when only that was left.
#[test]
fn whoever_leaves_a_namespace_leaves_its_rooms_and_no_others() {
    wire(EXERCISES, async |net| {
        let [root, admin] = [quiet(), quiet()];
        let rooms = [root.rooms.clone(), admin.rooms.clone()];
        let log = serve(
            &net,
            Spaces::default().with("/", root).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for packet in [
            "0",
            "0/admin",
            r#"2["join","kitchen"]"#,
            r#"2/admin,["join","kitchen"]"#,
        ] {
            say(&net, &mut ann, packet).await;
        }
        let seen = || {
            rooms
                .each_ref()
                .map(|rooms| maps(&rooms.lock()))
                .join("\n/admin:\n")
        };
        say(&net, &mut ann, "1/admin,").await;
        assert_snapshot!(seen(), @r"
        A is in: 1, kitchen
        in 1: A
        in kitchen: A
        /admin:
        ");
        assert_eq!(rooms[1].hub().ids(), []);
        assert_snapshot!(log.lock().unwrap().join("\n"), @"user 1 of /admin closed by the client");
        // Twice is no harm, and it may come back: as somebody else.
        for packet in ["1/admin,", "1/admin", "1/random"] {
            say(&net, &mut ann, packet).await;
        }
        let start = entries(&net);
        say(&net, &mut ann, "0/admin").await;
        assert_snapshot!(since(&net, start), @r#"
        ann → server   text 0/admin
        server → ann   text 0/admin,{"sid":"2"}
        "#);
        std::mem::drop(ann);
        net.settle().await;
        assert_snapshot!(seen(), @r"

        /admin:
        ");
        assert_eq!(rooms[0].hub().ids(), []);
    });
}

/// Once a client has left, nothing more comes from the namespace. A member that were taken out a
/// little later would still hear what greets its successor, and ann would hear it twice.
#[test]
fn whoever_leaves_and_comes_back_hears_nothing_twice() {
    wire(EXERCISES, async |net| {
        let mut admin = quiet();
        let (quiet, rooms) = (admin.on_connect, admin.rooms.clone());
        admin.on_connect = Arc::new(move |member, stay, auth| {
            let on_event = quiet(member, stay, auth);
            rooms.emit(&Audience::all(), &Event::new("came", [stay.id().number()]));
            on_event
        });
        serve(&net, Spaces::default().with("/admin", admin));
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0/admin", "1/admin", "0/admin"] {
            ann.text(packet).await;
        }
        assert_snapshot!(ann.next_text().await, @r#"0/admin,{"sid":"1"}"#);
        let mut heard = vec![ann.next_text().await, ann.next_text().await];
        if heard[0].starts_with('2') {
            heard.remove(0);
            heard.push(ann.next_text().await);
        }
        assert_snapshot!(heard.join("\n"), @r#"
        0/admin,{"sid":"2"}
        2/admin,["came",2]
        "#);
        ann.hears_nothing_for(TEN_SECONDS).await;
    });
}

/// Each of these is one client's end, and the others go on.
#[test]
fn what_breaks_the_rules_ends_one_connection() {
    wire(EXERCISES, async |net| {
        let [root, admin] = [quiet(), quiet()];
        let hubs = [root.rooms.hub().clone(), admin.rooms.hub().clone()];
        serve(
            &net,
            Spaces::default().with("/", root).with("/admin", admin),
        );
        let mut bob = net.websocket("bob", "/").await;
        bob.text("0").await;
        bob.next_text().await;
        let mut seen = Vec::new();
        let cases: [&[&str]; 8] = [
            &[r#"2["x"]"#],
            &["0", r#"2/admin,["x"]"#],
            &["0", "0"],
            &["0", "0/admin", "0/admin,"],
            &["0", "1", r#"2["x"]"#],
            &["0/admin,[]"],
            &["0", "0/admin", "2/admin,nonsense"],
            &["hello"],
        ];
        for packets in cases {
            let mut ann = net.websocket("ann", "/").await;
            for packet in packets {
                ann.text(packet).await;
            }
            let (code, reason) = ann.closed().await;
            seen.push((packets.join("  "), format!("{code} {reason}")));
            net.settle().await;
            assert_eq!(hubs.each_ref().map(|hub| hub.ids().len()), [1, 0]);
        }
        assert_snapshot!("violations", table(seen));
        bob.text(r#"20["echo","still here"]"#).await;
        assert_snapshot!(bob.next_text().await, @r#"30["still here"]"#);
    });
}

/// Lesson 5's rule: first it leaves, and only then is the connection closed. Ann does not answer the
/// server's Close for five seconds, and is in nobody's way.
#[test]
fn whoever_holds_on_to_the_connection_has_left() {
    wire(EXERCISES, async |net| {
        let [root, admin] = [quiet(), quiet()];
        let rooms = [root.rooms.clone(), admin.rooms.clone()];
        serve(
            &net,
            Spaces::default().with("/", root).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0", "0/admin", r#"2/admin,["join","kitchen"]"#] {
            say(&net, &mut ann, packet).await;
        }
        say(&net, &mut ann, "hello").await;
        for rooms in rooms {
            let left = (rooms.hub().ids().len(), maps(&rooms.lock()));
            assert_eq!(left, (0, String::new()));
        }
        assert_eq!(ann.closed().await.0, 1008);
    });
}

/// The mux reads as lesson 5's `read` does.
#[test]
fn other_messages_mean_what_they_meant() {
    wire(EXERCISES, async |net| {
        serve(&net, Spaces::default().with("/", quiet()));
        let mut ann = net.websocket("ann", "/").await;
        ann.text("0").await;
        ann.next_text().await;
        ann.send(tungstenite::Message::Ping("beat".into())).await;
        let pong = ann.message().await;
        assert_eq!(pong, tungstenite::Message::Pong("beat".into()));
        ann.send(tungstenite::Message::Binary("beat".into())).await;
        ann.hears_nothing_for(TEN_SECONDS).await;
        ann.text(r#"20["echo","x"]"#).await;
        assert_snapshot!(ann.next_text().await, @r#"30["x"]"#);
        ann.text(&format!(r#"2["{}"]"#, "x".repeat(65_536))).await;
        assert_snapshot!(ann.closed().await.0, @"1009");
    });
}

/// The server puts ann out of /admin. She is told, what she has sent meanwhile is no offence, and she
/// may come back. Her chat goes on.
#[test]
fn the_server_can_end_one_namespace() {
    wire(EXERCISES, async |net| {
        let admin = quiet();
        let hub = admin.rooms.hub().clone();
        serve(
            &net,
            Spaces::default().with("/", quiet()).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0", "0/admin"] {
            say(&net, &mut ann, packet).await;
        }
        let start = entries(&net);
        let bye = CloseFrame {
            code: 1000,
            reason: "not here".into(),
        };
        let id = hub.ids()[0];
        hub.deliver(To::One(id), &r#"2["last words"]"#.into());
        hub.disconnect(id, bye);
        for packet in [r#"2/admin,0["echo","x"]"#, r#"20["echo","y"]"#, "0/admin"] {
            say(&net, &mut ann, packet).await;
        }
        assert_snapshot!("put-out", since(&net, start));
    });
}

/// A handler that fails takes its namespace with it, and nothing else.
#[test]
fn a_handler_that_panics_ends_one_namespace() {
    wire(EXERCISES, async |net| {
        let admin = quiet();
        let rooms = admin.rooms.clone();
        let log = serve(
            &net,
            Spaces::default().with("/", quiet()).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0", "0/admin", r#"2/admin,["panic"]"#, r#"20["echo","x"]"#] {
            say(&net, &mut ann, packet).await;
        }
        assert_snapshot!(since(&net, 0), @r#"
        ann → server   text 0
        server → ann   text 0{"sid":"1"}
        ann → server   text 0/admin
        server → ann   text 0/admin,{"sid":"1"}
        ann → server   text 2/admin,["panic"]
        server → ann   text 1/admin,
        ann → server   text 20["echo","x"]
        server → ann   text 30["x"]
        "#);
        assert_snapshot!(log.lock().unwrap().join("\n"), @r#"user 1 of /admin closed by the server: 1011 "a handler failed""#);
        assert_eq!(
            (rooms.hub().ids().len(), maps(&rooms.lock()).as_str()),
            (0, "")
        );
    });
}

/// A client that does not read is slow in all its namespaces, whichever of them notices.
#[test]
fn a_client_that_is_too_slow_loses_its_connection() {
    wire(EXERCISES, async |net| {
        let admin = space(Limits {
            queue: 8,
            when_full: WhenFull::DropClient,
        });
        let rooms = admin.rooms.clone();
        let root = quiet();
        let hub = root.rooms.hub().clone();
        let log = serve(
            &net,
            Spaces::default().with("/", root).with("/admin", admin),
        );
        net.with_capacity(256);
        let mut ann = net.websocket("ann", "/").await;
        for packet in ["0", "0/admin"] {
            say(&net, &mut ann, packet).await;
        }
        let words = Event::new("words", ["x".repeat(100)]);
        for _ in 0..100 {
            rooms.emit(&Audience::all(), &words);
            net.settle().await;
        }
        assert_eq!((rooms.hub().ids().len(), hub.ids().len()), (0, 1));
        // Five seconds for the namespace to say what it has to say, and five for the connection.
        net.pass(TEN_SECONDS).await;
        net.settle().await;
        assert_eq!(hub.ids().len(), 0);
        assert_snapshot!(log.lock().unwrap().join("\n"), @r#"
        user 1 of /admin closed by the server: 1013 "too slow"
        a connection closed by the server: 1013 "too slow"
        "#);
        let bob = net.websocket("bob", "/").await;
        std::mem::drop((ann, bob));
    });
}

/// It reads again in time: then it hears all that was kept for it, and why it is closed.
#[test]
fn a_slow_client_hears_why() {
    wire(EXERCISES, async |net| {
        let admin = quiet();
        let rooms = admin.rooms.clone();
        serve(&net, Spaces::default().with("/admin", admin));
        let mut ann = net.websocket("ann", "/").await;
        say(&net, &mut ann, "0/admin").await;
        rooms.emit(&Audience::all(), &Event::new("words", [1]));
        rooms.hub().disconnect(rooms.hub().ids()[0], TOO_SLOW);
        ann.next_text().await;
        assert_snapshot!(ann.next_text().await, @r#"2/admin,["words",1]"#);
        assert_snapshot!(format!("{:?}", ann.closed().await), @r#"(1013, "too slow")"#);
    });
}

/// Each has its answer, and none leaves anything behind.
#[test]
fn too_many_joins_and_names_of_any_kind() {
    wire(EXERCISES, async |net| {
        chat(&net);
        let mut ann = enter(&net, "ann").await;
        let mut bob = enter(&net, "bob").await;
        let mut counts = std::collections::BTreeMap::new();
        for n in 0..100 {
            ann.text(&format!(r#"2{n}["join","room {n}"]"#)).await;
            let said = answer(&mut ann).await;
            let said = said
                .trim_start_matches(|c: char| c.is_ascii_digit())
                .to_owned();
            *counts.entry(said).or_insert(0) += 1;
        }
        assert_snapshot!(format!("{counts:?}"), @r#"{"[true]": 63, "[{\"error\":\"64 rooms are enough\"}]": 37}"#);
        let names = [
            json!(""),
            json!("/"),
            json!("a,b"),
            json!("kitchen\n\u{0}"),
            json!("Küche 🍲"),
            json!("x".repeat(64)),
            json!("x".repeat(65)),
            json!(7),
            json!(null),
        ];
        let mut seen = Vec::new();
        for name in &names {
            let mut row = Vec::new();
            for event in [
                json!(["join", name]),
                json!(["in", [name], [], "hi"]),
                json!(["leave", name]),
            ] {
                bob.text(&format!("20{event}")).await;
                row.push(answer(&mut bob).await.split_off(2));
            }
            let name: String = name.to_string().chars().take(20).collect();
            seen.push((name, row.join(" ")));
        }
        assert_snapshot!("names", table(seen));
        for (count, rooms) in [(64, "in"), (65, "in")] {
            let rooms = json!([rooms, vec!["1"; count], [], "hi"]);
            bob.text(&format!("20{rooms}")).await;
            seen_answer(&mut bob, count).await;
        }
    });
}

async fn seen_answer(client: &mut WebSocket, rooms: usize) {
    match rooms {
        64 => assert_snapshot!(answer(client).await, @"30[1]"),
        _ => assert_snapshot!(answer(client).await, @r#"30[{"error":"64 rooms are enough"}]"#),
    }
}

/// A client that comes and goes a hundred times, and asks as often for what is not there.
#[test]
fn a_hundred_connects_leave_nothing_behind() {
    wire(EXERCISES, async |net| {
        let admin = quiet();
        let rooms = admin.rooms.clone();
        serve(
            &net,
            Spaces::default().with("/", quiet()).with("/admin", admin),
        );
        let mut ann = net.websocket("ann", "/").await;
        for n in 1..=100 {
            ann.text("0/admin").await;
            assert_eq!(ann.next_text().await, format!(r#"0/admin,{{"sid":"{n}"}}"#));
            ann.text(r#"2/admin,["join","kitchen"]"#).await;
            ann.text("1/admin").await;
            ann.text(&format!("0/random-{n}")).await;
            assert_eq!(
                ann.next_text().await,
                format!(r#"4/random-{n},{{"message":"Invalid namespace"}}"#)
            );
        }
        assert_eq!(
            (rooms.hub().ids().len(), maps(&rooms.lock()).as_str()),
            (0, "")
        );
        let longest = format!("0/{}", "n".repeat(20_000));
        ann.text(&longest).await;
        assert_eq!(
            ann.next_text().await.len(),
            longest.len() + r#",{"message":"Invalid namespace"}"#.len()
        );
        ann.text("0").await;
        assert_snapshot!(ann.next_text().await, @r#"0{"sid":"1"}"#);
    });
}

/// Nothing depends on how the bytes arrive.
#[test]
fn a_slow_network_makes_no_difference() {
    wire(EXERCISES, async |net| {
        net.in_pieces_of(1);
        chat(&net);
        let [mut ann, mut bob, ..] = house(&net).await;
        ann.text(r#"20["to","kitchen",[],"soup?"]"#).await;
        assert_snapshot!(answer(&mut ann).await, @"30[1]");
        while bob.next_text().await != r#"2["chat",1,"soup?",["kitchen"]]"# {}
        bob.text("0/admin").await;
        assert_snapshot!(bob.next_text().await, @r#"0/admin,{"sid":"1"}"#);
        bob.close(1000, "bye").await;
        assert_eq!(bob.closed().await, (1000, "bye".to_owned()));
    });
}

/// More than any queue between server and client holds: the writers get their turns.
#[test]
fn a_burst_of_200_calls_is_answered() {
    wire(EXERCISES, async |net| {
        serve(&net, Spaces::default().with("/admin", quiet()));
        let mut ann = net.websocket("ann", "/").await;
        ann.text("0/admin").await;
        ann.next_text().await;
        for id in 0..200 {
            ann.text(&format!(r#"2/admin,{id}["echo",{id}]"#)).await;
        }
        for id in 0..200 {
            assert_eq!(ann.next_text().await, format!("3/admin,{id}[{id}]"));
        }
    });
}

/// For an hour nobody is in the room, and nothing is counted.
#[test]
fn the_ticker_runs_while_its_room_has_members() {
    wire(EXERCISES, async |net| {
        chat(&net);
        let mut ann = enter(&net, "ann").await;
        let mut bob = enter(&net, "bob").await;
        let start = entries(&net);
        ann.text(r#"20["join","ticker"]"#).await;
        for _ in 0..3 {
            ann.next_text().await;
        }
        bob.text(r#"20["join","ticker"]"#).await;
        for _ in 0..2 {
            bob.next_text().await;
        }
        ann.text(r#"21["leave","ticker"]"#).await;
        answer(&mut ann).await;
        std::mem::drop(bob);
        net.pass(Duration::from_secs(3600)).await;
        ann.text(r#"22["join","ticker"]"#).await;
        answer(&mut ann).await;
        ann.next_text().await;
        assert_snapshot!("ticker", since(&net, start));
    });
}

/// A thousand joins: the limit counts the member's own room, and a room that it is in already is no
/// new one.
#[test]
fn a_member_is_in_a_bounded_number_of_rooms() {
    coach(
        "`src/rooms.rs` is given: `git diff` shows what was changed in `join`. It stands on your `join`.",
        || {
            let rooms = Rooms::default();
            let id = rooms.hub().join().membership.id();
            let _stay = ManuallyDrop::new(rooms.enter(id));
            let joins = (0..1000).map(|n| rooms.join(id, &format!("room {n}")));
            let joined = joins.filter(|joined| *joined == Ok(true)).count();
            let (again, more) = (rooms.join(id, "room 0"), rooms.join(id, "one more"));
            let rows = [
                ("joined", joined.to_string()),
                ("rooms", rooms.lock().members_of.len().to_string()),
                ("again", format!("{again:?}")),
                ("one more", format!("{more:?}")),
            ];
            assert_snapshot!(table(rows), @r"
            joined                       63
            rooms                        64
            again                        Ok(false)
            one more                     Err(TooMany)
            ");
        },
    );
}
