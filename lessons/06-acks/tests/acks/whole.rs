//! Calls both ways, over the network.

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
            let call =
                tokio::spawn(
                    async move { outcome(calls.emit_with_ack(to, &ferret(), LIMIT)).await },
                );
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
