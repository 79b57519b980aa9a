//! The chat: three ways to send, a page to try them on, and who came and went.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::{Html, Response};
use axum::routing::{any, get};

use crate::{Event, Hub, MESSAGE_LIMIT, Socket, run};

/// Where the server says what happens, a line at a time.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
struct Chat {
    hub: Hub,
    log: Log,
}

/// The page at `/`, the WebSocket at `/chat`.
pub fn app(hub: Hub, log: Log) -> Router {
    Router::new()
        .route("/", get(Html(include_str!("page.html"))))
        .route("/chat", any(upgrade))
        .with_state(Chat { hub, log })
}

async fn upgrade(upgrade: WebSocketUpgrade, State(chat): State<Chat>) -> Response {
    upgrade
        .max_message_size(MESSAGE_LIMIT)
        .max_frame_size(MESSAGE_LIMIT)
        .on_upgrade(|socket| visit(socket, chat))
}

/// One client from its arrival to its end.
async fn visit(socket: WebSocket, Chat { hub, log }: Chat) {
    // Join first, then tell: what is said from here on reaches the newcomer too.
    let mut member = hub.join();
    let me = member.membership.socket();
    log(&format!("a user connected: {}", me.id()));
    member.membership.farewell = Some(Event::new("left", [me.id().number()]));
    me.emit(&Event::new("welcome", [me.id().number()]));
    me.broadcast(&Event::new("joined", [me.id().number()]));

    let on_packet = |packet: &str| Event::from_packet(packet).map(|event| on_event(&me, event));
    let end = run(socket, member, on_packet).await;
    log(&format!("user {} {end}", me.id()));
}

/// Sends a client's words on, with its id in front, as the event's name says.
fn on_event(me: &Socket, mut event: Event) {
    event.args.insert(0, me.id().number().into());
    let chat = Event::new("chat", event.args);
    match event.name.as_str() {
        "chat" | "io.emit" => me.hub().emit(&chat),
        "socket.emit" => me.emit(&chat).into(),
        "socket.broadcast.emit" => me.broadcast(&chat),
        // As in Socket.IO: nobody listens for it, and nobody minds.
        _ => 0,
    };
}
