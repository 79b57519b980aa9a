//! Rooms and namespaces, as a specification. One module for each exercise, in the lesson's order.

mod join;
mod leave;
mod audience;
mod deliver;
mod drop;
mod take_namespace;
mod put_namespace;
mod route;
mod whole;
mod given;

use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use acks::{Calls, Handling, Reply};
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::{CloseFrame, Utf8Bytes};
use axum::routing::any;
use emit_vs_broadcast::{
    ConnectionId, Event, Hub, Limits, Log, Member, Socket, TOO_SLOW, To, WhenFull, limited,
};
use kit::transcript::{Entry, Transcript};
use kit::{Net, WebSocket, assert_snapshot, clue, coach, missing, tungstenite, wire};
use rooms::*;
use serde_json::{Value, json};

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// `N` ids, from 1 on. The tests call them A, B, C.
fn ids<const N: usize>() -> [ConnectionId; N] {
    let hub = Hub::default();
    [(); N].map(|()| hub.join().membership.id())
}

/// The sets with these members in them, who are in no room yet, not even in their own.
fn sets(ids: &[ConnectionId]) -> Sets {
    let mut sets = Sets::default();
    for id in ids {
        sets.rooms_of.insert(*id, Default::default());
    }
    sets
}

/// The sets after each member has joined its rooms, however `Sets::join` does it.
fn filled<const N: usize>(rooms: [(ConnectionId, &[&str]); N]) -> Sets {
    let mut sets = Sets::default();
    for (id, rooms) in rooms {
        sets.rooms_of.entry(id).or_default();
        for room in rooms {
            let of = sets.rooms_of.entry(id).or_default();
            of.insert((*room).to_owned());
            sets.members_of
                .entry((*room).to_owned())
                .or_default()
                .insert(id);
        }
    }
    sets
}

fn name(id: ConnectionId) -> String {
    let letter = u8::try_from(id.number() - 1).unwrap_or(25).min(25);
    char::from(b'A' + letter).to_string()
}

fn names<'a>(ids: impl IntoIterator<Item = &'a ConnectionId>) -> String {
    let names: Vec<_> = ids.into_iter().map(|id| name(*id)).collect();
    match names.is_empty() {
        true => "nobody".to_owned(),
        false => names.join(", "),
    }
}

/// Both maps, a line for each entry.
fn maps(sets: &Sets) -> String {
    let of = sets.rooms_of.iter().map(|(id, rooms)| {
        let rooms: Vec<_> = rooms.iter().cloned().collect();
        format!("{} is in: {}", name(*id), rooms.join(", "))
    });
    let mut rooms: Vec<_> = sets.members_of.iter().collect();
    rooms.sort();
    let members = rooms
        .iter()
        .map(|(room, members)| format!("in {room}: {}", names(*members)));
    let lines = of.chain(members).map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Joins the hub, and stays until the test lets go.
///
/// A test that fails drops what it holds. A stay is not dropped then: `drop` is an exercise, and a
/// panic in it, during another one, ends all tests without a word.
fn arrive(rooms: &Rooms) -> (ManuallyDrop<Member>, ManuallyDrop<Stay>) {
    let member = rooms.hub().join();
    let id = member.membership.id();
    // Not `Rooms::enter`, which joins a room.
    rooms.lock().rooms_of.insert(id, Default::default());
    let stay = rooms.stay(id);
    (ManuallyDrop::new(member), ManuallyDrop::new(stay))
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

/// Gives other threads turns until something has happened, or it has taken too long.
fn wait_for(at_most: Duration, happened: impl Fn() -> bool) {
    let begin = Instant::now();
    while !happened() && begin.elapsed() < at_most {
        thread::yield_now();
    }
}

/// Two columns.
fn table<A: AsRef<str>, B: AsRef<str>>(rows: impl IntoIterator<Item = (A, B)>) -> String {
    let rows = rows.into_iter();
    let rows = rows.map(|(a, b)| format!("{:<28} {}", a.as_ref(), b.as_ref()));
    rows.collect::<Vec<_>>().join("\n")
}

/// A namespace whose clients say things to each other; and its parts, for the test.
///
/// A newcomer hears `welcome`. `["join", room]` joins, `["echo", x]` is answered by `x`, `["panic"]`
/// panics, and everything else goes to all but its sender.
fn space(limits: Limits) -> Space {
    let rooms = Rooms::new(Hub::new(limits));
    let inside = rooms.clone();
    Space {
        calls: Calls::new(rooms.hub().clone()),
        rooms,
        on_connect: Arc::new(move |_, stay, auth| {
            let (rooms, me) = (inside.clone(), stay.socket());
            me.emit(&Event::new("welcome", [auth]));
            Box::new(move |event, reply| on_event(&rooms, &me, event, reply))
        }),
    }
}

fn on_event(rooms: &Rooms, me: &Socket, event: Event, reply: Option<Reply>) -> Handling {
    let answer = match (event.name.as_str(), event.args.first()) {
        // Without a message: this panic belongs to the test.
        ("panic", _) => std::panic::resume_unwind(Box::new("as asked")),
        ("join", Some(Value::String(room))) => json!(rooms.join(me.id(), room).is_ok()),
        ("echo", Some(value)) => value.clone(),
        _ => json!(rooms.emit(&Audience::all().from(me.id()), &event)),
    };
    if let Some(reply) = reply {
        reply.send([answer]);
    }
    Box::pin(async {})
}

type Lines = Arc<Mutex<Vec<String>>>;

fn log() -> (Log, Lines) {
    let lines = Lines::default();
    let log = lines.clone();
    let log = Arc::new(move |line: &str| log.lock().unwrap().push(line.to_owned()));
    (log, lines)
}

/// Serves these namespaces at `/`, and returns what is logged.
fn serve(net: &Net, spaces: Spaces) -> Lines {
    let (log, lines) = log();
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        limited(upgrade).on_upgrade(async move |socket| {
            let end = mux(socket, &spaces, &log).await;
            log(&format!("a connection {end}"));
        })
    };
    let app = Router::new().route("/", any(upgrade));
    let listener = net.listener();
    tokio::spawn(async move { axum::serve(listener, app).await });
    lines
}

/// Serves the chat of `src/app.rs`, and returns what is logged.
fn chat(net: &Net) -> Lines {
    let (log, lines) = log();
    let (listener, app) = (net.listener(), app(Limits::default(), log));
    tokio::spawn(async move { axum::serve(listener, app).await });
    lines
}

/// Connects to the chat, and enters `/`.
async fn enter(net: &Net, name: &str) -> WebSocket {
    let mut client = net.websocket(name, "/chat").await;
    client.text("0").await;
    assert_eq!(&client.next_text().await[..7], r#"0{"sid""#);
    net.settle().await;
    client
}

/// Sends a packet, and waits until the server has done with it.
async fn say(net: &Net, client: &mut WebSocket, packet: &str) {
    client.text(packet).await;
    net.settle().await;
}

/// The next text that is an answer.
async fn answer(client: &mut WebSocket) -> String {
    loop {
        let packet = client.next_text().await;
        if packet.starts_with('3') {
            return packet;
        }
    }
}

/// What was said from entry `start` on. Of the handshakes, nothing.
fn since(net: &Net, start: usize) -> Transcript {
    let mut transcript = net.transcript();
    transcript.entries.drain(..start);
    transcript.entries.retain(|entry| match entry {
        Entry::Message { lines, .. } => !lines[0].contains("HTTP/1.1"),
        _ => true,
    });
    transcript
}

fn entries(net: &Net) -> usize {
    net.transcript().entries.len()
}
