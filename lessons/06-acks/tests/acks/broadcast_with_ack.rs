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
        let calls = Calls::default();
        let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
        let mut called = Vec::new();
        for to in [
            To::One(bob.membership.id()),
            To::AllBut(bob.membership.id()),
        ] {
            let outcomes = calls.broadcast_with_ack(to, &ferret(), LIMIT).await;
            called.push(
                outcomes
                    .iter()
                    .map(|(id, _)| id.number())
                    .collect::<Vec<_>>(),
            );
        }
        assert_snapshot!(format!("{called:?}"), @"[[2], [1]]");
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
