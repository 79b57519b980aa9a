//! Packets: lesson 5's events, now with an id where an answer is wanted, and the answers.

use std::{error, fmt};

use axum::extract::ws::Utf8Bytes;
use emit_vs_broadcast::Event;
use serde_json::Value;

/// What crosses the wire, in either direction.
#[derive(Clone, Debug, PartialEq)]
pub enum Packet {
    /// `2["chat","hello"]`, or with an id, `20["ferret","tobi"]`: the sender waits.
    Event { id: Option<u64>, event: Event },
    /// `30["woot"]`: the answer to the event with id 0.
    Ack { id: u64, args: Vec<Value> },
}

impl Packet {
    /// The packet as it crosses the wire.
    pub fn to_text(&self) -> Utf8Bytes {
        match self {
            Packet::Event { id: None, event } => event.to_packet(),
            Packet::Event {
                id: Some(id),
                event,
            } => format!("2{id}{}", event.to_payload()).into(),
            Packet::Ack { id, args } => format!("3{id}{}", Value::from(args.as_slice())).into(),
        }
    }
}

/// Why a message is not a packet that this server reads.
#[derive(Debug)]
pub enum PacketError {
    /// There is not even a type.
    Empty,
    /// The type is neither 2, an event, nor 3, an answer.
    Type(char),
    /// The id does not fit into 64 bits.
    Id,
    /// An answer that does not say to what.
    NoId,
    /// The payload of an event is not one.
    Event(emit_vs_broadcast::PacketError),
    /// The payload of an answer cannot be read as a JSON array.
    Args,
}

impl fmt::Display for PacketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PacketError::Empty => write!(f, "an empty packet"),
            PacketError::Type(kind) => write!(f, "packet type {kind:?}: only 2 and 3"),
            PacketError::Id => write!(f, "the id does not fit into 64 bits"),
            PacketError::NoId => write!(f, "an answer without an id"),
            PacketError::Event(error) => error.fmt(f),
            PacketError::Args => write!(f, "the answer cannot be read as a JSON array"),
        }
    }
}

impl error::Error for PacketError {}

impl From<emit_vs_broadcast::PacketError> for PacketError {
    fn from(error: emit_vs_broadcast::PacketError) -> Self {
        PacketError::Event(error)
    }
}
