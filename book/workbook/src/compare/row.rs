//! A learner's lesson: what its tests say, and what its text shows.

use std::path::Path;

use serde::Serialize;

use super::difference::{self, Difference};
use super::known::Known;
use super::likeness::{self, NotCalled};
use super::system;
use super::trial::passed;
use crate::answers;
use crate::files::{Files, same_text};
use crate::lesson_tests::{self, GIVEN, Test, WHOLE};
use crate::mistakes::Mistake;
use crate::run::{End, NotRun, Run, Tried, Verdict};

/// What is kept of a failing test's output, in characters.
const MOST_SAID: usize = 2000;

/// A learner's lesson, compared.
#[derive(Debug, Serialize)]
pub struct Row {
    pub lesson: String,
    pub state: State,
    /// The tests that pass.
    pub passed: Vec<String>,
    /// How many tests the lesson has.
    pub tests: usize,
    pub failing: Vec<Failing>,
    /// The tests that came to no verdict.
    pub not_run: Vec<String>,
    /// Exercises that are not written yet.
    pub open: Vec<String>,
    /// Typical mistakes whose explanation a failing test gave, in the first exercise that fails.
    pub mistakes: Vec<Made>,
    /// It passes on the reference's earlier lessons: the cause lies in the learner's.
    pub consequence: bool,
    /// Given files that were changed.
    pub changed: Vec<String>,
    /// What the library uses of the system, and the reference does not: sockets, files, programs.
    pub uses: Vec<String>,
    pub differences: Vec<Difference>,
    /// Exercises that are written as the reference is, but for the names of variables.
    pub same: Vec<String>,
    pub not_called: Vec<NotCalled>,
    /// Exercises whose difference is not shown to their learner: they do not pass yet.
    pub hidden: Vec<String>,
    /// The compiler's first error, or why the lesson could not be read or run.
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Passed,
    Failed,
    NotCompiled,
    TimedOut,
    EndedEarly,
    NotStarted,
    Unreadable,
}

/// A typical mistake, and why it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    pub name: String,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failing {
    pub test: String,
    pub says: String,
}

impl Row {
    /// What the tries say of `src`: `own` on the learner's earlier lessons, `alone` on the
    /// reference's.
    pub fn of(known: &Known<'_>, src: &Files, own: Option<Tried>, alone: Option<Tried>) -> Self {
        let consequence = alone.as_ref().is_some_and(passed);
        // Nothing stands on a lesson that does not compile: what this one is worth shows alone.
        let blocked = matches!(&own, Some(Err(NotRun::Blocked(_))));
        let (own, alone, blocked) = match (blocked, &alone) {
            (true, Some(Ok(_) | Err(NotRun::DoesNotCompile(_) | NotRun::Blocked(_)))) => {
                (alone, None, true)
            }
            _ => (own, alone, false),
        };
        let mut row = match own {
            Some(Ok(run)) => Self::ran(known, &run),
            Some(Err(error @ (NotRun::DoesNotCompile(_) | NotRun::Blocked(_)))) => {
                let mut row = Row::new(known, State::NotCompiled);
                row.note = Some(error.to_string());
                row
            }
            Some(Err(error)) => Row::unreadable(known, error.to_string()),
            None => Row::unreadable(known, "it was not tried".into()),
        };
        // What remains on the reference's earlier lessons is this lesson's own.
        match &alone {
            Some(_) if consequence => row.mistakes.clear(),
            Some(Ok(run)) => row.mistakes = recognised(known, run),
            _ => {}
        }
        row.consequence = consequence;
        if blocked && row.note.is_none() {
            row.note = Some(
                "an earlier lesson does not compile, so it was tried on the reference's".into(),
            );
        }
        row.open = answers::open(src, &known.exercises)
            .iter()
            .map(|exercise| lesson_tests::owner_name(exercise, &known.exercises))
            .collect();
        row.changed = known
            .starter
            .iter()
            .filter(|(path, _)| {
                let holds_exercises = known.exercises.iter().any(|e| e.file.ends_with(path));
                !holds_exercises && !is_given(src, &known.starter, path)
            })
            .map(|(path, _)| path.display().to_string())
            .collect();
        row.uses = system::uses(src, &known.reference);
        row.differences = difference::all(&known.exercises, &known.reference, src);
        (row.same, row.not_called) = likeness::all(known, src);
        row
    }

    fn ran(known: &Known<'_>, run: &Run) -> Self {
        let state = match run.end {
            End::Stopped => State::TimedOut,
            End::Early => State::EndedEarly,
            End::Complete if run.tests.is_empty() => State::EndedEarly,
            End::Complete => State::Passed,
        };
        let mut row = Row::new(known, state);
        row.read(known, run);
        if state == State::Passed && row.passed.len() < row.tests {
            row.state = State::Failed;
        }
        if state == State::TimedOut {
            let took = run.took.as_secs();
            row.note = Some(format!("the tests had not ended after {took} s"));
        }
        if state == State::EndedEarly {
            let speaks = |line: &&str| !line.trim().is_empty() && !line.starts_with("note: ");
            let said = run.rest.lines().rev().find(speaks).map(str::trim);
            let why = "the program ended before its tests did";
            row.note = Some(match said {
                Some(said) if said.starts_with("memory allocation of ") => format!(
                    "{why}: it needed too much memory. Does it print or allocate without end?"
                ),
                Some(said) => format!("{why}: {said}"),
                None => why.to_owned(),
            });
        }
        row
    }

    pub fn new(known: &Known<'_>, state: State) -> Self {
        Self {
            lesson: known.lesson.stem.clone(),
            state,
            passed: Vec::new(),
            tests: known.tests.len(),
            failing: Vec::new(),
            not_run: Vec::new(),
            open: Vec::new(),
            mistakes: Vec::new(),
            consequence: false,
            changed: Vec::new(),
            uses: Vec::new(),
            differences: Vec::new(),
            same: Vec::new(),
            not_called: Vec::new(),
            hidden: Vec::new(),
            note: None,
        }
    }

    pub fn unreadable(known: &Known<'_>, why: String) -> Self {
        Self {
            note: Some(why),
            ..Self::new(known, State::Unreadable)
        }
    }

    /// The exercises with a test that fails, and those that are open.
    pub fn red(&self) -> Vec<&str> {
        let failing = self.failing.iter();
        let modules = failing.filter_map(|failing| Some(failing.test.split_once("::")?.0));
        let mut red = Vec::new();
        for module in modules.chain(self.open.iter().map(String::as_str)) {
            if !red.contains(&module) && ![WHOLE, GIVEN].contains(&module) {
                red.push(module);
            }
        }
        red
    }

    /// Leaves the differences out that show a learner how a red exercise is to be written.
    pub fn hide_answers(&mut self) {
        let ran = [State::Passed, State::Failed].contains(&self.state);
        let red: Vec<_> = self.red().into_iter().map(str::to_owned).collect();
        let hidden = self
            .differences
            .extract_if(.., |difference| !ran || red.contains(&difference.exercise));
        self.hidden = hidden.map(|difference| difference.exercise).collect();
        self.not_called
            .retain(|not_called| ran && !red.contains(&not_called.exercise));
    }

    fn read(&mut self, known: &Known<'_>, run: &Run) {
        for test in &known.tests {
            let name = test.name.clone();
            match run.tests.get(&name) {
                Some(outcome) if outcome.verdict == Verdict::Passed => self.passed.push(name),
                Some(outcome) if outcome.verdict == Verdict::Failed => self.failing.push(Failing {
                    test: name,
                    says: outcome.output.chars().take(MOST_SAID).collect(),
                }),
                _ => self.not_run.push(name),
            }
        }
        self.mistakes = recognised(known, run);
    }
}

/// Whether a given file is as the starter has it.
fn is_given(theirs: &Files, starter: &Files, path: &Path) -> bool {
    match (theirs.get(path), starter.get(path)) {
        (Some(theirs), Some(given)) => same_text(theirs, given),
        (theirs, given) => theirs.is_none() && given.is_none(),
    }
}

/// The typical mistakes that the tests explain, of the first exercise that fails: what fails after
/// it may only follow from it.
fn recognised(known: &Known<'_>, run: &Run) -> Vec<Made> {
    let failed = |test: &str| run.verdict(test) == Some(Verdict::Failed);
    let first = known.tests.iter().find(|test| failed(&test.name));
    let Some(module) = first.map(Test::module) else {
        return Vec::new();
    };
    let explained = |mistake: &&Mistake| {
        let of_module = mistake.test.split_once("::").map(|(module, _)| module) == Some(module);
        let outcome = run.tests.get(&mistake.test);
        let says = outcome.is_some_and(|outcome| outcome.output.contains(&mistake.says));
        of_module && says && failed(&mistake.test)
    };
    let found = known.mistakes.iter().filter(explained);
    let made = found.map(|mistake| Made {
        name: mistake.name.clone(),
        why: mistake.why.split_whitespace().collect::<Vec<_>>().join(" "),
    });
    made.collect()
}
