//! The namespaces of a server, and what a packet means to them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use acks::{Calls, Handling, Reply};
use axum::extract::ws::Utf8Bytes;
use emit_vs_broadcast::{ConnectionId, Event, Member};
use serde_json::{Value, json};

use crate::{Rooms, Stay};

/// What handles the events of one client in one namespace.
pub type OnEvent = Box<dyn FnMut(Event, Option<Reply>) -> Handling + Send>;
/// What is done when a client enters a namespace. The value is its `auth`.
pub type OnConnect = Arc<dyn Fn(&mut Member, &mut Stay, Value) -> OnEvent + Send + Sync>;

// ANCHOR: space
/// A namespace: a hub of its own, with its calls and its rooms. Clones share them.
#[derive(Clone)]
pub struct Space {
    pub calls: Calls,
    pub rooms: Rooms,
    pub on_connect: OnConnect,
}

/// The namespaces of a server, by name.
#[derive(Clone, Default)]
pub struct Spaces(HashMap<String, Space>);
// ANCHOR_END: space

impl Spaces {
    /// These, and one more.
    pub fn with(mut self, namespace: &str, space: Space) -> Self {
        self.0.insert(namespace.to_owned(), space);
        self
    }

    pub fn get(&self, namespace: &str) -> Option<&Space> {
        self.0.get(namespace)
    }
}

// ANCHOR: door
/// What a connection is to a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// It has not entered, or has left.
    Closed,
    /// It is in there.
    Open,
    /// The server has put it out. Its client may not know that yet.
    Shut,
}
// ANCHOR_END: door

// ANCHOR: route
/// What a packet asks for.
#[derive(Debug, PartialEq)]
pub enum Route {
    /// To enter a namespace of this server.
    Open { namespace: String, auth: Value },
    /// To enter one that this server does not have.
    Refuse { namespace: String },
    /// To hand this packet to a namespace.
    Deliver { namespace: String, packet: String },
    /// To leave a namespace.
    Leave { namespace: String },
}
// ANCHOR_END: route

// ANCHOR: violation
/// Why a packet ends the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// There is not even a type.
    Empty,
    /// No type that a client sends here.
    Type(char),
    /// A CONNECT to a namespace that is open.
    Twice(String),
    /// An event or an answer for a namespace that was never entered.
    NotConnected(String),
    /// What comes with a CONNECT is not a JSON object.
    Auth,
}
// ANCHOR_END: violation

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Violation::Empty => write!(f, "an empty packet"),
            Violation::Type(kind) => write!(f, "packet type {kind:?}: only 0 to 3"),
            Violation::Twice(namespace) => write!(f, "a second CONNECT to {namespace}"),
            Violation::NotConnected(namespace) => write!(f, "no CONNECT to {namespace} yet"),
            Violation::Auth => write!(f, "the payload of a CONNECT is not a JSON object"),
        }
    }
}

/// Reads the payload of a CONNECT: a JSON object, or nothing at all.
pub fn auth(payload: &str) -> Result<Value, Violation> {
    match payload {
        "" => Ok(Value::Null),
        _ => {
            let auth = serde_json::from_str(payload).ok();
            auth.filter(Value::is_object).ok_or(Violation::Auth)
        }
    }
}

// ANCHOR: answers
/// The answer to a CONNECT. A `sid` is text, as Socket.IO's is.
pub fn connected(id: ConnectionId) -> Utf8Bytes {
    format!("0{}", json!({ "sid": id.to_string() })).into()
}

/// The answer to a CONNECT to a namespace that this server does not have.
pub fn refused() -> Utf8Bytes {
    format!("4{}", json!({ "message": "Invalid namespace" })).into()
}
// ANCHOR_END: answers
