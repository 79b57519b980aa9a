//! What axum and tungstenite make of handshakes: the chapter's table.

use std::fmt::Write as _;
use std::time::Duration;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::any;
use handshake_solution::accept;
use kit::{Client, Net, assert_snapshot, wire};
use tokio::time::timeout;

const REQUEST: &str = "GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

";

/// What it is, and the line of [`REQUEST`] that is replaced, and by what.
const REQUESTS: [(&str, &str, &str); 11] = [
    ("the example of the RFC", "", ""),
    (
        "Connection: no-upgrade-please",
        "Connection: Upgrade",
        "Connection: no-upgrade-please",
    ),
    (
        "two Connection lines, keep-alive first",
        "Connection: Upgrade",
        "Connection: keep-alive\nConnection: Upgrade",
    ),
    (
        "two Connection lines, Upgrade first",
        "Connection: Upgrade",
        "Connection: Upgrade\nConnection: keep-alive",
    ),
    (
        "Upgrade: websocket, h2c",
        "Upgrade: websocket",
        "Upgrade: websocket, h2c",
    ),
    ("the key abc", "dGhlIHNhbXBsZSBub25jZQ==", "abc"),
    ("no Host", "Host: server.example.com\n", ""),
    (
        "a body of five bytes",
        "Upgrade: websocket",
        "Upgrade: websocket\nContent-Length: 5",
    ),
    ("version 12", "Version: 13", "Version: 12"),
    ("a POST", "GET", "POST"),
    ("HTTP/1.0", "HTTP/1.1", "HTTP/1.0"),
];

#[test]
fn answer_handshakes_like_this() {
    wire(
        "A library has changed: read the table, and then the chapter.",
        async |net: Net| {
            let chat = any(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(async |_| {}));
            let app = Router::new().route("/chat", chat);
            let listener = net.listener();
            tokio::spawn(async move { axum::serve(listener, app).await });

            let mut table = format!(
                "{:<41}{:<16}{:<21}the reference\n",
                "",
                format!("axum {}", version("axum")),
                format!("tungstenite {}", version("tungstenite")),
            );
            for (what, line, by) in REQUESTS {
                let request = REQUEST.replacen(line, by, 1).replace('\n', "\r\n");
                let client = net.connect("ann").await;
                let axum = told(&net, client, &request).await;
                let (client, stream) = net.pair("ann");
                tokio::spawn(tokio_tungstenite::accept_async(stream));
                let tungstenite = told(&net, client, &request).await;
                let (client, stream) = net.pair("ann");
                tokio::spawn(accept(stream, &[]));
                let ours = told(&net, client, &request).await;
                _ = writeln!(table, "{what:<41}{axum:<16}{tungstenite:<21}{ours}");
            }
            assert_snapshot!("libraries", table);
        },
    );
}

/// The version in the workspace's lock file. There is one.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let name = format!("name = \"{package}\"\nversion = \"");
    let mut found = lock.split(&name).skip(1);
    let (Some(rest), None) = (found.next(), found.next()) else {
        panic!("one {package} in Cargo.lock");
    };
    rest.split('"').next().unwrap()
}

/// The status, and whether the answer names the version; or that nothing came before the end.
async fn told(net: &Net, mut client: Client, request: &str) -> String {
    client.send(request).await;
    net.settle().await;
    client.finish().await;
    let closed = timeout(Duration::from_secs(60), client.closed()).await;
    let answer = String::from_utf8(closed.expect("closed within a minute")).unwrap();
    let Some(status) = answer.strip_prefix("HTTP/1.") else {
        assert_eq!(answer, "");
        return "closes".to_owned();
    };
    let status = &status[2..5];
    let head = answer.to_ascii_lowercase();
    if head.contains("sec-websocket-version: 13") {
        format!("{status}, names 13")
    } else {
        status.to_owned()
    }
}
