//! A Rust file as text: told from other files, and without the marks of the book's listings.

use std::path::Path;

/// The text of a Rust file, without a mark of the byte order; `None` for any other.
pub fn rust<'a>(path: &Path, bytes: &'a [u8]) -> Option<&'a str> {
    let is_rust = path.extension().is_some_and(|e| e == "rs");
    let text = std::str::from_utf8(bytes).ok().filter(|_| is_rust)?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Drops the lines that mark listings for the book.
pub fn without_anchors(text: &str) -> String {
    let is_anchor = |line: &str| line.trim_start().starts_with("// ANCHOR");
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if !is_anchor(line) {
            out.push_str(line);
            continue;
        }
        // A marker between blank lines leaves one of them.
        while lines.peek().is_some_and(|line| is_anchor(line)) {
            lines.next();
        }
        let blank_before = out.is_empty() || out.ends_with("\n\n");
        if blank_before && lines.peek().is_some_and(|line| line.trim().is_empty()) {
            lines.next();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_leave_no_double_blank_lines() {
        let text = "// ANCHOR: a\nfn f() {}\n// ANCHOR_END: a\n\n// ANCHOR: b\n\nfn g() {}\n\n// ANCHOR_END: b\n// ANCHOR: c\n\nfn h() {}\n";
        assert_eq!(
            without_anchors(text),
            "fn f() {}\n\nfn g() {}\n\nfn h() {}\n"
        );
    }
}
