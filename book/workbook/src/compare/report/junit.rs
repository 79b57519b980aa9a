//! What was found, for classroom tools.

use std::fmt::Write;

use super::printable;
use crate::compare::Learner;
use crate::compare::row::State;

/// The form that classroom tools read: a suite for each lesson of each learner.
pub fn junit(learners: &[Learner]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for learner in learners {
        if let Some(problem) = &learner.problem {
            let name = escape(&learner.name);
            xml += &suite(&name, 1, 0, 1, &case(&name, "checkout", "error", problem));
        }
        for row in &learner.lessons {
            let name = escape(&format!("{}: {}", learner.name, row.lesson));
            let mut cases = String::new();
            let errors = match row.state {
                State::Passed | State::Failed => 0,
                _ => 1,
            };
            if errors == 1 {
                let why = match row.state {
                    State::NotCompiled => "does not compile",
                    State::TimedOut => "did not end",
                    State::EndedEarly => "ended before its tests did",
                    State::NotStarted => "not started",
                    _ => "could not be read",
                };
                let note = row.note.as_deref().unwrap_or(why);
                cases += &case(&name, why, "error", note);
            }
            for failing in &row.failing {
                cases += &case(&name, &failing.test, "failure", &failing.says);
            }
            for test in &row.passed {
                let test = escape(test);
                _ = writeln!(
                    cases,
                    "    <testcase classname=\"{name}\" name=\"{test}\"/>"
                );
            }
            for test in &row.not_run {
                let test = escape(test);
                _ = writeln!(
                    cases,
                    "    <testcase classname=\"{name}\" name=\"{test}\"><skipped/></testcase>"
                );
            }
            let tests = row.failing.len() + row.passed.len() + row.not_run.len() + errors;
            xml += &suite(&name, tests, row.failing.len(), errors, &cases);
        }
    }
    xml + "</testsuites>\n"
}

fn suite(name: &str, tests: usize, failures: usize, errors: usize, cases: &str) -> String {
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{cases}  </testsuite>\n"
    )
}

fn case(class: &str, name: &str, kind: &str, text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    format!(
        "    <testcase classname=\"{class}\" name=\"{}\"><{kind} message=\"{}\">{}</{kind}></testcase>\n",
        escape(name),
        escape(first),
        escape(text)
    )
}

/// In text and in attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
