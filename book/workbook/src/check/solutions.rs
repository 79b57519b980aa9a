//! Solutions pass every test, and the shims beside them run the lessons' very tests.

use anyhow::Result;

use super::scratch::Scratch;
use super::subject::Subject;
use super::{Finding, count};
use crate::files::Files;
use crate::problem::Problem;
use crate::run::{End, Verdict};
use crate::workspace::Workbook;

pub fn check(workbook: &Workbook, scratch: &Scratch, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let mut passed = 0;
    let dirs: Vec<_> = subjects
        .iter()
        .map(|s| (s.reference_package(), None))
        .collect();
    let runs = scratch.run_all(&dirs);
    for ((subject, (dir, _)), run) in subjects.iter().zip(&dirs).zip(runs) {
        let lesson = &subject.lesson;
        let src = lesson.solution_src();
        problems.extend(no_shim(workbook, subject)?);
        let warnings = scratch.warnings(dir).into_iter();
        // Those of the tests are reported with the starters.
        for (file, line, message) in warnings.filter(|(file, ..)| file.starts_with("src")) {
            let message = format!("a warning in the solution: {message}");
            problems.push(Problem::new(lesson.solution().join(file), line, message));
        }
        let tests = match &subject.tests {
            Ok(tests) => tests,
            Err(problem) => {
                problems.push(problem.clone());
                continue;
            }
        };
        let run = match run {
            Ok(run) => run,
            Err(why) => {
                problems.push(Problem::new(src, None, format!("the solution {why}")));
                continue;
            }
        };
        if run.end != End::Complete || run.tests.is_empty() {
            let rest: Vec<_> = run.rest.split_whitespace().take(40).collect();
            let message = match run.end {
                End::Stopped => "the solution's tests do not end".to_string(),
                End::Early => format!("the solution ends its test program: {}", rest.join(" ")),
                End::Complete => "no test ran".to_string(),
            };
            problems.push(Problem::new(&src, None, message));
            continue;
        }
        for test in tests {
            let message = match run.tests.get(&test.name) {
                Some(outcome) => match outcome.verdict {
                    Verdict::Passed => {
                        passed += 1;
                        continue;
                    }
                    Verdict::Ignored => "is ignored".to_string(),
                    Verdict::Failed => {
                        let first = outcome.output.trim().lines().next().unwrap_or_default();
                        format!("fails on the solution: {first}")
                    }
                },
                None => "did not run".to_string(),
            };
            let message = format!("`{}` {message}", test.name);
            problems.push(Problem::new(&test.file, test.line, message));
        }
        for name in run.tests.keys().filter(|name| subject.test(name).is_none()) {
            let message = format!("`{name}` ran, but its source was not found");
            problems.push(Problem::new(workbook.test_target(lesson).0, None, message));
        }
    }
    Ok(Finding {
        looked_at: format!(
            "{}, {}",
            count(subjects.len(), "lesson"),
            count(passed, "passing test")
        ),
        problems,
    })
}

/// `cargo test` runs a lesson's tests on the solution only through the shim.
fn no_shim(workbook: &Workbook, subject: &Subject) -> Result<Option<Problem>> {
    let lesson = &subject.lesson;
    let dir = lesson.solution().join("tests");
    let (tests, _) = workbook.test_target(lesson);
    let tests = tests.display().to_string().replace('\\', "/");
    let path = format!("#[path = \"../../../{tests}\"]");
    let shims = Files::read(&workbook.path(&dir))?;
    let found = shims
        .values()
        .any(|text| String::from_utf8_lossy(text).contains(&path));
    let message = format!("no test file has `{path}`");
    Ok((!found).then(|| Problem::new(dir, None, message)))
}
