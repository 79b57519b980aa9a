//! `{{#include path}}`: taken from compiled sources and checked snapshots, or refused.
//!
//! mdBook resolves these too, but renders a missing anchor as nothing and a missing file as the
//! raw directive. So ours runs first, and knows the line.

use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// A directive in a chapter: where it stands, and what it asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Directive<'a> {
    pub range: Range<usize>,
    pub word: &'a str,
    pub argument: &'a str,
}

/// The directives in `text`, in order. One with a backslash in front is text.
pub fn directives(text: &str) -> Vec<Directive<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("{{#") {
        let start = from + at;
        from = start + 3;
        if text[..start].ends_with('\\') {
            continue;
        }
        let line = text[from..].lines().next().unwrap_or_default();
        let inside = line.split_once("}}").map_or(line, |(inside, _)| inside);
        let end = (from + inside.len() + 2).min(text.len());
        let (word, argument) = inside.trim().split_once(' ').unwrap_or((inside.trim(), ""));
        found.push(Directive {
            range: start..end,
            word,
            argument: argument.trim(),
        });
        from = end;
    }
    found
}

/// A piece of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece {
    /// Relative to the workbook's root.
    pub file: PathBuf,
    /// The line of the file that `text` begins with; counts from 1.
    pub line: usize,
    pub text: String,
}

/// Reads `path`, `path:anchor` or `path:first:last`, relative to `chapter`'s directory.
pub fn read(root: &Path, chapter: &Path, argument: &str) -> Result<Piece, String> {
    let (path, part) = match argument.split_once(':') {
        Some((path, part)) => (path, Some(part)),
        None => (argument, None),
    };
    let file = normal(&chapter.parent().unwrap_or(Path::new("")).join(path))
        .ok_or_else(|| format!("{path} is outside the workbook"))?;
    let shown = file.to_string_lossy().replace('\\', "/");
    if is_learners(&file) {
        return Err(format!(
            "{shown} is a learner's file, take it from solutions/"
        ));
    }
    let whole = match fs::read_to_string(root.join(&file)) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("there is no file {shown}"));
        }
        Err(error) => return Err(format!("cannot read {shown}: {error}")),
    };
    let (skipped, text) = match part {
        None => (0, whole),
        Some(part) if part.starts_with(|c: char| c.is_ascii_digit() || c == ':') => {
            lines(&whole, part)
        }
        Some(anchor) => anchored(&whole, anchor)
            .ok_or_else(|| format!("there is no anchor `{anchor}` in {shown}"))?,
    };
    let (skipped, text) = match shown.ends_with(".snap") && skipped == 0 {
        true => without_front_matter(&text),
        false => (skipped, text),
    };
    if text.trim().is_empty() {
        return Err(format!("{argument} includes nothing"));
    }
    Ok(Piece {
        file,
        line: skipped + 1,
        text,
    })
}

/// Resolves `..` by name; `None` if it leads out of the root.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut parts = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => parts.push(name),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir => return None,
        }
    }
    Some(parts.iter().collect())
}

/// `lessons/NN-topic/src`: what a learner edits would show up in the book.
fn is_learners(file: &Path) -> bool {
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
    matches!(&parts[..], [lessons, lesson, src, ..]
        if lessons == "lessons" && src == "src" && lesson.starts_with(|c: char| c.is_ascii_digit()))
}

/// `first:last`, either may be missing; `first` alone is one line. Returns how many lines it skips.
fn lines(whole: &str, part: &str) -> (usize, String) {
    let (first, last) = match part.split_once(':') {
        Some((first, last)) => (first, last.parse().unwrap_or(usize::MAX)),
        None => (part, part.parse().unwrap_or(usize::MAX)),
    };
    let skipped = first.parse::<usize>().unwrap_or(1).saturating_sub(1);
    let taken = last.saturating_sub(skipped);
    let lines: Vec<_> = whole.lines().skip(skipped).take(taken).collect();
    (skipped, lines.join("\n"))
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`, without other anchors' lines.
fn anchored(whole: &str, anchor: &str) -> Option<(usize, String)> {
    let is = |line: &str, marker: &str| {
        line.split_once(marker)
            .is_some_and(|(_, name)| name.trim().trim_end_matches("*/").trim() == anchor)
    };
    let begin = whole.lines().position(|line| is(line, "ANCHOR:"))? + 1;
    let rest = whole.lines().skip(begin);
    let length = rest.clone().position(|line| is(line, "ANCHOR_END:"))?;
    let marker = |line: &&str| line.contains("ANCHOR:") || line.contains("ANCHOR_END:");
    let lines: Vec<_> = rest.take(length).filter(|line| !marker(line)).collect();
    Some((begin, dedent(&lines)))
}

/// Takes the indent that all lines share off them: a method stands at the left margin.
fn dedent(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start_matches(' ').len();
    let shared = lines
        .iter()
        .filter(|line| !line.is_empty())
        .map(indent)
        .min();
    let cut = |line: &&str| {
        line.get(shared.unwrap_or(0)..)
            .unwrap_or_default()
            .to_owned()
    };
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

/// What follows insta's `---` … `---`, and how many lines that was.
fn without_front_matter(text: &str) -> (usize, String) {
    let Some(rest) = text.strip_prefix("---\n") else {
        return (0, text.to_owned());
    };
    match rest.split_once("\n---\n") {
        Some((front, contents)) => (front.lines().count() + 2, contents.to_owned()),
        None => (0, text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{miniature, put};

    fn include(argument: &str) -> Result<(usize, String), String> {
        let dir = miniature("");
        let source = "fn a() {}\n// ANCHOR: b\nimpl B {\n    // ANCHOR: c\n    fn c() {\n    }\n    // ANCHOR_END: c\n}\n// ANCHOR_END: b\n// ANCHOR: nothing\n// ANCHOR_END: nothing\n// ANCHOR: open\nx\n";
        put(&dir, "solutions/01-one/src/lib.rs", source);
        put(&dir, "lessons/01-one/src/lib.rs", source);
        let piece = read(dir.path(), Path::new("book/src/one.md"), argument)?;
        Ok((piece.line, piece.text))
    }

    #[test]
    fn finds_directives_and_leaves_escaped_ones() {
        let found =
            directives("a {{#include x.rs:y}} \\{{#include z}} {{#title T}} {{#include open\n");
        let words: Vec<_> = found.iter().map(|d| (d.word, d.argument)).collect();
        assert_eq!(
            words,
            [("include", "x.rs:y"), ("title", "T"), ("include", "open")]
        );
    }

    #[test]
    fn takes_an_anchor_without_its_markers_and_its_indent() {
        let b = "impl B {\n    fn c() {\n    }\n}";
        assert_eq!(
            include("../../solutions/01-one/src/lib.rs:b"),
            Ok((3, b.into()))
        );
        let c = "fn c() {\n}";
        assert_eq!(
            include("../../solutions/01-one/src/lib.rs:c"),
            Ok((5, c.into()))
        );
    }

    #[test]
    fn takes_lines() {
        let lib = "../../solutions/01-one/src/lib.rs";
        assert_eq!(include(&format!("{lib}:1")), Ok((1, "fn a() {}".into())));
        assert_eq!(
            include(&format!("{lib}:5:6")),
            Ok((5, "    fn c() {\n    }".into()))
        );
        assert_eq!(include(&format!("{lib}:13:")), Ok((13, "x".into())));
    }

    #[test]
    fn strips_the_front_matter_of_a_snapshot() {
        let talk = "ann → server   ping\nserver → ann   pong\n";
        let snapshot = "../../lessons/01-one/tests/snapshots/talk.snap";
        assert_eq!(include(snapshot), Ok((5, talk.into())));
        assert_eq!(
            include(&format!("{snapshot}:6:6")),
            Ok((6, "server → ann   pong".into()))
        );
    }

    #[test]
    fn refuses_what_would_render_as_nothing() {
        let cases = [
            (
                "../../solutions/01-one/src/lib.rs:none",
                "there is no anchor `none` in solutions/01-one/src/lib.rs",
            ),
            (
                "../../solutions/01-one/src/lib.rs:open",
                "there is no anchor `open` in solutions/01-one/src/lib.rs",
            ),
            (
                "../../solutions/01-one/src/lib.rs:nothing",
                "../../solutions/01-one/src/lib.rs:nothing includes nothing",
            ),
            (
                "../../solutions/01-one/src/lib.rs:40:50",
                "../../solutions/01-one/src/lib.rs:40:50 includes nothing",
            ),
            (
                "../../solutions/none.rs",
                "there is no file solutions/none.rs",
            ),
            (
                "../../../etc/passwd",
                "../../../etc/passwd is outside the workbook",
            ),
            ("/etc/passwd", "/etc/passwd is outside the workbook"),
            (
                "../../lessons/01-one/src/lib.rs",
                "lessons/01-one/src/lib.rs is a learner's file, take it from solutions/",
            ),
        ];
        for (argument, error) in cases {
            assert_eq!(include(argument), Err(error.to_owned()));
        }
    }
}
