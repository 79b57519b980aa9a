//! Lesson 5: events, and a hub that gets each one to exactly the right sockets.
//!
//! Read book/src/05-emit-vs-broadcast.md, check with `cargo test -p emit-vs-broadcast`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

mod chat;
mod connection;
mod event;
mod hub;

use std::fmt::Display;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures_util::{Sink, Stream, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio::task::yield_now;

pub use chat::{CLIENT, Log, PAGE, app, arrive, limited, on_event, script};
pub use connection::{End, close, close_frame, failure, write};
pub use event::{Event, PacketError};
pub use hub::{ConnectionId, Hub, Limits, Member, Members, Membership, Queue, Socket, WhenFull};

/// The longest message that is read, in bytes.
pub const MESSAGE_LIMIT: usize = 64 * 1024;
/// How much is kept for a connection that does not read, in bytes, besides its queue.
pub const WRITE_LIMIT: usize = 512 * 1024;
/// How long a client may take over the end of a connection.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// 'Policy violation' (RFC 6455, section 7.4.1): the packet makes no sense.
pub const POLICY_VIOLATION: u16 = 1008;
/// What a client hears when it is disconnected because its queue is full: 1013 is 'try again later'.
pub const TOO_SLOW: CloseFrame = CloseFrame {
    code: 1013,
    reason: Utf8Bytes::from_static("too slow"),
};

/// Who gets a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// This connection: `socket.emit`.
    One(ConnectionId),
    /// Every connection: `io.emit`.
    All,
    /// Every connection but this one: `socket.broadcast.emit`.
    AllBut(ConnectionId),
}

impl Event {
    /// The payload: a JSON array of the name and the arguments.
    ///
    /// ```text
    /// ["chat","hello",{"loud":true}]
    /// ```
    pub fn to_payload(&self) -> String {
        // Exercise: `Value::from` makes JSON of a `&str` and of a `Vec<Value>`; its text is `to_string`.
        todo!("Event::to_payload()")
    }

    /// Reads a payload back: an array whose first element is a string, the name.
    pub fn from_payload(payload: &str) -> Result<Event, PacketError> {
        // Exercise: `serde_json::from_str` into a `Value`; then what it is decides.
        todo!("Event::from_payload({payload:?})")
    }
}

impl Hub {
    /// Adds a connection, under an id of its own, with an empty queue of `limits.queue` places, and
    /// without a farewell. The first id is 1.
    ///
    /// One lock lasts from the counting to the inserting: two that join at the same moment get two
    /// ids, and whoever is counted is there.
    pub fn join(&self) -> Member {
        // Exercise: count `joined` up. `mpsc::channel` and `oneshot::channel` have two ends each:
        // `Queue` and `Member` say who gets which.
        todo!("Hub::join()")
    }
}

impl Members {
    /// Puts a packet into a member's queue without ever waiting. `false`: it is not in there. The
    /// queue is full, or there is no such member, or its task has ended and it is about to leave.
    ///
    /// If its queue is full, the client reads too slowly. It misses the packet, or is disconnected
    /// with [`TOO_SLOW`], as `when_full` says.
    pub fn offer(&mut self, id: ConnectionId, packet: Utf8Bytes, when_full: WhenFull) -> bool {
        // Exercise: `try_send` tells `Full` from `Closed`. `self.disconnect` is there.
        todo!("Members::offer({id:?}, {packet:?}, {when_full:?})")
    }

    /// The members that `to` means, in the order of joining. `One` of somebody who has left is
    /// nobody.
    pub fn receivers(&self, to: To) -> Vec<ConnectionId> {
        // Exercise: the keys of `queues` are the ids. `copied` and `filter` go before `collect`.
        todo!("Members::receivers({to:?})")
    }
}

impl Hub {
    /// Offers a packet to everyone it is for, and returns how many queues took it.
    ///
    /// One lock lasts from the first to the last, so two packets reach everybody in the same order.
    pub fn deliver(&self, to: To, packet: &Utf8Bytes) -> usize {
        // Exercise: lock once. `members.receivers` says who; `offer` each a clone: it shares the text.
        todo!("Hub::deliver({to:?}, {packet:?})")
    }
}

impl Drop for Membership {
    /// Leaves the hub, and then lets the others hear its `farewell`, if it has one. That holds also
    /// for a member that the hub has dropped before.
    ///
    /// A return, an error, a panic, a cancelled task: every way out leads through here.
    fn drop(&mut self) {
        // Exercise: `queues.remove`, then `emit`.
    }
}

/// Hands each text to `on_packet`, as it is, until the client closes, breaks the rules, or is gone:
/// a stream that ends without a Close is [`End::Gone`].
///
/// A packet that `on_packet` refuses ends it: [`End::Server`], with a [`close_frame`] of
/// [`POLICY_VIOLATION`] and the reason. `close_frame` cuts a reason that is too long to be sent.
/// Other messages do not end it: pings are answered below this, and binary means nothing here.
///
/// After each packet the writers get a turn, or one client's burst would fill every queue before any
/// is emptied. (Against many clients at once, only the length of the queues helps: see [`Limits`].)
pub async fn read<S, E>(mut messages: S, mut on_packet: impl FnMut(&str) -> Result<(), E>) -> End
where
    S: Stream<Item = Result<Message, axum::Error>> + Unpin,
    E: Display,
{
    // Exercise: `match` each message. `failure` turns an error into an `End`; the end of the stream is
    // `Gone`.
    // `yield_now` gives the other tasks a turn.
    todo!("read()")
}

/// Runs one connection: reads and writes at once, until one side or the hub has had enough.
///
/// The hub's word is the frame in `closing`: [`End::Server`]. An error of [`write`] is
/// [`End::Gone`]. An `Ok` of `write` is no end: the hub has let go of the queue, and `closing` says
/// why.
///
/// Whatever ends it, the member leaves the hub first, and only then is the connection closed. So a
/// client that does not let go is in nobody's way.
pub async fn run<S, E>(
    socket: S,
    member: Member,
    on_packet: impl FnMut(&str) -> Result<(), E>,
) -> End
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
    E: Display,
{
    // Exercise: `socket.split()`, then `tokio::select!` over `closing`, `write` and `read`.
    todo!("run({member:?})")
}
