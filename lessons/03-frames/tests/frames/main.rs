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

/// Every kind of header there is, with these lengths.
fn headers(lengths: &[u64]) -> Vec<Header> {
    use OpCode::{Binary, Close, Continuation, Ping, Pong, Text};
    let mut headers = Vec::new();
    for opcode in [Continuation, Text, Binary, Close, Ping, Pong] {
        for rsv in 0..8 {
            for fin in [true, false] {
                for mask in [None, Some([0; 4]), Some(KEY)] {
                    headers.extend(lengths.iter().map(|length| Header {
                        fin,
                        rsv,
                        opcode,
                        mask,
                        length: *length,
                    }));
                }
            }
        }
    }
    headers
}

/// A header's bytes, made here.
fn header_bytes(header: &Header) -> Vec<u8> {
    let mut bytes = vec![header.opcode as u8 + 16 * header.rsv + if header.fin { 128 } else { 0 }];
    let mask = if header.mask.is_some() { 128 } else { 0 };
    match header.length {
        length @ 0..=125 => bytes.push(mask + length as u8),
        length @ 126..=65535 => {
            bytes.push(mask + 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(mask + 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(header.mask.into_iter().flatten());
    bytes
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
