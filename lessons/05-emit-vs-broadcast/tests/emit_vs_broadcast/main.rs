//! Lesson 5, as a specification. Each module is named after the exercise that it checks.

mod to_payload;
mod from_payload;
mod join;
mod offer;
mod receivers;
mod deliver;
mod drop;
mod read;
mod run;
mod whole;
mod given;

use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocketUpgrade};
use axum::routing::any;
use emit_vs_broadcast::{
    ConnectionId, End, Event, Hub, Limits, Member, PacketError, Socket, TOO_SLOW, To, WhenFull,
    app, close_frame, failure, limited, read, run,
};
use futures_util::{FutureExt, Sink, Stream, stream};
use kit::transcript::{Entry, Transcript};
use kit::{Client, Net, WebSocket, assert_snapshot, clue, coach, wire};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::sync::broadcast;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite;

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// Joins, and stays until the test lets go.
///
/// A test that fails drops what it holds. A member is not dropped then: `drop` is an exercise, and
/// a panic in it, during another one, ends all tests without a word.
fn join(hub: &Hub) -> ManuallyDrop<Member> {
    ManuallyDrop::new(hub.join())
}

fn leave(member: ManuallyDrop<Member>) {
    drop(ManuallyDrop::into_inner(member));
}

fn id(member: &Member) -> ConnectionId {
    member.membership.id()
}

/// What waits in a member's queue, in a line.
fn queue(member: &mut Member) -> String {
    let mut packets = Vec::new();
    while let Ok(packet) = member.packets.try_recv() {
        packets.push(packet.to_string());
    }
    match packets.is_empty() {
        true => "nothing".to_owned(),
        false => packets.join(" "),
    }
}

/// What the learner's function made of a packet, in a line.
fn shown(event: Result<Event, PacketError>) -> String {
    match event {
        Ok(Event { name, args }) => format!("{name} with {}", Value::from(args)),
        Err(error) => format!("error: {error}"),
    }
}

/// Two columns.
fn table<A: AsRef<str>, B: AsRef<str>>(rows: impl IntoIterator<Item = (A, B)>) -> String {
    let rows = rows.into_iter();
    let rows = rows.map(|(a, b)| format!("{:<24} {}", a.as_ref(), b.as_ref()));
    rows.collect::<Vec<_>>().join("\n")
}

/// A server that hands each packet on to everybody but its sender. No greetings, no log.
fn relay(net: &Net, limits: Limits) -> Hub {
    let hub = Hub::new(limits);
    let (listener, inner) = (net.listener(), hub.clone());
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        limited(upgrade).on_upgrade(async move |socket| {
            let member = inner.join();
            let me = member.membership.id();
            run(socket, member, |packet| {
                match packet {
                    "wrong" => return Err("no event"),
                    // Without a message: this panic belongs to the test.
                    "panic" => std::panic::resume_unwind(Box::new("as asked")),
                    _ => inner.deliver(To::AllBut(me), &packet.into()),
                };
                Ok(())
            })
            .await;
        })
    };
    let app = Router::new().route("/", any(upgrade));
    tokio::spawn(async { axum::serve(listener, app).await });
    hub
}

/// What was said. Of the handshakes, only the first lines.
fn said(net: &Net) -> Transcript {
    let mut transcript = net.transcript();
    for entry in &mut transcript.entries {
        if let Entry::Message { lines, .. } = entry {
            lines.truncate(1);
        }
    }
    transcript
}

/// The chat of `src/chat.rs` with its hub, and what it logs.
struct Chat {
    hub: Hub,
    log: Arc<Mutex<Vec<String>>>,
}

impl Chat {
    fn start(net: &Net, limits: Limits) -> Self {
        let chat = Chat {
            hub: Hub::new(limits),
            log: Arc::default(),
        };
        let log = chat.log.clone();
        let log = Arc::new(move |line: &str| log.lock().unwrap().push(line.to_owned()));
        let (listener, app) = (net.listener(), app(chat.hub.clone(), log));
        tokio::spawn(async { axum::serve(listener, app).await });
        chat
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }
}
