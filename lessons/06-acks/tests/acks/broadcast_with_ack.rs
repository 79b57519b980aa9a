//! A call to each of many clients.

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
            clue(
                r#"[[[3,"meow"],[2,"woot"]]]"#,
                "You list the outcomes as they come. `join_all` keeps the order of joining.",
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

/// Called in batches, the last of so many would wait for the first.
#[test]
fn calls_any_number_at_once() {
    wire(
        "One `join_all` over all receivers: no batches, and no limit of your own.",
        async |net| {
            clue(
                "called 0 of 600",
                "Nobody heard of the event at first. All calls begin as soon as the future runs.",
            );
            missing(
                "called 600",
                "Some were not called until others had ended. Start all calls at once.",
            );
            missing(
                "600 outcomes",
                "Each receiver has an outcome: the first, the last, and all between.",
            );
            let calls = Calls::default();
            let mut seen = Vec::new();
            let mut members = Vec::new();
            for number in [1, 3, 600] {
                while members.len() < number {
                    members.push(join(&calls));
                }
                let limit = Duration::from_millis(1500);
                let start = Instant::now();
                let broadcast = tokio::spawn({
                    let calls = calls.clone();
                    async move { calls.broadcast_with_ack(To::All, &ferret(), limit).await }
                });
                net.settle().await;
                let heard = members.iter_mut().map(|(member, _)| queued(member).len());
                let called: usize = heard.sum();
                let outcomes = broadcast.await.unwrap_or_default();
                let ids: Vec<_> = outcomes.iter().map(|(id, _)| *id).collect();
                let order = if ids == calls.hub().ids() {
                    "in order"
                } else {
                    "not those who joined, in order"
                };
                seen.push(format!(
                    "called {called} of {number}; {} outcomes, {order}, after {:?}",
                    ids.len(),
                    start.elapsed()
                ));
            }
            assert_snapshot!(seen.join("\n"), @"
            called 1 of 1; 1 outcomes, in order, after 1.5s
            called 3 of 3; 3 outcomes, in order, after 1.5s
            called 600 of 600; 600 outcomes, in order, after 1.5s
            ");
        },
    );
}

/// An answer, a silence, a full queue, a client without a table, and one that leaves. Each of them
/// is once the first and once the last.
#[test]
fn tells_of_each_receiver_what_became_of_its_call() {
    wire(
        "An outcome is what `emit_with_ack` returned. Hand on each of them as it is.",
        async |net| {
            missing(
                "not sent",
                "A call that was not sent has an outcome too: keep its `NotSent`.",
            );
            missing(
                "disconnected",
                "A call that was cut off has an outcome too: keep its `Disconnected`.",
            );
            let fates = ["answers", "is silent", "is full", "has no table", "leaves"];
            let mut seen = Vec::new();
            for first in 0..fates.len() {
                let calls = Calls::new(Hub::new(Limits {
                    queue: 1,
                    when_full: WhenFull::DropPacket,
                }));
                let mut order = fates;
                order.rotate_left(first);
                let mut clients: Vec<_> = order
                    .map(|fate| {
                        let (member, session) = join(&calls);
                        if fate == "is full" {
                            member.membership.socket().emit(&ferret());
                        }
                        (fate, member, (fate != "has no table").then_some(session))
                    })
                    .into();
                let event = Event::new("ferret", [1, 2]);
                let broadcast = tokio::spawn({
                    let calls = calls.clone();
                    async move { calls.broadcast_with_ack(To::All, &event, LIMIT).await }
                });
                net.settle().await;
                for (fate, member, session) in &mut clients {
                    if *fate == "answers" {
                        assert_eq!(
                            queued(member),
                            [r#"20["ferret",1,2]"#],
                            "what the client hears"
                        );
                        _ = calls.resolve(member.membership.id(), 0, vec![json!(1), json!(2)]);
                    }
                    session.take_if(|_| *fate == "leaves");
                }
                let outcomes = broadcast.await.unwrap_or_default();
                let outcomes = outcomes.into_iter().map(|(id, outcome)| match outcome {
                    Ok(args) => format!("{id}: {}", Value::from(args)),
                    Err(error) => format!("{id}: {error}"),
                });
                seen.push(outcomes.collect::<Vec<_>>().join(", "));
            }
            assert_snapshot!(seen.join("\n"), @"
            1: [1,2], 2: timed out, 3: not sent, 4: not sent, 5: disconnected
            1: timed out, 2: not sent, 3: not sent, 4: disconnected, 5: [1,2]
            1: not sent, 2: not sent, 3: disconnected, 4: [1,2], 5: timed out
            1: not sent, 2: disconnected, 3: [1,2], 4: timed out, 5: not sent
            1: disconnected, 2: [1,2], 3: timed out, 4: not sent, 5: not sent
            ");
        },
    );
}

/// Whoever races a broadcast against something else drops all its calls.
#[test]
fn leaves_nothing_behind_when_it_is_dropped() {
    wire(
        "The calls belong to this future. A task that you `spawn` goes on without it.",
        async |net| {
            let calls = Calls::default();
            let _clients = [(); 3].map(|()| join(&calls));
            let broadcast = tokio::spawn({
                let calls = calls.clone();
                async move { calls.broadcast_with_ack(To::All, &ferret(), LIMIT).await }
            });
            net.settle().await;
            missing(
                "3 wait",
                "All three were to be called, and at once: `join_all`.",
            );
            assert_snapshot!(left(&calls), @"3 wait, tables: 3");
            broadcast.abort();
            net.settle().await;
            assert_snapshot!(left(&calls), @"0 wait, tables: 3");
        },
    );
}

/// One silent receiver takes nothing from the answers of the others.
#[test]
fn names_who_did_not_answer_in_time() {
    wire("Each receiver has an outcome of its own.", async |net| {
        clue(
            r#"30[[[3,"meow"]]]"#,
            "The list lacks who did not answer. Each receiver has an outcome.",
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
    });
}

/// All calls begin at once, so their limits end at once.
#[test]
fn waits_for_the_limit_once() {
    wire(
        "Wait for all calls together: `join_all`. One limit holds for all.",
        async |_| {
            clue(
                "after 10s",
                "You waited for one call after the other, and each had the limit to itself. \
                 Wait for all of them together.",
            );
            let calls = Calls::default();
            let (_ann, _bob) = (join(&calls), join(&calls));
            let start = Instant::now();
            let outcomes = calls.broadcast_with_ack(To::All, &ferret(), LIMIT).await;
            let time = start.elapsed();
            let outcomes = outcomes.into_iter().map(|(id, outcome)| told(id, outcome));
            let outcomes = Value::from_iter(outcomes);
            assert_snapshot!(
                format!("{outcomes} after {time:?}"),
                @r#"[[1,null,"timed out"],[2,null,"timed out"]] after 5s"#
            );
        },
    );
}

/// `To` means here what it means to the hub.
#[test]
fn calls_only_those_whom_it_is_for() {
    wire("`self.hub.receivers(to)` says who.", async |_| {
        clue(
            "[[]",
            "Nobody answered here, and each receiver has an outcome all the same: `TimedOut`.",
        );
        clue(
            "[3]",
            "Client 3 is not in the hub any more. It is no receiver, so it has no outcome.",
        );
        let calls = Calls::default();
        let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
        let gone = join(&calls).0.membership.id();
        let mut called = Vec::new();
        for to in [
            To::One(bob.membership.id()),
            To::AllBut(bob.membership.id()),
            To::One(gone),
            To::AllBut(gone),
        ] {
            let outcomes = calls.broadcast_with_ack(to, &ferret(), LIMIT).await;
            called.push(
                outcomes
                    .iter()
                    .map(|(id, _)| id.number())
                    .collect::<Vec<_>>(),
            );
        }
        assert_snapshot!(format!("{called:?}"), @"[[2], [1], [], [1, 2]]");
        drop((ann, bob));
    });
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
