//! Lesson 3, as a specification. Each module is named after the exercise that it checks.

mod mask;
mod encode_header;
mod decode_header;
mod check_header;
mod decode;
mod decode_close;
mod whole_characters;
mod push;
mod whole;

use bytes::{Bytes, BytesMut};
use frames::{
    Assembler, CloseFrame, Frame, Header, Limits, Message, OpCode, ProtocolError, Role, WebSocket,
};
use kit::transcript::hex;
use kit::{Net, Xray, assert_snapshot, clue, coach, missing, wire};

/// The key of the examples in RFC 6455, section 5.7.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// The limit that the tests decode with.
const LIMIT: usize = 16 << 20;

/// The header of a whole binary frame that is not masked.
fn header(length: u64) -> Header {
    Header {
        fin: true,
        rsv: 0,
        opcode: OpCode::Binary,
        mask: None,
        length,
    }
}

fn frame(fin: bool, opcode: OpCode, payload: &[u8]) -> Frame {
    Frame {
        fin,
        opcode,
        payload: Bytes::copy_from_slice(payload),
    }
}

/// A masked frame, made here: byte 0, then the length in the form that is asked for.
fn masked(first: u8, length: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    bytes.extend(length);
    bytes[1] |= 0x80;
    bytes.extend(KEY);
    bytes.extend(payload.iter().zip(KEY.iter().cycle()).map(|(b, k)| b ^ k));
    bytes
}

/// A masked frame with a short payload.
fn short(first: u8, payload: &[u8]) -> Vec<u8> {
    masked(first, &[payload.len() as u8], payload)
}

/// What was decoded, in a line.
fn shown(result: &Result<Option<Frame>, ProtocolError>) -> String {
    match result {
        Ok(Some(Frame {
            fin,
            opcode,
            payload,
        })) => {
            let more = if *fin { "" } else { " (fragment)" };
            let opcode = format!("{opcode:?}").to_lowercase();
            format!("{opcode}{more} {}", contents(payload))
                .trim_end()
                .to_owned()
        }
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn line(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("text {text:?}"),
        Message::Binary(payload) => format!("binary {}", hex(payload)),
        Message::Ping(payload) => format!("ping {}", contents(payload)),
        Message::Pong(payload) => format!("pong {}", contents(payload)),
        Message::Close(close) => format!("close {}", reason(&Ok(close.clone()))),
    }
}

fn contents(payload: &[u8]) -> String {
    match str::from_utf8(payload) {
        Ok("") => String::new(),
        Ok(text) if text.len() <= 32 && !text.contains(char::is_control) => format!("{text:?}"),
        _ => hex(payload),
    }
}

fn reason(result: &Result<Option<CloseFrame>, ProtocolError>) -> String {
    match result {
        Ok(Some(close)) => format!("{} {:?}", close.code.0, close.reason),
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}
