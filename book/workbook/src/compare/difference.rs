//! How a learner's exercises differ from the reference's, formatting left out.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use similar::TextDiff;
use wait_timeout::ChildExt;

use crate::answers;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::lesson_tests::owner_name;
use crate::source;

/// One exercise: `-` is the reference, `+` the learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub exercise: String,
    pub diff: String,
}

/// How long rustfmt may take over one lesson.
const FORMAT: Duration = Duration::from_secs(10);

/// The exercises that are written, and written differently. `reference` is formatted already.
pub fn all(exercises: &[Exercise], reference: &Files, theirs: &Files) -> Vec<Difference> {
    let open = answers::open(theirs, exercises);
    let reference = answers::answers(reference, exercises);
    let theirs = answers::answers(&formatted(theirs), exercises);
    let mut differences = Vec::new();
    for ((exercise, reference), theirs) in exercises.iter().zip(reference).zip(theirs) {
        let (Some(reference), Some(theirs)) = (reference, theirs) else {
            continue;
        };
        let (reference, theirs) = (without_hint(&reference), without_hint(&theirs));
        if reference != theirs && !open.contains(&exercise) {
            differences.push(Difference {
                exercise: owner_name(exercise, exercises),
                diff: diff(&reference, &theirs),
            });
        }
    }
    differences
}

/// Many delete the hint once the exercise is solved: that is no difference.
fn without_hint(function: &str) -> String {
    let mut hint = false;
    let lines = function.lines().filter(|line| {
        let line = line.trim_start();
        hint = line.starts_with("// Exercise:") || hint && line.starts_with("//");
        !hint
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The Rust files as rustfmt writes them; as they are where that cannot be had.
pub fn formatted(files: &Files) -> Files {
    let mut rust = files.clone();
    rust.retain(|path, bytes| source::rust(path, bytes).is_some());
    let format = || -> io::Result<Files> {
        let dir = tempfile::tempdir()?;
        rust.write(dir.path())?;
        let mut rustfmt = Command::new("rustfmt")
            .args(["--edition", "2024", "--quiet"])
            .args(rust.keys().map(|path| dir.path().join(path)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if rustfmt.wait_timeout(FORMAT)?.is_none() {
            rustfmt.kill()?;
            rustfmt.wait()?;
        }
        Files::read(dir.path())
    };
    format().unwrap_or(rust)
}

fn diff(reference: &str, theirs: &str) -> String {
    // The last line of both ends with a line end, or the diff would remark on it.
    let (reference, theirs) = (format!("{reference}\n"), format!("{theirs}\n"));
    let diff = TextDiff::from_lines(&reference, &theirs);
    let diff = diff.unified_diff().context_radius(3).to_string();
    diff.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        let mut files = Files::default();
        files.insert("lib.rs".into(), text.into());
        files
    }

    #[test]
    fn formatting_makes_no_difference_and_code_does() {
        let exercise = Exercise {
            name: "twice".into(),
            owner: None,
            file: "solutions/01-one/src/lib.rs".into(),
            line: 1,
            hint: String::new(),
        };
        let exercises = [exercise];
        let hinted = "fn twice(n: u8) -> u8 {\n    // Exercise: double\n    // it.\n    n * 2\n}\n";
        let reference = files(hinted);
        let compare = |text: &str| all(&exercises, &reference, &files(text));
        assert_eq!(compare("fn twice(n:u8)->u8{n*2}"), []);
        assert_eq!(compare("fn twice(n: u8) -> u8 { todo!() }"), []);
        let found = compare("fn twice(n: u8) -> u8 {\n    n + n\n}\n");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].diff.contains("-    n * 2\n+    n + n"),
            "{}",
            found[0].diff
        );
    }
}
