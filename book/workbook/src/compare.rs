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
//! | `reading`, `difference`, `discussed`, `likeness`, `system` | what the text of an answer shows |
//! | `stamp` | date and commit |
//! | `report` | the forms in which it is told |

mod checkout;
mod difference;
mod discussed;
mod known;
mod likeness;
mod reading;
mod report;
mod row;
mod stamp;
mod system;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anstream::{eprintln, print, println};
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::check::count;
use crate::check::scratch::Scratch;
use crate::workspace::{Lesson, Workbook};

use row::Row;

#[derive(Args)]
pub struct Options {
    /// Lessons to keep to, and directories with learners' checkouts, in any order.
    #[arg(value_name = "LESSON | DIR")]
    arguments: Vec<String>,
    /// What to print.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write a report on the class for a browser to this file too.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write reports for a browser into this directory too: one for each learner, about nobody else,
    /// and one without names, to be shown.
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// End with 1 unless every lesson compared passes; optional exercises may be open.
    #[arg(long)]
    must_pass: bool,
    /// Wall-clock time to compile one crate, and to run one lesson's tests.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for the terminal.
    Table,
    Json,
    Junit,
    /// One learner's marks, as the reporter of GitHub Classroom reads them.
    Classroom,
}

/// What was compared, when, and with what.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// When it was compared.
    pub date: String,
    /// The commit of the workbook that it was compared with.
    pub commit: Option<String>,
    pub learners: Vec<Learner>,
}

/// A learner's checkout, compared.
#[derive(Debug, Serialize)]
pub struct Learner {
    pub name: String,
    pub dir: PathBuf,
    /// The last commit of the checkout; the files may be newer.
    pub commit: Option<String>,
    /// Why nothing could be compared.
    pub problem: Option<String>,
    pub lessons: Vec<Row>,
}

/// Compares the learner's own lessons, or those of the checkouts named. Tells whether every checkout
/// could be compared and, if it must, passes.
pub fn run(workbook: &Workbook, options: &Options) -> Result<bool> {
    let (only, dirs) = chosen(workbook, &options.arguments)?;
    let known = known::all(workbook)?;
    let wanted = |lesson: &Lesson| only.is_empty() || only.contains(&lesson);
    if !known.iter().any(|k| wanted(k.lesson)) {
        bail!("there is no lesson with tests to compare");
    }
    let is_own = dirs.is_empty();
    let dirs = match is_own {
        true => vec![workbook.root.to_string_lossy().into_owned()],
        false => dirs,
    };
    if options.format == Format::Classroom && dirs.len() > 1 {
        bail!("marks are one learner's: name one checkout");
    }
    // What took minutes is not lost to a wrong name.
    if let Some(file) = &options.html {
        write(file, "")?;
    }
    if let Some(dir) = &options.reports {
        fs::create_dir_all(dir).with_context(|| format!("cannot write {}", dir.display()))?;
    }
    let started = Instant::now();
    let limit = Duration::from_secs(options.limit);
    let scratch = Scratch::limited(workbook, "compare", limit)?;
    let mut learners = trial::compare(workbook, scratch, &known, &dirs, &wanted)?;
    likeness::mark_alike(&mut learners);
    if is_own {
        let rows = learners.iter_mut().flat_map(|learner| &mut learner.lessons);
        rows.for_each(Row::hide_answers);
    }
    let compared = Compared {
        date: stamp::now(),
        commit: stamp::commit(&workbook.root),
        learners,
    };
    if let Some(file) = &options.html {
        write(file, &report::class(&compared))?;
    }
    if let Some(dir) = &options.reports {
        for (name, page) in report::pages(&compared) {
            write(&dir.join(name), &page)?;
        }
    }
    match options.format {
        Format::Table => print!("{}", report::table(&compared)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&compared)?),
        Format::Junit => print!("{}", report::junit(&compared)),
        Format::Classroom => println!("{}", report::classroom(&compared)),
    }
    let took = started.elapsed().as_secs_f32();
    let learners = &compared.learners;
    eprintln!("{} in {took:.1} s", count(learners.len(), "checkout"));
    let mut rows = learners.iter().flat_map(|learner| &learner.lessons);
    let is_well = learners.iter().all(|learner| learner.problem.is_none());
    Ok(is_well && (!options.must_pass || rows.all(Row::is_done)))
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// The lessons to keep to, if any is named, and the checkouts.
fn chosen<'w>(
    workbook: &'w Workbook,
    arguments: &[String],
) -> Result<(Vec<&'w Lesson>, Vec<String>)> {
    let (mut lessons, mut dirs) = (Vec::new(), Vec::new());
    for argument in arguments {
        let there = Path::new(argument).canonicalize().ok();
        let is_it = |lesson: &&Lesson| {
            let own = workbook.path(lesson.dir()).canonicalize();
            there.is_some() && there == own.ok()
        };
        if let Some(lesson) = workbook.lessons.iter().find(is_it) {
            lessons.push(lesson);
        } else if there.is_some() {
            dirs.push(argument.clone());
        } else if argument.contains(['/', '\\']) {
            bail!("there is no directory {argument}");
        } else if let Ok(lesson) = workbook.lesson(argument) {
            lessons.push(lesson);
        } else {
            let stems: Vec<_> = workbook.lessons.iter().map(|l| l.stem.as_str()).collect();
            bail!(
                "`{argument}` is neither a lesson nor a directory; the lessons are {}",
                stems.join(", ")
            );
        }
    }
    Ok((lessons, dirs))
}
