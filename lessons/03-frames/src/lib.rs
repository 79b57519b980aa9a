//! Lesson 3: WebSocket frames, from bytes to messages and back.
//!
//! Read book/src/03-frames.md, check with `cargo test -p frames`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

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
    todo!("mask({payload:?}, {key:?})")
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
    todo!("encode_header({header:?}, {out:?})")
}

/// Reads the header that `bytes` begin with; `Ok(None)` if part of it is still missing.
///
/// Errors: `OpCode::from_bits` refuses a reserved opcode. A length in more bytes than it needs is
/// `LengthNotMinimal`; one in 8 bytes whose first bit is set is `LengthTooLong` (section 5.2).
/// If part is missing and what is there breaks a rule, either answer is right.
pub fn decode_header(bytes: &[u8]) -> Result<Option<Header>, ProtocolError> {
    // Exercise: `split_first_chunk` takes 2, 4 or 8 bytes off a slice, if they are there;
    // `from_be_bytes` makes a number of them.
    todo!("decode_header({bytes:?})")
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
    todo!("check_header({header:?}, {role:?}, {limit:?})")
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
    todo!("decode({buffer:?}, {role:?}, {limit:?})")
}

/// Reads the payload of a close frame: nothing, or a code in 2 bytes and a reason (section 5.5.1).
///
/// Errors: 1 byte is `ClosePayload`. A code that no peer may send is `ProtocolError::CloseCode`:
/// below 1000, 1004 to 1006, 1015 to 2999, from 5000 (section 7.4). A reason that is not UTF-8 is
/// `InvalidUtf8`. Where both are wrong, either is right.
pub fn decode_close(payload: &[u8]) -> Result<Option<CloseFrame>, ProtocolError> {
    // Exercise: match `payload` against `[]`, `[_]` and `[high, low, reason @ ..]`.
    todo!("decode_close({payload:?})")
}

/// Counts the bytes of whole characters that the unfinished `text` begins with.
///
/// Up to three bytes may be left over: the beginning of a character, whose rest comes in the next
/// fragment. Bytes that no next byte can turn into UTF-8 are `InvalidUtf8`, at once (section 8.1).
pub fn whole_characters(text: &[u8]) -> Result<usize, ProtocolError> {
    // Exercise: `str::from_utf8`, and what its error says in `error_len` and `valid_up_to`.
    todo!("whole_characters({text:?})")
}

/// Joins frames into messages of at most `limit` bytes.
#[derive(Debug)]
pub struct Assembler {
    limit: usize,
    unfinished: Option<Unfinished>,
}

/// A message whose last frame has not come.
#[derive(Debug)]
struct Unfinished {
    opcode: OpCode,
    payload: BytesMut,
    /// How many bytes of a text's `payload` are known to be whole characters.
    checked: usize,
}

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
        todo!("Assembler::push({frame:?})")
    }
}
