//! What is known of one lesson: its tests, its last result, and what goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::record::Record;
use super::said::{self, Said};
use crate::files::walk;
use crate::lesson_tests;
use crate::run::Verdict;
use crate::starter;
use crate::status;
use crate::workspace::{Lesson, Workbook};

pub struct Known {
    pub lesson: Lesson,
    /// The lessons it stands on.
    pub below: Vec<String>,
    /// Its exercises, its tests, and their last results; or why they cannot be read.
    pub state: Result<status::State, String>,
    pub record: Option<Record>,
    /// The record is about the files as they are.
    pub current: bool,
    /// The files changed while the tests ran, and nothing was saved: cargo wrote its lock file.
    pub again: bool,
    pub phase: Phase,
    pub so_far: BTreeMap<String, Verdict>,
    /// What each failing test says, in HTML.
    pub reports: BTreeMap<String, Said>,
    /// The modules of which a test has failed once, or all have passed: no `todo!` any more.
    pub failed: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Idle,
    /// Another lesson runs first, or an older run is being stopped.
    Waiting,
    Building,
    Testing,
}

impl Known {
    pub fn new(workbook: &Workbook, lesson: &Lesson) -> Self {
        let below = workbook.stands_on(lesson).unwrap_or_default();
        Self {
            lesson: lesson.clone(),
            below: below.iter().map(|lesson| lesson.stem.clone()).collect(),
            state: Err(String::new()),
            record: None,
            current: false,
            again: false,
            phase: Phase::Idle,
            so_far: BTreeMap::new(),
            reports: BTreeMap::new(),
            failed: BTreeSet::new(),
        }
    }

    /// Takes in a result. If nothing ran, the results of the last tests that did run stay.
    pub fn learn(&mut self, mut record: Record) {
        if record.results().is_none() {
            record.before = self.record.take().and_then(Record::into_results);
        }
        let results = record.results();
        self.reports = results.map(said::reports).unwrap_or_default();
        self.failed.append(&mut record.failed);
        for (test, said) in &self.reports {
            if let (Said::Failed(_), Some((module, _))) = (said, test.split_once("::")) {
                self.failed.insert(module.to_owned());
            }
        }
        if let Ok(state) = &mut self.state {
            state.tried = match record.results() {
                Some(run) => Some(Ok(run.clone())),
                None => Some(record.result.clone()),
            };
            let solved = |module: &&str| {
                let mut tests = state.tests.iter().filter(|test| test.module() == *module);
                tests.all(|test| state.passed(test))
            };
            let solved = state.modules().into_iter().filter(solved);
            self.failed.extend(solved.map(str::to_owned));
        }
        record.failed = self.failed.clone();
        self.record = Some(record);
    }

    /// Takes in the list of tests after a change to them; the last result stays.
    pub fn renew(&mut self, outline: Result<status::State, String>) {
        let old = std::mem::replace(&mut self.state, outline);
        if let (Ok(state), Ok(old)) = (&mut self.state, old) {
            state.tried = old.tried;
        }
    }

    /// Whether the last result is about the files as they are `now`.
    pub fn compare(&mut self, now: Option<&String>) {
        let recorded = self.record.as_ref().map(|record| &record.fingerprint);
        self.current = recorded.is_some() && recorded == now;
    }
}

/// A lesson's exercises and tests, as they stand on disk.
pub fn outline(workbook: &Workbook, lesson: &Lesson) -> Result<status::State, String> {
    let exercises = starter::exercises(workbook, lesson).map_err(|error| format!("{error:#}"))?;
    let tests = lesson_tests::tests(workbook, lesson).map_err(|problem| problem.to_string())?;
    Ok(status::State {
        exercises,
        tests,
        tried: None,
    })
}

/// When a file below a folder was last changed.
pub fn last_change(folder: &Path) -> Option<SystemTime> {
    let changed = |path: PathBuf| path.metadata().and_then(|meta| meta.modified()).ok();
    walk(folder).flatten().filter_map(changed).max()
}
