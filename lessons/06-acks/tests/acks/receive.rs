//! A packet from a client, and what it starts.

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
                let received = session.receive(r#"2["work",1]"#, |_, _| Box::pin(sleep(second)));
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
