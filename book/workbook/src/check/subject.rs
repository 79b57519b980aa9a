//! What the checks know about a lesson, read once.

use std::path::PathBuf;

use crate::exercise::Exercise;
use crate::files::Files;
use crate::lesson_tests::{self, Test};
use crate::mistakes::{self, Equivalent, Mistake};
use crate::problem::Problem;
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// A lesson under check. What could not be read is a problem of the check that needs it.
pub struct Subject {
    pub lesson: Lesson,
    pub solution: Files,
    pub starter: Result<Files, Problem>,
    pub exercises: Vec<Exercise>,
    pub tests: Result<Vec<Test>, Problem>,
    pub mistakes: Result<Vec<Mistake>, Problem>,
    pub equivalents: Result<Vec<Equivalent>, Problem>,
}

impl Subject {
    pub fn read(workbook: &Workbook, lesson: &Lesson) -> Self {
        let src = lesson.solution_src();
        let solution = starter::solution(workbook, lesson).unwrap_or_default();
        let (starter, exercises) = match starter::taken_out(workbook, lesson) {
            Ok((files, _)) if files.is_empty() => {
                (Err(Problem::new(src, None, "holds no files")), Vec::new())
            }
            Ok((files, exercises)) => (Ok(files), exercises),
            Err(problem) => (Err(problem), Vec::new()),
        };
        Self {
            solution,
            starter,
            exercises,
            tests: lesson_tests::tests(workbook, lesson),
            mistakes: mistakes::read(workbook, lesson),
            equivalents: mistakes::read_equivalents(workbook, lesson),
            lesson: lesson.clone(),
        }
    }

    /// The scratch copy in which the reference stands in the lesson's place.
    pub fn reference_package(&self) -> PathBuf {
        self.lesson.dir()
    }

    pub fn starter_package(&self) -> PathBuf {
        PathBuf::from(format!("lessons/starter-{:02}", self.lesson.number))
    }

    /// The package of all mistakes and equivalents that can be built as one.
    pub fn variants_package(&self) -> PathBuf {
        PathBuf::from(format!("lessons/variants-{:02}", self.lesson.number))
    }

    pub fn mistake_package(&self, index: usize) -> PathBuf {
        let lesson = self.lesson.number;
        PathBuf::from(format!("lessons/mistake-{lesson:02}-{:02}", index + 1))
    }

    pub fn equivalent_package(&self, index: usize) -> PathBuf {
        let lesson = self.lesson.number;
        PathBuf::from(format!("lessons/equivalent-{lesson:02}-{:02}", index + 1))
    }

    pub fn test(&self, name: &str) -> Option<&Test> {
        self.tests.as_ref().ok()?.iter().find(|t| t.name == name)
    }
}
