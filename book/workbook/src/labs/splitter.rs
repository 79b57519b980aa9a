//! Cuts a stream of bytes into frames, to be looked at while they pass.

use std::io::Cursor;

use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;

/// How many bytes of a frame are shown, its header counted.
const SHOWN: usize = 128;

/// One direction of a WebSocket.
#[derive(Default)]
pub struct Splitter {
    shown: Vec<u8>,
    /// Bytes of payload that are still to come, once the header is there.
    missing: Option<u64>,
    length: u64,
    /// What follows can no longer be read.
    lost: bool,
}

/// What a direction carried.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// A frame of `length` bytes, and the first of them.
    Frame { shown: Vec<u8>, length: u64 },
    /// Bytes that are no frame: from here on nothing can be told apart.
    NoFrame { shown: Vec<u8>, why: String },
}

impl Splitter {
    /// Takes the next bytes, and returns what is complete with them.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<Seen> {
        let mut seen = Vec::new();
        while !bytes.is_empty() && !self.lost {
            let missing = match self.missing {
                Some(missing) => missing,
                None => {
                    // A header has 14 bytes at most, so this is not slow.
                    self.shown.push(bytes[0]);
                    self.length += 1;
                    bytes = &bytes[1..];
                    match header(&self.shown) {
                        Ok(None) => continue,
                        Ok(Some((_, length))) => length,
                        Err(why) => {
                            self.lost = true;
                            self.shown.extend(bytes.iter().take(SHOWN));
                            let shown = std::mem::take(&mut self.shown);
                            seen.push(Seen::NoFrame { shown, why });
                            continue;
                        }
                    }
                }
            };
            let taken = usize::try_from(missing)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            let room = SHOWN.saturating_sub(self.shown.len()).min(taken);
            self.shown.extend_from_slice(&bytes[..room]);
            self.length += taken as u64;
            bytes = &bytes[taken..];
            self.missing = match missing - taken as u64 {
                0 => {
                    let (shown, length) = (std::mem::take(&mut self.shown), self.length);
                    self.length = 0;
                    seen.push(Seen::Frame { shown, length });
                    None
                }
                missing => Some(missing),
            };
        }
        seen
    }
}

/// How long a frame's header is, and its payload; `None` asks for more bytes.
pub fn header(bytes: &[u8]) -> Result<Option<(usize, u64)>, String> {
    let mut cursor = Cursor::new(bytes);
    let length = match FrameHeader::parse(&mut cursor) {
        Ok(None) => return Ok(None),
        Ok(Some((_, length))) => length,
        Err(Error::Protocol(ProtocolError::InvalidOpcode(opcode))) => {
            return Err(format!("opcode {opcode} is reserved"));
        }
        Err(error) => return Err(error.to_string()),
    };
    // tungstenite lets these pass (RFC 6455, section 5.2).
    let shortest = match bytes[1] & 0x7f {
        126 => 126,
        127 => 0x1_0000,
        _ => 0,
    };
    if length >> 63 == 1 {
        return Err("the length's first bit must be 0".to_owned());
    }
    if length < shortest {
        return Err("the length fits in fewer bytes".to_owned());
    }
    let size = usize::try_from(cursor.position()).map_err(|error| error.to_string())?;
    Ok(Some((size, length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASKED: &[u8] = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";

    fn frame(bytes: &[u8]) -> Seen {
        let (shown, length) = (bytes.to_vec(), bytes.len() as u64);
        Seen::Frame { shown, length }
    }

    #[test]
    fn finds_the_same_frames_in_any_pieces() {
        let stream = [MASKED, b"\x89\x00", MASKED].concat();
        let whole = [frame(MASKED), frame(b"\x89\x00"), frame(MASKED)];
        assert_eq!(Splitter::default().push(&stream), whole);
        let mut splitter = Splitter::default();
        let pieces: Vec<_> = stream
            .iter()
            .flat_map(|byte| splitter.push(&[*byte]))
            .collect();
        assert_eq!(pieces, whole);
    }

    #[test]
    fn keeps_the_first_bytes_of_a_long_frame() {
        let mut stream = b"\x82\x7e\x10\x00".to_vec();
        stream.resize(4 + 4096, 7);
        match &Splitter::default().push(&stream)[..] {
            [Seen::Frame { shown, length }] => {
                assert_eq!((shown.len(), *length), (SHOWN, 4100));
            }
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn gives_up_at_bytes_that_are_no_frame() {
        let mut splitter = Splitter::default();
        let why = "opcode 3 is reserved".to_owned();
        let shown = b"\x83\x01a".to_vec();
        assert_eq!(splitter.push(b"\x83\x01a"), [Seen::NoFrame { shown, why }]);
        assert_eq!(splitter.push(MASKED), []);
    }

    #[test]
    fn a_length_must_be_as_short_as_it_can_be() {
        assert_eq!(header(b"\x81\x7e\x00\x7e"), Ok(Some((4, 126))));
        for (bytes, why) in [
            (&b"\x81\x7e\x00\x7d"[..], "fewer bytes"),
            (b"\x81\x7f\0\0\0\0\0\0\xff\xff", "fewer bytes"),
            (b"\x81\x7f\x80\0\0\0\0\0\0\0", "first bit"),
        ] {
            let error = header(bytes).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
