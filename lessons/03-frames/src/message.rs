//! What a program sends and receives: frames joined, their meaning read.

use std::fmt;

use bytes::{BufMut, Bytes, BytesMut};

use crate::{Frame, OpCode, ProtocolError, decode_close};

/// A message, as an application sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    Text(Text),
    Binary(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    Close(Option<CloseFrame>),
}

/// UTF-8, in the memory in which it was received.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Bytes);

impl Text {
    /// Errors: `InvalidUtf8`.
    pub fn from_utf8(bytes: Bytes) -> Result<Self, ProtocolError> {
        match str::from_utf8(&bytes) {
            Ok(_) => Ok(Text(bytes)),
            Err(_) => Err(ProtocolError::InvalidUtf8),
        }
    }

    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("`from_utf8` has checked it")
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

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

impl Message {
    /// The message that a text or binary `payload` is. Errors: `InvalidUtf8`.
    pub fn data(opcode: OpCode, payload: Bytes) -> Result<Self, ProtocolError> {
        match opcode {
            OpCode::Text => Ok(Message::Text(Text::from_utf8(payload)?)),
            _ => Ok(Message::Binary(payload)),
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
            Message::Text(text) => (OpCode::Text, text.0),
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
