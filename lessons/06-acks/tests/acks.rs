//! Calls and their answers, as a specification. One module for each exercise, in the lesson's order.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use acks::*;
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::any;
use emit_vs_broadcast::{ConnectionId, Event, Hub, Limits, Log, MESSAGE_LIMIT, Member, To};
use futures_util::FutureExt;
use kit::transcript::{Entry, Transcript};
use kit::{Net, WebSocket, assert_snapshot, clue, coach, fail, wire};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

/// How long the tests' calls wait for an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// A client without a socket: the test reads its queue. Its session lives as long as it does.
fn join(calls: &Calls) -> (Member, Session) {
    let member = calls.hub().join();
    let session = Session::open(calls, member.membership.socket(), Arc::new(|_| {}));
    (member, session)
}

fn ferret() -> Event {
    Event::new("ferret", ["tobi"])
}

/// What the wait for a call's answer gives: one that is there, or none for the rest of the day.
async fn answer(call: &mut Call) -> String {
    match timeout(Duration::from_secs(86_400), &mut call.answer).await {
        Ok(Ok(args)) => Value::from(args).to_string(),
        Ok(Err(_)) => "the connection has ended".to_owned(),
        Err(_) => fail("Nobody ended the wait for the answer. It lasted a day."),
    }
}

/// A call's result as text. On the paused clock, a call that waits for ever is noticed at once.
async fn outcome(call: impl Future<Output = Outcome>) -> String {
    match timeout(Duration::from_secs(86_400), call).await {
        Ok(Ok(args)) => Value::from(args).to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => fail("The call did not end. It waited for a day."),
    }
}

/// An event that a client sent to the tests' server.
struct Asked {
    calls: Calls,
    from: ConnectionId,
    event: Event,
    reply: Option<Reply>,
}

impl Asked {
    /// The first argument, as a time in seconds.
    fn seconds(&self) -> Duration {
        Duration::from_secs(self.event.args[0].as_u64().unwrap_or(0))
    }

    fn answer<A: Into<Value>>(self, answer: A) {
        if let Some(reply) = self.reply {
            reply.send([answer]);
        }
    }
}

/// What the tests' server shows of itself.
struct Server {
    calls: Calls,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The client that came `nth`, counted from 0.
    fn client(&self, nth: usize) -> ConnectionId {
        self.calls.hub().ids()[nth]
    }

    fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// Serves WebSockets at `/`; `on_event` handles what the clients ask for.
fn serve<H, F>(net: &Net, on_event: H) -> Server
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    serve_within(net, Limits::default(), on_event)
}

/// [`serve`], with queues of another length.
fn serve_within<H, F>(net: &Net, limits: Limits, on_event: H) -> Server
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let calls = Calls::new(Hub::new(limits));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log: Log = {
        let lines = lines.clone();
        Arc::new(move |line| lines.lock().unwrap().push(line.to_owned()))
    };
    let server = Server {
        calls: calls.clone(),
        lines,
    };
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        upgrade
            .max_message_size(MESSAGE_LIMIT)
            .on_upgrade(async move |socket| {
                let member = calls.hub().join();
                let from = member.membership.id();
                let asked = calls.clone();
                let on_event = move |event, reply| -> Handling {
                    let calls = asked.clone();
                    let asked = Asked {
                        calls,
                        from,
                        event,
                        reply,
                    };
                    Box::pin(on_event(asked))
                };
                let end = connection(socket, member, &calls, log.clone(), on_event).await;
                log(&format!("user {from} {end}"));
            })
    };
    let app = Router::new().route("/", any(upgrade));
    let listener = net.listener();
    tokio::spawn(async move { axum::serve(listener, app).await });
    server
}

/// What became of the call to a client, as `src/app.rs` tells it.
fn told(id: ConnectionId, outcome: Outcome) -> Value {
    match outcome {
        Ok(args) => json!([id.number(), args.first()]),
        Err(error) => json!([id.number(), null, error.to_string()]),
    }
}

/// Serves the page with calls, which is given.
fn shop(net: &Net) {
    let listener = net.listener();
    let app = app(Hub::default(), Arc::new(|_| {}));
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// What crossed the wire after the handshakes.
fn packets(net: &Net) -> Transcript {
    let mut transcript = net.transcript();
    transcript.entries.retain(|entry| match entry {
        Entry::Message { lines, .. } => !lines[0].contains("HTTP/1.1"),
        _ => true,
    });
    transcript
}

mod parse {
    use super::*;

    fn parse(text: &str) -> String {
        match Packet::parse(text) {
            Ok(packet) => format!("{packet:?}"),
            Err(error) => format!("Err({error})"),
        }
    }

    #[test]
    fn reads_an_event() {
        coach(
            "The type is 2, no digit follows, the rest is lesson 5's payload.",
            || {
                assert_snapshot!(
                    parse(r#"2["chat","hello"]"#),
                    @r#"Event { id: None, event: Event { name: "chat", args: [String("hello")] } }"#
                );
            },
        );
    }

    /// The official client counts from 0. Code that takes 0 for 'no id' never answers its first call.
    #[test]
    fn takes_0_for_an_id() {
        coach(
            "The digits between the type and the payload are the id.",
            || {
                clue(
                    "id: None",
                    "0 is an id like any other. 'No id' means that no digit is there.",
                );
                assert_snapshot!(
                    parse(r#"20["ferret","tobi"]"#),
                    @r#"Event { id: Some(0), event: Event { name: "ferret", args: [String("tobi")] } }"#
                );
            },
        );
    }

    #[test]
    fn reads_every_digit_of_an_id() {
        coach(
            "An id has as many digits as it has: take all of them, up to the payload.",
            || {
                clue(
                    "not JSON",
                    "Only the first digit went into the id. The next one is not JSON's.",
                );
                assert_snapshot!(
                    parse(r#"21042["ferret"]"#),
                    @r#"Event { id: Some(1042), event: Event { name: "ferret", args: [] } }"#
                );
                let largest = format!(r#"2{}["ferret"]"#, u64::MAX);
                assert_snapshot!(
                    parse(&largest),
                    @r#"Event { id: Some(18446744073709551615), event: Event { name: "ferret", args: [] } }"#
                );
            },
        );
    }

    /// An answer has no name: its array may be empty, or begin with anything.
    #[test]
    fn reads_an_answer() {
        coach(
            "The type is 3, the id is a must, and the payload is any JSON array.",
            || {
                clue(
                    "args: []",
                    "An answer has no name. Read its array with serde_json, not as an event.",
                );
                assert_snapshot!(parse(r#"30["woot"]"#), @r#"Ack { id: 0, args: [String("woot")] }"#);
                assert_snapshot!(parse("31[]"), @"Ack { id: 1, args: [] }");
                assert_snapshot!(
                    parse("312[null,7]"),
                    @"Ack { id: 12, args: [Null, Number(7)] }"
                );
            },
        );
    }

    /// A peer can send anything. Each of these gets an error, none a panic.
    #[test]
    fn says_what_is_wrong() {
        coach(
            "Each wrong packet has an error of its own: see `PacketError`.",
            || {
                clue(
                    "unwrap()",
                    "A peer may send any number of digits. Return the error, do not `unwrap`.",
                );
                let wrong = [
                    "",
                    "0",
                    r#"4["ferret"]"#,
                    r#"é["ferret"]"#,
                    r#"299999999999999999999["a"]"#,
                    r#"2-1["ferret"]"#,
                    "20",
                    "20[1]",
                    r#"20{"ferret":1}"#,
                    r#"3["woot"]"#,
                    "30",
                    r#"30{"woot":1}"#,
                ];
                let table: Vec<_> = wrong
                    .iter()
                    .map(|text| match Packet::parse(text) {
                        Ok(packet) => format!("{text:28}{packet:?}"),
                        Err(error) => format!("{text:28}{error}"),
                    })
                    .collect();
                assert_snapshot!("wrong-packets", table.join("\n"));
            },
        );
    }
}

mod register {
    use super::*;

    /// Each side of each connection counts for itself, as the official client does.
    #[test]
    fn counts_from_0_for_each_client() {
        coach(
            "A table's `next` is the id; then it counts up by one.",
            || {
                clue(
                    "ann 1",
                    "Your first id is 1. The table's `next` begins at 0: use it, then count.",
                );
                clue(
                    "bob 2",
                    "Your ids run on from client to client. Each client has a table of its own.",
                );
                let calls = Calls::default();
                let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
                let id = |member: &Member| {
                    let call = calls.register(member.membership.id());
                    call.map_or(u64::MAX, |call| call.id)
                };
                let ids = format!("ann {}, ann {}, bob {}", id(&ann), id(&ann), id(&bob));
                assert_snapshot!(ids, @"ann 0, ann 1, bob 0");
            },
        );
    }

    /// An id that comes twice would hand one call the answer to another.
    #[test]
    fn never_gives_an_id_twice() {
        coach(
            "Count up in `next`, whatever became of the calls before.",
            || {
                clue(
                    "0, 0",
                    "You counted the calls that wait. When one ends, its id comes again.",
                );
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let id = || {
                    let call = calls.register(ann.membership.id());
                    // The call ends.
                    calls
                        .lock()
                        .values_mut()
                        .for_each(|table| table.waiting.clear());
                    call.map_or(u64::MAX, |call| call.id)
                };
                assert_snapshot!(format!("{}, {}", id(), id()), @"0, 1");
            },
        );
    }

    #[test]
    fn enters_the_call_in_the_table() {
        coach(
            "Put the sending end of the channel into `waiting`, under the id.",
            || {
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let _first = calls.register(ann.membership.id());
                let _second = calls.register(ann.membership.id());
                assert_snapshot!(format!("{} calls wait", calls.waiting()), @"2 calls wait");
            },
        );
    }

    /// Nobody would ever take such a call out of its table again.
    #[test]
    fn takes_no_call_to_a_client_that_is_not_connected() {
        coach(
            "A client without a table is not connected. Look for its table, do not open one.",
            || {
                let calls = Calls::default();
                // In the hub, but without a session: no table is open for it.
                let ann = calls.hub().join();
                let call = calls.register(ann.membership.id());
                assert!(
                    call.is_none(),
                    "you registered a call to a client without a table"
                );
            },
        );
    }
}

mod resolve {
    use super::*;

    /// Who answers first was not called first: only the id says which call it is.
    #[test]
    fn finds_the_call_by_its_id() {
        wire(
            "Look the id up in the table of the client that answers.",
            async |_| {
                clue(
                    r#"0: ["to 1"]"#,
                    "You gave the answer to the call that waits longest. Take the call with this id.",
                );
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let ann = ann.membership.id();
                let mut first = calls.register(ann).expect("ann is connected");
                let mut second = calls.register(ann).expect("ann is connected");
                _ = calls.resolve(ann, 1, vec![json!("to 1")]);
                _ = calls.resolve(ann, 0, vec![json!("to 0")]);
                let answers = format!(
                    "0: {}\n1: {}",
                    answer(&mut first).await,
                    answer(&mut second).await
                );
                assert_snapshot!(answers, @r#"
            0: ["to 0"]
            1: ["to 1"]
            "#);
            },
        );
    }

    /// Ids are small numbers, so they are easy to guess.
    #[test]
    fn takes_no_answer_from_another_client() {
        wire(
            "The id means something only together with the client that was asked.",
            async |_| {
                clue(
                    "resolved",
                    "Bob answered the call to ann. Look only into the table of `from`.",
                );
                clue(
                    "came late",
                    "Bob was never called, so his `next` is 0, and no answer of his is late.",
                );
                let calls = Calls::default();
                let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
                let mut call = calls
                    .register(ann.membership.id())
                    .expect("ann is connected");
                let bobs = match calls.resolve(bob.membership.id(), 0, vec![json!("mine")]) {
                    Ok(()) => "resolved".to_owned(),
                    Err(stray) => stray.to_string(),
                };
                assert_snapshot!(bobs, @"answer 0 to no call");
                _ = calls.resolve(ann.membership.id(), 0, vec![json!("woot")]);
                assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
            },
        );
    }

    /// A confused client, or a hostile one, answers twice.
    #[test]
    fn takes_the_first_answer_only() {
        wire(
            "`remove` finds the call for the first answer, and nothing for the second.",
            async |_| {
                clue(
                    "no call has the id",
                    "An answer may find no call: late, twice or made up. That is no reason to panic.",
                );
                clue(
                    "Unknown",
                    "Answer 0 was late: the id was given out. Does `register` count up in `next`?",
                );
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let ann = ann.membership.id();
                let mut call = calls.register(ann).expect("ann is connected");
                let first = calls.resolve(ann, 0, vec![json!("woot")]);
                let second = calls.resolve(ann, 0, vec![json!("really")]);
                assert_snapshot!(format!("{first:?}, then {second:?}"), @"Ok(()), then Err(Late(0))");
                assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
            },
        );
    }

    #[test]
    fn tells_a_late_answer_from_one_to_no_call() {
        coach(
            "An id below `next` was given out once; any other never was.",
            || {
                const CLOSED: &str = "`send` fails when nobody holds the receiver any more. That answer is late too.";
                clue("Ok(())", CLOSED);
                clue("`Err` value", CLOSED);
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let ann = ann.membership.id();
                // A caller that has lost its patience.
                let mut call = calls.register(ann).expect("ann is connected");
                call.answer.close();
                let strays: Vec<_> = [0, 0, 1, u64::MAX]
                    .map(|id| format!("{:?}", calls.resolve(ann, id, vec![])))
                    .into();
                assert_snapshot!(strays.join("\n"), @"
            Err(Late(0))
            Err(Late(0))
            Err(Unknown(1))
            Err(Unknown(18446744073709551615))
            ");
            },
        );
    }
}

mod call_drop {
    use super::*;

    /// A future can be dropped at any await: then no line behind that await ever runs.
    #[test]
    fn takes_the_call_out_of_its_table() {
        coach(
            "`drop` runs on every way out. Remove the call from `waiting` there.",
            || {
                clue(
                    "2 waits",
                    "Nobody took the call out of its table. It stays for as long as the client does.",
                );
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let [first, second] = [(); 2].map(|()| calls.register(ann.membership.id()));
                drop(first);
                assert_snapshot!(format!("{} waits", calls.waiting()), @"1 waits");
                drop(second);
                assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
            },
        );
    }

    /// The client is gone, and its table with it.
    #[test]
    fn does_nothing_where_the_table_is_gone() {
        coach(
            "`get_mut` says whether there still is a table. There may be none.",
            || {
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let call = calls.register(ann.membership.id());
                calls.lock().clear();
                drop(call);
                assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
            },
        );
    }
}

mod session_drop {
    use super::*;

    /// Nobody is left to answer. Who waits for the limit all the same waits for nothing.
    #[test]
    fn ends_every_call_to_the_client_at_once() {
        wire(
            "Take the client's table away: with each sender in it, a wait ends.",
            async |_| {
                clue(
                    "`None` value",
                    "The `drop` of a `Call` panicked: its table was gone before it.",
                );
                let calls = Calls::default();
                let (ann, session) = join(&calls);
                // Each in a task, where a panic in its `drop` meets no other panic.
                let [first, second] = [(); 2].map(|()| {
                    let call = calls.register(ann.membership.id());
                    let mut call = call.expect("ann is connected");
                    tokio::spawn(async move { answer(&mut call).await })
                });
                drop(session);
                assert_snapshot!(first.await.unwrap_or_default(), @"the connection has ended");
                assert_snapshot!(second.await.unwrap_or_default(), @"the connection has ended");
                let again = calls.register(ann.membership.id());
                assert!(
                    again.is_none(),
                    "a call to a client that is gone was registered"
                );
            },
        );
    }

    #[test]
    fn leaves_the_calls_to_others_alone() {
        wire("Take away one table, not all of them.", async |_| {
            let calls = Calls::default();
            let ((_ann, session), (bob, _bob)) = (join(&calls), join(&calls));
            let mut call = calls
                .register(bob.membership.id())
                .expect("bob is connected");
            drop(session);
            _ = calls.resolve(bob.membership.id(), 0, vec![json!("woot")]);
            assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
        });
    }
}

mod receive {
    use super::*;

    // ANCHOR: classroom
    /// The classroom's exchange: `socket.emit('ferret', 'tobi', callback)`, and `fn('woot')`.
    #[test]
    fn answers_an_event_under_its_id() {
        wire(
            "`reply(id)` is the means to answer: hand it to `on_event`.",
            async |net| {
                serve(&net, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                ann.text(r#"20["ferret","tobi"]"#).await;
                ann.next_text().await;
                assert_snapshot!("classroom", packets(&net));
            },
        );
    }
    // ANCHOR_END: classroom

    /// Most events want no answer, and then there is nobody to send one to.
    #[test]
    fn gives_no_reply_to_an_event_without_an_id() {
        wire("Without an id, `reply` is `None`.", async |net| {
            serve(&net, async |asked: Asked| asked.answer("woot"));
            let mut ann = net.websocket("ann", "/").await;
            ann.text(r#"2["ferret","tobi"]"#).await;
            ann.hears_nothing_for(LIMIT).await;
        });
    }

    /// An answer says 'done'. On receipt, nothing is done.
    #[test]
    fn answers_when_the_work_is_done() {
        wire(
            "Only the handler knows when it is done. It has the `Reply`: wait for it.",
            async |net| {
                clue(
                    "30[]",
                    "You answered when the event came. Nothing was done yet.",
                );
                serve(&net, async |asked: Asked| {
                    sleep(asked.seconds()).await;
                    asked.answer("done");
                });
                let mut ann = net.websocket("ann", "/").await;
                ann.text(r#"20["work",3]"#).await;
                ann.next_text().await;
                assert_snapshot!("work-done", packets(&net));
            },
        );
    }

    /// The second call takes one second, the first three.
    #[test]
    fn lets_a_later_call_be_answered_first() {
        wire(
            "Each handler runs in a task of its own, with the id of its own event.",
            async |net| {
                clue(
                    "+3 s",
                    "One handler waited for the other. `start` them, do not queue them.",
                );
                serve(&net, async |asked: Asked| {
                    sleep(asked.seconds()).await;
                    asked.answer("done");
                });
                let mut ann = net.websocket("ann", "/").await;
                ann.text(r#"20["work",3]"#).await;
                ann.text(r#"21["work",1]"#).await;
                ann.next_text().await;
                ann.next_text().await;
                assert_snapshot!("out-of-order", packets(&net));
            },
        );
    }

    /// The wire keeps the order, so handlers must at least begin in it. A spawned task begins when
    /// the scheduler likes: with two threads, not always in the order of spawning.
    #[test]
    fn starts_handlers_in_the_order_of_the_packets() {
        wire(
            "`start` runs a handler up to its first await before you read on.",
            async |_| {
                clue(
                    "a: has not begun",
                    "`receive` returned, and the handler had not begun. You spawned it? `start` runs \
                     it to its first await, and only then spawns it.",
                );
                let calls = Calls::default();
                let (_ann, session) = join(&calls);
                let mut seen = Vec::new();
                for name in ["a", "b", "c"] {
                    let begun = Arc::new(AtomicBool::new(false));
                    let packet = format!(r#"2["{name}"]"#);
                    let received = session.receive(&packet, |_, _| {
                        let begun = begun.clone();
                        Box::pin(async move { begun.store(true, Ordering::Relaxed) })
                    });
                    received.expect("three events are not too many");
                    seen.push(match begun.load(Ordering::Relaxed) {
                        true => format!("{name}: has begun"),
                        false => format!("{name}: has not begun"),
                    });
                }
                assert_snapshot!(seen.join("\n"), @"
                a: has begun
                b: has begun
                c: has begun
                ");
            },
        );
    }

    // ANCHOR: calls_back
    /// The server asks back before it answers. Its question and ann's have the same id, 0.
    #[test]
    fn lets_a_handler_call_back_the_same_client() {
        wire(
            "While a handler waits, the loop must read on: the answer comes that way.",
            async |net| {
                clue(
                    r#"20["really?"]"#,
                    "The answer waits behind the handler, and the handler for the answer. `resolve` at once.",
                );
                serve(&net, async |asked: Asked| {
                    let mut call = asked.calls.register(asked.from).expect("ann is connected");
                    let question = format!(r#"2{}["really?"]"#, call.id).into();
                    asked.calls.hub().deliver(To::One(asked.from), &question);
                    answer(&mut call).await;
                    asked.answer("woot");
                });
                let mut ann = net.websocket("ann", "/").await;
                ann.text(r#"20["ferret","tobi"]"#).await;
                ann.next_text().await;
                ann.text(r#"30["yes"]"#).await;
                ann.next_text().await;
                assert_snapshot!("calls-back", packets(&net));
            },
        );
    }
    // ANCHOR_END: calls_back

    /// Work takes memory, so nobody may ask for any amount of it.
    #[test]
    fn refuses_the_65th_event_in_work() {
        wire(
            "`start` every handler, and return the `Refusal` that it gives.",
            async |net| {
                let calls = Calls::default();
                let (_ann, session) = join(&calls);
                let event = || {
                    let second = Duration::from_secs(1);
                    let received =
                        session.receive(r#"2["work",1]"#, |_, _| Box::pin(sleep(second)));
                    received.map_or_else(|refusal| refusal.to_string(), |()| "taken".to_owned())
                };
                let first: Vec<_> = (0..HANDLERS).map(|_| event()).collect();
                let mut seen = vec![
                    format!("the first: {}", first[0]),
                    format!("the 64th: {}", first[HANDLERS - 1]),
                    format!("the 65th: {}", event()),
                ];
                net.pass(Duration::from_secs(1)).await;
                net.settle().await;
                seen.push(format!("when all are done: {}", event()));
                assert_snapshot!(seen.join("\n"), @"
                the first: taken
                the 64th: taken
                the 65th: over 64 events at once
                when all are done: taken
                ");
            },
        );
    }

    /// Half of the work would be worse than all of it.
    #[test]
    fn work_goes_on_when_its_caller_is_gone() {
        wire(
            "`start` what `on_event` returns. It ends by itself, whatever becomes of the client.",
            async |net| {
                serve(&net, async |asked: Asked| {
                    sleep(Duration::from_secs(1)).await;
                    asked.calls.hub().emit(&Event::new("done", [0; 0]));
                });
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                ann.text(r#"20["work"]"#).await;
                net.settle().await;
                drop(ann);
                assert_snapshot!(bob.next_text().await, @r#"2["done"]"#);
            },
        );
    }

    /// A client that was too slow does not know it. It has done nothing wrong.
    #[test]
    fn goes_on_after_a_stray_answer() {
        wire(
            "A stray answer goes to `log_stray`. It is no reason to end a connection.",
            async |net| {
                clue(
                    "close 1008",
                    "You closed the connection over a stray answer. Log it and read on.",
                );
                let server = serve(&net, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                let call = server.calls.register(server.client(0));
                ann.text(r#"30["woot"]"#).await;
                net.settle().await;
                drop(call);
                ann.text(r#"30["woot"]"#).await;
                ann.text(r#"37["woot"]"#).await;
                ann.text(r#"20["ferret","tobi"]"#).await;
                ann.message().await;
                assert_snapshot!("stray", packets(&net));
                assert_snapshot!(server.log(), @"
            user 1: answer 0 came late or twice
            user 1: answer 7 to no call
            ");
            },
        );
    }

    /// Close 1008 is 'policy violation' (RFC 6455, section 7.4.1). The others notice nothing.
    #[test]
    fn refuses_what_makes_no_sense() {
        wire(
            "An error of `Packet::parse` is an error of `receive`.",
            async |net| {
                let server = serve(&net, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                bob.text("3nonsense").await;
                bob.closed().await;
                ann.text(r#"20["ferret","tobi"]"#).await;
                ann.next_text().await;
                assert_snapshot!("nonsense", packets(&net));
                assert_snapshot!(server.log(), @r#"user 2 closed by the server: 1008 "an answer without an id""#);
            },
        );
    }
}

mod emit_with_ack {
    use super::*;

    #[test]
    fn returns_the_answer() {
        wire(
            "Send the event with the call's id, and wait for the call's `answer`.",
            async |net| {
                let server = serve(&net, async |_| {});
                let mut ann = net.websocket("ann", "/").await;
                let calls = server.calls.clone();
                let client = server.client(0);
                let call = tokio::spawn(async move {
                    outcome(calls.emit_with_ack(client, &ferret(), LIMIT)).await
                });
                ann.next_text().await;
                ann.text(r#"30["woot"]"#).await;
                assert_snapshot!(call.await.unwrap_or_default(), @r#"["woot"]"#);
                assert_snapshot!("server-calls", packets(&net));
                assert_snapshot!(format!("{} wait", server.calls.waiting()), @"0 wait");
            },
        );
    }

    /// Answers the call the moment its packet is in the queue.
    struct FastClient {
        calls: Calls,
        id: ConnectionId,
    }

    impl Wake for FastClient {
        fn wake(self: Arc<Self>) {
            // A queue that is dropped wakes too: by then the test has failed, and this could panic.
            if !std::thread::panicking() {
                _ = self.calls.resolve(self.id, 0, vec![json!("woot")]);
            }
        }
    }

    /// On two cores, an answer can be there before `deliver` has returned.
    #[test]
    fn is_registered_before_it_is_sent() {
        wire(
            "First `register`, then `deliver`: the answer may be quicker than you.",
            async |_| {
                clue(
                    "timed out",
                    "The answer came while the call was not in its table. Register first, then send.",
                );
                let calls = Calls::default();
                let (mut ann, _session) = join(&calls);
                let id = ann.membership.id();
                let fast = Waker::from(Arc::new(FastClient {
                    calls: calls.clone(),
                    id,
                }));
                // Waits for the packet: whoever puts one in wakes the client.
                let waiting = ann.packets.poll_recv(&mut Context::from_waker(&fast));
                assert!(waiting.is_pending(), "nothing was sent yet");
                let outcome = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
                assert_snapshot!(outcome, @r#"["woot"]"#);
            },
        );
    }

    /// On the paused clock five seconds are exact, and take no time.
    #[test]
    fn times_out_at_its_limit() {
        wire(
            "`tokio::time::timeout` around the wait for the answer.",
            async |_| {
                clue(
                    "a day",
                    "Nothing ends the wait. Use tokio's timeout: a thread's clock is not the test's.",
                );
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let start = Instant::now();
                let outcome =
                    outcome(calls.emit_with_ack(ann.membership.id(), &ferret(), LIMIT)).await;
                let after = format!("{outcome} after {:?}", start.elapsed());
                assert_snapshot!(after, @"timed out after 5s");
            },
        );
    }

    /// The answer is no use to the call that gave up, and must not reach the next one.
    #[test]
    fn does_not_take_a_late_answer_for_another() {
        wire(
            "An id is for one call. The next call has the next id.",
            async |net| {
                let server = serve(&net, async |asked: Asked| {
                    // As in the page: ann calls the server, and the server calls bob.
                    let bob = asked.calls.hub().ids()[1];
                    let limit = asked.seconds();
                    let outcome = asked.calls.emit_with_ack(bob, &ferret(), limit).await;
                    asked.answer(vec![told(bob, outcome)]);
                });
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                ann.text(r#"20["ask",5]"#).await;
                bob.next_text().await;
                ann.next_text().await;
                ann.text(r#"21["ask",5]"#).await;
                bob.next_text().await;
                bob.text(r#"30["woot, and sorry"]"#).await;
                bob.text(r#"31["woot"]"#).await;
                ann.next_text().await;
                assert_snapshot!("late", packets(&net));
                assert_snapshot!(server.log(), @"user 2: answer 0 came late or twice");
            },
        );
    }

    /// Not sent is not done: the one error after which a retry is safe.
    #[test]
    fn says_when_it_was_not_sent() {
        wire(
            "`register` finds no table, or `deliver` returns 0: then it is `NotSent`, at once.",
            async |_| {
                clue(
                    "timed out",
                    "Nothing was sent, so no answer can come. Look at what `deliver` returns.",
                );
                let calls = Calls::new(Hub::new(Limits {
                    queue: 1,
                    ..Limits::default()
                }));
                let (ann, session) = join(&calls);
                let id = ann.membership.id();
                ann.membership.socket().emit(&ferret());
                let full = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
                assert_snapshot!(full, @"not sent");
                assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
                drop((ann, session));
                let gone = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
                assert_snapshot!(gone, @"not sent");
            },
        );
    }

    /// A client that is gone will not answer.
    #[test]
    fn ends_when_the_client_is_gone() {
        wire(
            "An answer's channel that breaks is a `Disconnected`.",
            async |net| {
                clue(
                    "timed out",
                    "A broken channel is the answer 'disconnected'. Do not wait on.",
                );
                let server = serve(&net, async |_| {});
                let mut ann = net.websocket("ann", "/").await;
                let [first, second] = [(); 2].map(|()| {
                    let calls = server.calls.clone();
                    let client = server.client(0);
                    tokio::spawn(async move {
                        let start = Instant::now();
                        let outcome = outcome(calls.emit_with_ack(client, &ferret(), LIMIT)).await;
                        format!("{outcome} after {} s", start.elapsed().as_secs())
                    })
                });
                ann.next_text().await;
                ann.next_text().await;
                net.pass(Duration::from_secs(2)).await;
                drop(ann);
                let first = first.await.unwrap_or_default();
                assert_snapshot!(first, @"disconnected after 2 s");
                let second = second.await.unwrap_or_default();
                assert_snapshot!(second, @"disconnected after 2 s");
                assert_snapshot!("disconnect", packets(&net));
                assert_snapshot!(format!("{} wait", server.calls.waiting()), @"0 wait");
            },
        );
    }

    /// Whoever races a call against something else drops the loser.
    #[test]
    fn leaves_nothing_behind_when_it_is_dropped() {
        wire(
            "The `Call` leaves its table in its `drop`. Keep it for as long as you wait.",
            async |_| {
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let event = ferret();
                let mut call = Box::pin(calls.emit_with_ack(ann.membership.id(), &event, LIMIT));
                assert!(
                    call.as_mut().now_or_never().is_none(),
                    "nobody has answered"
                );
                assert_snapshot!(format!("{} waits", calls.waiting()), @"1 waits");
                drop(call);
                assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
            },
        );
    }

    /// A table that only grows is a leak that takes weeks to show. The reference passes 100,000.
    #[test]
    fn leaves_nothing_behind_after_5000_timeouts() {
        wire(
            "Every call that timed out must leave its table.",
            async |_| {
                let calls = Calls::default();
                let (mut ann, _session) = join(&calls);
                let (event, mut timed_out) = (ferret(), 0);
                for _ in 0..5_000 {
                    let call = calls.emit_with_ack(ann.membership.id(), &event, LIMIT);
                    timed_out += usize::from(call.await == Err(CallError::TimedOut));
                    // The client reads, and does not answer.
                    _ = ann.packets.try_recv();
                }
                let text = format!("{timed_out} timed out, {} wait", calls.waiting());
                assert_snapshot!(text, @"5000 timed out, 0 wait");
            },
        );
    }
}

mod broadcast_with_ack {
    use super::*;

    /// Asks everybody but the one who asked, and tells what came of it.
    async fn ask_the_others(asked: Asked) {
        let (to, limit) = (To::AllBut(asked.from), asked.seconds());
        let outcomes = asked.calls.broadcast_with_ack(to, &ferret(), limit).await;
        let outcomes = outcomes.into_iter().map(|(id, outcome)| told(id, outcome));
        asked.answer(outcomes.collect::<Vec<_>>());
    }

    /// Asked one after the other, cat would hear of it only when bob has answered.
    #[test]
    fn calls_all_receivers_at_once() {
        wire(
            "Start all calls before you wait for one: `join_all`.",
            async |net| {
                clue(
                    r#"[2,null,"timed out"]"#,
                    "Cat hears of it only when bob has answered. Start all calls at once: `join_all`.",
                );
                let server = serve(&net, ask_the_others);
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                let mut cat = net.websocket("cat", "/").await;
                ann.text(r#"20["ask",5]"#).await;
                bob.next_text().await;
                cat.next_text().await;
                cat.text(r#"30["meow"]"#).await;
                net.pass(Duration::from_secs(1)).await;
                bob.text(r#"30["woot"]"#).await;
                ann.next_text().await;
                assert_snapshot!("broadcast", packets(&net));
                assert_snapshot!(format!("{} wait", server.calls.waiting()), @"0 wait");
            },
        );
    }

    /// One silent receiver takes nothing from the answers of the others.
    #[test]
    fn names_who_did_not_answer_in_time() {
        wire(
            "Each receiver has an outcome of its own; one limit holds for all.",
            async |net| {
                clue(
                    r#"30[[[3,"meow"]]]"#,
                    "The list lacks who did not answer. Each receiver has an outcome.",
                );
                clue(
                    "+10 s",
                    "You asked one after the other, and each had the limit to itself.",
                );
                serve(&net, ask_the_others);
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                let mut cat = net.websocket("cat", "/").await;
                ann.text(r#"20["ask",5]"#).await;
                cat.next_text().await;
                cat.text(r#"30["meow"]"#).await;
                ann.next_text().await;
                bob.next_text().await;
                assert_snapshot!("silent", packets(&net));
            },
        );
    }

    #[test]
    fn calls_nobody_where_nobody_is() {
        wire(
            "No receivers, no outcomes: that is an empty list.",
            async |_| {
                let calls = Calls::default();
                let outcomes = calls.broadcast_with_ack(To::All, &ferret(), LIMIT).await;
                assert_snapshot!(format!("{outcomes:?}"), @"[]");
            },
        );
    }
}

mod whole {
    use super::*;

    /// Both sides call, and the network delivers a byte at a time.
    #[test]
    fn calls_go_both_ways_over_a_slow_network() {
        wire(
            "Nothing here depends on how the bytes arrive.",
            async |net| {
                net.in_pieces_of(1);
                let server = serve(&net, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                let (calls, client) = (server.calls.clone(), server.client(0));
                let call = tokio::spawn(async move {
                    outcome(calls.emit_with_ack(client, &ferret(), LIMIT)).await
                });
                assert_snapshot!(ann.next_text().await, @r#"20["ferret","tobi"]"#);
                ann.text(r#"20["ferret","tobi"]"#).await;
                ann.text(r#"30["to you too"]"#).await;
                assert_snapshot!(ann.next_text().await, @r#"30["woot"]"#);
                assert_snapshot!(call.await.unwrap_or_default(), @r#"["to you too"]"#);
            },
        );
    }

    /// More than a queue holds, and more than may be in work: but none of it waits for anything.
    #[test]
    fn answers_a_burst_of_200_calls() {
        wire(
            "Lesson 5's `read` gives the writer a turn after each packet.",
            async |net| {
                let limits = Limits {
                    queue: 64,
                    ..Limits::default()
                };
                serve_within(&net, limits, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                for id in 0..200 {
                    ann.text(&format!(r#"2{id}["ferret","tobi"]"#)).await;
                }
                for id in 0..200 {
                    assert_eq!(ann.next_text().await, format!(r#"3{id}["woot"]"#));
                }
            },
        );
    }

    /// 1009 is 'message too big' (RFC 6455, section 7.4.1).
    #[test]
    fn a_client_that_breaks_the_rules_disturbs_nobody() {
        wire(
            "One connection ends; its calls fail, and the others go on.",
            async |net| {
                let server = serve(&net, async |asked: Asked| asked.answer("woot"));
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                let (calls, to) = (server.calls.clone(), server.client(1));
                let call = tokio::spawn(async move {
                    outcome(calls.emit_with_ack(to, &ferret(), LIMIT)).await
                });
                bob.next_text().await;
                bob.text(&format!(r#"30["{}"]"#, "x".repeat(MESSAGE_LIMIT)))
                    .await;
                assert_snapshot!(bob.closed().await.0, @"1009");
                assert_snapshot!(call.await.unwrap_or_default(), @"disconnected");
                ann.text(r#"20["ferret","tobi"]"#).await;
                assert_snapshot!(ann.next_text().await, @r#"30["woot"]"#);
                assert_snapshot!(server.log(), @r#"user 2 closed by the server: 1009 "Space limit exceeded: Message too long: 65542 > 65536""#);
            },
        );
    }

    const APP: &str = "The page's server stands on all your exercises: mend their tests first. \
        `src/app.rs` and `src/once.rs` are given: `git diff` shows what was changed.";

    /// What crossed the wire in calls and answers: the chat's own packets have no id.
    fn calls(net: &Net) -> Transcript {
        let mut transcript = packets(net);
        transcript.entries.retain(|entry| match entry {
            Entry::Message { lines, .. } => !lines[0].starts_with("text 2["),
            _ => true,
        });
        transcript
    }

    /// Orders a ferret, which takes 3 s; after 2 s orders again, and waits for both answers.
    async fn order_twice(net: &Net, key: &str) -> WebSocket {
        shop(net);
        let mut ann = net.websocket("ann", "/chat").await;
        ann.next_text().await;
        ann.text(&format!(r#"20["order",{key},3]"#)).await;
        net.pass(Duration::from_secs(2)).await;
        ann.text(&format!(r#"21["order",{key},3]"#)).await;
        ann.next_text().await;
        ann.next_text().await;
        ann
    }

    #[test]
    fn a_retry_without_a_key_is_a_second_order() {
        wire(APP, async |net| {
            let _ann = order_twice(&net, "null").await;
            assert_snapshot!("retry", calls(&net));
        });
    }

    #[test]
    fn a_retry_with_its_key_is_the_same_order() {
        wire(APP, async |net| {
            let _ann = order_twice(&net, r#""k7f3""#).await;
            assert_snapshot!("retry-with-key", calls(&net));
        });
    }

    /// Nothing is ordered, so the answer must not look like an order's.
    #[test]
    fn a_wrong_key_orders_nothing() {
        wire(APP, async |net| {
            shop(&net);
            let mut ann = net.websocket("ann", "/chat").await;
            ann.next_text().await;
            let [longest, longer] = [64, 65].map(|length| json!("k".repeat(length)));
            let mut answers = Vec::new();
            for (id, key) in [longest, longer, json!(7), json!(null)].iter().enumerate() {
                ann.text(&format!(r#"2{id}["order",{key},0]"#)).await;
                answers.push(ann.next_text().await);
            }
            assert_snapshot!(answers.join("\n"), @r#"
            30[1]
            31[{"error":"the key is longer than 64 bytes"}]
            32[{"error":"the key is not a text"}]
            33[2]
            "#);
        });
    }

    #[test]
    fn the_shop_asks_the_others() {
        wire(APP, async |net| {
            shop(&net);
            let mut ann = net.websocket("ann", "/chat").await;
            let mut bob = net.websocket("bob", "/chat").await;
            let _cat = net.websocket("cat", "/chat").await;
            ann.text(r#"20["ask",5]"#).await;
            while !bob.next_text().await.starts_with("20") {}
            bob.text(r#"30["woot"]"#).await;
            while !ann.next_text().await.starts_with('3') {}
            assert_snapshot!("ask", calls(&net));
        });
    }
}

mod given {
    use super::*;

    #[test]
    fn a_packet_is_written_as_it_is_read() {
        coach(
            "`src/packet.rs` is given: `git diff` shows what was changed.",
            || {
                let event = |id| Packet::Event {
                    id,
                    event: ferret(),
                };
                let ack = |args| Packet::Ack { id: 0, args };
                let packets = [
                    event(None),
                    event(Some(0)),
                    event(Some(u64::MAX)),
                    ack(vec![]),
                    ack(vec![json!("woot")]),
                ];
                let texts = packets.map(|packet| packet.to_text().to_string());
                assert_snapshot!(texts.join("\n"), @r#"
            2["ferret","tobi"]
            20["ferret","tobi"]
            218446744073709551615["ferret","tobi"]
            30[]
            30["woot"]
            "#);
            },
        );
    }

    /// What is refused was never begun, and what was begun is done: no handler stops half way.
    #[test]
    fn a_refused_event_has_not_begun() {
        wire(
            "`src/session.rs` is given: `git diff` shows what was changed in `start`.",
            async |net| {
                clue("325 begun", "The handler ran before it had a permit.");
                let [begun, ended] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
                let work = |time| -> Handling {
                    let (begun, ended) = (begun.clone(), ended.clone());
                    Box::pin(async move {
                        begun.fetch_add(1, Ordering::Relaxed);
                        sleep(Duration::from_secs(time)).await;
                        ended.fetch_add(1, Ordering::Relaxed);
                    })
                };
                let done = || {
                    let [begun, ended] =
                        [&begun, &ended].map(|count| count.load(Ordering::Relaxed));
                    format!("{begun} begun, {ended} ended")
                };
                let calls = Calls::default();
                let mut refused = 0;
                // Five connections, one after the other.
                for _ in 0..5 {
                    let (_ann, session) = join(&calls);
                    for _ in 0..=HANDLERS {
                        refused += usize::from(session.start(work(1)).is_err());
                    }
                }
                assert_snapshot!(
                    format!("{refused} refused, {}", done()),
                    @"5 refused, 320 begun, 0 ended"
                );
                net.pass(Duration::from_secs(1)).await;
                net.settle().await;
                assert_snapshot!(done(), @"320 begun, 320 ended");
            },
        );
    }

    /// Before a handler begins, nobody can know that it will not wait.
    #[test]
    fn an_event_that_needs_no_wait_needs_a_place_too() {
        wire(
            "`src/session.rs` is given: `git diff` shows what was changed in `start`.",
            async |_| {
                let calls = Calls::default();
                let (_ann, session) = join(&calls);
                let start = |handling: Handling| {
                    let started = session.start(handling);
                    started.map_or_else(|refusal| refusal.to_string(), |()| "taken".to_owned())
                };
                let second = || Box::pin(sleep(Duration::from_secs(1)));
                for _ in 1..HANDLERS {
                    start(second());
                }
                let seen = [
                    format!("63 in work, one at once: {}", start(Box::pin(async {}))),
                    format!("63 in work, one more: {}", start(second())),
                    format!("64 in work, one at once: {}", start(Box::pin(async {}))),
                ];
                assert_snapshot!(seen.join("\n"), @"
                63 in work, one at once: taken
                63 in work, one more: taken
                64 in work, one at once: over 64 events at once
                ");
            },
        );
    }

    #[test]
    fn the_page_can_call() {
        wire(
            "`src/app.rs` and the page are given: `git diff` shows what was changed.",
            async |net| {
                shop(&net);
                let mut browser = net.connect("browser").await;
                let mut page = String::new();
                for path in ["/", "/client.js", "/emitter.js"] {
                    let request =
                        format!("GET {path} HTTP/1.1\r\nHost: server.example.com\r\n\r\n");
                    browser.send(request).await;
                    let response = browser.response().await;
                    assert_eq!(response.status, 200, "{path}");
                    page.push_str(&String::from_utf8_lossy(&response.body));
                }
                for part in [
                    "<button value=\"call\"",
                    "class Client extends Emitter",
                    "export class Client {",
                ] {
                    assert!(page.contains(part), "the page lacks {part}");
                }
            },
        );
    }
}
