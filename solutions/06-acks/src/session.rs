//! The server's side of one connection: who handles its events, and how they are answered.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ws::Message;
use emit_vs_broadcast::{End, Event, Log, Member, Socket, To, run};
use futures_util::{FutureExt, Sink, Stream};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{Calls, HANDLERS, Packet, PacketError, Stray};

// ANCHOR: reply
/// The right to answer one call, once: to answer uses it up.
#[derive(Debug)]
#[must_use = "somebody waits for the answer"]
pub struct Reply {
    socket: Socket,
    id: u64,
}

impl Reply {
    /// Answers the call. `false`: the caller is gone, or its queue is full.
    pub fn send<A: Into<Value>>(self, args: impl IntoIterator<Item = A>) -> bool {
        let id = self.id;
        let args = args.into_iter().map(Into::into).collect();
        let packet = Packet::Ack { id, args }.to_text();
        let to = To::One(self.socket.id());
        self.socket.hub().deliver(to, &packet) == 1
    }
}
// ANCHOR_END: reply

// ANCHOR: handler
/// What an event sets going. It may wait for whatever it likes.
pub type Handling = Pin<Box<dyn Future<Output = ()> + Send>>;
// ANCHOR_END: handler

// ANCHOR: session
/// One connection, for as long as it is read from.
pub struct Session {
    pub(crate) calls: Calls,
    pub(crate) socket: Socket,
    log: Log,
    /// One permit for each handler that may be in work.
    handlers: Arc<Semaphore>,
}
// ANCHOR_END: session

impl Session {
    /// Opens the table of calls to a member of the hub.
    pub fn open(calls: &Calls, socket: Socket, log: Log) -> Self {
        calls.lock().entry(socket.id()).or_default();
        Self {
            calls: calls.clone(),
            socket,
            log,
            handlers: Arc::new(Semaphore::new(HANDLERS)),
        }
    }

    /// The right to answer the call with this id.
    pub fn reply(&self, id: u64) -> Reply {
        let socket = self.socket.clone();
        Reply { socket, id }
    }

    // ANCHOR: start
    /// Runs a handler up to its first wait, and from there on in a task of its own.
    ///
    /// So handlers begin in the order of the packets, and none waits for another. No work is left
    /// half done: what has begun outlives the connection, and what is refused has not begun.
    pub fn start(&self, mut handling: Handling) -> Result<(), Refusal> {
        let handlers = self.handlers.clone();
        let permit = handlers.try_acquire_owned().map_err(|_| Refusal::Busy)?;
        if handling.as_mut().now_or_never().is_none() {
            tokio::spawn(handling.map(|()| drop(permit)));
        }
        Ok(())
    }
    // ANCHOR_END: start

    /// Says that an answer found no call.
    pub fn log_stray(&self, stray: Stray) {
        (self.log)(&format!("user {}: {stray}", self.socket.id()));
    }
}

// ANCHOR: refusal
/// Why a packet ends the connection.
#[derive(Debug)]
pub enum Refusal {
    /// It makes no sense.
    Packet(PacketError),
    /// [`HANDLERS`] events of this connection are in work already.
    Busy,
}
// ANCHOR_END: refusal

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Packet(error) => error.fmt(f),
            Refusal::Busy => write!(f, "over {HANDLERS} events at once"),
        }
    }
}

impl From<PacketError> for Refusal {
    fn from(error: PacketError) -> Self {
        Refusal::Packet(error)
    }
}

// ANCHOR: connection
/// Runs one connection; `on_event` handles what the client asks for.
pub async fn connection<S>(
    socket: S,
    member: Member,
    calls: &Calls,
    log: Log,
    mut on_event: impl FnMut(Event, Option<Reply>) -> Handling,
) -> End
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
{
    let session = Session::open(calls, member.membership.socket(), log);
    // `run` drops the closure, and with it the session, when it stops reading.
    run(socket, member, move |packet| {
        session.receive(packet, &mut on_event)
    })
    .await
}
// ANCHOR_END: connection
