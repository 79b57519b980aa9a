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
