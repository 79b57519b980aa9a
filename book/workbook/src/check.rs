//! `cargo workbook check`: proves the five things that cannot disagree, for maintainers and CI.

mod equivalents;
mod exercises;
mod mistakes;
mod schemata;
pub mod scratch;
mod snapshots;
mod solutions;
mod starters;
mod subject;
mod variants;

use std::fmt;
use std::time::Instant;

use anstream::{eprintln, println};
use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::book;
use crate::problem::Problem;
use crate::workspace::Workbook;
use scratch::Scratch;
use subject::Subject;

/// The checks, in the order of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Current, formatted, without a warning, and failing every test that asks for work.
    Starters,
    /// Pass every test.
    Solutions,
    /// Each is owned by tests, and each test by an exercise.
    Exercises,
    /// Each compiles, and is caught by the named test with the named explanation.
    Mistakes,
    /// Each solution that is written differently passes every test.
    Equivalents,
    /// Each is used by a test.
    Snapshots,
    /// No broken link or anchor, nothing that renders empty.
    Book,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// What a check looked at, and what it found.
#[derive(Debug, Default)]
struct Finding {
    /// Counts: `3 lessons, 41 mistakes caught`.
    looked_at: String,
    problems: Vec<Problem>,
}

/// Runs the checks named in `only`, or all, on the lessons called, or all. Tells whether all is well.
pub fn run(workbook: &Workbook, called: &[String], only: &[Check]) -> Result<bool> {
    let lessons = workbook.lessons(called)?;
    if lessons.is_empty() {
        bail!("there is no lesson in lessons/, so there is nothing to check");
    }
    // The book is one: it is not checked for a lesson alone, unless asked.
    let wanted = |check| match only.is_empty() {
        true => called.is_empty() || check != Check::Book,
        false => only.contains(&check),
    };
    let started = Instant::now();
    let subjects: Vec<_> = lessons
        .iter()
        .map(|lesson| Subject::read(workbook, lesson))
        .collect();

    let mut scratch = Scratch::new(workbook)?;
    let run = [
        Check::Starters,
        Check::Solutions,
        Check::Mistakes,
        Check::Equivalents,
    ];
    if run.into_iter().any(wanted) {
        scratch.lay_out(&subjects)?;
        let (programs, alone) = scratch.build(&subjects, wanted)?;
        let took = started.elapsed().as_secs_f32();
        let programs = count(programs, "test program");
        let alone = match alone {
            0 => String::new(),
            1 => ", 1 variant in a program of its own".into(),
            n => format!(", {n} variants in programs of their own"),
        };
        eprintln!("built {programs} in {took:.1} s{alone}");
    }

    let mut report = Report::default();
    for &check in Check::value_variants()
        .iter()
        .filter(|check| wanted(**check))
    {
        let started = Instant::now();
        let finding = match check {
            Check::Starters => starters::check(workbook, &scratch, &subjects)?,
            Check::Solutions => solutions::check(workbook, &scratch, &subjects)?,
            Check::Exercises => exercises::check(workbook, &subjects)?,
            Check::Mistakes => mistakes::check(&scratch, &subjects)?,
            Check::Equivalents => equivalents::check(&scratch, &subjects)?,
            Check::Snapshots => snapshots::check(workbook, &subjects)?,
            Check::Book => Finding {
                looked_at: "links, anchors, includes, cards, commands".into(),
                problems: book::problems(&workbook.root)?,
            },
        };
        report.add(check, finding, started);
    }
    Ok(report.end(started))
}

#[derive(Default)]
struct Report {
    problems: usize,
    failed: Vec<String>,
}

impl Report {
    fn add(&mut self, check: Check, finding: Finding, started: Instant) {
        let took = started.elapsed().as_secs_f32();
        let verdict = match finding.problems.len() {
            0 => "ok".to_string(),
            n => count(n, "problem"),
        };
        println!("{check:<10} {verdict}: {} ({took:.1} s)", finding.looked_at);
        for problem in &finding.problems {
            println!("  {problem}");
        }
        if !finding.problems.is_empty() {
            self.problems += finding.problems.len();
            self.failed.push(check.to_string());
        }
    }

    fn end(self, started: Instant) -> bool {
        let took = started.elapsed().as_secs_f32();
        match self.failed.is_empty() {
            true => println!("all is well ({took:.1} s)"),
            false => println!(
                "{} in {} ({took:.1} s)",
                count(self.problems, "problem"),
                self.failed.join(", ")
            ),
        }
        self.failed.is_empty()
    }
}

/// `1 lesson`, `2 lessons`.
pub fn count(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}
