//! Every solution that is written differently, and right, passes every test.

use anyhow::Result;

use super::scratch::Scratch;
use super::subject::Subject;
use super::{Finding, count};
use crate::problem::Problem;
use crate::run::{End, Run, Verdict};

/// Fewer would say little about what the tests demand beyond the contract.
const AT_LEAST: usize = 3;

pub fn check(scratch: &Scratch, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let mut accepted = 0;
    let mut dirs = Vec::new();
    let mut tried = Vec::new();
    for subject in subjects {
        let list = subject.lesson.equivalents();
        let equivalents = match &subject.equivalents {
            Ok(equivalents) => equivalents,
            Err(problem) => {
                problems.push(problem.clone());
                continue;
            }
        };
        if equivalents.len() < AT_LEAST {
            let message = format!("{} of at least {AT_LEAST} equivalents", equivalents.len());
            problems.push(Problem::new(&list, None, message));
        }
        for (index, equivalent) in equivalents.iter().enumerate() {
            match equivalent.apply(&subject.solution, &list) {
                Ok(_) => {
                    dirs.push((subject.equivalent_package(index), None));
                    tried.push((list.clone(), equivalent));
                }
                Err(problem) => problems.push(problem),
            }
        }
    }
    let runs = scratch.run_all(&dirs);
    for ((list, equivalent), run) in tried.into_iter().zip(runs) {
        let wrong = match run {
            Ok(run) => not_accepted(&run),
            Err(why) => Some(why.to_string()),
        };
        match wrong {
            None => accepted += 1,
            Some(wrong) => {
                let message = format!("`{}`: {wrong}", equivalent.name);
                problems.push(Problem::new(list, equivalent.line, message));
            }
        }
    }
    problems.sort();
    Ok(Finding {
        looked_at: format!(
            "{}, {} accepted",
            count(subjects.len(), "lesson"),
            count(accepted, "equivalent")
        ),
        problems,
    })
}

fn not_accepted(run: &Run) -> Option<String> {
    let failed = run.tests.iter().find(|(_, o)| o.verdict == Verdict::Failed);
    match (failed, &run.end) {
        (Some((test, outcome)), _) => {
            let first = outcome.output.lines().next().unwrap_or_default();
            Some(format!("`{test}` refuses it: {first}"))
        }
        (None, End::Complete) if run.tests.is_empty() => Some("no test ran".into()),
        (None, End::Complete) => None,
        (None, End::Stopped) => Some("its tests do not end".into()),
        (None, End::Early) => Some("the program ended before its tests did".into()),
    }
}
