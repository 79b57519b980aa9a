//! Events: a name and arguments, as Socket.IO writes them.

use std::{error, fmt};

use axum::extract::ws::Utf8Bytes;
use serde_json::Value;

// ANCHOR: event
/// Something that happened: its name and its arguments, `["chat","hello"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub name: String,
    pub args: Vec<Value>,
}
// ANCHOR_END: event

impl Event {
    /// An event. `serde_json::json!` writes arguments down; text and numbers need no help.
    pub fn new<A: Into<Value>>(name: impl Into<String>, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            name: name.into(),
            args: args.into_iter().map(Into::into).collect(),
        }
    }

    // ANCHOR: packet
    /// The packet that carries the event: its type, 2, then the payload.
    pub fn to_packet(&self) -> Utf8Bytes {
        format!("2{}", self.to_payload()).into()
    }

    /// Reads a packet. Between type and payload there may be an id or a namespace: not here.
    pub fn from_packet(packet: &str) -> Result<Event, PacketError> {
        let kind = packet.chars().next().ok_or(PacketError::Empty)?;
        let payload = packet.strip_prefix('2').ok_or(PacketError::Type(kind))?;
        match payload.chars().next() {
            Some(extra @ ('0'..='9' | '/')) => Err(PacketError::Extra(extra)),
            _ => Event::from_payload(payload),
        }
    }
    // ANCHOR_END: packet
}

// ANCHOR: packet_error
/// Why a message is not a packet that this server reads.
#[derive(Debug)]
pub enum PacketError {
    /// There is not even a type.
    Empty,
    /// The type is not 2, an event.
    Type(char),
    /// An id or a namespace begins before the payload.
    Extra(char),
    /// The payload is not JSON, or JSON that serde_json cannot hold.
    Json(serde_json::Error),
    /// The payload is JSON, but not an array.
    NotAnArray,
    /// The array does not begin with a string, the event's name.
    NoName,
}
// ANCHOR_END: packet_error

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PacketError::Empty => write!(f, "an empty packet"),
            PacketError::Type(kind) => write!(f, "packet type {kind:?}: only 2, event"),
            PacketError::Extra('/') => write!(f, "a namespace: there is only one here"),
            PacketError::Extra(_) => write!(f, "an id: nobody answers events here"),
            PacketError::Json(error) => write!(f, "the payload cannot be read as JSON: {error}"),
            PacketError::NotAnArray => write!(f, "the payload is not an array"),
            PacketError::NoName => write!(f, "the array does not begin with a name"),
        }
    }
}

impl error::Error for PacketError {}
