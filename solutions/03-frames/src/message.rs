//! What a program sends and receives: frames joined, their meaning read.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{Frame, OpCode, ProtocolError, decode_close};

// ANCHOR: message
/// A message, as an application sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    Close(Option<CloseFrame>),
}
// ANCHOR_END: message

// ANCHOR: close
/// Why the sender of a close frame ends the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseFrame {
    pub code: CloseCode,
    pub reason: String,
}

/// A close code. 4000 to 4999 are an application's own (section 7.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseCode(pub u16);

impl CloseCode {
    pub const NORMAL: CloseCode = CloseCode(1000);
    pub const GOING_AWAY: CloseCode = CloseCode(1001);
    pub const PROTOCOL_ERROR: CloseCode = CloseCode(1002);
    pub const INVALID_DATA: CloseCode = CloseCode(1007);
    pub const TOO_BIG: CloseCode = CloseCode(1009);
}
// ANCHOR_END: close

impl Message {
    /// Errors: `InvalidUtf8`.
    pub fn text(payload: Vec<u8>) -> Result<Self, ProtocolError> {
        match String::from_utf8(payload) {
            Ok(text) => Ok(Message::Text(text)),
            Err(_) => Err(ProtocolError::InvalidUtf8),
        }
    }

    /// The message that a control frame is. Errors: those of `decode_close`.
    pub fn control(frame: Frame) -> Result<Self, ProtocolError> {
        match frame.opcode {
            OpCode::Ping => Ok(Message::Ping(frame.payload)),
            OpCode::Pong => Ok(Message::Pong(frame.payload)),
            _ => Ok(Message::Close(decode_close(&frame.payload)?)),
        }
    }

    /// The message in one frame.
    pub fn into_frame(self) -> Frame {
        let (opcode, payload) = match self {
            Message::Text(text) => (OpCode::Text, text.into()),
            Message::Binary(payload) => (OpCode::Binary, payload),
            Message::Ping(payload) => (OpCode::Ping, payload),
            Message::Pong(payload) => (OpCode::Pong, payload),
            Message::Close(None) => (OpCode::Close, Bytes::new()),
            Message::Close(Some(CloseFrame { code, reason })) => {
                let mut payload = BytesMut::new();
                payload.put_u16(code.0);
                payload.put_slice(reason.as_bytes());
                (OpCode::Close, payload.freeze())
            }
        };
        Frame {
            fin: true,
            opcode,
            payload,
        }
    }
}
