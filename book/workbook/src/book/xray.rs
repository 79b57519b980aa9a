//! Annotated bytes as a picture: a list of fields, each with its bytes and what they say. The first two
//! bytes of a frame also have their bits, under brackets.
//!
//! A `flip` is the picture of one frame, with its sentence; `book/src/assets/labs/flip.js` makes its bits
//! into switches.

use kit::transcript::ParseError;
use kit::xray::{Field, Xray};

use super::block::{Block, Expanded};
use super::figure::figure;
use super::html::escape;
use super::lab::script;
use crate::problem::Problem;

/// Draws the snapshot that the block includes.
pub fn expand(block: &Block<'_>) -> Expanded {
    let (title, xray) = read(block)?;
    Ok(draw(title, &xray))
}

/// Draws a whole message in one frame, to be flipped.
pub fn flip(block: &Block<'_>) -> Expanded {
    let (title, xray) = read(block)?;
    let sentence = match &xray.frames[..] {
        [frame] => sentence(frame),
        _ => None,
    };
    let sentence = sentence
        .ok_or_else(|| block.problem("a flip begins with one frame, a whole message in text"))?;
    let body = format!(
        "<flip-frame>{}<p class=\"flip-says\">{sentence}</p></flip-frame>",
        frames(&xray)
    );
    Ok(figure("xray", "", title, &body) + &script(block.page, "flip"))
}

fn read<'a>(block: &'a Block<'_>) -> Result<(&'a str, Xray), Problem> {
    let title = block.title()?;
    let piece = block.snapshot()?;
    let xray: Xray = piece.text.parse().map_err(|error: ParseError| {
        Problem::new(
            &piece.file,
            piece.line + error.line - 1,
            format!("expected {}", error.expected),
        )
    })?;
    if xray.frames.is_empty() {
        return Err(block.problem("the snapshot holds no bytes"));
    }
    Ok((title, xray))
}

/// What flip.js says of the same frame.
fn sentence(frame: &[Field]) -> Option<String> {
    let (first, last) = (frame.first()?, frame.last()?);
    let (name, text) = last.note.split_once(": ")?;
    let sender = match name {
        "unmasked" => "client",
        _ => "server",
    };
    let whole = first.note == "FIN, text" && text.ends_with('"');
    whole.then(|| escape(&format!("A whole text message from a {sender}: {text}.")))
}

/// The figure, in one line.
pub fn draw(title: &str, xray: &Xray) -> String {
    figure("xray", "", title, &frames(xray))
}

/// The frames; `diagram` in `book/src/assets/labs/codec.js` draws the same.
fn frames(xray: &Xray) -> String {
    let mut html = String::new();
    for frame in &xray.frames {
        html += "<ol class=\"xray-frame\" role=\"list\">";
        let mut key: &[u8] = &[];
        for (n, field) in frame.iter().enumerate() {
            let part = part(&field.note);
            let bytes = cells(&field.bytes, field.elided);
            let note = escape(&field.note);
            let (class, bits) = match n {
                0 => (" xray-byte", bits(field.bytes[0], &FIRST)),
                1 => (" xray-byte", bits(field.bytes[0], &SECOND)),
                _ => ("", String::new()),
            };
            html += &format!(
                "<li class=\"xray-{part}{class}\">{bits}<code>{bytes}</code><span>{note}</span></li>"
            );
            match part {
                "key" => key = &field.bytes,
                "masked" if key.len() == 4 => {
                    let tiles: Vec<_> = key
                        .iter()
                        .copied()
                        .cycle()
                        .take(field.bytes.len())
                        .collect();
                    html += &format!(
                        "<li class=\"xray-key xray-tiles\" aria-hidden=\"true\"><code>{}</code><span>XOR the key, again and again</span></li>",
                        cells(&tiles, false)
                    );
                }
                _ => {}
            }
        }
        html += "</ol>";
    }
    html
}

fn cells(bytes: &[u8], elided: bool) -> String {
    let mut html: String = bytes
        .iter()
        .map(|byte| format!("<b>{byte:02x}</b> "))
        .collect();
    if elided {
        html += "<b>…</b> ";
    }
    html
}

/// The fields of a frame's first two bytes, and how many bits each has.
const FIRST: [(&str, usize); 3] = [("FIN", 1), ("RSV", 3), ("opcode", 4)];
const SECOND: [(&str, usize); 2] = [("MASK", 1), ("length", 7)];

/// The bits of a byte under their brackets. Read aloud, the byte and its note say the same.
fn bits(byte: u8, fields: &[(&str, usize)]) -> String {
    let digits = format!("{byte:08b}");
    let mut digits = digits.chars();
    let mut html = String::from("<code class=\"xray-bits\" aria-hidden=\"true\">");
    for (name, count) in fields {
        let cells: String = digits
            .by_ref()
            .take(*count)
            .map(|digit| format!("<b>{digit}</b>"))
            .collect();
        html += &format!("<span style=\"--n:{count}\"><i>{name}</i>{cells}</span>");
    }
    html + "</code>"
}

/// The part of a frame that a note is about; it decides the colour.
fn part(note: &str) -> &'static str {
    match note {
        note if note.starts_with("FIN") || note.starts_with("no FIN") => "opcode",
        note if note.starts_with("masking key") => "key",
        note if note.starts_with("payload, masked") => "masked",
        note if note.starts_with("payload") => "payload",
        // Not on the wire: the payload once more, in the clear.
        note if note.starts_with("unmasked") => "clear",
        _ => "length",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{expanded_in, miniature, put};

    const MASKED: &[u8] = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";

    #[test]
    fn colours_each_field_by_what_it_is_and_lays_the_key_over_the_payload() {
        let html = draw("A masked frame", &Xray::of(MASKED));
        let parts: Vec<_> = html
            .split("<li class=\"xray-")
            .skip(1)
            .map(|part| part.split(['"', ' ']).next().unwrap())
            .collect();
        assert_eq!(parts, ["opcode", "length", "key", "masked", "key", "clear"]);
        assert!(html.contains(
            "<code><b>37</b> <b>fa</b> <b>21</b> <b>3d</b> </code><span>masking key</span>"
        ));
        assert!(html.contains(
            "xray-tiles\" aria-hidden=\"true\"><code><b>37</b> <b>fa</b> <b>21</b> <b>3d</b> <b>37</b> </code>"
        ));
        assert!(!html.contains('\n'));
    }

    #[test]
    fn shows_the_bits_of_the_first_two_bytes() {
        let html = draw("A masked frame", &Xray::of(b"\x81\x85\x37\xfa\x21\x3d"));
        for bits in [
            "<i>FIN</i><b>1</b></span><span style=\"--n:3\"><i>RSV</i><b>0</b><b>0</b><b>0</b></span><span style=\"--n:4\"><i>opcode</i><b>0</b><b>0</b><b>0</b><b>1</b></span></code><code><b>81</b> </code>",
            "<i>MASK</i><b>1</b></span><span style=\"--n:7\"><i>length</i><b>0</b><b>0</b><b>0</b><b>0</b><b>1</b><b>0</b><b>1</b></span></code><code><b>85</b> </code>",
        ] {
            assert!(html.contains(bits), "{bits} in {html}");
        }
        assert_eq!(html.matches("xray-bits").count(), 2);
    }

    fn flipped(bytes: &[u8]) -> String {
        let dir = miniature("");
        let place = "lessons/01-one/tests/snapshots/bytes.snap";
        put(
            &dir,
            place,
            &format!("---\nsource: x\n---\n{}", Xray::of(bytes)),
        );
        let page =
            format!("# One\n\n```flip title=\"Bytes\"\n{{{{#include ../../{place}}}}}\n```\n");
        expanded_in(&dir, "one.md", &page)
    }

    #[test]
    fn a_flip_is_a_picture_with_its_sentence() {
        for (bytes, says) in [
            (&b"\x81\x05Hello"[..], "from a server: &quot;Hello&quot;."),
            (MASKED, "from a client: &quot;Hello&quot;."),
        ] {
            let html = flipped(bytes);
            assert!(
                html.contains("</figcaption><flip-frame><ol class=\"xray-frame\""),
                "{html}"
            );
            assert!(
                html.contains(&format!(
                    "<p class=\"flip-says\">A whole text message {says}</p>"
                )),
                "{html}"
            );
            assert!(html.contains("src=\"assets/labs/flip.js\""), "{html}");
        }
    }

    #[test]
    fn a_flip_begins_with_a_whole_text() {
        for bytes in [
            &b"\x89\x00"[..],
            b"\x01\x02He",
            b"\x81\x00\x81\x00",
            b"\x82\x02He",
        ] {
            assert_eq!(
                flipped(bytes),
                "book/src/one.md:3: a flip begins with one frame, a whole message in text"
            );
        }
    }
}
