//! What works before the first exercise: the page, the connection, the event `hello`.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kit::Traffic;

use super::*;

/// The chapter's first figure.
#[test]
fn hello_is_answered() {
    wire(
        "Given: `on_event`. A line of yours is a copy: `hello` stays as it was.",
        async |net: Net| {
            let [mut ann, mut bob, _cat] = ann_bob_and_cat(&net).await;
            let start = so_far(&net);
            ann.text(r#"["hello","tobi"]"#).await;
            net.settle().await;
            ann.next_text().await;
            bob.hears_nothing().await;
            assert_snapshot!("hello", since(&net, start));
        },
    );
}

/// None of it ends the connection.
#[test]
fn what_nobody_listens_for_is_ignored() {
    wire(
        "Given: `src/server.rs`, and that `hello` is answered with `hi`.",
        async |net: Net| {
            let [mut ann, ..] = ann_bob_and_cat(&net).await;
            let nonsense = [
                r#"["no such event","tobi"]"#,
                r#"["hello"]"#,
                r#"["hello",1]"#,
                "hello",
                "",
            ];
            for text in nonsense {
                ann.text(text).await;
            }
            ann.send(kit::tungstenite::Message::Binary("hello".into()))
                .await;
            ann.hears_nothing_for(TEN_SECONDS).await;
            ann.text(r#"["hello","still here"]"#).await;
            assert_snapshot!(ann.next_text().await, @r#"["hi","still here"]"#);
        },
    );
}

/// A goodbye is answered with the same code, and then the server closes.
#[test]
fn a_close_is_answered() {
    wire(
        "Given: `src/server.rs`, and that `hello` is answered with `hi`.",
        async |net: Net| {
            let [mut ann, mut bob, _cat] = ann_bob_and_cat(&net).await;
            ann.close(1000, "bye").await;
            assert_eq!(ann.closed().await, (1000, "bye".to_owned()));
            bob.text(r#"["hello","bob"]"#).await;
            assert_snapshot!(bob.next_text().await, @r#"["hi","bob"]"#);
        },
    );
}

/// It misses some, hears the newest, and stays.
#[test]
fn a_slow_client_misses_the_oldest_events() {
    wire("Given: `src/hub.rs`.", async |net: Net| {
        let hub = serve(&net);
        net.with_capacity(64);
        let mut bob = net.websocket("bob", "/chat").await;
        net.settle().await;
        for n in 1..=100 {
            hub.emit(To::All, "count", &n.to_string());
        }
        let mut heard = Vec::new();
        while heard.last().is_none_or(|last| last != r#"["count","100"]"#) {
            heard.push(bob.next_text().await);
        }
        assert_snapshot!(format!("{} of 100", heard.len()), @"64 of 100");
    });
}

#[test]
fn the_page_is_at_the_root() {
    wire("Given: `src/server.rs`.", async |net: Net| {
        serve(&net);
        let mut ann = net.connect("ann").await;
        ann.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n")
            .await;
        let page = ann.response().await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (200, Some("text/html; charset=utf-8"))
        );
        let page = String::from_utf8_lossy(&page.body).into_owned();
        for name in ["hello", "ferret", "join", "chat"] {
            assert!(page.contains(&format!("<button>{name}</button>")), "{page}");
        }
    });
}

/// A handshake with the key of the classroom page, and what axum answers.
#[test]
fn the_key_of_the_classroom_page_is_answered() {
    wire("Given: axum.", async |net: Net| {
        serve(&net);
        let mut ann = net.connect("ann").await;
        let request = "GET /chat HTTP/1.1\r\n\
            Host: server.example.com\r\n\
            Upgrade: websocket\r\n\
            Connection: Upgrade\r\n\
            Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\
            Sec-WebSocket-Version: 13\r\n\
            Origin: http://server.example.com\r\n\r\n";
        ann.send(request).await;
        assert_eq!(ann.response().await.status, 101);
        assert_snapshot!("handshake", net.transcript());
    });
}

/// A server that can only answer: `GET /updates?since=N` gets what is new, or a 204.
async fn updates(
    State(updates): State<Arc<Mutex<Vec<String>>>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let since = query.strip_prefix("since=").and_then(|n| n.parse().ok());
    let updates = updates.lock().expect("nobody panics with it");
    let new = &updates[since.unwrap_or(0).min(updates.len())..];
    match new.is_empty() {
        true => StatusCode::NO_CONTENT.into_response(),
        false => new.join("\n").into_response(),
    }
}

/// Two updates in ten seconds. One tab asks every two seconds, the other has a WebSocket.
#[test]
fn two_updates_by_http_and_by_websocket() {
    wire("Given: axum, twice.", async |net: Net| {
        let hub = Hub::default();
        let news = Arc::new(Mutex::new(Vec::new()));
        let feed = axum::Router::new()
            .route("/updates", get(updates))
            .with_state(news.clone());
        let (listener, app) = (net.listener(), app(hub.clone(), |_| {}).merge(feed));
        tokio::spawn(async { axum::serve(listener, app).await });

        let mut http = net.connect("http").await;
        let mut websocket = net.websocket("websocket", "/chat").await;
        net.settle().await;
        let opening = net.traffic("websocket");
        let start = so_far(&net);
        let mut seen = 0;
        for second in 1..=10 {
            net.pass(Duration::from_secs(1)).await;
            if let Some(goal) = [(3, "1:0"), (7, "1:1")]
                .iter()
                .find(|(at, _)| *at == second)
            {
                news.lock()
                    .expect("nobody panics with it")
                    .push(goal.1.to_owned());
                hub.emit(To::All, "goal", goal.1);
                websocket.next_text().await;
            }
            if second % 2 == 0 {
                let request =
                    format!("GET /updates?since={seen} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n");
                http.send(request).await;
                seen += usize::from(http.response().await.status == 200);
            }
        }
        let mut scene = since(&net, start);
        // The heads are what the table below counts. The figure shows who speaks.
        for entry in &mut scene.entries {
            if let Entry::Message { lines, .. } = entry {
                let body = lines
                    .iter()
                    .position(String::is_empty)
                    .map(|at| lines.split_off(at));
                lines.truncate(1);
                lines.extend(body.unwrap_or_default());
            }
        }
        assert_snapshot!("two-updates", scene);
        let all = net.traffic("websocket");
        let frames = Traffic {
            up: all.up - opening.up,
            down: all.down - opening.down,
        };
        let mut table = format!("{:<28}{:>8}{:>12}\n", "", "bytes up", "bytes down");
        for (row, Traffic { up, down }) in [
            ("HTTP, five questions", net.traffic("http")),
            ("WebSocket, the opening", opening),
            ("WebSocket, two events", frames),
        ] {
            _ = writeln!(table, "{row:<28}{up:>8}{down:>12}");
        }
        assert_snapshot!("cost", table);
    });
}
