//! Annotated bytes as a byte diagram: a list of fields, each with its bytes and what they say.

use kit::transcript::ParseError;
use kit::xray::Xray;

use super::block::{Block, Expanded};
use super::figure::figure;
use super::html::escape;
use crate::problem::Problem;

/// Draws the snapshot that the block includes.
pub fn expand(block: &Block<'_>) -> Expanded {
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
    Ok(draw(title, &xray))
}

/// The figure, in one line.
pub fn draw(title: &str, xray: &Xray) -> String {
    let mut body = String::from("<div class=\"xray-body\">");
    for frame in &xray.frames {
        body += "<ol class=\"xray-frame\" role=\"list\">";
        for (n, field) in frame.iter().enumerate() {
            let bytes: String = field.bytes.iter().map(|byte| box_of(*byte, n)).collect();
            let more = if field.elided { "<b>…</b> " } else { "" };
            let part = part(&field.note);
            body += &format!(
                "<li class=\"xray-{part}\"><code>{bytes}{more}</code><span>{}</span></li>",
                escape(&field.note)
            );
        }
        body += "</ol>";
    }
    body += "</div>";
    figure("xray", "", title, &body)
}

/// A byte of field `n` in a box. The first two have their bits below: FIN, RSV1 to RSV3 and the
/// opcode; MASK and the length.
fn box_of(byte: u8, n: usize) -> String {
    let groups: &[usize] = match n {
        0 => &[1, 3, 4],
        1 => &[1, 7],
        _ => return format!("<b>{byte:02x}</b> "),
    };
    let bits = format!("{byte:08b}");
    let mut rest = &bits[..];
    let mut spans = String::new();
    for count in groups {
        let (group, after) = rest.split_at(*count);
        spans += &format!("<span>{group}</span> ");
        rest = after;
    }
    let spans = spans.trim_end();
    format!("<b class=\"xray-bits\">{byte:02x} <i>{spans}</i></b> ")
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

    #[test]
    fn colours_each_field_by_what_it_is() {
        let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let html = draw("A masked frame", &Xray::of(frame));
        let parts: Vec<_> = html
            .split("<li class=\"xray-")
            .skip(1)
            .map(|part| part.split('"').next().unwrap())
            .collect();
        assert_eq!(parts, ["opcode", "length", "key", "masked", "clear"]);
        assert!(html.contains(
            "<code><b>37</b> <b>fa</b> <b>21</b> <b>3d</b> </code><span>masking key</span>"
        ));
        assert!(!html.contains('\n'));
    }

    #[test]
    fn shows_the_bits_of_the_first_two_bytes() {
        let html = draw("A masked frame", &Xray::of(b"\x81\x85\x37\xfa\x21\x3d"));
        for bits in [
            "81 <i><span>1</span> <span>000</span> <span>0001</span></i>",
            "85 <i><span>1</span> <span>0000101</span></i>",
        ] {
            assert!(html.contains(bits), "{bits} in {html}");
        }
        assert_eq!(html.matches("xray-bits").count(), 2);
    }
}
