//! WebSocket frames as annotated bytes: a test compares the text, the book draws it.
//!
//! One field a line, its bytes first. A blank line stands between frames.
//!
//! ```text
//! 81               FIN, text
//! 85               masked, 5 bytes
//! 37 fa 21 3d      masking key
//! 7f 9f 4d 51 58   payload, masked
//! 48 65 6c 6c 6f   unmasked: "Hello"
//! ```
//!
//! The grammar, in the notation of RFC 5234:
//!
//! ```text
//! xray    = frame *( blank-line frame )
//! frame   = 1*( field / further )
//! field   = hex padding note LF
//! further = hex LF                     ; more bytes of the field above
//! hex     = byte *( SP byte ) [ " …" ] ; up to eight bytes; "…" for bytes left out
//! padding = 3*SP                       ; every note begins in the same column
//! ```
//!
//! | note | bytes |
//! |---|---|
//! | `FIN, text`, `no FIN, ping`, `FIN, RSV1, opcode 3` | byte 0 |
//! | `5 bytes`, `masked, 5 bytes`, `masked, length in the next 2 bytes` | byte 1 |
//! | `126 bytes` | a length of 2 or 8 bytes |
//! | `masking key` | 4 bytes |
//! | `payload, masked` | as they are on the wire |
//! | `unmasked: "Hello"` | the same once more, in the clear: not on the wire |
//! | `payload: "Hello"` | the payload of a frame that is not masked |
//! | `payload: code 1000`, `payload: reason "bye"` | the payload of a close frame |
//! | `payload`, `payload, 256 bytes` | bytes that are no text; bytes left out |
//!
//! A field that the end of the bytes cuts off says so: `payload, masked, 3 of 5 bytes`.

use std::fmt;
use std::str::FromStr;

use crate::frame::Frame;
use crate::transcript::{ParseError, hex};

/// Frames, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Xray {
    pub frames: Vec<Vec<Field>>,
}

/// Bytes that belong together, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The bytes that are shown.
    pub bytes: Vec<u8>,
    /// Whether more bytes follow those that are shown.
    pub elided: bool,
    pub note: String,
}

/// A payload of more bytes shows its first ones only.
const WHOLE: usize = 16;
/// Bytes a line.
const LINE: usize = 8;
/// Blanks between the longest bytes and the notes.
const GAP: usize = 3;

impl Xray {
    /// The frames in `bytes`. Nothing is checked: what breaks the rules is shown as it is.
    pub fn of(mut bytes: &[u8]) -> Xray {
        let frames = std::iter::from_fn(|| Frame::take(&mut bytes));
        Xray {
            frames: frames.map(|frame| fields(&frame)).collect(),
        }
    }
}

/// What there is of a frame.
fn fields(frame: &Frame<'_>) -> Vec<Field> {
    let first = first_byte(frame);
    let Some(second) = frame.second else {
        return vec![field(&[frame.first], format!("{first}, cut off"))];
    };
    let length = match frame.length.size {
        0 => count(u64::from(second & 0x7f)),
        further => format!("length in the next {further} bytes"),
    };
    let masked = if frame.is_masked() { "masked, " } else { "" };
    let mut fields = vec![
        field(&[frame.first], first),
        field(&[second], format!("{masked}{length}")),
    ];
    let size = frame.payload.size;
    for (part, name, note) in [
        (&frame.length, "length", count(size)),
        (&frame.key, "masking key", "masking key".to_owned()),
    ] {
        match part.bytes.len() {
            0 => {}
            _ if part.is_whole() => fields.push(field(part.bytes, note)),
            there => {
                let note = format!("{name}, {there} of {} bytes", part.size);
                fields.push(field(part.bytes, note));
            }
        }
    }
    let payload = frame.payload.bytes;
    if payload.is_empty() {
        return fields;
    }
    let cut = match frame.payload.is_whole() {
        true => String::new(),
        false => format!(", {} of {}", payload.len(), count(size)),
    };
    let mut name = "payload";
    if frame.is_masked() {
        fields.push(field(payload, format!("payload, masked{cut}")));
        name = "unmasked";
    }
    contents(&mut fields, name, frame, &cut);
    fields
}

/// The payload in the clear.
fn contents(fields: &mut Vec<Field>, name: &str, frame: &Frame<'_>, cut: &str) {
    let payload = frame.unmasked();
    if frame.opcode() == 8 && payload.len() >= 2 && cut.is_empty() {
        let code = u16::from_be_bytes([payload[0], payload[1]]);
        fields.push(field(&payload[..2], format!("{name}: code {code}")));
        match str::from_utf8(&payload[2..]) {
            Ok("") => {}
            Ok(reason) => fields.push(field(&payload[2..], format!("{name}: reason {reason:?}"))),
            Err(_) => fields.push(field(&payload[2..], format!("{name}: reason, not UTF-8"))),
        }
        return;
    }
    // Compressed bytes (RSV1) and binary ones are no text, even if they look like one.
    let may_be_text = frame.first & 0x70 == 0 && frame.opcode() != 2 && payload.len() <= WHOLE;
    let text = str::from_utf8(&payload).ok();
    let text = text.filter(|text| may_be_text && !text.contains(char::is_control));
    let note = match text {
        Some(text) => format!("{name}: {text:?}{cut}"),
        None if payload.len() > WHOLE && cut.is_empty() => {
            format!("{name}, {}", count(payload.len() as u64))
        }
        None => format!("{name}{cut}"),
    };
    fields.push(field(&payload, note));
}

fn field(bytes: &[u8], note: String) -> Field {
    let elided = bytes.len() > WHOLE;
    let bytes = if elided { &bytes[..LINE - 1] } else { bytes };
    Field {
        bytes: bytes.to_vec(),
        elided,
        note,
    }
}

/// What byte 0 says.
fn first_byte(frame: &Frame<'_>) -> String {
    let byte = frame.first;
    let mut words = vec![if byte & 0x80 != 0 { "FIN" } else { "no FIN" }.to_owned()];
    for (n, bit) in [0x40, 0x20, 0x10].into_iter().enumerate() {
        if byte & bit != 0 {
            words.push(format!("RSV{}", n + 1));
        }
    }
    words.push(match frame.name() {
        Some(name) => name.to_owned(),
        None => format!("opcode {}", frame.opcode()),
    });
    words.join(", ")
}

fn count(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        bytes => format!("{bytes} bytes"),
    }
}

impl Field {
    /// The bytes in lines of up to eight.
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.bytes.chunks(LINE).map(hex).collect();
        if let Some(last) = lines.last_mut().filter(|_| self.elided) {
            last.push_str(" …");
        }
        lines
    }
}

impl fmt::Display for Xray {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let lines = self.frames.iter().flatten().flat_map(Field::lines);
        let width = lines.map(|line| line.chars().count()).max().unwrap_or(0) + GAP;
        for (n, frame) in self.frames.iter().enumerate() {
            if n > 0 {
                writeln!(f)?;
            }
            for field in frame {
                for (n, hex) in field.lines().into_iter().enumerate() {
                    match n {
                        0 => writeln!(f, "{hex:width$}{}", field.note)?,
                        _ => writeln!(f, "{hex}")?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl FromStr for Xray {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        let mut frames: Vec<Vec<Field>> = Vec::new();
        let mut column = None;
        let mut begun = false;
        for (n, line) in source.lines().enumerate() {
            let fail = |expected: String| ParseError {
                line: n + 1,
                expected,
            };
            let line = line.trim_end();
            if line.is_empty() {
                begun = false;
                continue;
            }
            let (hex, note) = match line.split_once("   ") {
                Some((hex, note)) => (hex, note.trim_start()),
                None => (line, ""),
            };
            let (bytes, elided) = read_hex(hex)
                .ok_or_else(|| fail("up to eight bytes in hex, such as `37 fa`".to_owned()))?;
            if !begun {
                frames.push(Vec::new());
                begun = true;
            }
            let fields = frames.last_mut().expect("a frame has begun");
            if note.is_empty() {
                match fields.last_mut() {
                    Some(field) if !field.elided && field.bytes.len() % LINE == 0 => {
                        field.bytes.extend(bytes);
                        field.elided = elided;
                    }
                    Some(_) => return Err(fail("a note: the line above is not full".to_owned())),
                    None => return Err(fail("a note".to_owned())),
                }
                continue;
            }
            let at = line.chars().count() - note.chars().count();
            let wanted = *column.get_or_insert(at);
            if at != wanted {
                let place = format!("the note in column {}, like the lines above", wanted + 1);
                return Err(fail(place));
            }
            fields.push(Field {
                bytes,
                elided,
                note: note.to_owned(),
            });
        }
        Ok(Xray { frames })
    }
}

/// `37 fa …`: the bytes, and whether there are more.
fn read_hex(hex: &str) -> Option<(Vec<u8>, bool)> {
    let (hex, elided) = match hex.strip_suffix(" …") {
        Some(hex) => (hex, true),
        None => (hex, false),
    };
    let byte = |text: &str| match text.as_bytes() {
        [b'0'..=b'9' | b'a'..=b'f', b'0'..=b'9' | b'a'..=b'f'] => u8::from_str_radix(text, 16).ok(),
        _ => None,
    };
    let bytes: Vec<u8> = hex.split(' ').map(byte).collect::<Option<_>>()?;
    (bytes.len() <= LINE).then_some((bytes, elided))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        Xray::of(bytes).to_string()
    }

    #[test]
    fn shows_both_sides_of_a_mask() {
        let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let expected = "\
81               FIN, text
85               masked, 5 bytes
37 fa 21 3d      masking key
7f 9f 4d 51 58   payload, masked
48 65 6c 6c 6f   unmasked: \"Hello\"
";
        assert_eq!(text(frame), expected);
    }

    #[test]
    fn parts_frames_and_wraps_long_payloads() {
        let frames = b"\x02\x09123456789\xc8\x05\x03\xe8bye\x89\x00";
        let expected = "\
02                        no FIN, binary
09                        9 bytes
31 32 33 34 35 36 37 38   payload
39

c8                        FIN, RSV1, close
05                        5 bytes
03 e8                     payload: code 1000
62 79 65                  payload: reason \"bye\"

89                        FIN, ping
00                        0 bytes
";
        assert_eq!(text(frames), expected);
    }

    #[test]
    fn leaves_bytes_out_of_a_payload_of_more_than_sixteen() {
        let mut frame = b"\x82\x7e\x01\x00".to_vec();
        frame.extend([0x61; 256]);
        let expected = "\
82                       FIN, binary
7e                       length in the next 2 bytes
01 00                    256 bytes
61 61 61 61 61 61 61 …   payload, 256 bytes
";
        assert_eq!(text(&frame), expected);
    }

    #[test]
    fn says_what_is_cut_off() {
        assert_eq!(text(b"\x83"), "83   FIN, opcode 3, cut off\n");
        assert!(text(b"\x81\x05He").ends_with("48 65   payload: \"He\", 2 of 5 bytes\n"));
        assert!(text(b"\x81\xfe\x01").ends_with("01   length, 1 of 2 bytes\n"));
        assert!(text(b"\x81\x81\x01\x02").ends_with("01 02   masking key, 2 of 4 bytes\n"));
        assert!(
            text(b"\x81\xfe\x01\x00\x02")
                .ends_with("01 00   256 bytes\n02      masking key, 1 of 4 bytes\n")
        );
    }

    #[test]
    fn says_where_a_text_does_not_fit() {
        let error = |source: &str| source.parse::<Xray>().unwrap_err().to_string();
        assert_eq!(
            error("81   FIN, text\n8g   masked"),
            "line 2: expected up to eight bytes in hex, such as `37 fa`"
        );
        assert_eq!(
            error("81   FIN, text\n05    5 bytes"),
            "line 2: expected the note in column 6, like the lines above"
        );
        assert_eq!(error("81"), "line 1: expected a note");
        assert_eq!(
            error("81   FIN, text\n05"),
            "line 2: expected a note: the line above is not full"
        );
    }

    proptest! {
        #[test]
        fn reads_back_what_it_prints(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let xray = Xray::of(&bytes);
            prop_assert_eq!(xray.to_string().parse::<Xray>().unwrap(), xray);
        }

        #[test]
        fn reads_any_text_without_a_panic(text in "[0-9a-f …\n]{0,60}") {
            _ = text.parse::<Xray>();
        }
    }
}
