//! The chat: three ways to send, a page to try them on, and who came and went.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{any, get};

use crate::{Event, Hub, MESSAGE_LIMIT, Member, Socket, WRITE_LIMIT, run};

/// Where the server says what happens, a line at a time.
pub type Log = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
struct Chat {
    hub: Hub,
    log: Log,
}

/// Three clients side by side.
pub const PAGE: &str = include_str!("page.html");
/// What the page connects with, `/client.js`.
pub const CLIENT: &str = include_str!("client.js");

/// A script as the body of a response.
pub fn script(text: &'static str) -> impl IntoResponse + Clone {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], text)
}

// ANCHOR: app
/// The page at `/`, the WebSocket at `/chat`.
pub fn app(hub: Hub, log: Log) -> Router {
    Router::new()
        .route("/", get(Html(PAGE)))
        .route("/client.js", get(script(CLIENT)))
        .route("/chat", any(upgrade))
        .with_state(Chat { hub, log })
}

async fn upgrade(upgrade: WebSocketUpgrade, State(chat): State<Chat>) -> Response {
    limited(upgrade).on_upgrade(|socket| visit(socket, chat))
}
// ANCHOR_END: app

// ANCHOR: limited
/// What a connection may cost: messages up to the limit, 4 KiB to read into, and what it does not
/// read up to [`WRITE_LIMIT`].
///
/// axum's defaults are 128 KiB to read into, which tungstenite clears at each read, and no limit at
/// all for what is not read: a pong for each ping, for ever.
pub fn limited(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .max_message_size(MESSAGE_LIMIT)
        .max_frame_size(MESSAGE_LIMIT)
        .read_buffer_size(4096)
        .max_write_buffer_size(WRITE_LIMIT)
}
// ANCHOR_END: limited

// ANCHOR: visit
/// One client from its arrival to its end.
async fn visit(socket: WebSocket, Chat { hub, log }: Chat) {
    let member = arrive(&hub, &log);
    let me = member.membership.socket();
    let on_packet = |packet: &str| Event::from_packet(packet).map(|event| on_event(&me, event));
    let end = run(socket, member, on_packet).await;
    log(&format!("user {} {end}", me.id()));
}
// ANCHOR_END: visit

// ANCHOR: arrive
/// Joins the hub as a newcomer: everybody hears of it, and will hear when it leaves.
pub fn arrive(hub: &Hub, log: &Log) -> Member {
    // Join first, then tell: what is said from here on reaches the newcomer too.
    let mut member = hub.join();
    let me = member.membership.socket();
    log(&format!("a user connected: {}", me.id()));
    member.membership.farewell = Some(Event::new("left", [me.id().number()]));
    me.emit(&Event::new("welcome", [me.id().number()]));
    me.broadcast(&Event::new("joined", [me.id().number()]));
    member
}
// ANCHOR_END: arrive

// ANCHOR: on_event
/// Sends a client's words on, with its id in front, as the event's name says.
pub fn on_event(me: &Socket, mut event: Event) {
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
// ANCHOR_END: on_event
