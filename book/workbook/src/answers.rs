//! What a learner wrote: which exercises are still open, and the text of each answer.

use std::collections::BTreeSet;
use std::path::Path;

use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions::{Function, functions};
use crate::problem::line_at;
use crate::source::rust;

/// The exercises whose function is still a `todo!` in `files`, or is gone from them.
pub fn open<'e>(files: &Files, exercises: &'e [Exercise]) -> Vec<&'e Exercise> {
    let mut written = BTreeSet::new();
    for (path, bytes) in files.iter() {
        let functions = rust(path, bytes).and_then(|text| functions(text).ok());
        for function in functions.unwrap_or_default() {
            if !function.only_todo {
                written.insert((function.owner, function.name));
            }
        }
    }
    let is_open = |e: &&Exercise| !written.contains(&(e.owner.clone(), e.name.clone()));
    exercises.iter().filter(is_open).collect()
}

/// The line of an exercise's function in a learner's file.
pub fn line(text: &str, exercise: &Exercise) -> Option<usize> {
    Some(line_at(text, function(text, exercise)?.body.start))
}

/// Each exercise's function in `files`, from its signature to its last brace, not indented.
///
/// It is looked for in the files that hold the exercises first: a learner may have moved it.
pub fn answers(files: &Files, exercises: &[Exercise]) -> Vec<Option<String>> {
    let mut answers = vec![None; exercises.len()];
    let holds = |path: &Path| exercises.iter().any(|e| e.file.ends_with(path));
    let (first, then): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| holds(path));
    for (path, bytes) in first.into_iter().chain(then) {
        let Some(text) = rust(path, bytes).filter(|_| answers.contains(&None)) else {
            continue;
        };
        let functions = functions(text).unwrap_or_default();
        for (answer, exercise) in answers.iter_mut().zip(exercises) {
            let found = functions.iter().find(|f| f.is(exercise));
            *answer = answer.take().or_else(|| found?.answer(text));
        }
    }
    answers
}

fn function(text: &str, exercise: &Exercise) -> Option<Function> {
    let mut functions = functions(text).ok()?.into_iter();
    functions.find(|f| f.is(exercise))
}

/// Whether a function with a hint is more than a `todo!` in `text`.
///
/// Text that is not Rust counts as written: better to keep too much.
pub fn has_an_answer(text: &str) -> bool {
    match functions(text) {
        Err(_) => true,
        Ok(functions) => functions
            .iter()
            .any(|f| f.hint(text).is_some() && !f.only_todo),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_told_from_a_starter() {
        assert!(!has_an_answer(
            "fn f() {\n    // Exercise: f.\n    todo!(\"f()\")\n}\nfn g() {}\n"
        ));
        assert!(!has_an_answer(
            "fn f() {\n    // Exercise: f.\n    todo!();\n}\n"
        ));
        assert!(has_an_answer("fn f() {\n    // Exercise: f.\n    1\n}\n"));
        assert!(has_an_answer("fn f( {"));
    }
}
