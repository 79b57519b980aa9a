//! A WebSocket frame's fields, as they are: nothing is checked (RFC 6455, section 5.2).

/// A frame, or what there is of it. Fields after one that is cut off are empty.
pub struct Frame<'a> {
    /// FIN, the reserved bits and the opcode.
    pub first: u8,
    /// MASK and the short length. `None`: cut off.
    pub second: Option<u8>,
    /// The length in 2 or 8 bytes, where byte 1 says so.
    pub length: Part<'a>,
    /// The masking key, where there is one.
    pub key: Part<'a>,
    pub payload: Part<'a>,
}

/// The bytes of a field that are there, and how many it has.
#[derive(Default)]
pub struct Part<'a> {
    pub bytes: &'a [u8],
    pub size: u64,
}

impl Part<'_> {
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.size
    }
}

impl<'a> Frame<'a> {
    /// Takes a frame off the front of `bytes`. `None`: not a byte of one is there.
    pub fn take(bytes: &mut &'a [u8]) -> Option<Frame<'a>> {
        let mut part = |size: u64| {
            let there = usize::try_from(size).map_or(bytes.len(), |size| size.min(bytes.len()));
            let (taken, rest) = bytes.split_at(there);
            *bytes = rest;
            Part { bytes: taken, size }
        };
        let mut frame = Frame {
            first: *part(1).bytes.first()?,
            second: part(1).bytes.first().copied(),
            length: Part::default(),
            key: Part::default(),
            payload: Part::default(),
        };
        let Some(second) = frame.second else {
            return Some(frame);
        };
        frame.length = part(match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        });
        if !frame.length.is_whole() {
            return Some(frame);
        }
        let further = frame.length.bytes.iter();
        let length = match frame.length.size {
            0 => u64::from(second & 0x7f),
            _ => further.fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        frame.key = part(if frame.is_masked() { 4 } else { 0 });
        frame.payload = part(length);
        Some(frame)
    }

    pub fn is_whole(&self) -> bool {
        let parts = [&self.length, &self.key, &self.payload];
        self.second.is_some() && parts.iter().all(|part| part.is_whole())
    }

    pub fn is_masked(&self) -> bool {
        self.second.is_some_and(|second| second & 0x80 != 0)
    }

    pub fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    /// The opcode's name. `None`: it is reserved.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self.opcode() {
            0x0 => "continuation",
            0x1 => "text",
            0x2 => "binary",
            0x8 => "close",
            0x9 => "ping",
            0xa => "pong",
            _ => return None,
        })
    }

    /// The payload in the clear.
    pub fn unmasked(&self) -> Vec<u8> {
        let payload = self.payload.bytes.iter();
        match self.key.bytes {
            [] => payload.copied().collect(),
            key => payload
                .zip(key.iter().cycle())
                .map(|(a, b)| a ^ b)
                .collect(),
        }
    }
}
