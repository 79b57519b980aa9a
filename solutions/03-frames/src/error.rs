//! What a peer can do wrong, and the close code that tells it so.

use std::fmt;

use crate::CloseCode;

/// What a peer did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolError {
    ReservedBits,
    ReservedOpCode(u8),
    NotMasked,
    Masked,
    LengthNotMinimal,
    LengthTooLong,
    ControlFragmented,
    ControlTooLong,
    NothingToContinue,
    MessageUnfinished,
    ClosePayload,
    CloseCode(u16),
    InvalidUtf8,
    TooBig,
}

// ANCHOR: close_code
impl ProtocolError {
    /// The code of the close frame that tells the peer (section 7.4.1).
    pub fn close_code(self) -> CloseCode {
        match self {
            ProtocolError::InvalidUtf8 => CloseCode::INVALID_DATA,
            ProtocolError::TooBig => CloseCode::TOO_BIG,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}
// ANCHOR_END: close_code

/// Short enough for the reason of a close frame: 123 bytes at most.
impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProtocolError::ReservedBits => f.write_str("a reserved bit is set"),
            ProtocolError::ReservedOpCode(opcode) => write!(f, "opcode {opcode} is reserved"),
            ProtocolError::NotMasked => f.write_str("a client's frame must be masked"),
            ProtocolError::Masked => f.write_str("a server's frame must not be masked"),
            ProtocolError::LengthNotMinimal => f.write_str("the length fits in fewer bytes"),
            ProtocolError::LengthTooLong => f.write_str("the length's first bit must be 0"),
            ProtocolError::ControlFragmented => f.write_str("a control frame must have FIN"),
            ProtocolError::ControlTooLong => f.write_str("a control frame holds 125 bytes at most"),
            ProtocolError::NothingToContinue => f.write_str("there is no message to continue"),
            ProtocolError::MessageUnfinished => f.write_str("the last message is unfinished"),
            ProtocolError::ClosePayload => f.write_str("a close code has 2 bytes"),
            ProtocolError::CloseCode(code) => write!(f, "close code {code} must not be sent"),
            ProtocolError::InvalidUtf8 => f.write_str("text must be UTF-8"),
            ProtocolError::TooBig => f.write_str("the frame or the message is too big"),
        }
    }
}

impl std::error::Error for ProtocolError {}
