//! Lesson 3: WebSocket frames, from bytes to messages and back.
//!
//! Read book/src/03-frames.md, check with `cargo test -p frames`.

mod echo;
mod error;
mod frame;
mod message;
mod socket;

use bytes::{Buf, BufMut, BytesMut};

pub use echo::{echo, serve};
pub use error::ProtocolError;
pub use frame::{Frame, Header, OpCode, Role};
pub use message::{CloseCode, CloseFrame, Message, Text};
pub use socket::{Limits, WebSocket};

/// Masks `payload` with `key`, or unmasks it: the same operation (section 5.3).
///
/// ```text
/// payload[i] = payload[i] XOR key[i mod 4]
/// ```
pub fn mask(payload: &mut [u8], key: [u8; 4]) {
    // Exercise: `iter_mut` changes bytes in place; `enumerate` or `zip` and `cycle` bring the key.
    let (words, rest) = payload.as_chunks_mut::<4>();
    // Four bytes at a time: the chapter's last challenge. A loop over the bytes is as right.
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(key)).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// Appends the bytes of `header` to `out` (section 5.2).
///
/// ```text
/// byte 0   FIN (1 bit), RSV (3 bits), opcode (4 bits)
/// byte 1   MASK (1 bit), length (7 bits): 0 to 125, or
///          126, and the length follows in 2 bytes: 126 to 65535, or
///          127, and the length follows in 8 bytes: 65536 and above
/// then     the masking key, 4 bytes, if MASK is 1
/// ```
///
/// A length takes the shortest form that holds it, its first byte the most significant.
pub fn encode_header(header: &Header, out: &mut BytesMut) {
    // Exercise: `put_u8`, `put_u16`, `put_u64` and `put_slice` append; `match` takes ranges.
    out.put_u8(u8::from(header.fin) << 7 | header.rsv << 4 | header.opcode as u8);
    let mask = u8::from(header.mask.is_some()) << 7;
    match header.length {
        length @ 0..=125 => out.put_u8(mask | length as u8),
        length @ 126..=0xffff => {
            out.put_u8(mask | 126);
            out.put_u16(length as u16);
        }
        length => {
            out.put_u8(mask | 127);
            out.put_u64(length);
        }
    }
    if let Some(key) = header.mask {
        out.put_slice(&key);
    }
}

/// Reads the header that `bytes` begin with; `Ok(None)` if part of it is still missing.
///
/// Errors: `OpCode::from_bits` refuses a reserved opcode. A length in more bytes than it needs is
/// `LengthNotMinimal`; one in 8 bytes whose first bit is set is `LengthTooLong` (section 5.2).
/// If part is missing and what is there breaks a rule, either answer is right.
pub fn decode_header(bytes: &[u8]) -> Result<Option<Header>, ProtocolError> {
    // Exercise: `split_first_chunk` takes 2, 4 or 8 bytes off a slice, if they are there;
    // `from_be_bytes` makes a number of them.
    let Some((&[first, second], mut rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    let (length, shortest) = match second & 0x7f {
        126 => {
            let Some((length, after)) = rest.split_first_chunk() else {
                return Ok(None);
            };
            rest = after;
            (u64::from(u16::from_be_bytes(*length)), 126)
        }
        127 => {
            let Some((length, after)) = rest.split_first_chunk() else {
                return Ok(None);
            };
            rest = after;
            (u64::from_be_bytes(*length), 0x1_0000)
        }
        length => (u64::from(length), 0),
    };
    if length >> 63 == 1 {
        return Err(ProtocolError::LengthTooLong);
    }
    if length < shortest {
        return Err(ProtocolError::LengthNotMinimal);
    }
    let mask = match second & 0x80 {
        0 => None,
        _ => match rest.first_chunk() {
            Some(key) => Some(*key),
            None => return Ok(None),
        },
    };
    let opcode = OpCode::from_bits(first & 0x0f)?;
    Ok(Some(Header {
        fin: first & 0x80 != 0,
        rsv: first >> 4 & 0b111,
        opcode,
        mask,
        length,
    }))
}

/// Checks what `header` says against the rules, before its payload arrives.
///
/// `role` is our own: a server reads what a client sent.
///
/// | error | section | rule |
/// |---|---|---|
/// | `ReservedBits` | 5.2 | RSV1 to RSV3 are 0 |
/// | `NotMasked`, `Masked` | 5.1 | a client masks every frame, a server none |
/// | `ControlFragmented` | 5.5 | a control frame has FIN |
/// | `ControlTooLong` | 5.5 | its payload has 125 bytes at most |
/// | `TooBig` | 10.4 | a payload of more than `limit` bytes is refused |
///
/// Where several are broken, any of them is right.
pub fn check_header(header: &Header, role: Role, limit: usize) -> Result<(), ProtocolError> {
    // Exercise: `OpCode::is_control` knows close, ping and pong.
    if header.rsv != 0 {
        return Err(ProtocolError::ReservedBits);
    }
    match (role, header.mask) {
        (Role::Server, None) => return Err(ProtocolError::NotMasked),
        (Role::Client, Some(_)) => return Err(ProtocolError::Masked),
        _ => {}
    }
    if header.opcode.is_control() && !header.fin {
        return Err(ProtocolError::ControlFragmented);
    }
    if header.opcode.is_control() && header.length > 125 {
        return Err(ProtocolError::ControlTooLong);
    }
    if header.length > limit as u64 {
        return Err(ProtocolError::TooBig);
    }
    Ok(())
}

/// Takes the next frame off the front of `buffer`, unmasked; `Ok(None)` asks for more bytes.
///
/// What follows the frame stays in `buffer`; without a whole frame `buffer` stays as it is.
/// The payload is not copied. No memory is reserved: a length is a promise until its bytes come.
///
/// Errors: those of [`decode_header`], and those of [`check_header`], which gets `role` and
/// `limit`, as soon as the header is there.
pub fn decode(
    buffer: &mut BytesMut,
    role: Role,
    limit: usize,
) -> Result<Option<Frame>, ProtocolError> {
    // Exercise: `Header::size` counts the header's bytes. `advance` drops bytes off the front,
    // `split_to` takes them out without a copy, `freeze` makes `Bytes` of a `BytesMut`.
    let Some(header) = decode_header(buffer)? else {
        return Ok(None);
    };
    check_header(&header, role, limit)?;
    let length = header.length as usize; // within `limit`, so it fits
    if buffer.len() - header.size() < length {
        return Ok(None);
    }
    buffer.advance(header.size());
    let mut payload = buffer.split_to(length);
    if let Some(key) = header.mask {
        mask(&mut payload, key);
    }
    Ok(Some(Frame {
        fin: header.fin,
        opcode: header.opcode,
        payload: payload.freeze(),
    }))
}

/// Reads the payload of a close frame: nothing, or a code in 2 bytes and a reason (section 5.5.1).
///
/// Errors: 1 byte is `ClosePayload`. A code that no peer may send is `ProtocolError::CloseCode`:
/// below 1000, 1004 to 1006, 1015 to 2999, from 5000 (section 7.4). A reason that is not UTF-8 is
/// `InvalidUtf8`. Where both are wrong, either is right.
pub fn decode_close(payload: &[u8]) -> Result<Option<CloseFrame>, ProtocolError> {
    // Exercise: match `payload` against `[]`, `[_]` and `[high, low, reason @ ..]`.
    let (code, reason) = match payload {
        [] => return Ok(None),
        [_] => return Err(ProtocolError::ClosePayload),
        [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
    };
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(ProtocolError::CloseCode(code));
    }
    let reason = str::from_utf8(reason).map_err(|_| ProtocolError::InvalidUtf8)?;
    Ok(Some(CloseFrame {
        code: CloseCode(code),
        reason: reason.to_owned(),
    }))
}

/// Counts the bytes of whole characters that the unfinished `text` begins with.
///
/// Up to three bytes may be left over: the beginning of a character, whose rest comes in the next
/// fragment. Bytes that no next byte can turn into UTF-8 are `InvalidUtf8`, at once (section 8.1).
pub fn whole_characters(text: &[u8]) -> Result<usize, ProtocolError> {
    // Exercise: `str::from_utf8`, and what its error says in `error_len` and `valid_up_to`.
    match str::from_utf8(text) {
        Ok(text) => Ok(text.len()),
        Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
        Err(_) => Err(ProtocolError::InvalidUtf8),
    }
}

/// Joins frames into messages of at most `limit` bytes.
#[derive(Debug)]
pub struct Assembler {
    limit: usize,
    unfinished: Option<Unfinished>,
}

// ANCHOR: unfinished
/// A message whose last frame has not come.
#[derive(Debug)]
struct Unfinished {
    opcode: OpCode,
    payload: BytesMut,
    /// How many bytes of a text's `payload` are known to be whole characters.
    checked: usize,
}
// ANCHOR_END: unfinished

impl Assembler {
    pub fn new(limit: usize) -> Self {
        Assembler {
            limit,
            unfinished: None,
        }
    }

    /// Takes the next frame; returns the message that it completes, if it does (section 5.4).
    ///
    /// A control frame is a message of its own (`Message::control`), also between fragments.
    /// While a text is unfinished, each fragment is looked at when it comes: from `checked` on.
    ///
    /// Errors: a continuation of nothing is `NothingToContinue`; a text or binary frame before the
    /// last fragment of another is `MessageUnfinished`; a text or binary message above the limit is
    /// `TooBig`; a text that is not UTF-8 is `InvalidUtf8`, as soon as a fragment shows it. Where
    /// several apply, any is right. An error ends the connection: no frame is pushed after it.
    pub fn push(&mut self, frame: Frame) -> Result<Option<Message>, ProtocolError> {
        // Exercise: the opcode and `self.unfinished.take()` say which case it is. `Message::data`
        // makes the finished message; until then `whole_characters` looks at a text.
        if frame.opcode.is_control() {
            return Message::control(frame).map(Some);
        }
        let mut message = match (frame.opcode, self.unfinished.take()) {
            (OpCode::Continuation, Some(unfinished)) => unfinished,
            (OpCode::Continuation, None) => return Err(ProtocolError::NothingToContinue),
            (_, Some(_)) => return Err(ProtocolError::MessageUnfinished),
            (opcode, None) => Unfinished {
                opcode,
                payload: BytesMut::new(),
                checked: 0,
            },
        };
        if frame.payload.len() > self.limit - message.payload.len() {
            return Err(ProtocolError::TooBig);
        }
        if frame.fin && message.payload.is_empty() {
            // Most messages are one frame, and need no copy.
            return Message::data(message.opcode, frame.payload).map(Some);
        }
        message.payload.extend_from_slice(&frame.payload);
        if frame.fin {
            return Message::data(message.opcode, message.payload.freeze()).map(Some);
        }
        if message.opcode == OpCode::Text {
            message.checked += whole_characters(&message.payload[message.checked..])?;
        }
        self.unfinished = Some(message);
        Ok(None)
    }
}
