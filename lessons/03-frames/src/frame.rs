//! A frame and its header.

use bytes::{Bytes, BytesMut};

use crate::{ProtocolError, encode_header, mask};

/// What stands before a frame's payload (section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// RSV1, RSV2 and RSV3, as the three low bits.
    pub rsv: u8,
    pub opcode: OpCode,
    /// The masking key of a masked frame.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub length: u64,
}

impl Header {
    /// Bytes that the header takes up on the wire.
    pub fn size(&self) -> usize {
        let length = match self.length {
            0..=125 => 0,
            126..=0xffff => 2,
            _ => 8,
        };
        2 + length + self.mask.map_or(0, |key| key.len())
    }
}

/// What a frame is: four bits (section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpCode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl OpCode {
    /// Errors: `ReservedOpCode` for 3 to 7 and 11 to 15.
    pub fn from_bits(bits: u8) -> Result<Self, ProtocolError> {
        match bits {
            0 => Ok(OpCode::Continuation),
            1 => Ok(OpCode::Text),
            2 => Ok(OpCode::Binary),
            8 => Ok(OpCode::Close),
            9 => Ok(OpCode::Ping),
            10 => Ok(OpCode::Pong),
            _ => Err(ProtocolError::ReservedOpCode(bits)),
        }
    }

    /// Close, ping and pong: whole in one short frame, also between fragments.
    pub fn is_control(self) -> bool {
        matches!(self, OpCode::Close | OpCode::Ping | OpCode::Pong)
    }
}

/// Which end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Client,
    Server,
}

/// A frame, its payload in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub fin: bool,
    pub opcode: OpCode,
    pub payload: Bytes,
}

impl Frame {
    /// Appends the frame to `out`, masked if there is a `key`.
    pub fn encode(&self, key: Option<[u8; 4]>, out: &mut BytesMut) {
        let header = Header {
            fin: self.fin,
            rsv: 0,
            opcode: self.opcode,
            mask: key,
            length: self.payload.len() as u64,
        };
        out.reserve(header.size() + self.payload.len());
        encode_header(&header, out);
        let start = out.len();
        out.extend_from_slice(&self.payload);
        if let Some(key) = key {
            mask(&mut out[start..], key);
        }
    }
}
