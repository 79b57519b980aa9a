//! The hub: who is connected, and a queue for each. It knows nothing of sockets.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::ws::{CloseFrame, Utf8Bytes};
use tokio::sync::{mpsc, oneshot};

use crate::{Event, To};

/// A connection's number. No other connection of this hub ever has it, before or after.
///
/// Not a user: one person with two tabs is two connections, and reconnecting makes a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u64);

impl ConnectionId {
    /// The number itself.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What happens when a queue has no room for a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// The client misses this packet. For data that the next packet replaces, such as a price.
    DropPacket,
    /// The client is closed with 1013. For data of which every piece counts, such as a chat.
    DropClient,
}

/// How much a hub keeps for a client that does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Packets in one client's queue. At least 1.
    ///
    /// All members speak, come and leave at the same moment, before any writer has a turn: a queue
    /// must hold all of that. In a shorter one, clients that read fast are dropped as slow.
    pub queue: usize,
    pub when_full: WhenFull,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // For a thousand members. A place costs four words: all queues share one text.
            queue: 1024,
            when_full: WhenFull::DropClient,
        }
    }
}

/// Everyone who is connected. Clones share them.
#[derive(Clone, Debug)]
pub struct Hub {
    pub(crate) limits: Limits,
    members: Arc<Mutex<Members>>,
}

/// What the hub's lock protects.
#[derive(Debug, Default)]
pub struct Members {
    /// How often this lock was taken, the present time included: each time, all others wait.
    pub locks: u64,
    /// How many have joined so far.
    pub(crate) joined: u64,
    /// In the order of joining.
    pub(crate) queues: BTreeMap<ConnectionId, Queue>,
}

/// The hub's end of one connection.
#[derive(Debug)]
pub struct Queue {
    pub(crate) packets: mpsc::Sender<Utf8Bytes>,
    /// Tells the connection to end. Used once.
    pub(crate) closing: oneshot::Sender<CloseFrame>,
}

/// The connection's end.
pub struct Member {
    /// Leaves the hub when it is dropped.
    pub membership: Membership,
    /// What to send to the client; it ends when the hub drops the client.
    pub packets: mpsc::Receiver<Utf8Bytes>,
    /// Why the hub drops the client.
    pub closing: oneshot::Receiver<CloseFrame>,
}

/// Being in the hub: it lasts as long as this value.
#[derive(Debug)]
pub struct Membership {
    pub(crate) hub: Hub,
    pub(crate) id: ConnectionId,
    /// What the others hear once it has left.
    pub farewell: Option<Event>,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Hub {
    /// A hub that nobody has joined.
    pub fn new(limits: Limits) -> Self {
        let members = Arc::default();
        Self { limits, members }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The members. Never hold this over an `.await`: everyone else waits for it.
    pub fn lock(&self) -> MutexGuard<'_, Members> {
        // A panic elsewhere leaves the members whole.
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        members.locks += 1;
        members
    }

    /// Who is connected, in the order of joining. Locks the hub: whoever holds its lock already
    /// reads `queues`.
    pub fn ids(&self) -> Vec<ConnectionId> {
        self.lock().queues.keys().copied().collect()
    }

    /// How many packets wait in a connection's queue. `None`: it is not here.
    pub fn waiting(&self, id: ConnectionId) -> Option<usize> {
        let members = self.lock();
        let packets = &members.queues.get(&id)?.packets;
        Some(packets.max_capacity() - packets.capacity())
    }

    /// The handle of one connection.
    pub fn socket(&self, id: ConnectionId) -> Socket {
        let hub = self.clone();
        Socket { hub, id }
    }

    /// [`Members::receivers`] at this moment. Locks the hub, as [`Hub::ids`] does.
    pub fn receivers(&self, to: To) -> Vec<ConnectionId> {
        self.lock().receivers(to)
    }

    /// Sends an event to everybody, and returns to how many.
    pub fn emit(&self, event: &Event) -> usize {
        self.deliver(To::All, &event.to_packet())
    }

    /// Ends a connection: what is in its queue, then this close frame. `false`: it is not here.
    pub fn disconnect(&self, id: ConnectionId, close: CloseFrame) -> bool {
        self.lock().disconnect(id, close)
    }
}

impl Members {
    /// Takes a member out and tells its connection why.
    pub(crate) fn disconnect(&mut self, id: ConnectionId, close: CloseFrame) -> bool {
        match self.queues.remove(&id) {
            // An error: the connection has ended by itself.
            Some(queue) => queue.closing.send(close).is_ok(),
            None => false,
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.membership.id)
    }
}

impl Membership {
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// A handle to this connection.
    pub fn socket(&self) -> Socket {
        self.hub.socket(self.id)
    }
}

/// A handle to one connection, for handlers: `socket` in Socket.IO's examples, as [`Hub`] is `io`.
#[derive(Clone, Debug)]
pub struct Socket {
    hub: Hub,
    id: ConnectionId,
}

impl Socket {
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Sends an event to this client. `false`: it is gone, or its queue is full.
    pub fn emit(&self, event: &Event) -> bool {
        self.hub.deliver(To::One(self.id), &event.to_packet()) == 1
    }

    /// Sends an event to everybody but this client, and returns to how many.
    pub fn broadcast(&self, event: &Event) -> usize {
        self.hub.deliver(To::AllBut(self.id), &event.to_packet())
    }
}
