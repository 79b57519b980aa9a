//! Who is in which room, and whom a packet is for.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{error, fmt};

use emit_vs_broadcast::{ConnectionId, Event, Hub, Socket};

use crate::{NAME_LIMIT, ROOMS_LIMIT};

// ANCHOR: sets
/// Who is in which room, from both sides: the two maps always agree.
#[derive(Debug, Default)]
pub struct Sets {
    /// The rooms of each member. Whoever is not in here has left.
    pub rooms_of: BTreeMap<ConnectionId, BTreeSet<String>>,
    /// The members of each room. No room is empty.
    pub members_of: HashMap<String, BTreeSet<ConnectionId>>,
}
// ANCHOR_END: sets

impl Sets {
    // ANCHOR: enter
    /// Begins a member's stay. It is in one room, which has its number for a name.
    pub fn enter(&mut self, id: ConnectionId) {
        self.rooms_of.insert(id, BTreeSet::new());
        self.join(id, &id.to_string());
    }

    /// Ends a member's stay: it is in no room, and can join none.
    pub fn remove(&mut self, id: ConnectionId) {
        let rooms = self.rooms_of.get(&id).cloned();
        for room in rooms.iter().flatten() {
            self.leave(id, room);
        }
        self.rooms_of.remove(&id);
    }
    // ANCHOR_END: enter
}

// ANCHOR: audience
/// Whom a packet is for.
#[derive(Clone, Debug, Default)]
pub struct Audience {
    /// It goes to whoever is in one of these; if there are none, to everybody.
    pub rooms: Vec<String>,
    /// Whoever is in one of these does not get it.
    pub except: Vec<String>,
    /// Nor does its sender, where it is left out.
    pub sender: Option<ConnectionId>,
}
// ANCHOR_END: audience

impl Audience {
    /// Everybody.
    pub fn all() -> Self {
        Self::default()
    }

    /// Everybody in a room: `io.in(room)`.
    pub fn within(room: impl Into<String>) -> Self {
        Self::all().and(room)
    }

    /// And everybody in this room.
    pub fn and(mut self, room: impl Into<String>) -> Self {
        self.rooms.push(room.into());
        self
    }

    /// But nobody who is in this room.
    pub fn except(mut self, room: impl Into<String>) -> Self {
        self.except.push(room.into());
        self
    }

    /// Nor the sender: `socket.to(room)` is `within(room).from(socket.id())`.
    pub fn from(mut self, sender: ConnectionId) -> Self {
        self.sender = Some(sender);
        self
    }
}

/// A hub with rooms. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Rooms {
    pub(crate) hub: Hub,
    sets: Arc<Mutex<Sets>>,
    locks: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
}

impl Rooms {
    /// A hub's rooms. Nobody is in one yet.
    pub fn new(hub: Hub) -> Self {
        Self {
            hub,
            ..Self::default()
        }
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The sets. The hub may be locked after them, and never before; and never hold either over an
    /// `.await`.
    pub fn lock(&self) -> MutexGuard<'_, Sets> {
        // A panic elsewhere leaves the sets whole.
        let sets = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        self.locks.fetch_add(1, Ordering::Relaxed);
        sets
    }

    /// How often the sets were locked: each time, everyone else waits.
    pub fn locks(&self) -> u64 {
        self.locks.load(Ordering::Relaxed)
    }

    /// How many packets [`Rooms::emit`] has written.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Begins a member's stay.
    pub fn enter(&self, id: ConnectionId) -> Stay {
        self.lock().enter(id);
        self.stay(id)
    }

    /// The guard of a stay that has begun: it ends with this value.
    pub fn stay(&self, id: ConnectionId) -> Stay {
        let rooms = self.clone();
        let farewell = None;
        Stay {
            rooms,
            id,
            farewell,
        }
    }

    /// Puts a member into a room. `false`: it is in there already, or its stay is over.
    pub fn join(&self, id: ConnectionId, room: &str) -> Result<bool, JoinError> {
        if room.len() > NAME_LIMIT {
            return Err(JoinError::TooLong);
        }
        let mut sets = self.lock();
        match sets.rooms_of.get(&id) {
            Some(rooms) if rooms.len() >= ROOMS_LIMIT && !rooms.contains(room) => {
                Err(JoinError::TooMany)
            }
            _ => Ok(sets.join(id, room)),
        }
    }

    /// Takes a member out of a room. `false`: it was not in there.
    pub fn leave(&self, id: ConnectionId, room: &str) -> bool {
        self.lock().leave(id, room)
    }

    /// The rooms of a member, in alphabetical order.
    pub fn of(&self, id: ConnectionId) -> Vec<String> {
        let sets = self.lock();
        sets.rooms_of
            .get(&id)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Whether anybody is in a room.
    pub fn is_occupied(&self, room: &str) -> bool {
        self.lock().members_of.contains_key(room)
    }

    // ANCHOR: emit
    /// Sends an event to an audience, and returns to how many. It is written once.
    pub fn emit(&self, to: &Audience, event: &Event) -> usize {
        let packet = event.to_packet();
        self.written.fetch_add(1, Ordering::Relaxed);
        self.deliver(to, &packet)
    }
    // ANCHOR_END: emit
}

// ANCHOR: stay
/// A member's stay in its rooms: it lasts as long as this value.
pub struct Stay {
    pub(crate) rooms: Rooms,
    pub(crate) id: ConnectionId,
    /// What is done at the end, while the member is still in its rooms.
    pub farewell: Option<Farewell>,
}

pub type Farewell = Box<dyn FnOnce(&Stay) + Send>;
// ANCHOR_END: stay

impl Stay {
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    pub fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// The handle of the member's connection.
    pub fn socket(&self) -> Socket {
        self.rooms.hub.socket(self.id)
    }

    /// Calls `farewell`, if there is one.
    pub fn say_farewell(&mut self) {
        let Some(farewell) = self.farewell.take() else {
            return;
        };
        // A panic has been reported. It must not get out of a `drop`: there it may be the second
        // one, which ends the program.
        let _ = catch_unwind(AssertUnwindSafe(|| farewell(self)));
    }
}

// ANCHOR: join_error
/// Why a member cannot join a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinError {
    /// The name has more than [`NAME_LIMIT`] bytes.
    TooLong,
    /// The member is in [`ROOMS_LIMIT`] rooms.
    TooMany,
}
// ANCHOR_END: join_error

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JoinError::TooLong => write!(f, "the name is longer than {NAME_LIMIT} bytes"),
            JoinError::TooMany => write!(f, "{ROOMS_LIMIT} rooms are enough"),
        }
    }
}

impl error::Error for JoinError {}
