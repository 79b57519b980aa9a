//! What was found, for classroom tools.

use std::fmt::Write;

use super::{printable, stamp};
use crate::compare::Compared;
use crate::compare::row::{Standing, State};

/// The form that classroom tools read: a suite for each lesson of each learner. What is wrong fails.
/// What is not written is skipped, and an exercise that is open is one entry.
pub fn junit(compared: &Compared) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for learner in &compared.learners {
        if let Some(problem) = &learner.problem {
            let mut suite = Suite::new(&learner.name, compared);
            suite.fails("checkout", "error", problem);
            xml += &suite.xml();
        }
        for row in &learner.lessons {
            let mut suite = Suite::new(&format!("{}: {}", learner.name, row.lesson), compared);
            let note = |why: &'static str| row.note.clone().unwrap_or(why.to_owned());
            match row.state {
                State::Passed | State::Wrong | State::Open => {}
                State::Untouched => suite.skips(&row.lesson, "untouched"),
                State::NotCompiled => suite.fails("build", "error", &note("does not compile")),
                State::TimedOut => suite.fails("time", "error", &note("did not end")),
                State::EndedEarly => {
                    suite.fails("exit", "error", &note("ended before its tests did"))
                }
                State::Unreadable => suite.fails("read", "error", &note("could not be read")),
            }
            let open = row.exercises_in(Standing::Open);
            for exercise in &open {
                suite.skips(exercise, "open: not written yet");
            }
            for failing in &row.failing {
                suite.fails(&failing.test, "failure", &failing.says);
            }
            for test in &row.passed {
                suite.passes(test);
            }
            let module = |test: &str| test.split_once("::").map_or("", |(m, _)| m).to_owned();
            let of_open = |test: &&String| open.contains(&module(test).as_str());
            for test in row.waiting.iter().filter(|test| !of_open(test)) {
                suite.skips(test, "waits for an exercise that is open");
            }
            if row.state != State::Untouched {
                for test in row.not_run.iter().filter(|test| !of_open(test)) {
                    suite.skips(test, "not run");
                }
            }
            xml += &suite.xml();
        }
    }
    xml + "</testsuites>\n"
}

struct Suite {
    name: String,
    stamp: String,
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Suite {
    fn new(name: &str, compared: &Compared) -> Self {
        Self {
            name: escape(name),
            stamp: escape(&stamp(compared)),
            cases: String::new(),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
        }
    }

    fn passes(&mut self, test: &str) {
        self.case(test, "/>");
    }

    fn skips(&mut self, test: &str, why: &str) {
        self.skipped += 1;
        self.case(
            test,
            &format!("><skipped message=\"{}\"/></testcase>", escape(why)),
        );
    }

    /// `kind` is `failure` or `error`.
    fn fails(&mut self, test: &str, kind: &str, text: &str) {
        match kind {
            "error" => self.errors += 1,
            _ => self.failures += 1,
        }
        let first = escape(text.lines().next().unwrap_or_default());
        let text = escape(text);
        self.case(
            test,
            &format!("><{kind} message=\"{first}\">{text}</{kind}></testcase>"),
        );
    }

    fn case(&mut self, test: &str, rest: &str) {
        self.tests += 1;
        let (class, test) = (&self.name, escape(test));
        _ = writeln!(
            self.cases,
            "    <testcase classname=\"{class}\" name=\"{test}\"{rest}"
        );
    }

    fn xml(&self) -> String {
        let Self {
            name,
            stamp,
            cases,
            tests,
            failures,
            errors,
            skipped,
        } = self;
        format!(
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" \
             errors=\"{errors}\" skipped=\"{skipped}\">\n    <properties><property \
             name=\"compared\" value=\"{stamp}\"/></properties>\n{cases}  </testsuite>\n"
        )
    }
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
