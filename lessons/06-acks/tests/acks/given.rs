//! What the packets, the places and the page promise.

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
                let [begun, ended] = [&begun, &ended].map(|count| count.load(Ordering::Relaxed));
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
                let request = format!("GET {path} HTTP/1.1\r\nHost: server.example.com\r\n\r\n");
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
