//! Lesson 7: rooms, and namespaces that share one connection.
//!
//! Read book/src/07-rooms.md, check with `cargo test -p rooms`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

mod app;
mod mux;
mod pipe;
mod rooms;
mod spaces;
mod ticker;

use axum::extract::ws::Utf8Bytes;
use emit_vs_broadcast::ConnectionId;

pub use app::app;
pub use mux::mux;
pub use pipe::Pipe;
pub use rooms::{Audience, Farewell, JoinError, Rooms, Sets, Stay};
pub use spaces::{
    Door, OnConnect, OnEvent, Route, Space, Spaces, Violation, auth, connected, refused,
};
pub use ticker::{TICKER, Ticker};

/// The longest name of a room, in bytes.
pub const NAME_LIMIT: usize = 64;
/// How many rooms a member can be in, its own included, and how many one packet can name.
pub const ROOMS_LIMIT: usize = 64;

impl Sets {
    /// Puts a member into a room: the room is entered in `rooms_of`, and the member in `members_of`.
    ///
    /// `false`: nothing has changed. The member is in there already, or it is not in `rooms_of`: its
    /// stay is over.
    pub fn join(&mut self, id: ConnectionId, room: &str) -> bool {
        // Exercise: `get_mut` finds the member's rooms; `insert` says whether the name is new to them.
        // `entry(...).or_default()` opens a room.
        todo!("Sets::join({id:?}, {room:?})")
    }

    /// Takes a member out of a room, in both maps. A room that nobody is in any more is forgotten.
    ///
    /// `false`: it was not in there, and nothing has changed.
    pub fn leave(&mut self, id: ConnectionId, room: &str) -> bool {
        // Exercise: a set's `remove` says whether it was in there. `is_empty` says when to forget.
        todo!("Sets::leave({id:?}, {room:?})")
    }

    /// The members that a packet is for, each once, in the order of joining the hub.
    ///
    /// They are in one of its `rooms`, or anywhere if it names none. They are in none of the rooms of
    /// `except`. And none of them is the `sender`, whichever rooms it is in or has left.
    ///
    /// Where rooms are named it looks at no others: what it costs has nothing to do with them.
    pub fn audience(&self, to: &Audience) -> Vec<ConnectionId> {
        // Exercise: collect the ids, then `sort_unstable` and `dedup`; `retain` keeps those that may
        // hear it.
        todo!("Sets::audience({to:?})")
    }
}

impl Rooms {
    /// Offers a packet to its audience, and returns how many queues took it.
    ///
    /// From the choice to the last offer nobody joins a room or leaves one: whoever has left hears
    /// nothing more. The hub is locked once, so two packets reach everybody in the same order. All
    /// queues share one text.
    pub fn deliver(&self, to: &Audience, packet: &Utf8Bytes) -> usize {
        // Exercise: `self.lock()` has the sets; keep the guard while you lock `self.hub`. Then
        // `offer`, as lesson 5 does, what `self.hub.limits()` says about a full queue included.
        todo!("Rooms::deliver({to:?}, {packet:?})")
    }
}

impl Drop for Stay {
    /// Says farewell while the member is still in its rooms; then it is in none.
    ///
    /// The farewell may use the rooms, so they are not locked during it. One lock takes the member out
    /// of all its rooms: a join on another thread comes before that, or too late.
    fn drop(&mut self) {
        // Exercise: `self.say_farewell()`, and `remove` of the `Sets` in `self.rooms`.
    }
}

/// Takes the namespace out of a packet: its name, and the packet without it.
///
/// ```text
/// 2/admin,13["x"]     /admin   213["x"]
/// 1/admin             /admin   1            nothing follows: the comma may be missing
/// 2["a/b,c"]          /        2["a/b,c"]   no name, which is the name /
/// ```
///
/// A name begins with a slash right after the type, which is one character, and ends before the first
/// comma.
pub fn take_namespace(packet: &str) -> (&str, String) {
    // Exercise: `chars()` gives the type, and `as_str()` on it the rest. `split_once(',')` cuts there.
    todo!("take_namespace({packet:?})")
}

/// Puts a namespace into one of the server's own packets: between its type, which is one digit, and
/// what follows.
///
/// A packet of the namespace `/` stays as it is, the same text and no copy.
pub fn put_namespace(namespace: &str, packet: Utf8Bytes) -> Utf8Bytes {
    // Exercise: `packet.split_at(1)` and `format!`.
    todo!("put_namespace({namespace:?}, {packet:?})")
}

impl Spaces {
    /// What a packet from a client asks for. `door` knows what the client's connection is to a
    /// namespace.
    ///
    /// | type | namespace | |
    /// |---|---|---|
    /// | 0, CONNECT | of this server, and not open | opens it; the payload is the client's [`auth`] |
    /// | | open | [`Violation::Twice`] |
    /// | | unknown | is refused, whatever its payload |
    /// | 1, DISCONNECT | any | leaves it; there may be nothing to leave |
    /// | 2 and 3 | open, or shut by the server | is delivered, without the namespace |
    /// | | never entered | [`Violation::NotConnected`] |
    /// | another, or none | | [`Violation::Type`], [`Violation::Empty`] |
    pub fn route(&self, door: impl Fn(&str) -> Door, packet: &str) -> Result<Route, Violation> {
        // Exercise: `take_namespace`, then one `match` over the type and `door(namespace)`.
        // `self.get(namespace)` is `None` if it is unknown.
        todo!("Spaces::route({packet:?})")
    }
}
