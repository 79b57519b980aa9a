//! Reads libtest's plain output: each test as it ends, then the failures.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How many bytes of a program's output are kept. Past them, only verdicts of tests and the summary
/// are looked for: code that prints without end must not fill the memory.
pub const MOST_OUTPUT: usize = 4 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    Passed,
    Failed,
    Ignored,
}

/// What became of one test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub verdict: Verdict,
    /// What a failing test printed; known at the end only.
    pub output: String,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It ran every test and said so.
    Complete,
    /// It was ended, because it ran too long or the caller wanted no more.
    Stopped,
    /// It ended by itself before all tests had run.
    Early,
}

/// What a test program did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub tests: BTreeMap<String, Outcome>,
    pub end: End,
    /// Output that belongs to no test, such as that of a program which ended early.
    pub rest: String,
    pub took: Duration,
}

impl Run {
    /// It ran tests, and all of them passed.
    pub fn passed(&self) -> bool {
        let failed = |outcome: &Outcome| outcome.verdict == Verdict::Failed;
        self.end == End::Complete && !self.tests.is_empty() && !self.tests.values().any(failed)
    }

    pub fn verdict(&self, test: &str) -> Option<Verdict> {
        self.tests.get(test).map(|outcome| outcome.verdict)
    }
}

/// Reads libtest's output, a line at a time.
#[derive(Default)]
pub struct Reader {
    tests: BTreeMap<String, Outcome>,
    /// The failing test whose output is being read.
    section: Option<String>,
    in_failures: bool,
    summary: Option<Summary>,
    rest: String,
    /// Bytes of output that were kept.
    kept: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Summary {
    passed: usize,
    failed: usize,
    ignored: usize,
}

impl Reader {
    pub fn line(&mut self, line: &str) -> Option<(String, Verdict)> {
        let text = line.trim_end_matches(['\n', '\r']);
        if let Some(summary) = summary(text) {
            self.summary = Some(summary);
            self.section = None;
            return None;
        }
        if text == "failures:" {
            // The first such line begins the output, the second a list of names.
            self.section = None;
            self.in_failures = true;
            return None;
        }
        if self.in_failures {
            if let Some(test) = heading(text)
                && self.tests.get(test).is_some_and(|t| t.output.is_empty())
            {
                self.section = Some(test.to_string());
            } else if let Some(test) = &self.section
                && let Some(outcome) = self.tests.get_mut(test)
                && self.kept < MOST_OUTPUT
            {
                outcome.output.push_str(text);
                outcome.output.push('\n');
                self.kept += line.len();
            }
            return None;
        }
        if let Some((test, verdict)) = ended(text) {
            // Code under test can print such a line too. What contradicts itself has not passed.
            let known = self.tests.get(test).map(|outcome| outcome.verdict);
            let verdict = match known {
                Some(known) if known != verdict => Verdict::Failed,
                _ => verdict,
            };
            let outcome = Outcome {
                verdict,
                output: String::new(),
            };
            if self.kept < MOST_OUTPUT {
                self.tests.insert(test.to_string(), outcome);
                self.kept += line.len();
            }
            return Some((test.to_string(), verdict));
        }
        if !text.is_empty() && !text.starts_with("running ") && self.kept < MOST_OUTPUT {
            self.rest.push_str(line);
            self.kept += line.len();
        }
        None
    }

    pub fn end(mut self, stopped: bool, success: bool, stderr: String, took: Duration) -> Run {
        for outcome in self.tests.values_mut() {
            outcome.output.truncate(outcome.output.trim_end().len());
        }
        let count = |verdict| self.tests.values().filter(|t| t.verdict == verdict).count();
        let counted = Summary {
            passed: count(Verdict::Passed),
            failed: count(Verdict::Failed),
            ignored: count(Verdict::Ignored),
        };
        let end = match self.summary {
            _ if stopped => End::Stopped,
            Some(summary) if summary == counted && success == (counted.failed == 0) => {
                End::Complete
            }
            _ => End::Early,
        };
        // libtest says on stderr only that tests failed; the rest is the program's.
        Run {
            tests: self.tests,
            end,
            rest: self.rest + &stderr,
            took,
        }
    }
}

/// `test NAME ... ok`
fn ended(line: &str) -> Option<(&str, Verdict)> {
    let (test, result) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let test = test.trim_end_matches(" - should panic");
    let verdict = match result {
        "ok" => Verdict::Passed,
        "FAILED" => Verdict::Failed,
        _ if result == "ignored" || result.starts_with("ignored, ") => Verdict::Ignored,
        _ => return None,
    };
    (!test.contains(' ')).then_some((test, verdict))
}

/// `---- NAME stdout ----`
fn heading(line: &str) -> Option<&str> {
    line.strip_prefix("---- ")?.strip_suffix(" stdout ----")
}

/// `test result: FAILED. 1 passed; 2 failed; 0 ignored; ...`
fn summary(line: &str) -> Option<Summary> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let number = |what: &str| {
        let part = counts.split("; ").find(|part| part.ends_with(what))?;
        part.split(' ').next()?.parse().ok()
    };
    Some(Summary {
        passed: number(" passed")?,
        failed: number(" failed")?,
        ignored: number(" ignored")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str, success: bool) -> (Run, Vec<String>) {
        let mut reader = Reader::default();
        let mut heard = Vec::new();
        for line in output.split_inclusive('\n') {
            if let Some((test, _)) = reader.line(line) {
                heard.push(test);
            }
        }
        let run = reader.end(false, success, String::new(), Duration::ZERO);
        (run, heard)
    }

    const FAILED: &str = "
running 4 tests
test a::passes ... ok
test a::fails ... FAILED
test b::is_slow ... ignored, slow
test b::also_fails ... FAILED

failures:

---- a::fails stdout ----
Advice.

failures:
---- other stdout ----
---- a::fails stdout ----

---- b::also_fails stdout ----
not yet implemented: f()


failures:
    a::fails
    b::also_fails

test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed
";

    #[test]
    fn each_test_has_its_verdict_and_output() {
        let (run, heard) = read(FAILED, false);
        assert_eq!(heard.len(), 4);
        assert_eq!(run.end, End::Complete);
        assert_eq!(run.verdict("a::passes"), Some(Verdict::Passed));
        assert_eq!(run.verdict("b::is_slow"), Some(Verdict::Ignored));
        assert_eq!(run.verdict("c"), None);
        assert!(run.tests["a::fails"].output.starts_with("Advice."));
        assert_eq!(
            run.tests["b::also_fails"].output,
            "not yet implemented: f()"
        );
    }

    #[test]
    fn a_program_that_ends_early_is_not_complete() {
        let cut = FAILED.split("failures:").next().unwrap();
        assert_eq!(read(cut, false).0.end, End::Early);
        // exit(0) in the middle of the tests.
        let cut = "running 2 tests\ntest a::t ... ok\n";
        assert_eq!(read(cut, true).0.end, End::Early);
        assert_eq!(read("", true).0.end, End::Early);
    }

    #[test]
    fn lines_that_the_code_prints_do_not_make_a_pass() {
        let fake = "test a::t ... ok\ntest a::t ... FAILED\n\nfailures:\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored\n";
        let (run, _) = read(fake, false);
        assert_eq!(run.verdict("a::t"), Some(Verdict::Failed));
        let fake =
            "test a::t ... ok\ntest a::u ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        assert_eq!(read(fake, true).0.end, End::Early);
        let fake = "test a::t ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        assert_eq!(read(fake, false).0.end, End::Early);
    }

    #[test]
    fn a_flood_is_cut_and_the_verdicts_behind_it_are_read() {
        let flood = "x".repeat(1000) + "\n";
        let flood = flood.repeat(MOST_OUTPUT / 500);
        let said = FAILED.replace("Advice.\n", &format!("Advice.\n{flood}"));
        let (run, _) = read(&said, false);
        assert_eq!(run.end, End::Complete);
        let kept = run.tests["a::fails"].output.len();
        assert!((MOST_OUTPUT / 2..MOST_OUTPUT).contains(&kept), "{kept}");
        assert_eq!(run.verdict("b::also_fails"), Some(Verdict::Failed));
    }

    #[test]
    fn no_test_at_all_is_seen() {
        let (run, _) = read(
            "\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 5 filtered out; finished in 0.00s\n",
            true,
        );
        assert_eq!(run.end, End::Complete);
        assert!(run.tests.is_empty());
    }

    #[test]
    fn windows_line_ends_and_panics_expected_are_understood() {
        let text =
            "test a::t - should panic ... ok\r\ntest result: ok. 1 passed; 0 failed; 0 ignored\r\n";
        let (run, _) = read(text, true);
        assert_eq!(run.verdict("a::t"), Some(Verdict::Passed));
        assert_eq!(run.end, End::Complete);
    }
}
