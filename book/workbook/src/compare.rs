//! `cargo workbook compare`: learners' lessons against the reference, on this workbook's own tests.
//!
//! Only `lessons/*/src` is taken from a checkout. It is built in a scratch copy of this workbook,
//! with its manifests, tests and snapshots. A lesson stands on the learner's earlier lessons; one
//! that fails is tried on the reference's too, which tells a consequence from a cause.

//!
//! | module | knows |
//! |---|---|
//! | `known` | a lesson's reference, tests and mistakes |
//! | `checkout` | what is taken from a learner's checkout |
//! | `trial` | how it is built and run |
//! | `row` | what was found in a lesson |
//! | `difference`, `likeness`, `system` | what the text of an answer shows |
//! | `report` | the forms in which it is told |

mod checkout;
mod difference;
mod known;
mod likeness;
mod report;
mod row;
mod system;
mod trial;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anstream::{eprintln, print, println};
use anyhow::{Result, anyhow, bail};
use clap::ValueEnum;
use serde::Serialize;

use crate::check::count;
use crate::check::scratch::Scratch;
use crate::workspace::{Lesson, Workbook};

use row::Row;

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

/// Compares the learner's own lessons, or those of the checkouts among `arguments`. The first
/// argument may name a lesson. Tells whether every checkout could be compared.
pub fn run(
    workbook: &Workbook,
    arguments: &[String],
    format: Format,
    html: Option<&Path>,
    limit: Duration,
) -> Result<bool> {
    let (only, dirs) = chosen(workbook, arguments)?;
    let known = known::all(workbook)?;
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
    let mut learners = trial::compare(workbook, scratch, &known, dirs, &wanted)?;
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

/// The lesson to keep to, if one is named, and the checkouts.
fn chosen<'a>(
    workbook: &'a Workbook,
    arguments: &'a [String],
) -> Result<(Option<&'a Lesson>, &'a [String])> {
    let Some((first, rest)) = arguments.split_first() else {
        return Ok((None, arguments));
    };
    let there = Path::new(first).canonicalize().ok();
    let is_it = |lesson: &&Lesson| {
        let own = workbook.path(lesson.dir()).canonicalize();
        there.is_some() && there == own.ok()
    };
    let lesson = match workbook.lessons.iter().find(is_it) {
        Some(lesson) => lesson,
        None if there.is_some() => return Ok((None, arguments)),
        None if first.contains(['/', '\\']) => bail!("there is no directory {first}"),
        None => workbook
            .lesson(first)
            .map_err(|error| anyhow!("{error}; nor is there a directory `{first}`"))?,
    };
    let is_named = |dir: &&String| !Path::new(dir).exists() && workbook.lesson(dir).is_ok();
    match rest.iter().find(is_named) {
        Some(second) => bail!(
            "`{first}` and `{second}` are two lessons: name one, or none for all, before the checkouts"
        ),
        None => Ok((Some(lesson), rest)),
    }
}
