//! Lesson 6: calls that are answered, in both directions.
//!
//! Read book/src/06-acks.md, check with `cargo test -p acks`.

mod app;
mod calls;
mod once;
mod packet;
mod session;

use std::time::Duration;

use emit_vs_broadcast::{ConnectionId, Event, To};
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::timeout;

pub use app::{CLIENT, Shop, app};
pub use calls::{Call, CallError, Calls, Outcome, Stray, Table};
pub use packet::{Packet, PacketError};
pub use session::{Handling, Refusal, Reply, Session, connection};

// ANCHOR: handlers
/// How many events of one connection may be in work at once.
pub const HANDLERS: usize = 64;
// ANCHOR_END: handlers

impl Packet {
    /// Reads a packet: the type, then the id where there is one, then the payload.
    ///
    /// ```text
    /// 2["chat","hello"]       an event
    /// 20["ferret","tobi"]     an event that wants answer 0
    /// 30["woot"]              answer 0: always an id, then any JSON array
    /// ```
    ///
    /// An id is of digits 0 to 9 alone; leading zeros mean nothing. Where a packet is wrong in two
    /// places, either error is right.
    pub fn parse(text: &str) -> Result<Packet, PacketError> {
        // Exercise: `trim_start_matches(|c: char| c.is_ascii_digit())` leaves the payload. What it
        // takes off is the id; `Event::from_payload` and `serde_json::from_str` do the rest.
        let mut chars = text.chars();
        let kind = chars.next().ok_or(PacketError::Empty)?;
        let rest = chars.as_str();
        let payload = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let id = match &rest[..rest.len() - payload.len()] {
            "" => None,
            digits => Some(digits.parse().map_err(|_| PacketError::Id)?),
        };
        match (kind, id) {
            ('2', id) => {
                let event = Event::from_payload(payload)?;
                Ok(Packet::Event { id, event })
            }
            ('3', Some(id)) => {
                let args = serde_json::from_str(payload).map_err(|_| PacketError::Args)?;
                Ok(Packet::Ack { id, args })
            }
            ('3', None) => Err(PacketError::NoId),
            _ => Err(PacketError::Type(kind)),
        }
    }
}

impl Calls {
    /// Enters a call to this client in its table, under its next id. The first is 0.
    ///
    /// One lock lasts from the counting to the inserting: two calls at the same moment get two ids.
    /// `None`: the client has no table, since it is not connected.
    pub fn register(&self, to: ConnectionId) -> Option<Call> {
        // Exercise: `self.lock()` has the tables. `waiting` gets one end of a `oneshot::channel`,
        // the `Call` gets the other.
        let mut tables = self.lock();
        let table = tables.get_mut(&to)?;
        let id = table.next;
        table.next += 1;
        let (waiting, answer) = oneshot::channel();
        table.waiting.insert(id, waiting);
        Some(Call {
            calls: self.clone(),
            to,
            id,
            answer,
        })
    }

    /// Hands an answer to the call of that client that waits for it.
    ///
    /// Where none waits, the answer is [`Stray`]: late if the id was ever given out, or unknown.
    /// A client without a table is not connected any more, and its answer is unknown.
    ///
    /// A caller may `close` the receiver of a call that it keeps: then the call waits no longer, and
    /// its answer is late. Whether that answer takes it out of the table is up to you.
    pub fn resolve(&self, from: ConnectionId, id: u64, args: Vec<Value>) -> Result<(), Stray> {
        // Exercise: take the call out of `waiting` with `remove`, so that a second answer misses it.
        let mut tables = self.lock();
        let table = tables.get_mut(&from).ok_or(Stray::Unknown(id))?;
        match table.waiting.remove(&id) {
            Some(waiting) => waiting.send(args).map_err(|_| Stray::Late(id)),
            None if id < table.next => Err(Stray::Late(id)),
            None => Err(Stray::Unknown(id)),
        }
    }
}

impl Drop for Call {
    /// Takes the call out of its table, however it ended: answered, timed out or given up.
    ///
    /// It must not panic: the table may be gone before the call, or the call out of its table.
    fn drop(&mut self) {
        // Exercise: `remove` it from the `waiting` of the client it went `to`, if there still is one.
        if let Some(table) = self.calls.lock().get_mut(&self.to) {
            table.waiting.remove(&self.id);
        }
    }
}

impl Drop for Session {
    /// Ends all calls to this client at once, and lets none begin: nobody will answer.
    ///
    /// The client's place in the hub is not touched: its `Membership` gives that up.
    fn drop(&mut self) {
        // Exercise: what of `self.calls.lock()` is this client's? To drop a sender ends its call.
        self.calls.lock().remove(&self.socket.id());
    }
}

impl Session {
    /// Takes a packet from the client: an answer to the call that waits for it, an event to
    /// `on_event`, with the means to answer if the client wants that.
    ///
    /// The loop that reads calls this, so it must not wait for anything: the answer that a handler
    /// waits for comes in here too. But each handler has begun when this returns: see
    /// [`Session::start`]. A stray answer is logged; an error ends the connection.
    pub fn receive(
        &self,
        packet: &str,
        mut on_event: impl FnMut(Event, Option<Reply>) -> Handling,
    ) -> Result<(), Refusal> {
        // Exercise: `resolve` at once, `start` what `on_event` returns, and return its `Refusal`.
        // `reply` and `log_stray` are there.
        match Packet::parse(packet)? {
            Packet::Event { id, event } => {
                let reply = id.map(|id| self.reply(id));
                self.start(on_event(event, reply))
            }
            Packet::Ack { id, args } => {
                if let Err(stray) = self.calls.resolve(self.socket.id(), id, args) {
                    self.log_stray(stray);
                }
                Ok(())
            }
        }
    }
}

impl Calls {
    /// Sends an event and waits for its answer, for `limit` at most, however short or long that is.
    ///
    /// | error | when |
    /// |---|---|
    /// | `NotSent` | at once, if the client has no table or its queue did not take the packet |
    /// | `Disconnected` | at once, when the client's table is taken away |
    /// | `TimedOut` | after `limit`; the event is sent even if that is zero |
    ///
    /// An answer in the very moment in which `limit` is over may be in time or not: either is right.
    /// Whatever ends the wait, this future dropped included, the call leaves its table.
    pub async fn emit_with_ack(&self, to: ConnectionId, event: &Event, limit: Duration) -> Outcome {
        // Exercise: `register`, then `self.hub.deliver`: the answer may come before you look. Then
        // `timeout` on `&mut call.answer`: a value that has a `drop` cannot be taken apart.
        let mut call = self.register(to).ok_or(CallError::NotSent)?;
        let packet = Packet::Event {
            id: Some(call.id),
            event: event.clone(),
        };
        if self.hub.deliver(To::One(to), &packet.to_text()) == 0 {
            return Err(CallError::NotSent);
        }
        match timeout(limit, &mut call.answer).await {
            Ok(Ok(args)) => Ok(args),
            Ok(Err(_)) => Err(CallError::Disconnected),
            Err(_) => Err(CallError::TimedOut),
        }
    }

    /// Calls everyone that `to` means, all at once and however many, and tells what each call came
    /// to, in the order of joining. A client that is not in the hub has no outcome.
    ///
    /// When this future is dropped, all its calls leave their tables.
    pub async fn broadcast_with_ack(
        &self,
        to: To,
        event: &Event,
        limit: Duration,
    ) -> Vec<(ConnectionId, Outcome)> {
        // Exercise: an `emit_with_ack` for each of `self.hub.receivers(to)`, all under way at once.
        let call = async |id| (id, self.emit_with_ack(id, event, limit).await);
        join_all(self.hub.receivers(to).into_iter().map(call)).await
    }
}
