//! How a learner's exercises differ from the reference's, formatting left out.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Serialize;
use similar::TextDiff;

use crate::files::Files;
use crate::starter::{self, Exercise};
use crate::workspace::Lesson;

/// One exercise: `-` is the reference, `+` the learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub exercise: String,
    pub diff: String,
}

/// The exercises that are written, and written differently.
pub fn all(
    lesson: &Lesson,
    exercises: &[Exercise],
    reference: &Files,
    theirs: &Files,
) -> Vec<Difference> {
    let open = starter::open(theirs, exercises);
    let src = lesson.solution_src();
    let mut differences = Vec::new();
    for exercise in exercises.iter().filter(|e| !open.contains(e)) {
        let file = exercise.file.strip_prefix(&src).unwrap_or(&exercise.file);
        let (Some(reference), Some(theirs)) = (
            function(reference, file, exercise),
            function(theirs, file, exercise),
        ) else {
            continue;
        };
        if reference != theirs {
            differences.push(Difference {
                exercise: exercise.name.clone(),
                diff: diff(&reference, &theirs),
            });
        }
    }
    differences
}

/// The exercise's function as rustfmt writes it. It may have moved to another file.
fn function(files: &Files, file: &Path, exercise: &Exercise) -> Option<String> {
    let here = files.get_key_value(file).into_iter();
    let elsewhere = files.iter().filter(|(path, _)| *path != file);
    here.chain(elsewhere)
        .filter(|(path, _)| path.extension().is_some_and(|e| e == "rs"))
        .filter_map(|(_, bytes)| std::str::from_utf8(bytes).ok())
        .find_map(|text| starter::answer(text, exercise).map(|answer| (text, answer)))
        .map(|(text, answer)| {
            let formatted = formatted(text).and_then(|text| starter::answer(&text, exercise));
            formatted.unwrap_or(answer)
        })
}

/// `text` as rustfmt writes it; `None` where that cannot be had.
fn formatted(text: &str) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().ok()?;
    _ = writer.join();
    let formatted = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !formatted.is_empty()).then_some(formatted)
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
        let lesson = Lesson::from_stem("01-one").unwrap();
        let exercise = Exercise {
            name: "twice".into(),
            owner: None,
            file: "solutions/01-one/src/lib.rs".into(),
            line: 1,
            hint: String::new(),
        };
        let exercises = [exercise];
        let reference = files("fn twice(n: u8) -> u8 {\n    n * 2\n}\n");
        let compare = |text: &str| all(&lesson, &exercises, &reference, &files(text));
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
