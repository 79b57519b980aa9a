//! Lesson 5, as a specification. Each module is named after the exercise that it checks.

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocketUpgrade};
use axum::routing::any;
use emit_vs_broadcast::{
    ConnectionId, End, Event, Hub, Limits, Member, PacketError, Socket, TOO_SLOW, To, WhenFull,
    app, close_frame, failure, limited, read, run,
};
use futures_util::{FutureExt, Sink, Stream, stream};
use kit::transcript::{Entry, Transcript};
use kit::{Client, Net, WebSocket, assert_snapshot, clue, coach, wire};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite;

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// Joins, and stays until the test lets go.
///
/// A test that fails drops what it holds. A member is not dropped then: `drop` is an exercise, and
/// a panic in it, during another one, ends all tests without a word.
fn join(hub: &Hub) -> ManuallyDrop<Member> {
    ManuallyDrop::new(hub.join())
}

fn leave(member: ManuallyDrop<Member>) {
    drop(ManuallyDrop::into_inner(member));
}

fn id(member: &Member) -> ConnectionId {
    member.membership.id()
}

/// What waits in a member's queue, in a line.
fn queue(member: &mut Member) -> String {
    let mut packets = Vec::new();
    while let Ok(packet) = member.packets.try_recv() {
        packets.push(packet.to_string());
    }
    match packets.is_empty() {
        true => "nothing".to_owned(),
        false => packets.join(" "),
    }
}

/// What the learner's function made of a packet, in a line.
fn shown(event: Result<Event, PacketError>) -> String {
    match event {
        Ok(Event { name, args }) => format!("{name} with {}", Value::from(args)),
        Err(error) => format!("error: {error}"),
    }
}

/// Two columns.
fn table<A: AsRef<str>, B: AsRef<str>>(rows: impl IntoIterator<Item = (A, B)>) -> String {
    let rows = rows.into_iter();
    let rows = rows.map(|(a, b)| format!("{:<24} {}", a.as_ref(), b.as_ref()));
    rows.collect::<Vec<_>>().join("\n")
}

mod to_payload {
    use super::*;

    const NESTED: &str =
        "The arguments are elements of the array. You put an array into the array.";

    /// The name is the first element. The arguments follow it: no array in the array.
    #[test]
    fn is_an_array_of_the_name_and_the_arguments() {
        coach(
            "The payload is one JSON array: the name, then each argument.",
            || {
                clue(r#",["hello"]"#, NESTED);
                clue(
                    r#"["hello"]"#,
                    "The name is the array's first element. It is missing.",
                );
                let event = Event::new("chat", ["hello"]);
                assert_snapshot!(event.to_payload(), @r#"["chat","hello"]"#);
            },
        );
    }

    #[test]
    fn of_an_event_without_arguments_is_the_name_alone() {
        coach("No arguments: an array of one element.", || {
            clue(",[]", NESTED);
            let event = Event::new("ping", [0; 0]);
            assert_snapshot!(event.to_payload(), @r#"["ping"]"#);
        });
    }

    /// An argument is any JSON. `3` and `"3"` are two different ones.
    #[test]
    fn keeps_each_argument_as_the_json_it_is() {
        coach(
            "Each argument is an element, as the JSON that it is.",
            || {
                clue(r#"[{"x":1}"#, NESTED);
                clue(
                    r#""3""#,
                    "The number 3 became the text \"3\". Leave each `Value` as it is.",
                );
                let args = [json!({"x": 1}), json!([2, 3]), json!(3), json!(null)];
                let event = Event::new("move", args);
                assert_snapshot!(event.to_payload(), @r#"["move",{"x":1},[2,3],3,null]"#);
            },
        );
    }

    /// What people type has quotes and line ends in it. Glued together by hand, it is not JSON.
    #[test]
    fn escapes_what_json_must_escape() {
        coach("Let serde_json write all of it, the name too.", || {
            clue(r#",["two"#, NESTED);
            clue(
                r#"["say "hi"""#,
                "The quotes in the name end it too early. Let serde_json write the name, too.",
            );
            let event = Event::new("say \"hi\"", ["two\nlines"]);
            assert_snapshot!(event.to_payload(), @r#"["say \"hi\"","two\nlines"]"#);
        });
    }
}

mod from_payload {
    use super::*;

    /// The name is not an argument.
    #[test]
    fn takes_the_name_off_the_arguments() {
        coach(
            "The first element is the name, the rest are the arguments.",
            || {
                clue(
                    r#"["chat","hello""#,
                    "The name is still among the arguments. Take it off.",
                );
                let event = Event::from_payload(r#"["chat","hello",{"loud":true}]"#);
                assert_snapshot!(shown(event), @r#"chat with ["hello",{"loud":true}]"#);
            },
        );
    }

    #[test]
    fn reads_what_payload_writes() {
        coach("What `payload` writes, `from_payload` reads.", || {
            let args = [
                json!("a \"b\"\n"),
                json!([[], {}]),
                json!(-1.5),
                json!(false),
            ];
            let events = (0..=args.len()).map(|n| Event::new("öffnen", args[..n].to_vec()));
            let rows = events.map(|event| {
                let payload = event.to_payload();
                let same = Event::from_payload(&payload).is_ok_and(|read| read == event);
                (same.to_string(), payload)
            });
            assert_snapshot!(table(rows), @r#"
            true                     ["öffnen"]
            true                     ["öffnen","a \"b\"\n"]
            true                     ["öffnen","a \"b\"\n",[[],{}]]
            true                     ["öffnen","a \"b\"\n",[[],{}],-1.5]
            true                     ["öffnen","a \"b\"\n",[[],{}],-1.5,false]
            "#);
        });
    }

    /// Each of these comes from somebody's client one day. Whoever wrote it needs to know why.
    #[test]
    fn says_what_is_wrong() {
        coach(
            "Not JSON, no array, or no text at its beginning: three different errors.",
            || {
                clue(
                    "7 with",
                    "An event's name is a text. Do not make one of a number.",
                );
                clue(
                    "chat with",
                    "The name is the first element, and not the first text.",
                );
                clue(
                    "called `Result::unwrap()`",
                    "A client can send anything: do not `unwrap` what comes from one.",
                );
                let wrong = [
                    "",
                    "hello",
                    r#"["chat""#,
                    r#"["chat"] ["chat"]"#,
                    r#"{"chat":"hello"}"#,
                    r#""chat""#,
                    "[]",
                    "[7]",
                    r#"[1,"chat"]"#,
                    r#"[["chat"]]"#,
                ];
                let rows = wrong.map(|text| (text, shown(Event::from_payload(text))));
                assert_snapshot!(table(rows), @r#"
                                         error: the payload is not JSON: EOF while parsing a value at line 1 column 0
                hello                    error: the payload is not JSON: expected value at line 1 column 1
                ["chat"                  error: the payload is not JSON: EOF while parsing a list at line 1 column 7
                ["chat"] ["chat"]        error: the payload is not JSON: trailing characters at line 1 column 10
                {"chat":"hello"}         error: the payload is not an array
                "chat"                   error: the payload is not an array
                []                       error: the array does not begin with a name
                [7]                      error: the array does not begin with a name
                [1,"chat"]               error: the array does not begin with a name
                [["chat"]]               error: the array does not begin with a name
                "#);
            },
        );
    }

    /// A hundred thousand brackets are one small message, and no reason to overflow the stack.
    #[test]
    fn refuses_what_is_nested_too_deep() {
        coach("serde_json stops at 128 levels. Pass its error on.", || {
            let brackets = "[".repeat(100_000);
            assert_snapshot!(shown(Event::from_payload(&brackets)), @"error: the payload is not JSON: recursion limit exceeded at line 1 column 128");
        });
    }
}

mod join {
    use super::*;

    const FROM_ONE: &str = "Count first, and then take the number: ids begin at 1.";

    fn ids(members: &[&Member]) -> String {
        let ids = members.iter().map(|member| id(member).to_string());
        ids.collect::<Vec<_>>().join(", ")
    }

    /// A name is not an id: two people have the same. An address is not: two tabs share it.
    #[test]
    fn gives_each_connection_a_number_of_its_own() {
        coach("Count the joins, from 1. The count is the id.", || {
            clue("1, 1", "Two connections have the same id.");
            clue("0, 1", FROM_ONE);
            let hub = Hub::default();
            let (a, b, c) = (super::join(&hub), super::join(&hub), super::join(&hub));
            assert_snapshot!(ids(&[&a, &b, &c]), @"1, 2, 3");
        });
    }

    /// With two members left, the next number after the *size* is taken already.
    #[test]
    fn never_gives_an_id_twice() {
        coach("An id is used once, for ever.", || {
            clue("0, 1", FROM_ONE);
            clue(
                "1, 2, 2",
                "The new connection took the id of one that is still there. Count the joins, not \
                 the members.",
            );
            clue(
                "1, 2, 1",
                "The new connection took the id of one that has left: whoever still has that id \
                 writes to a stranger.",
            );
            let hub = Hub::default();
            let (a, b) = (super::join(&hub), super::join(&hub));
            hub.disconnect(id(&a), TOO_SLOW);
            let c = super::join(&hub);
            assert_snapshot!(ids(&[&a, &b, &c]), @"1, 2, 3");
        });
    }

    #[test]
    fn puts_the_connection_into_the_hub() {
        coach(
            "`queues` has an entry for each member. Clones of a hub share it.",
            || {
                clue("[ConnectionId(0)", FROM_ONE);
                clue(
                    "[]",
                    "The hub does not know the connection. Put its queue into `queues`.",
                );
                let hub = Hub::default();
                let _a = super::join(&hub.clone());
                let _b = super::join(&hub);
                assert_snapshot!(format!("{:?}", hub.ids()), @"[ConnectionId(1), ConnectionId(2)]");
            },
        );
    }

    /// Without a bound, a client that does not read fills the server's memory.
    #[test]
    fn bounds_the_queue() {
        coach("The channel's capacity is `self.limits.queue`.", || {
            let hub = Hub::new(Limits {
                queue: 3,
                ..Limits::default()
            });
            let a = super::join(&hub);
            assert_snapshot!(a.packets.max_capacity(), @"3");
        });
    }

    /// A sender that is dropped too early closes the channel, and the connection with it.
    #[test]
    fn keeps_both_channels_open() {
        coach(
            "Both sending ends live in the hub, the receiving ends in the member.",
            || {
                let hub = Hub::default();
                let mut a = super::join(&hub);
                let queue = format!("{:?}", a.packets.try_recv().unwrap_err());
                let closing = format!("{:?}", a.closing.try_recv().unwrap_err());
                assert_snapshot!(table([("packets", queue), ("closing", closing)]), @r"
            packets                  Empty
            closing                  Empty
            ");
            },
        );
    }
}

mod offer {
    use super::*;

    /// A hub whose queues hold two packets.
    fn hub_of_two(when_full: WhenFull) -> Hub {
        Hub::new(Limits {
            queue: 2,
            when_full,
        })
    }

    /// Offers the packets to the member, and tells which were taken.
    fn offered(hub: &Hub, member: &Member, packets: &[&'static str]) -> String {
        let when_full = hub.limits().when_full;
        let taken = packets.iter().map(|packet| {
            let packet = Utf8Bytes::from_static(packet);
            let taken = hub.lock().offer(id(member), packet, when_full);
            taken.to_string()
        });
        taken.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn puts_the_packet_into_the_queue() {
        coach("`try_send` into the member's channel.", || {
            let hub = Hub::default();
            let mut a = super::join(&hub);
            let taken = offered(&hub, &a, &["one", "two"]);
            assert_snapshot!(table([("taken", taken), ("queue", queue(&mut a))]), @r"
            taken                    true, true
            queue                    one two
            ");
        });
    }

    /// The connection's task may have ended a moment ago. That is no reason to panic.
    #[test]
    fn is_false_when_nobody_takes_it() {
        coach(
            "No such member, or a receiver that is gone: `false`, and no panic.",
            || {
                clue(
                    "unwrap",
                    "A client that is gone is no bug of yours: do not `unwrap`.",
                );
                clue(
                    "Closed",
                    "A client that is gone is no bug of yours: do not `unwrap`.",
                );
                let hub = Hub::default();
                let (a, b) = (super::join(&hub), super::join(&hub));
                hub.disconnect(id(&a), TOO_SLOW);
                let unknown = offered(&hub, &a, &["one"]);
                let Member {
                    membership: _b,
                    packets,
                    ..
                } = ManuallyDrop::into_inner(b);
                std::mem::drop(packets);
                let gone = hub
                    .lock()
                    .offer(_b.id(), "one".into(), WhenFull::DropClient);
                std::mem::forget(_b);
                assert_snapshot!(table([("unknown", unknown), ("gone", gone.to_string())]), @r"
            unknown                  false
            gone                     false
            ");
            },
        );
    }

    /// The first choice: the client stays, and misses what does not fit.
    #[test]
    fn drops_the_packet_if_that_is_the_choice() {
        coach(
            "`DropPacket`: the queue keeps what it has, the client stays.",
            || {
                clue(
                    "still there              false",
                    "The client was dropped. With `DropPacket` it stays.",
                );
                let hub = hub_of_two(WhenFull::DropPacket);
                let mut a = super::join(&hub);
                let taken = offered(&hub, &a, &["one", "two", "three"]);
                let waiting = queue(&mut a);
                let later = offered(&hub, &a, &["four"]);
                assert_snapshot!(
                    table([
                        ("taken", taken),
                        ("queue", waiting),
                        ("still there", hub.ids().contains(&id(&a)).to_string()),
                        ("taken, with room again", later),
                    ]),
                    @r"
            taken                    true, true, false
            queue                    one two
            still there              true
            taken, with room again   true
            "
                );
            },
        );
    }

    /// The second choice: the client goes, and hears why.
    #[test]
    fn drops_the_client_if_that_is_the_choice() {
        coach("`DropClient`: `disconnect` it with `TOO_SLOW`.", || {
            clue(
                "still there              true",
                "The client missed a packet and does not know. With `DropClient` it goes.",
            );
            clue(
                "true, true, true",
                "The third packet was not taken: `false`, whatever `disconnect` returns.",
            );
            let hub = hub_of_two(WhenFull::DropClient);
            let mut a = super::join(&hub);
            let taken = offered(&hub, &a, &["one", "two", "three"]);
            let closing = match a.closing.try_recv() {
                Ok(CloseFrame { code, reason }) => format!("{code} {reason}"),
                Err(error) => error.to_string(),
            };
            assert_snapshot!(
                table([
                    ("taken", taken),
                    ("queue", queue(&mut a)),
                    ("still there", hub.ids().contains(&id(&a)).to_string()),
                    ("closing", closing),
                ]),
                @r"
            taken                    true, true, false
            queue                    one two
            still there              false
            closing                  1013 too slow
            "
            );
        });
    }
}

mod deliver {
    use super::*;

    /// `coach`, for the case too that a test does not end.
    #[track_caller]
    fn coach(advice: &str, test: impl FnOnce() + Send + 'static) {
        let hangs = "It hangs? `ids()` waits for the lock that you hold: read `queues` instead.";
        super::coach(&format!("{advice}\n{hangs}"), test);
    }

    /// Three members, A, B and C, and what each has in its queue after `send` did something as A.
    fn heard(send: impl Fn(&Hub, &Socket)) -> [String; 3] {
        let hub = Hub::default();
        let mut members = [super::join(&hub), super::join(&hub), super::join(&hub)];
        send(&hub, &members[0].membership.socket());
        members.each_mut().map(|member| queue(member))
    }

    /// Who heard it, of A, B and C: `A, C`.
    fn reached(send: impl Fn(&Hub, &Socket)) -> String {
        let heard = ["A", "B", "C"].into_iter().zip(heard(send));
        let reached = heard.filter(|(_, packets)| packets != "nothing");
        reached.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    }

    type Sends = fn(&Hub, &Socket);

    const ROWS: [(&str, Sends); 3] = [
        ("io.emit", |hub, _| _ = hub.emit(&hello())),
        ("socket.emit", |_, a| _ = a.emit(&hello())),
        ("socket.broadcast.emit", |_, a| _ = a.broadcast(&hello())),
    ];

    fn hello() -> Event {
        Event::new("chat", ["hello"])
    }

    /// A is the client whose event the server is handling.
    #[test]
    fn reaches_exactly_the_right_sockets() {
        coach(
            "`All` is everybody, `AllBut` leaves one out, `One` is one.",
            || {
                clue(
                    "socket.broadcast.emit    yes  yes  yes",
                    "The sender got its own broadcast. `AllBut(id)` leaves that one out.",
                );
                clue(
                    "socket.emit              yes  yes  yes",
                    "`One(id)` reached everybody. Only that one gets the packet.",
                );
                clue(
                    "socket.broadcast.emit    yes  -    -",
                    "`AllBut(id)` reached only the one that it leaves out.",
                );
                let cell = |heard: String| match &heard[..] {
                    "nothing" => "-",
                    r#"2["chat","hello"]"# => "yes",
                    _ => "else",
                };
                let line = |name: &str, cells: [&str; 3]| {
                    let [a, b, c] = cells;
                    format!("{name:<24} {a:<4} {b:<4} {c}")
                        .trim_end()
                        .to_owned()
                };
                let mut lines = vec![line("", ["A", "B", "C"])];
                lines.extend(ROWS.map(|(name, send)| line(name, heard(send).map(cell))));
                assert_snapshot!("delivery-matrix", lines.join("\n"));
            },
        );
    }

    // ANCHOR: claim
    /// A classroom page says: 'emit() reaches all, broadcast.emit() all but the sender'.
    #[test]
    fn shows_which_half_of_the_claim_is_right() {
        coach("Read the matrix, then each half of the claim.", || {
            let io_emit = reached(|io, _| _ = io.emit(&hello()));
            let socket_emit = reached(|_, socket| _ = socket.emit(&hello()));
            let broadcast = reached(|_, socket| _ = socket.broadcast(&hello()));
            assert_snapshot!(io_emit, @"A, B, C");
            assert_snapshot!(socket_emit, @"A");
            assert_snapshot!(broadcast, @"B, C");
        });
    }
    // ANCHOR_END: claim

    /// Each queue keeps the order in which the server spoke.
    #[test]
    fn keeps_the_order() {
        coach("One queue per member, in order.", || {
            let [_, b, _] = heard(|hub, a| {
                hub.emit(&Event::new("first", [1]));
                a.broadcast(&Event::new("second", [2]));
                hub.emit(&Event::new("third", [3]));
            });
            assert_snapshot!(b, @r#"2["first",1] 2["second",2] 2["third",3]"#);
        });
    }

    /// A thousand copies of one text are a thousand times its memory. A clone shares it.
    #[test]
    fn shares_one_text_among_all() {
        coach(
            "`packet.clone()` shares the text; making a new `Utf8Bytes` copies it.",
            || {
                clue(
                    "copied",
                    "Each receiver got a copy of the text. Clone the `Utf8Bytes`.",
                );
                let hub = Hub::default();
                let mut members = [super::join(&hub), super::join(&hub)];
                let packet = hello().to_packet();
                hub.deliver(To::All, &packet);
                let texts = members.each_mut().map(|member| member.packets.try_recv());
                let shared = texts
                    .iter()
                    .flatten()
                    .all(|text| text.as_ptr() == packet.as_ptr());
                assert_snapshot!(if shared { "shared" } else { "copied" }, @"shared");
            },
        );
    }

    /// Whoever stops at the first queue that is full serves nobody behind it.
    #[test]
    fn goes_on_after_a_client_that_is_too_slow() {
        coach(
            "One full queue is one client's matter. Go on with the next.",
            || {
                clue(
                    "C                        nothing",
                    "C heard nothing: your loop ended at B, whose queue is full.",
                );
                clue(
                    "reached                  3",
                    "You counted who was tried. Count the queues that took the packet.",
                );
                let hub = Hub::new(Limits {
                    queue: 1,
                    when_full: WhenFull::DropClient,
                });
                let mut members = [super::join(&hub), super::join(&hub), super::join(&hub)];
                hub.deliver(To::One(id(&members[1])), &"first".into());
                let reached = hub.deliver(To::All, &"second".into());
                let [a, b, c] = members.each_mut().map(|member| queue(member));
                assert_snapshot!(
                    table([("A", a), ("B", b), ("C", c), ("reached", reached.to_string())]),
                    @r"
            A                        second
            B                        first
            C                        second
            reached                  2
            "
                );
            },
        );
    }

    /// The last one to leave a room must not bring the server down.
    #[test]
    fn reaches_nobody_in_an_empty_hub() {
        coach("Nobody there: 0, and no panic.", || {
            let hub = Hub::default();
            let packet = hello().to_packet();
            let a = super::join(&hub);
            hub.disconnect(id(&a), TOO_SLOW);
            let targets = [To::All, To::One(id(&a)), To::AllBut(id(&a))];
            let reached = targets.map(|to| hub.deliver(to, &packet));
            assert_snapshot!(format!("{reached:?}"), @"[0, 0, 0]");
        });
    }
}

mod drop {
    use super::*;

    #[test]
    fn takes_the_connection_out_of_the_hub() {
        coach("Who leaves is not in `queues` any more.", || {
            clue(
                "[ConnectionId(1), ConnectionId(2)]",
                "Connection 1 is gone, and the hub still has its queue. Write `drop`.",
            );
            clue("[]", "You emptied the hub. Take out `self.id` alone.");
            let hub = Hub::default();
            let (a, _b) = (super::join(&hub), super::join(&hub));
            leave(a);
            assert_snapshot!(format!("{:?}", hub.ids()), @"[ConnectionId(2)]");
        });
    }

    /// A task that is cancelled runs no line of its code again. Its values are dropped.
    #[test]
    fn happens_when_the_task_is_cancelled() {
        wire("Leave in `drop`, and nowhere else.", async |net: Net| {
            let hub = Hub::default();
            let member = hub.join();
            let task = tokio::spawn(async move {
                std::future::pending::<()>().await;
                std::mem::drop(member);
            });
            net.settle().await;
            task.abort();
            net.settle().await;
            assert_snapshot!(format!("{:?}", hub.ids()), @"[]");
        });
    }

    /// `emit` wants the lock that a `let members = self.hub.lock();` still holds.
    #[test]
    fn tells_the_others() {
        coach(
            "First out of the hub, then the farewell to whoever is left. `emit` locks the hub too: \
             let go of your lock first. A guard in a `let` lives until the end of its block.",
            || {
                clue(
                    "leaver                   2[",
                    "The connection that leaves got its own farewell. Take it out of the hub first.",
                );
                clue(
                    "others                   nothing",
                    "Nobody heard the farewell: `emit` it.",
                );
                let hub = Hub::default();
                let (mut a, mut b) = (super::join(&hub), super::join(&hub));
                a.membership.farewell = Some(Event::new("left", [1]));
                let Member {
                    membership,
                    mut packets,
                    ..
                } = ManuallyDrop::into_inner(a);
                std::mem::drop(membership);
                let own = packets.try_recv().map(|packet| packet.to_string());
                let own = own.unwrap_or("nothing".to_owned());
                assert_snapshot!(table([("leaver", own), ("others", queue(&mut b))]), @r#"
                leaver                   nothing
                others                   2["left",1]
                "#);
            },
        );
    }

    /// A guard that expects to find its entry panics when the hub was faster, or says nothing.
    #[test]
    fn does_not_mind_that_the_hub_has_dropped_it_already() {
        coach("Removing what is not there is no error.", || {
            clue(
                "others                   nothing",
                "Whom the hub drops has left, too: the farewell does not depend on the entry.",
            );
            let hub = Hub::default();
            let (mut a, mut b) = (super::join(&hub), super::join(&hub));
            a.membership.farewell = Some(Event::new("left", [1]));
            hub.disconnect(id(&a), TOO_SLOW);
            leave(a);
            let here = format!("{:?}", hub.ids());
            assert_snapshot!(table([("in the hub", here), ("others", queue(&mut b))]), @r#"
            in the hub               [ConnectionId(2)]
            others                   2["left",1]
            "#);
        });
    }
}

mod read {
    use super::*;

    /// What `read` handed on, and how it ended.
    fn story(messages: Vec<Result<Message, axum::Error>>) -> String {
        let packets = Arc::new(Mutex::new(Vec::new()));
        let seen = packets.clone();
        let on_packet = move |packet: &str| {
            seen.lock().unwrap().push(packet.to_owned());
            match packet {
                "wrong" => Err("no event"),
                _ => Ok(()),
            }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
        let end = runtime.block_on(super::read(stream::iter(messages), on_packet));
        let variant = match end {
            End::Client(_) => "End::Client",
            End::Server(_) => "End::Server",
            End::Broken(_) => "End::Broken",
            End::Gone => "End::Gone",
        };
        table([
            ("packets", packets.lock().unwrap().join(" ")),
            ("end", end.to_string()),
            ("variant", variant.to_owned()),
        ])
    }

    fn text(text: &'static str) -> Result<Message, axum::Error> {
        Ok(Message::Text(text.into()))
    }

    /// `while let Some(Ok(Message::Text(..)))` ends at the first ping.
    #[test]
    fn hands_on_texts_and_nothing_else() {
        coach(
            "A ping, a pong or a binary message ends nothing, and is no packet.",
            || {
                clue(
                    "packets                  one\n",
                    "Your loop ended at a message that is not a text. Go on with the next.",
                );
                clue("one  ", "A ping is not a packet. Hand on texts alone.");
                clue("one beat", "A ping is not a packet. Hand on texts alone.");
                let messages = vec![
                    text("one"),
                    Ok(Message::Ping("beat".into())),
                    Ok(Message::Pong("beat".into())),
                    Ok(Message::Binary("beat".into())),
                    text("two"),
                ];
                assert_snapshot!(story(messages), @r"
            packets                  one two
            end                      gone
            variant                  End::Gone
            ");
            },
        );
    }

    /// Many packets may arrive at once. Read in one go, their echoes fill the queue of a client that
    /// reads fast: its writer had no turn yet.
    #[test]
    fn lets_the_writers_run_after_each_packet() {
        coach("Await `yield_now()` after each packet.", || {
            clue(
                "one two",
                "You handed on all packets in one go, and no writer had a turn. Await `yield_now()`.",
            );
            let packets = Mutex::new(Vec::new());
            let on_packet = |packet: &str| {
                packets.lock().unwrap().push(packet.to_owned());
                Ok::<_, String>(())
            };
            let messages = stream::iter([text("one"), text("two")]);
            let _one_turn = super::read(messages, on_packet).now_or_never();
            assert_snapshot!(packets.lock().unwrap().join(" "), @"one");
        });
    }

    /// A Close is the client's farewell, and not for the others.
    #[test]
    fn ends_at_a_close() {
        coach("`End::Client` has the frame that the client sent.", || {
            clue(
                "end                      gone",
                "You went on after the Close. It is the client's last word: `End::Client`.",
            );
            let frame = close_frame(1000, "bye");
            let messages = vec![text("one"), Ok(Message::Close(Some(frame)))];
            assert_snapshot!(story(messages), @r#"
            packets                  one
            end                      closed by the client: 1000 "bye"
            variant                  End::Client
            "#);
        });
    }

    /// A client that sends nonsense has a bug. It finds it sooner if it hears of it.
    #[test]
    fn ends_at_a_packet_that_is_refused() {
        coach(
            "`End::Server` with `POLICY_VIOLATION` and the error's text.",
            || {
                clue(
                    "wrong two",
                    "A packet was refused, and the client does not hear of it. End with \
                 `End::Server(close_frame(POLICY_VIOLATION, ...))`.",
                );
                clue(
                    "End::Broken",
                    "What this client sends can still be read: `End::Server`. `Broken` is for a \
                     read that failed.",
                );
                clue(
                    "called `Result::unwrap()`",
                    "A client can send anything: do not `unwrap`.",
                );
                assert_snapshot!(story(vec![text("wrong"), text("two")]), @r#"
            packets                  wrong
            end                      closed by the server: 1008 "no event"
            variant                  End::Server
            "#);
            },
        );
    }

    #[test]
    fn says_why_reading_failed() {
        coach(
            "`failure` turns an error of the WebSocket into an `End`.",
            || {
                clue(
                    "end                      gone",
                    "The client broke a rule and hears nothing. `failure(error)` knows the close code.",
                );
                let error = axum::Error::new(too_long());
                assert_snapshot!(story(vec![text("one"), Err(error), text("two")]), @r#"
            packets                  one
            end                      closed by the server: 1009 "Space limit exceeded: Message too long: 3 > 2"
            variant                  End::Broken
            "#);
            },
        );
    }
}

fn too_long() -> tungstenite::Error {
    let too_long = tungstenite::error::CapacityError::MessageTooLong {
        size: 3,
        max_size: 2,
    };
    too_long.into()
}

/// A server that hands each packet on to everybody but its sender. No greetings, no log.
fn relay(net: &Net, limits: Limits) -> Hub {
    let hub = Hub::new(limits);
    let (listener, inner) = (net.listener(), hub.clone());
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        limited(upgrade).on_upgrade(async move |socket| {
            let member = inner.join();
            let me = member.membership.id();
            run(socket, member, |packet| {
                match packet {
                    "wrong" => return Err("no event"),
                    // Without a message: this panic belongs to the test.
                    "panic" => std::panic::resume_unwind(Box::new("as asked")),
                    _ => inner.deliver(To::AllBut(me), &packet.into()),
                };
                Ok(())
            })
            .await;
        })
    };
    let app = Router::new().route("/", any(upgrade));
    tokio::spawn(async { axum::serve(listener, app).await });
    hub
}

/// What was said. Of the handshakes, only the first lines.
fn said(net: &Net) -> Transcript {
    let mut transcript = net.transcript();
    for entry in &mut transcript.entries {
        if let Entry::Message { lines, .. } = entry {
            lines.truncate(1);
        }
    }
    transcript
}

mod run {
    use super::*;

    /// Ann waits for a word, and says none.
    #[test]
    fn writes_while_it_reads() {
        wire(
            "Read and write at once: `tokio::select!` over both.",
            async |net: Net| {
                clue(
                    "waited for a message",
                    "Nothing was sent to ann before she spoke. `write` must run while `read` waits.",
                );
                let hub = relay(&net, Limits::default());
                let mut ann = net.websocket("ann", "/").await;
                net.settle().await;
                hub.emit(&Event::new("chat", ["hello"]));
                assert_eq!(ann.next_text().await, r#"2["chat","hello"]"#);
            },
        );
    }

    /// The other way round: a client that does not read is stuck in `write`. It still speaks.
    #[test]
    fn reads_while_it_writes() {
        wire(
            "A writer that waits must not stop the reader.",
            async |net: Net| {
                clue(
                    "waited for a message",
                    "Bob does not read, so your task waits in `send`, and does not hear him. Let \
                 `write` and `read` be two branches of one `select!`.",
                );
                let hub = relay(&net, Limits::default());
                let mut ann = net.websocket("ann", "/").await;
                net.with_capacity(256);
                let mut bob = net.websocket("bob", "/").await;
                net.settle().await;
                let bobs = *hub.ids().last().expect("two are here");
                hub.deliver(To::One(bobs), &"x".repeat(1000).into());
                net.settle().await;
                bob.text("I do not listen").await;
                assert_eq!(ann.next_text().await, "I do not listen");
            },
        );
    }

    /// Whoever returns at the Close drops the socket before the answer is sent: code 1006.
    #[test]
    fn answers_a_close() {
        wire(
            "When the `select!` is over comes `close`.",
            async |net: Net| {
                clue(
                    "stayed open",
                    "The client's goodbye was not read: does `read` run while `write` waits?",
                );
                clue(
                    "1006",
                    "The client said goodbye and got no answer. `close` reads on until it is sent.",
                );
                relay(&net, Limits::default());
                let mut ann = net.websocket("ann", "/").await;
                ann.close(4000, "enough").await;
                assert_snapshot!(format!("{:?}", ann.closed().await), @r#"(4000, "enough")"#);
            },
        );
    }

    /// Every way out leads through the same door.
    #[test]
    fn leaves_the_hub_however_it_ends() {
        wire(
            "Hold `membership` for as long as the connection lasts.",
            async |net: Net| {
                clue(
                    "[Conn",
                    "The connection has ended, and the hub still has it.",
                );
                let hub = relay(&net, Limits::default());
                let ways = [
                    "closes",
                    "vanishes",
                    "breaks a rule",
                    "panics",
                    "is dropped",
                ];
                let mut left = Vec::new();
                for way in ways {
                    let mut ann = net.websocket("ann", "/").await;
                    net.settle().await;
                    let id = *hub.ids().last().expect("ann is here");
                    match way {
                        "closes" => ann.close(1000, "bye").await,
                        "breaks a rule" => {
                            // A frame with a reserved bit (RFC 6455, section 5.2).
                            let stream = ann.get_mut().get_mut();
                            _ = stream.write_all(b"\xc1\x80\0\0\0\0").await;
                        }
                        "panics" => ann.text("panic").await,
                        "is dropped" => _ = hub.disconnect(id, TOO_SLOW),
                        _ => std::mem::drop(ann),
                    }
                    net.settle().await;
                    left.push((way, format!("{:?}", hub.ids())));
                }
                assert_snapshot!(table(left), @r"
            closes                   []
            vanishes                 []
            breaks a rule            []
            panics                   []
            is dropped               []
            ");
            },
        );
    }

    /// Ann is refused, and does not read why. Whoever waits for her answer first keeps a dead member.
    #[test]
    fn leaves_before_it_closes() {
        wire(
            "First drop `membership`, then `close`.",
            async |net: Net| {
                clue(
                    "[Conn",
                    "The connection is being closed, and the hub still writes to it. Drop \
                 `membership` before you `close`.",
                );
                let hub = relay(&net, Limits::default());
                let mut ann = net.websocket("ann", "/").await;
                ann.text("wrong").await;
                net.settle().await;
                assert_snapshot!(format!("{:?}", hub.ids()), @"[]");
                assert_eq!(ann.closed().await, (1008, "no event".to_owned()));
            },
        );
    }

    /// Bob does not read: `write` is stuck, and so would be whoever waits for it.
    #[test]
    fn ends_when_the_hub_gives_up_on_the_client() {
        wire(
            "`closing` is a branch of the `select!` too.",
            async |net: Net| {
                clue(
                    "stayed open",
                    "The hub said through `closing` that it is over, and nobody listened.",
                );
                clue(
                    "1006",
                    "The hub said through `closing` with which frame it is over. `close` sends it.",
                );
                let hub = relay(
                    &net,
                    Limits {
                        queue: 1,
                        when_full: WhenFull::DropClient,
                    },
                );
                net.with_capacity(64);
                let mut bob = net.websocket("bob", "/").await;
                for _ in 0..3 {
                    net.settle().await;
                    hub.deliver(To::All, &"x".repeat(100).into());
                }
                net.pass(Duration::from_secs(1)).await;
                assert_snapshot!(format!("{:?}", bob.closed().await), @r#"(1013, "too slow")"#);
            },
        );
    }

    /// Where a writer is when the hub gives its client up.
    enum At {
        /// It waits for room, and has sent one message.
        Ready,
        Flush,
    }

    /// A socket whose client says nothing, and is given up while `write` is at it.
    struct GivenUp {
        at: At,
        hub: Hub,
        id: ConnectionId,
        said: Arc<Mutex<Vec<String>>>,
    }

    impl GivenUp {
        /// Runs a connection with these packets in its queue: how it ended, and what it sent.
        async fn run(at: At, packets: &[&'static str]) -> String {
            let hub = Hub::default();
            let member = hub.join();
            let id = member.membership.id();
            for packet in packets {
                hub.deliver(To::One(id), &Utf8Bytes::from_static(packet));
            }
            let said = Arc::default();
            let socket = GivenUp {
                at,
                hub,
                id,
                said: Arc::clone(&said),
            };
            let end = super::run(socket, member, |_| Ok::<_, String>(())).await;
            let said = said.lock().unwrap().join(", ");
            table([("end", end.to_string()), ("on the wire", said)])
        }
    }

    impl Stream for GivenUp {
        type Item = Result<Message, axum::Error>;

        /// Nothing, until the server has closed.
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let said = self.said.lock().unwrap();
            match said.iter().any(|message| message.starts_with("close")) {
                true => Poll::Ready(None),
                false => Poll::Pending,
            }
        }
    }

    impl Sink<Message> for GivenUp {
        type Error = axum::Error;

        fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            let waits = matches!(self.at, At::Ready) && !self.said.lock().unwrap().is_empty();
            match waits && self.hub.disconnect(self.id, TOO_SLOW) {
                true => Poll::Pending,
                false => Poll::Ready(Ok(())),
            }
        }

        fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
            let message = match message {
                Message::Text(packet) => packet.to_string(),
                Message::Close(Some(frame)) => format!("close {} {}", frame.code, frame.reason),
                other => format!("{other:?}"),
            };
            self.said.lock().unwrap().push(message);
            Ok(())
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            if let At::Flush = self.at {
                self.hub.disconnect(self.id, TOO_SLOW);
            }
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }
    }

    /// The hub gives the reason, and then lets go of the queue: `write` ends too, and may be first.
    #[test]
    fn says_why_even_if_the_writer_ends_too() {
        wire("`closing` has the last word.", async |_: Net| {
            clue(
                "gone",
                "`write` ended because the hub let go of the queue, and the client is still there. \
                 An `Ok` of `write` is no end: the reason is in `closing`.",
            );
            assert_snapshot!(GivenUp::run(At::Flush, &["hello"]).await, @r#"
            end                      closed by the server: 1013 "too slow"
            on the wire              hello, close 1013 too slow
            "#);
        });
    }

    /// `select!` drops the branches that lose, and what they hold. `write` may hold no packet while
    /// it waits for room.
    #[test]
    fn sends_the_whole_queue_before_it_closes() {
        let advice = "Let `write` empty the queue, and `close` send the rest.";
        wire(advice, async |_: Net| {
            clue(
                "one, two, four",
                "A packet is lost: it had left the queue and waited for room in the sink when \
                 `select!` dropped that branch. First wait for room, then take a packet.",
            );
            let packets = ["one", "two", "three", "four"];
            assert_snapshot!(GivenUp::run(At::Ready, &packets).await, @r#"
            end                      closed by the server: 1013 "too slow"
            on the wire              one, two, three, four, close 1013 too slow
            "#);
        });
    }

    /// A client that never lets go costs the server five seconds, and no more.
    #[test]
    fn does_not_wait_for_ever() {
        wire(
            "`close` does the waiting, with a limit.",
            async |net: Net| {
                relay(&net, Limits::default());
                let mut ann = net.websocket("ann", "/").await;
                ann.text("wrong").await;
                net.pass(TEN_SECONDS).await;
                ann.text("still here").await;
                assert_snapshot!(said(&net), @r#"
            ann → server   GET / HTTP/1.1
            server → ann   HTTP/1.1 101 Switching Protocols
            ann → server   text wrong
            server → ann   close 1008 "no event"
            +5 s
            server         closes the connection to ann
            "#);
            },
        );
    }
}

/// The chat of `src/chat.rs` with its hub, and what it logs.
struct Chat {
    hub: Hub,
    log: Arc<Mutex<Vec<String>>>,
}

impl Chat {
    fn start(net: &Net, limits: Limits) -> Self {
        let chat = Chat {
            hub: Hub::new(limits),
            log: Arc::default(),
        };
        let log = chat.log.clone();
        let log = Arc::new(move |line: &str| log.lock().unwrap().push(line.to_owned()));
        let (listener, app) = (net.listener(), app(chat.hub.clone(), log));
        tokio::spawn(async { axum::serve(listener, app).await });
        chat
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }
}

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

mod whole {
    use super::*;

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

    /// Two hundred say a word at the same moment. No queue is emptied between two of the words, and
    /// nobody is slow.
    #[test]
    fn a_crowd_may_speak_at_once() {
        let advice = "Each queue has `self.limits.queue` places, 1024 by default.";
        wire(advice, async |net: Net| {
            let chat = Chat::start(&net, Limits::default());
            let mut clients = crowd(&net, 200).await;
            let before = heard(&net, 1..=200);
            for client in &mut clients {
                let word = b"\x81\x8e\0\0\0\x002[\"chat\",\"hi\"]";
                tokio::task::unconstrained(client.send(word)).await;
            }
            net.settle().await;
            assert_snapshot!(chat.hub.ids().len(), @"200");
            // Each word has a head of two bytes, and the speaker's id in it.
            let words = (1..=200).map(|n| format!(r#"..2["chat",{n},"hi"]"#).len());
            let words: usize = words.sum();
            let after = heard(&net, 1..=200);
            let heard = before
                .iter()
                .zip(&after)
                .filter(|(a, b)| **b - **a == words);
            assert_snapshot!(format!("{} heard every word", heard.count()), @"200 heard every word");
        });
    }

    /// Who leaves says goodbye to everybody: two hundred at once fill queues too.
    #[test]
    fn a_crowd_may_leave_at_once() {
        let advice = "Each queue has `self.limits.queue` places, 1024 by default.";
        wire(advice, async |net: Net| {
            let chat = Chat::start(&net, Limits::default());
            let mut clients = crowd(&net, 220).await;
            let before = heard(&net, 1..=20);
            clients.truncate(20);
            net.settle().await;
            assert_snapshot!(chat.hub.ids().len(), @"20");
            let farewells = (21..=220).map(|n| format!(r#"..2["left",{n}]"#).len());
            let farewells: usize = farewells.sum();
            let after = heard(&net, 1..=20);
            let heard = before
                .iter()
                .zip(&after)
                .filter(|(a, b)| **b - **a == farewells);
            assert_snapshot!(format!("{} heard every goodbye", heard.count()), @"20 heard every goodbye");
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
}

mod given {
    use super::*;

    #[test]
    fn a_packet_of_another_kind_is_refused_by_name() {
        coach("Given: `src/event.rs`.", || {
            let packets = ["", "hello", "4[]", "20[\"ferret\"]", "2/admin,[\"x\"]"];
            let rows = packets.map(|packet| (packet, shown(Event::from_packet(packet))));
            assert_snapshot!(table(rows), @r#"
                                     error: an empty packet
            hello                    error: packet type 'h': only 2, event
            4[]                      error: packet type '4': only 2, event
            20["ferret"]             error: an id: nobody answers events here
            2/admin,["x"]            error: a namespace: there is only one here
            "#);
        });
    }

    /// A close frame has room for 123 bytes of reason, and they are UTF-8.
    #[test]
    fn a_reason_is_cut_at_a_character() {
        coach("Given: `src/connection.rs`.", || {
            let frame = close_frame(1008, &"ö".repeat(100));
            assert_snapshot!(frame.reason.len(), @"122");
        });
    }

    /// A place in a queue costs little. The text behind it is shared.
    #[test]
    fn a_packet_in_a_queue_is_four_words() {
        coach("Given: axum's `Utf8Bytes`.", || {
            let words = size_of::<Utf8Bytes>() / size_of::<usize>();
            assert_snapshot!(words, @"4");
        });
    }

    #[test]
    fn a_connection_that_is_cut_needs_no_close_code() {
        coach("Given: `src/connection.rs`.", || {
            use tungstenite::error::{Error, ProtocolError};
            let cut = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
            let unmasked = Error::Protocol(ProtocolError::UnmaskedFrameFromClient);
            let io = Error::Io(std::io::ErrorKind::BrokenPipe.into());
            let ends = [cut, unmasked, io].map(|error| failure(axum::Error::new(error)));
            assert_snapshot!(ends.map(|end| end.to_string()).join("\n"), @r#"
            gone
            closed by the server: 1002 "WebSocket protocol error: Received an unmasked frame from client"
            gone
            "#);
        });
    }

    #[test]
    fn the_page_is_at_the_root() {
        wire("Given: `src/chat.rs`.", async |net: Net| {
            Chat::start(&net, Limits::default());
            let mut ann = net.connect("ann").await;
            ann.send("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n")
                .await;
            let page = ann.response().await;
            assert_eq!(page.status, 200);
            assert_eq!(
                page.header("content-type"),
                Some("text/html; charset=utf-8")
            );
        });
    }

    /// `tokio::sync::broadcast` keeps one queue for all. It never waits for a slow reader either.
    #[test]
    fn a_broadcast_channel_overwrites_what_a_slow_reader_has_not_read() {
        coach("Given: tokio's own channel.", || {
            let (sender, mut slow) = broadcast::channel(100);
            (0..200).for_each(|n| _ = sender.send(n));
            let (first, second) = (slow.try_recv(), slow.try_recv());
            std::mem::drop(slow);
            let rows = [
                ("first", format!("{first:?}")),
                ("second", format!("{second:?}")),
                ("nobody there", format!("{:?}", sender.send(200))),
            ];
            assert_snapshot!("lagged", table(rows));
        });
    }
}
