//! `cargo workbook check`: proves the five things that cannot disagree, for maintainers and CI.
//!
//! - `starters`: current, formatted, without a warning, and failing every test that asks for work
//! - `solutions`: pass every test
//! - `exercises`: each is owned by tests, and each test by an exercise
//! - `mistakes`: each compiles, and is caught by the named test with the named explanation
//! - `equivalents`: each solution that is written differently passes every test
//! - `snapshots`: each is used by a test
//! - `book`: no broken link or anchor, nothing that renders empty

mod equivalents;
mod exercises;
mod mistakes;
pub mod scratch;
mod snapshots;
mod solutions;
mod starters;
mod subject;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::book;
use crate::problem::Problem;
use crate::workspace::Workbook;
use scratch::Scratch;
use subject::Subject;

const NAMES: [&str; 7] = [
    "starters",
    "solutions",
    "exercises",
    "mistakes",
    "equivalents",
    "snapshots",
    "book",
];

/// What a check looked at, and what it found.
#[derive(Debug, Default)]
struct Finding {
    /// Counts: `3 lessons, 41 mistakes caught`.
    looked_at: String,
    problems: Vec<Problem>,
}

/// Runs the checks named in `only`, or all, on the lessons called, or all. Tells whether all is well.
pub fn run(workbook: &Workbook, called: &[String], only: &[String]) -> Result<bool> {
    if let Some(name) = only.iter().find(|name| !NAMES.contains(&name.as_str())) {
        bail!("no check `{name}`; there are {}", NAMES.join(", "));
    }
    let lessons = workbook.lessons(called)?;
    if lessons.is_empty() {
        bail!("there is no lesson in lessons/, so there is nothing to check");
    }
    // The book is one: it is not checked for a lesson alone, unless asked.
    let wanted = |name: &str| match only.is_empty() {
        true => called.is_empty() || name != "book",
        false => only.iter().any(|o| o == name),
    };
    let started = Instant::now();
    let subjects: Vec<_> = lessons
        .iter()
        .map(|lesson| Subject::read(workbook, lesson))
        .collect();

    let mut scratch = Scratch::new(workbook)?;
    if ["starters", "solutions", "mistakes", "equivalents"]
        .into_iter()
        .any(wanted)
    {
        scratch.lay_out(&subjects)?;
        let built = scratch.build(&subjects, wanted)?;
        let took = started.elapsed().as_secs_f32();
        eprintln!("built {} in {took:.1} s", count(built, "test program"));
    }

    let mut report = Report::default();
    for name in NAMES.into_iter().filter(|name| wanted(name)) {
        let started = Instant::now();
        let finding = match name {
            "starters" => starters::check(workbook, &scratch, &subjects)?,
            "solutions" => solutions::check(workbook, &scratch, &subjects)?,
            "exercises" => exercises::check(workbook, &subjects)?,
            "mistakes" => mistakes::check(&scratch, &subjects)?,
            "equivalents" => equivalents::check(&scratch, &subjects)?,
            "snapshots" => snapshots::check(workbook, &subjects)?,
            _ => Finding {
                looked_at: "links, anchors, includes".into(),
                problems: book::problems(&workbook.root)?,
            },
        };
        report.add(name, finding, started);
    }
    Ok(report.end(started))
}

#[derive(Default)]
struct Report {
    problems: usize,
    failed: Vec<&'static str>,
}

impl Report {
    fn add(&mut self, name: &'static str, finding: Finding, started: Instant) {
        let took = started.elapsed().as_secs_f32();
        let verdict = match finding.problems.len() {
            0 => "ok".to_string(),
            n => count(n, "problem"),
        };
        println!("{name:<10} {verdict}: {} ({took:.1} s)", finding.looked_at);
        for problem in &finding.problems {
            println!("  {problem}");
        }
        if !finding.problems.is_empty() {
            self.problems += finding.problems.len();
            self.failed.push(name);
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
