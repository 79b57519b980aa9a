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
use crate::lesson_tests::{self, Test};
use crate::mistakes::Mistake;
use crate::run::{End, NotRun, Run, Tried, Verdict};

/// What is kept of a failing test's output, in characters.
const MOST_SAID: usize = 2000;

/// A learner's lesson, compared.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub lesson: String,
    pub state: State,
    /// Each exercise, in the order of the lesson.
    pub exercises: Vec<Judged>,
    /// The tests that pass.
    pub passed: Vec<String>,
    /// How many tests the lesson has.
    pub tests: usize,
    /// The tests that fail. An exercise that is not written is named in `exercises`, and not here.
    pub failing: Vec<Failing>,
    /// The tests that fail because an exercise is not written.
    pub waiting: Vec<String>,
    /// The tests that came to no verdict.
    pub not_run: Vec<String>,
    /// Typical mistakes whose explanation a failing test gave.
    pub mistakes: Vec<Made>,
    /// It passes on the reference's earlier lessons: the cause lies in the learner's.
    pub consequence: bool,
    pub likeness: Option<Likeness>,
    /// Learners whose answers are the same as these, but for names.
    pub alike: Vec<String>,
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
    /// For the comparison of learners: the answers that are not the reference's.
    #[serde(skip)]
    pub own_text: Vec<(String, Vec<String>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Passed,
    /// A test fails that asks for nothing unwritten.
    Wrong,
    /// Nothing is wrong, and not everything is written.
    Open,
    /// As the starter has it.
    Untouched,
    NotCompiled,
    TimedOut,
    EndedEarly,
    Unreadable,
}

/// What became of an exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    pub name: String,
    pub state: Standing,
    /// A class may leave it out.
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Passed,
    Wrong,
    /// Written, but its tests go through an exercise that is open or wrong.
    Waiting,
    Open,
    /// The whole lesson is as the starter has it.
    Untouched,
    /// Its tests came to no verdict.
    NotRun,
}

/// How much of a lesson is the reference's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// The files are the reference's own, as `catch-up` puts them there.
    Reference,
    /// Every exercise is the reference's but for names.
    ButForNames,
}

/// A typical mistake, and why it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    pub exercise: String,
    pub name: String,
    pub why: String,
    /// Its place in the lesson's list.
    #[serde(skip)]
    pub place: usize,
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
        let mut ran = None;
        let mut row = match own {
            Some(Ok(run)) => {
                let row = Self::ran(known, &run);
                ran = Some(run);
                row
            }
            Some(Err(error @ (NotRun::DoesNotCompile(_) | NotRun::Blocked(_)))) => {
                let mut row = Row::new(known, State::NotCompiled);
                row.note = Some(error.to_string());
                row
            }
            Some(Err(error)) => Row::unreadable(known, error.to_string()),
            None => Row::unreadable(known, "it was not tried".into()),
        };
        // What remains on the reference's earlier lessons is this lesson's own.
        let judged_by = alone
            .as_ref()
            .and_then(|alone| alone.as_ref().ok())
            .or(ran.as_ref());
        let open: Vec<_> = answers::open(src, &known.exercises)
            .iter()
            .map(|exercise| lesson_tests::owner_name(exercise, &known.exercises))
            .collect();
        match judged_by {
            Some(run) => row.judge(known, src, run, &open),
            None => row.exercises = judged(known, |name| not_run_or_open(name, &open)),
        }
        if let Some(run) = &ran {
            row.divide(run, &open);
        }
        row.consequence = consequence;
        if blocked && row.note.is_none() {
            row.note = Some(
                "an earlier lesson does not compile, so it was tried on the reference's".into(),
            );
        }
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
        let formatted = difference::formatted(src);
        let reference = &known.reference;
        row.differences = difference::all(&known.exercises, reference, &formatted, &known.page);
        (row.same, row.not_called) = likeness::all(known, &formatted);
        row.own_text = likeness::own_text(known, &formatted, &row.same);
        row.likeness = match row.same.len() == known.exercises.len() {
            _ if src.same_text(&known.as_put) => Some(Likeness::Reference),
            true => Some(Likeness::ButForNames),
            false => None,
        };
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
            row.state = State::Wrong;
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
            exercises: judged(known, |_| match state {
                State::Untouched => Standing::Untouched,
                _ => Standing::NotRun,
            }),
            failing: Vec::new(),
            waiting: Vec::new(),
            not_run: Vec::new(),
            mistakes: Vec::new(),
            consequence: false,
            likeness: None,
            alike: Vec::new(),
            own_text: Vec::new(),
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

    /// It passes, but for exercises that a class may leave out.
    pub fn is_done(&self) -> bool {
        let is_done =
            |e: &Judged| e.state == Standing::Passed || e.optional && e.state == Standing::Open;
        match self.state {
            State::Passed => true,
            State::Open => self.exercises.iter().all(is_done),
            _ => false,
        }
    }

    /// The exercises in this state.
    pub fn exercises_in(&self, state: Standing) -> Vec<&str> {
        let exercises = self.exercises.iter().filter(|e| e.state == state);
        exercises.map(|exercise| exercise.name.as_str()).collect()
    }

    /// Leaves out what shows a learner how an exercise that does not pass is to be written.
    pub fn hide_answers(&mut self) {
        let passed = self.exercises_in(Standing::Passed);
        let passed: Vec<_> = passed.into_iter().map(str::to_owned).collect();
        let hidden = self
            .differences
            .extract_if(.., |difference| !passed.contains(&difference.exercise));
        self.hidden = hidden.map(|difference| difference.exercise).collect();
        self.not_called
            .retain(|not_called| passed.contains(&not_called.exercise));
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
    }

    /// What became of each exercise in `run`, and the typical mistakes in those whose tests can
    /// speak for themselves.
    fn judge(&mut self, known: &Known<'_>, src: &Files, run: &Run, open: &[String]) {
        let mut calls = known.calls.clone();
        calls.add(src);
        let names: Vec<_> = known
            .exercises
            .iter()
            .map(|exercise| lesson_tests::owner_name(exercise, &known.exercises))
            .collect();
        let mut states: Vec<Standing> = Vec::new();
        for name in &names {
            let tests = || known.tests.iter().filter(|test| test.module() == name);
            let failed = |test: &&Test| run.verdict(&test.name) == Some(Verdict::Failed);
            // Only earlier exercises are below, and their states are known.
            let speaks = |test: &Test| {
                let below = calls.below(test, &known.exercises);
                let is_red = |at: &usize| states[*at] != Standing::Passed;
                !is_unwritten(run, &test.name) && !below.iter().any(is_red)
            };
            let passed = |test: &Test| run.verdict(&test.name) == Some(Verdict::Passed);
            let state = if open.contains(name) {
                Standing::Open
            } else if tests().filter(failed).any(speaks) {
                Standing::Wrong
            } else if tests().any(|test| failed(&test)) {
                Standing::Waiting
            } else if tests().all(passed) {
                Standing::Passed
            } else {
                Standing::NotRun
            };
            if state == Standing::Wrong {
                let spoken: Vec<_> = tests().filter(failed).filter(|test| speaks(test)).collect();
                self.mistakes.extend(recognised(known, run, name, &spoken));
            }
            states.push(state);
        }
        let mut states = names.iter().zip(states);
        self.exercises = judged(known, |_| {
            states.next().map_or(Standing::NotRun, |(_, s)| s)
        });
    }

    /// Divides the failing tests into those that say something, and those that wait for what is not
    /// written; and the lesson with them.
    fn divide(&mut self, run: &Run, open: &[String]) {
        let waits = |failing: &mut Failing| {
            let module = failing
                .test
                .split_once("::")
                .map_or("", |(module, _)| module);
            open.iter().any(|name| name == module) || is_unwritten(run, &failing.test)
        };
        let waiting = self.failing.extract_if(.., waits);
        self.waiting = waiting.map(|failing| failing.test).collect();
        if self.state == State::Wrong && self.failing.is_empty() {
            self.state = State::Open;
        }
    }
}

/// The exercises of a lesson, each in the state that `state` says.
fn judged(known: &Known<'_>, mut state: impl FnMut(&str) -> Standing) -> Vec<Judged> {
    let exercises = known.exercises.iter().map(|exercise| {
        let name = lesson_tests::owner_name(exercise, &known.exercises);
        Judged {
            state: state(&name),
            optional: known.optional.contains(&name),
            name,
        }
    });
    exercises.collect()
}

fn not_run_or_open(name: &str, open: &[String]) -> Standing {
    match open.iter().any(|open| open == name) {
        true => Standing::Open,
        false => Standing::NotRun,
    }
}

/// Whether a test failed in a `todo!`.
fn is_unwritten(run: &Run, test: &str) -> bool {
    let outcome = run.tests.get(test);
    outcome.is_some_and(|outcome| outcome.output.contains("not yet implemented"))
}

/// Whether a given file is as the starter has it.
fn is_given(theirs: &Files, starter: &Files, path: &Path) -> bool {
    match (theirs.get(path), starter.get(path)) {
        (Some(theirs), Some(given)) => same_text(theirs, given),
        (theirs, given) => theirs.is_none() && given.is_none(),
    }
}

/// The typical mistakes in an exercise that its failing tests explain.
fn recognised(known: &Known<'_>, run: &Run, exercise: &str, failed: &[&Test]) -> Vec<Made> {
    let explained = |mistake: &&Mistake| {
        let is_there = failed.iter().any(|test| test.name == mistake.test);
        let outcome = run.tests.get(&mistake.test);
        is_there && outcome.is_some_and(|outcome| mistake.is_explained_by(&outcome.output))
    };
    let found = known.mistakes.iter().enumerate();
    let found = found.filter(|(_, mistake)| explained(mistake));
    let made = found.map(|(place, mistake)| Made {
        place,
        exercise: exercise.to_owned(),
        name: mistake.name.clone(),
        why: mistake.why.split_whitespace().collect::<Vec<_>>().join(" "),
    });
    made.collect()
}
