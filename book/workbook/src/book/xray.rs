//! Annotated bytes as a byte diagram: a list of fields, each with its bytes and what they say.

use kit::transcript::ParseError;
use kit::xray::Xray;

use super::figure::figure;
use super::html::escape;
use super::preprocess::{Block, Expanded};
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
        for field in frame {
            let bytes: String = field
                .bytes
                .iter()
                .map(|byte| format!("<b>{byte:02x}</b> "))
                .collect();
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
            .split("xray-")
            .skip(3)
            .map(|part| part.split('"').next().unwrap())
            .collect();
        assert_eq!(parts, ["opcode", "length", "key", "masked", "clear"]);
        assert!(html.contains(
            "<code><b>37</b> <b>fa</b> <b>21</b> <b>3d</b> </code><span>masking key</span>"
        ));
        assert!(!html.contains('\n'));
    }
}
