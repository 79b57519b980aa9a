//! `cargo workbook compare`: learners' lessons against the reference, on this workbook's own tests.
//!
//! Only `lessons/*/src` is taken from a checkout. It is built in a scratch copy of this workbook,
//! with its manifests, tests and snapshots. A lesson stands on the learner's earlier lessons; one
//! that fails is tried on the reference's too, which tells a consequence from a cause.

mod checkout;
mod difference;
mod report;
mod system;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anstream::{eprintln, print, println};
use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use serde::Serialize;

use crate::answers;
use crate::check::count;
use crate::check::scratch::Scratch;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::lesson_tests::{self, GIVEN, Test, WHOLE};
use crate::mistakes::{self, Mistake};
use crate::run::{End, NotRun, Run, Tried, Verdict};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

use difference::Difference;

/// What is kept of a failing test's output, in characters.
const MOST_SAID: usize = 2000;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for the terminal.
    Table,
    Json,
    Junit,
}

/// A learner's checkout, compared.
#[derive(Debug, Serialize)]
pub struct Learner {
    pub name: String,
    pub dir: PathBuf,
    /// Why nothing could be compared.
    pub problem: Option<String>,
    pub lessons: Vec<Row>,
}

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

/// What is known of a lesson, read once for all learners.
struct Known<'w> {
    lesson: &'w Lesson,
    starter: Files,
    reference: Files,
    exercises: Vec<Exercise>,
    tests: Vec<Test>,
    mistakes: Vec<Mistake>,
    stands_on: Vec<&'w Lesson>,
}

/// Compares the learner's own lessons, or those of the checkouts among `arguments`. The first
/// argument may name a lesson. Tells whether every checkout could be compared.
pub fn run(
    workbook: &Workbook,
    arguments: &[String],
    format: Format,
    html: Option<&Path>,
    limit: Duration,
) -> Result<bool> {
    let (only, dirs) = match arguments.split_first() {
        Some((first, rest)) if !Path::new(first).is_dir() => (Some(workbook.lesson(first)?), rest),
        _ => (None, arguments),
    };
    let known = known(workbook)?;
    let wanted = |lesson: &Lesson| only.is_none_or(|only| only == lesson);
    if !known.iter().any(|k| wanted(k.lesson)) {
        bail!("there is no lesson with tests to compare");
    }
    let own = [workbook.root.to_string_lossy().into_owned()];
    let is_own = dirs.is_empty();
    let dirs = if is_own { &own } else { dirs };
    // What took minutes is not lost to a wrong name.
    let unwritable = |file: &Path, error| anyhow!("cannot write {}: {error}", file.display());
    let page = html
        .map(|file| fs::File::create(file).map_err(|error| unwritable(file, error)))
        .transpose()?;
    let started = Instant::now();
    let scratch = Scratch::limited(workbook, "compare", limit)?;
    let mut learners = compare(workbook, scratch, &known, dirs, &wanted)?;
    if is_own {
        let rows = learners.iter_mut().flat_map(|learner| &mut learner.lessons);
        rows.for_each(Row::hide_answers);
    }
    if let (Some(mut page), Some(file)) = (page, html) {
        page.write_all(report::html(&learners).as_bytes())
            .map_err(|error| unwritable(file, error))?;
    }
    match format {
        Format::Table => print!("{}", report::table(&learners)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&learners)?),
        Format::Junit => print!("{}", report::junit(&learners)),
    }
    let took = started.elapsed().as_secs_f32();
    eprintln!("{} in {took:.1} s", count(learners.len(), "checkout"));
    Ok(learners.iter().all(|learner| learner.problem.is_none()))
}

fn known(workbook: &Workbook) -> Result<Vec<Known<'_>>> {
    let mut known = Vec::new();
    for lesson in &workbook.lessons {
        let (tests, _) = workbook.test_target(lesson);
        if !workbook.path(tests).is_file() {
            continue;
        }
        let (starter, exercises) = starter::starter(workbook, lesson)?;
        known.push(Known {
            lesson,
            starter,
            exercises,
            reference: difference::formatted(&starter::reference(workbook, lesson)?),
            tests: lesson_tests::tests(workbook, lesson).map_err(|problem| anyhow!("{problem}"))?,
            mistakes: mistakes::read(workbook, lesson).map_err(|problem| anyhow!("{problem}"))?,
            stands_on: workbook.stands_on(lesson)?,
        });
    }
    Ok(known)
}

/// One learner's lesson on its way through the scratch copy.
struct Trial {
    learner: usize,
    known: usize,
    src: Files,
    /// The package on the learner's own lessons, and the one on the reference's.
    own: String,
    on_reference: String,
}

fn compare(
    workbook: &Workbook,
    mut scratch: Scratch<'_>,
    known: &[Known<'_>],
    dirs: &[String],
    wanted: &dyn Fn(&Lesson) -> bool,
) -> Result<Vec<Learner>> {
    remove_trials(&scratch.root)?;
    scratch.lay_out(&[])?;
    let (mut learners, trials) = collect(&scratch, known, dirs, wanted)?;

    let begun = |trial: &Trial| !trial.src.same_text(&known[trial.known].starter);
    let tried: Vec<_> = trials.iter().filter(|trial| begun(trial)).collect();
    let own = |trial: &Trial| trial.own.clone();
    let mut results = try_all(&mut scratch, &tried, own)?;

    let again: Vec<_> = tried
        .iter()
        .filter(|trial| {
            let passed = results.get(&trial.own).is_some_and(passed);
            !passed && !known[trial.known].stands_on.is_empty()
        })
        .copied()
        .collect();
    for trial in &again {
        let lesson = known[trial.known].lesson;
        let to = Path::new("lessons").join(&trial.on_reference);
        scratch.package(lesson, &to, &trial.on_reference, &trial.src, &[])?;
    }
    let alone = |trial: &Trial| trial.on_reference.clone();
    results.extend(try_all(&mut scratch, &again, alone)?);

    for trial in &trials {
        let known = &known[trial.known];
        let mut row = match begun(trial) {
            true => {
                let own = results.remove(&trial.own);
                row(known, &trial.src, own, results.remove(&trial.on_reference))
            }
            false => Row::new(known, State::NotStarted),
        };
        let says = row.failing.iter_mut().map(|failing| &mut failing.says);
        for text in says.chain(&mut row.note) {
            *text = named_as_theirs(text, workbook, trial.learner);
        }
        learners[trial.learner].lessons.push(row);
    }
    for learner in &mut learners {
        learner.lessons.sort_by(|a, b| a.lesson.cmp(&b.lesson));
    }
    remove_trials(&scratch.root)?;
    Ok(learners)
}

/// Takes the checkouts' lessons, those that the wanted ones stand on too, into the scratch copy.
fn collect(
    scratch: &Scratch<'_>,
    known: &[Known<'_>],
    dirs: &[String],
    wanted: &dyn Fn(&Lesson) -> bool,
) -> Result<(Vec<Learner>, Vec<Trial>)> {
    let mut learners = Vec::new();
    let mut trials = Vec::new();
    for (index, dir) in dirs.iter().enumerate() {
        let dir = PathBuf::from(dir);
        let mut learner = Learner {
            name: checkout::name(&dir, dirs),
            problem: checkout::problem(&dir),
            dir,
            lessons: Vec::new(),
        };
        let mut stack: Vec<(&str, String)> = Vec::new();
        let readable = known.iter().filter(|_| learner.problem.is_none());
        for (at, known) in readable.enumerate() {
            let own = package("own", known.lesson, index);
            match checkout::src(&learner.dir, known.lesson) {
                Ok(src) => {
                    let to = Path::new("lessons").join(&own);
                    scratch.package(known.lesson, &to, &own, &src, &stack)?;
                    stack.push((&known.lesson.topic, own.clone()));
                    if wanted(known.lesson) {
                        trials.push(Trial {
                            learner: index,
                            known: at,
                            src,
                            own,
                            on_reference: package("alone", known.lesson, index),
                        });
                    }
                }
                Err(error) => {
                    // The reference takes its place, and stands on the reference's earlier ones:
                    // the learner's have other types.
                    stack.clear();
                    if wanted(known.lesson) {
                        learner.lessons.push(Row::unreadable(known, error));
                    }
                }
            }
        }
        learners.push(learner);
    }
    Ok((learners, trials))
}

/// A learner's package on their own lessons (`own`), or on the reference's (`alone`). Behind the
/// hyphen is the topic, which the kit names.
fn package(kind: &str, lesson: &Lesson, learner: usize) -> String {
    format!("{kind}{learner:03}-{}", lesson.topic)
}

/// `text` with the places that the learner knows.
fn named_as_theirs(text: &str, workbook: &Workbook, learner: usize) -> String {
    let mut text = text.to_owned();
    for lesson in &workbook.lessons {
        for kind in ["own", "alone"] {
            let folder = format!("lessons/{}/", package(kind, lesson, learner));
            text = text.replace(&folder, &format!("lessons/{}/", lesson.stem));
        }
    }
    text
}

fn passed(tried: &Tried) -> bool {
    tried.as_ref().is_ok_and(Run::passed)
}

fn try_all(
    scratch: &mut Scratch<'_>,
    trials: &[&Trial],
    package: impl Fn(&Trial) -> String,
) -> Result<BTreeMap<String, Tried>> {
    let packages: Vec<_> = trials.iter().map(|trial| package(trial)).collect();
    if packages.is_empty() {
        return Ok(BTreeMap::new());
    }
    scratch.build_packages(&packages)?;
    let dirs = packages
        .iter()
        .map(|package| Path::new("lessons").join(package));
    let dirs: Vec<_> = dirs.map(|dir| (dir, None)).collect();
    Ok(packages.into_iter().zip(scratch.run_all(&dirs)).collect())
}

fn row(known: &Known<'_>, src: &Files, own: Option<Tried>, alone: Option<Tried>) -> Row {
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
        Some(Ok(run)) => {
            let state = match run.end {
                End::Stopped => State::TimedOut,
                End::Early => State::EndedEarly,
                End::Complete if run.tests.is_empty() => State::EndedEarly,
                End::Complete => State::Passed,
            };
            let mut row = Row::new(known, state);
            row.read(known, &run);
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
        row.note =
            Some("an earlier lesson does not compile, so it was tried on the reference's".into());
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
            !holds_exercises && !same_file(src, &known.starter, path)
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    row.uses = system::uses(src, &known.reference);
    row.differences = difference::all(&known.exercises, &known.reference, src);
    row
}

fn same_file(one: &Files, other: &Files, path: &Path) -> bool {
    let text = |files: &Files| {
        let bytes = files.get(path)?;
        Some(String::from_utf8_lossy(bytes).replace("\r\n", "\n"))
    };
    text(one) == text(other)
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

impl Row {
    fn new(known: &Known<'_>, state: State) -> Self {
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
            hidden: Vec::new(),
            note: None,
        }
    }

    fn unreadable(known: &Known<'_>, why: String) -> Self {
        Self {
            note: Some(why),
            ..Self::new(known, State::Unreadable)
        }
    }

    /// The exercises with a test that fails, and those that are open.
    fn red(&self) -> Vec<&str> {
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
    fn hide_answers(&mut self) {
        let ran = [State::Passed, State::Failed].contains(&self.state);
        let red: Vec<_> = self.red().into_iter().map(str::to_owned).collect();
        let hidden = self
            .differences
            .extract_if(.., |difference| !ran || red.contains(&difference.exercise));
        self.hidden = hidden.map(|difference| difference.exercise).collect();
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

/// What learners wrote does not stay, and does not slow the next build down.
fn remove_trials(root: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(root.join("lessons")) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_trial = |kind| {
            name.strip_prefix(kind)
                .is_some_and(|rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        if ["own", "alone"].into_iter().any(is_trial) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
