//! Starters are current, formatted, free of warnings, and fail every test that asks for work.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::scratch::Scratch;
use super::subject::Subject;
use super::{Finding, count};
use crate::files::Files;
use crate::lesson_tests::{GIVEN, Test};
use crate::manifest;
use crate::problem::Problem;
use crate::run::{End, Run, Verdict};
use crate::workspace::{Lesson, Workbook};

pub fn check(workbook: &Workbook, scratch: &Scratch, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let (mut files, mut failing) = (0, 0);
    let dirs: Vec<_> = subjects
        .iter()
        .map(|s| (s.starter_package(), None))
        .collect();
    let runs = scratch.run_all(&dirs);
    for ((subject, (dir, _)), run) in subjects.iter().zip(&dirs).zip(runs) {
        let lesson = &subject.lesson;
        let starter = match &subject.starter {
            Ok(starter) => starter,
            Err(problem) => {
                problems.push(problem.clone());
                continue;
            }
        };
        files += starter.len();
        problems.extend(not_current(workbook, subject, starter)?);
        problems.extend(manifests(workbook, lesson));
        problems.extend(not_formatted(scratch, subject)?);
        for (file, line, message) in scratch.warnings(dir) {
            let file = match file.starts_with("lessons") {
                true => file,
                false => lesson.dir().join(file),
            };
            let message = format!("a warning: {message}");
            problems.push(Problem::new(file, line, message));
        }
        let run = match run {
            Ok(run) => run,
            Err(why) => {
                let message = format!("the starter {why}");
                problems.push(Problem::new(lesson.src(), None, message));
                continue;
            }
        };
        // Without the list of tests, the check of the exercises says why.
        let Ok(tests) = &subject.tests else { continue };
        let must_fail: Vec<_> = tests.iter().filter(|t| t.module() != GIVEN).collect();
        failing += must_fail.len();
        if must_fail.is_empty() {
            let file = workbook.test_target(lesson).0;
            problems.push(Problem::new(file, None, "no test asks for work"));
        }
        problems.extend(not_failing(&run, &must_fail, lesson.src().as_path()));
    }
    let exercises = subjects.iter().map(|s| s.exercises.len()).sum();
    Ok(Finding {
        looked_at: [
            count(subjects.len(), "lesson"),
            count(exercises, "exercise"),
            count(files, "file"),
            count(failing, "failing test"),
        ]
        .join(", "),
        problems,
    })
}

/// The files in `lessons` that are not what the solution generates.
fn not_current(workbook: &Workbook, subject: &Subject, starter: &Files) -> Result<Vec<Problem>> {
    let lesson = &subject.lesson;
    let src = lesson.src();
    let there = Files::read(&workbook.path(&src))
        .with_context(|| format!("cannot read {}", src.display()))?;
    let command = format!("run `cargo workbook starters {}`", lesson.topic);
    let mut problems = Vec::new();
    for (path, bytes) in starter.iter() {
        match there.get(path) {
            None => {
                let message = format!("is missing: {command}");
                problems.push(Problem::new(src.join(path), None, message));
            }
            Some(old) if old != bytes => {
                let line = first_difference(old, bytes);
                let message = format!("is not what the solution generates: {command}");
                problems.push(Problem::new(src.join(path), line, message));
            }
            Some(_) => {}
        }
    }
    for path in there.keys().filter(|path| !starter.contains_key(*path)) {
        let message = format!("no file of the solution generates it: {command}");
        problems.push(Problem::new(src.join(path), None, message));
    }
    Ok(problems)
}

/// What is wrong with the solution's manifest, or is not what it generates.
fn manifests(workbook: &Workbook, lesson: &Lesson) -> Vec<Problem> {
    let untidy = manifest::untidy(workbook, lesson);
    let generated = manifest::generated(workbook, lesson);
    let (mut problems, generated) = match (untidy, generated) {
        (Ok(untidy), Ok(generated)) => (untidy, generated),
        (Err(problem), _) | (_, Err(problem)) => return vec![problem],
    };
    let command = format!("run `cargo workbook starters {}`", lesson.topic);
    for (path, text) in generated {
        let problem = match workbook.read(&path) {
            Err(_) => Problem::new(&path, None, format!("is missing: {command}")),
            Ok(there) if there != text => {
                let line = first_difference(there.as_bytes(), text.as_bytes());
                let message = format!("is not what the solution generates: {command}");
                Problem::new(&path, line, message)
            }
            Ok(_) => continue,
        };
        problems.push(problem);
    }
    problems
}

fn first_difference(old: &[u8], new: &[u8]) -> usize {
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (old, new) = (lines(old), lines(new));
    let same = old.lines().zip(new.lines()).take_while(|(a, b)| a == b);
    same.count() + 1
}

fn not_formatted(scratch: &Scratch, subject: &Subject) -> Result<Vec<Problem>> {
    let dir = subject.starter_package();
    let roots = ["src/lib.rs", "src/main.rs"].map(|file| dir.join(file));
    let roots = roots
        .iter()
        .filter(|file| scratch.root.join(file).is_file());
    let output = Command::new("rustfmt")
        .current_dir(&scratch.root)
        .args(["--check", "--edition", "2024", "--color", "never"])
        .args(roots)
        .output()
        .context("cannot start rustfmt")?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let mut problems = Vec::new();
    for line in stdout
        .lines()
        .filter_map(|line| line.strip_prefix("Diff in "))
    {
        let Some((file, line)) = line.trim_end_matches(':').rsplit_once(':') else {
            continue;
        };
        let file = Path::new(file);
        let file = match file.strip_prefix(scratch.root.join(&dir)) {
            Ok(file) => subject.lesson.dir().join(file),
            Err(_) => file.to_path_buf(),
        };
        let problem = Problem::new(file, line.parse().ok(), "rustfmt would change the starter");
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    if problems.is_empty() && !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("no reason given");
        let message = format!("rustfmt failed: {said}");
        problems.push(Problem::new(subject.lesson.src(), None, message));
    }
    Ok(problems)
}

/// The tests that say nothing to a learner who has not begun.
fn not_failing(run: &Run, must_fail: &[&Test], src: &Path) -> Vec<Problem> {
    // Every test would be reported after it, for the same reason.
    match run.end {
        End::Complete => {}
        End::Stopped => {
            let message = "the starter's tests do not end";
            return vec![Problem::new(src, None, message)];
        }
        End::Early => {
            let rest: Vec<_> = run.rest.split_whitespace().take(40).collect();
            let message = format!("the starter ends its test program: {}", rest.join(" "));
            return vec![Problem::new(src, None, message)];
        }
    }
    let mut problems = Vec::new();
    for test in must_fail {
        let message = match run.tests.get(&test.name) {
            None => "did not run on the starter",
            Some(outcome) => match outcome.verdict {
                Verdict::Passed => "passes on the starter: it asks for nothing",
                Verdict::Ignored => "is ignored",
                Verdict::Failed if outcome.output.contains("did not end within") => {
                    "hangs on the starter"
                }
                Verdict::Failed if !advises(&outcome.output) => {
                    "fails on the starter without advice"
                }
                Verdict::Failed => continue,
            },
        };
        let message = format!("`{}` {message}", test.name);
        problems.push(Problem::new(&test.file, test.line, message));
    }
    problems
}

/// Whether a failure says what to do. A bare panic begins with the name of its thread.
fn advises(output: &str) -> bool {
    let output = output.trim();
    output.contains("not yet implemented") || !(output.is_empty() || output.starts_with("thread '"))
}
