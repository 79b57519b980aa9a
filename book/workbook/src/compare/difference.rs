//! How a learner's exercises differ from the reference's: formatting, comments, names and the order of
//! arms are left out where the reading is the same.

use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;
use similar::TextDiff;
use wait_timeout::ChildExt;

use super::discussed::{self, Discussed, Paragraph};
use super::reading;
use crate::answers;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions;
use crate::lesson_tests::owner_name;
use crate::source;

/// One exercise: `-` is the reference, `+` the learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub exercise: String,
    pub diff: String,
    /// Where the solution's page speaks of it.
    pub discussed: Vec<Discussed>,
}

/// How long rustfmt may take over one lesson.
const FORMAT: Duration = Duration::from_secs(10);

/// The exercises that are written, and written differently: names and the order of arms are left
/// out where they change nothing. Both sides are formatted already.
pub fn all(
    exercises: &[Exercise],
    reference: &Files,
    theirs: &Files,
    page: &[Paragraph],
) -> Vec<Difference> {
    let open = answers::open(theirs, exercises);
    let reference = answers::answers(reference, exercises);
    let theirs = answers::answers(theirs, exercises);
    let mut pairs = Vec::new();
    for ((exercise, reference), theirs) in exercises.iter().zip(reference).zip(theirs) {
        let (Some(reference), Some(theirs)) = (reference, theirs) else {
            continue;
        };
        let (reference, theirs) = (code_of(&reference), code_of(&theirs));
        if reference != theirs && !open.contains(&exercise) {
            let theirs = reading::towards(&reference, &theirs);
            pairs.push((owner_name(exercise, exercises), reference, theirs));
        }
    }
    let sides: Vec<_> = pairs
        .iter()
        .flat_map(|(_, one, other)| [one, other])
        .collect();
    let formatted = formatted_functions(&sides);
    let sides = formatted.chunks_exact(2).map(|side| (&side[0], &side[1]));
    let names = pairs.iter().map(|(name, _, _)| name);
    let differ = names.zip(sides).filter(|(_, (one, other))| one != other);
    let differences = differ.map(|(name, (one, other))| Difference {
        exercise: name.clone(),
        diff: diff(one, other),
        discussed: discussed::between(page, one, other),
    });
    differences.collect()
}

/// A function without its comments: the hint, which many delete once the exercise is solved, and
/// what either side explains.
fn code_of(function: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let lines: Vec<_> = function.lines().filter(is_code).collect();
    lines.join("\n")
}

/// Functions as rustfmt writes them inside an `impl`; as they are where that cannot be had.
fn formatted_functions(functions: &[&String]) -> Vec<String> {
    let as_they_are = || functions.iter().map(|text| (*text).clone()).collect();
    let mut file = Files::default();
    let is_rust = |text: &str| syn::parse_str::<syn::ImplItemFn>(text).is_ok();
    let text = |(at, text): (usize, &&String)| match is_rust(text) {
        true => format!("impl Side{at} {{\n{text}\n}}\n"),
        false => String::new(),
    };
    let text: String = functions.iter().enumerate().map(text).collect();
    file.insert("lib.rs".into(), text.into());
    let file = formatted(&file);
    let Some(text) = file
        .iter()
        .find_map(|(path, bytes)| source::rust(path, bytes))
    else {
        return as_they_are();
    };
    let found = functions::functions(text).unwrap_or_default();
    let side = |(at, side): (usize, &&String)| {
        let owner = format!("Side{at}");
        let mut found = found.iter().filter(|f| f.owner.as_deref() == Some(&owner));
        let answer = found.next().and_then(|function| function.answer(text));
        answer.unwrap_or_else(|| (*side).clone())
    };
    functions.iter().enumerate().map(side).collect()
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
            .args(["--config", "use_field_init_shorthand=true"])
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
        let compare = |text: &str| all(&exercises, &reference, &formatted(&files(text)), &[]);
        assert_eq!(compare("fn twice(n:u8)->u8{n*2}"), []);
        assert_eq!(
            compare("fn twice(number: u8) -> u8 {\n    // Mine.\n    number * 2\n}"),
            []
        );
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
