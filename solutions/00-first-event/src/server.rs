//! The server: a page at `/`, a WebSocket at `/chat`, and a loop for each client.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::{Html, Response};
use axum::routing::{any, get};

use crate::{Event, Hub, on_event};

/// Where the server says who comes and goes.
pub type Log = fn(&str);

// ANCHOR: app
/// The page and the WebSocket.
pub fn app(hub: Hub, log: Log) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/chat", any(upgrade))
        .with_state((hub, log))
}

async fn upgrade(upgrade: WebSocketUpgrade, state: State<(Hub, Log)>) -> Response {
    let State((hub, log)) = state;
    let upgrade = upgrade.max_message_size(64 * 1024);
    upgrade.on_upgrade(move |socket| client(socket, hub, log))
}
// ANCHOR_END: app

// ANCHOR: client
/// One client, from its arrival to its end.
async fn client(mut socket: WebSocket, hub: Hub, log: Log) {
    let (me, mut events) = hub.connect();
    log(&format!("a user connected: {me}"));
    loop {
        tokio::select! {
            message = socket.recv() => match message {
                Some(Ok(Message::Text(json))) => {
                    if let Ok((name, text)) = serde_json::from_str(&json) {
                        on_event(&hub, &Event { from: me, name, text });
                    }
                }
                // A ping, a pong, a close: axum answers, while this loop reads on.
                Some(Ok(_)) => {}
                Some(Err(_)) | None => break,
            },
            event = events.recv() => match event {
                // A client that is gone is noticed above.
                Ok((to, json)) if to.reaches(me) => _ = socket.send(json.into()).await,
                // It is for others, or this client is too slow and has missed some.
                _ => {}
            },
        }
    }
    log(&format!("user {me} disconnected"));
}
// ANCHOR_END: client
