//! What is known of a lesson, read once for all learners.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};

use super::difference;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions::functions;
use crate::lesson_tests::{self, Test};
use crate::mistakes::{self, Mistake};
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
        all.push(Known {
            lesson,
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
