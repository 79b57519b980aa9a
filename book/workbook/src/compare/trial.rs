//! Learners' lessons in the scratch copy: built and run, on their own earlier lessons and, where they
//! fail, on the reference's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::known::Known;
use super::row::{Row, State};
use super::{Learner, checkout, stamp};
use crate::check::scratch::Scratch;
use crate::files::Files;
use crate::run::{Run, Tried};
use crate::workspace::{Lesson, Workbook};

/// One learner's lesson on its way through the scratch copy.
struct Trial {
    learner: usize,
    known: usize,
    src: Files,
    /// The package on the learner's own lessons, and the one on the reference's.
    own: String,
    on_reference: String,
}

/// Compares the lessons that are `wanted` of the checkouts in `dirs`.
pub fn compare(
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
                Row::of(known, &trial.src, own, results.remove(&trial.on_reference))
            }
            false => Row::new(known, State::Untouched),
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
    let names = checkout::names(dirs);
    for (index, (dir, name)) in dirs.iter().zip(names).enumerate() {
        let dir = PathBuf::from(dir);
        let mut learner = Learner {
            name,
            problem: checkout::problem(&dir),
            commit: stamp::commit(&dir),
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

pub fn passed(tried: &Tried) -> bool {
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
