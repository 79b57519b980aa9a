//! What is known of a lesson, read once for all learners.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};

use super::difference;
use super::discussed::{self, Paragraph};
use crate::about::about;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions::functions;
use crate::lesson_tests::{self, Test};
use crate::mistakes::{self, Mistake};
use crate::reach::Calls;
use crate::source::rust;
use crate::starter;
use crate::workspace::{Lesson, Workbook};

pub struct Known<'w> {
    pub lesson: &'w Lesson,
    pub starter: Files,
    /// Formatted.
    pub reference: Files,
    pub exercises: Vec<Exercise>,
    pub tests: Vec<Test>,
    pub mistakes: Vec<Mistake>,
    pub stands_on: Vec<&'w Lesson>,
    /// What the lesson's tests and its reference call.
    pub calls: Calls,
    /// What the solution's page discusses.
    pub page: Vec<Paragraph>,
    /// The exercises that a class may leave out.
    pub optional: BTreeSet<String>,
    /// The reference as `catch-up` puts it there.
    pub as_put: Files,
    /// The names of the functions in the references of this lesson and of those that it stands on.
    pub functions: BTreeSet<String>,
}

/// The lessons that have tests.
pub fn all(workbook: &Workbook) -> Result<Vec<Known<'_>>> {
    let mut all = Vec::new();
    for lesson in &workbook.lessons {
        let (tests, _) = workbook.test_target(lesson);
        if !workbook.path(tests).is_file() {
            continue;
        }
        let (starter, exercises) = starter::starter(workbook, lesson)?;
        let reference = starter::reference(workbook, lesson)?;
        let stands_on = workbook.stands_on(lesson)?;
        let mut functions = names(&reference);
        for below in &stands_on {
            functions.extend(names(&starter::reference(workbook, below)?));
        }
        let (tests_file, _) = workbook.test_target(lesson);
        let mut calls = Calls::default();
        calls.add(&reference);
        if let Some(folder) = tests_file.parent() {
            calls.add(&Files::read(&workbook.path(folder))?);
        }
        // A lesson that says nothing of its exercises has core ones only.
        let optional = about(workbook, lesson).map(|about| about.optional.into_keys().collect());
        all.push(Known {
            lesson,
            calls,
            page: discussed::paragraphs(workbook, lesson),
            optional: optional.unwrap_or_default(),
            as_put: reference.clone(),
            starter,
            exercises,
            reference: difference::formatted(&reference),
            tests: lesson_tests::tests(workbook, lesson).map_err(|problem| anyhow!("{problem}"))?,
            mistakes: mistakes::read(workbook, lesson).map_err(|problem| anyhow!("{problem}"))?,
            stands_on,
            functions,
        });
    }
    Ok(all)
}

fn names(files: &Files) -> BTreeSet<String> {
    let texts = files.iter().filter_map(|(path, bytes)| rust(path, bytes));
    let functions = texts.flat_map(|text| functions(text).unwrap_or_default());
    functions.map(|function| function.name).collect()
}
