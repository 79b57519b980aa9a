//! Every mistake compiles, and is caught by the named test with the named explanation.

use anyhow::Result;

use super::scratch::Scratch;
use super::subject::Subject;
use super::{Finding, count};
use crate::lesson_tests;
use crate::mistakes::Mistake;
use crate::problem::Problem;
use crate::run::{End, Run, Verdict};

/// Fewer would leave an exercise's tests untested.
const AT_LEAST: usize = 10;

pub fn check(scratch: &Scratch, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let mut caught = 0;
    let mut tried = Vec::new();
    let mut dirs = Vec::new();
    for subject in subjects {
        let list = subject.lesson.mistakes();
        let mistakes = match &subject.mistakes {
            Ok(mistakes) => mistakes,
            Err(problem) => {
                problems.push(problem.clone());
                continue;
            }
        };
        if mistakes.len() < AT_LEAST {
            let message = format!("{} of at least {AT_LEAST} mistakes", mistakes.len());
            problems.push(Problem::new(&list, None, message));
        }
        let owners = lesson_tests::owners(&subject.exercises);
        for (index, mistake) in mistakes.iter().enumerate() {
            let known = owners.contains_key(&mistake.exercise)
                || owners.values().any(|e| e.name == mistake.exercise);
            let wrong = if !known {
                Some(format!("no exercise `{}`", mistake.exercise))
            } else if subject.tests.is_ok() && subject.test(&mistake.test).is_none() {
                Some(format!("no test `{}`", mistake.test))
            } else {
                None
            };
            if let Some(wrong) = wrong {
                let message = format!("`{}`: {wrong}", mistake.name);
                problems.push(Problem::new(&list, mistake.line, message));
            } else if let Err(problem) = mistake.apply(&subject.solution, &list) {
                problems.push(problem);
            } else {
                dirs.push((subject.mistake_package(index), Some(mistake.test.clone())));
                tried.push((list.clone(), mistake));
            }
        }
    }
    let runs = scratch.run_all(&dirs);
    for ((list, mistake), run) in tried.into_iter().zip(runs) {
        let wrong = match run {
            Ok(run) => not_caught(mistake, &run),
            Err(why) => Some(why.to_string()),
        };
        match wrong {
            None => caught += 1,
            Some(wrong) => {
                let message = format!("`{}`: {wrong}", mistake.name);
                problems.push(Problem::new(list, mistake.line, message));
            }
        }
    }
    problems.sort();
    Ok(Finding {
        looked_at: format!(
            "{}, {} caught",
            count(subjects.len(), "lesson"),
            count(caught, "mistake")
        ),
        problems,
    })
}

fn not_caught(mistake: &Mistake, run: &Run) -> Option<String> {
    let test = &mistake.test;
    let Some(outcome) = run.tests.get(test) else {
        return Some(match run.end {
            End::Stopped => format!("`{test}` does not end"),
            _ => format!("`{test}` did not run"),
        });
    };
    match outcome.verdict {
        Verdict::Passed => Some(format!("`{test}` does not catch it")),
        Verdict::Ignored => Some(format!("`{test}` is ignored")),
        Verdict::Failed if run.end != End::Complete => {
            Some(format!("the program of `{test}` ends early"))
        }
        Verdict::Failed if !mistake.is_explained_by(&outcome.output) => {
            let first = outcome.output.trim().lines().next().unwrap_or_default();
            Some(format!(
                "`{test}` does not say \"{}\", but begins: {first}",
                mistake.says
            ))
        }
        Verdict::Failed => None,
    }
}
