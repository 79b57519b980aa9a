//! What the parts that are given promise.

use super::*;

#[test]
fn a_ticker_starts_once_and_stops() {
    wire(
        "`src/ticker.rs` is given: `git diff` shows what was changed.",
        async |net| {
            let rooms = Rooms::default();
            let ticker = Ticker::new(rooms.clone());
            let (member, _stay) = arrive(&rooms);
            let id = member.membership.id();
            let mut seen = vec![ticker.is_running()];
            *rooms.lock() = filled([(id, &[TICKER])]);
            ticker.start();
            ticker.start();
            seen.push(ticker.is_running());
            *rooms.lock() = filled([(id, &[])]);
            net.pass(Duration::from_millis(1001)).await;
            seen.push(ticker.is_running());
            assert_snapshot!(format!("{seen:?}"), @"[false, true, false]");
        },
    );
}

/// The official server's answers, less the digit that the layer below adds.
#[test]
fn the_answers_to_a_connect() {
    coach(
        "`src/spaces.rs` is given: `git diff` shows what was changed.",
        || {
            let [a] = ids();
            assert_snapshot!(connected(a), @r#"0{"sid":"1"}"#);
            assert_snapshot!(refused(), @r#"4{"message":"Invalid namespace"}"#);
            let auths = ["", "{}", r#"{"token":"123"}"#, "[]", "null", "7", "{"];
            let rows = auths.map(|payload| {
                let auth = auth(payload);
                (
                    payload,
                    auth.map_or_else(|error| error.to_string(), |auth| auth.to_string()),
                )
            });
            assert_snapshot!(table(rows), @r#"
                                         null
            {}                           {}
            {"token":"123"}              {"token":"123"}
            []                           the payload of a CONNECT is not a JSON object
            null                         the payload of a CONNECT is not a JSON object
            7                            the payload of a CONNECT is not a JSON object
            {                            the payload of a CONNECT is not a JSON object
            "#);
        },
    );
}

#[test]
fn the_page_is_at_the_root() {
    wire(
        "`src/app.rs` and the page are given: `git diff` shows what was changed.",
        async |net| {
            chat(&net);
            let mut browser = net.connect("browser").await;
            let mut page = String::new();
            for path in ["/", "/client.js", "/caller.js", "/emitter.js"] {
                let request = format!("GET {path} HTTP/1.1\r\nHost: server.example.com\r\n\r\n");
                browser.send(request).await;
                let response = browser.response().await;
                assert_eq!(response.status, 200, "{path}");
                page.push_str(&String::from_utf8_lossy(&response.body));
            }
            for part in [
                "<title>Rooms",
                "of(",
                "class Client extends Emitter",
                "export class Client {",
            ] {
                assert!(page.contains(part), "the page lacks {part}");
            }
        },
    );
}
