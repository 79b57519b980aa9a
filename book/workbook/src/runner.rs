//! Runs a test program and reads libtest's plain output: each test as it ends, then the failures.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use serde::{Deserialize, Serialize};

use crate::cargo::{self, Built};
use crate::stop::Stop;
use crate::workspace::{Lesson, Workbook};

/// Wall-clock time for all tests of a lesson. The kit ends a single test after 5 s.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How many bytes of a program's output are kept. Past them, only verdicts of tests and the summary
/// are looked for: code that prints without end must not fill the memory.
const MOST_OUTPUT: usize = 4 * 1024 * 1024;

/// A program's address space in KiB. Each of its threads reserves some 64 MiB for its allocations.
const MOST_MEMORY: u64 = 4 * 1024 * 1024;

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
    pub fn verdict(&self, test: &str) -> Option<Verdict> {
        self.tests.get(test).map(|outcome| outcome.verdict)
    }
}

/// A lesson's tests: run, or not compiled.
#[derive(Debug, Clone)]
pub enum Tried {
    Ran(Run),
    /// The compiler's errors, as it prints them.
    NotCompiled(Built),
}

/// Builds and runs a lesson's tests, as `cargo test -p TOPIC --test TOPIC` does.
///
/// `each` hears of each test as it ends, and says whether to go on.
pub fn try_lesson(
    workbook: &Workbook,
    lesson: &Lesson,
    each: impl FnMut(&str, Verdict) -> bool,
) -> Result<Tried> {
    let (_, target) = workbook.test_target(lesson);
    let arguments = ["test", "--no-run", "-p", &lesson.topic, "--test", &target];
    let command = cargo::command(&workbook.root, None, &arguments);
    let built = cargo::build(command, None, |_| {})?;
    match built.programs.first() {
        Some(program) if built.success => {
            let run = run(&workbook.root, program, &[], LIMIT, each)?;
            Ok(Tried::Ran(run))
        }
        _ => Ok(Tried::NotCompiled(built)),
    }
}

/// Runs a test program of the workspace at `root`; `arguments` are libtest's.
pub fn run(
    root: &Path,
    program: &cargo::Program,
    arguments: &[&str],
    limit: Duration,
    each: impl FnMut(&str, Verdict) -> bool,
) -> Result<Run> {
    run_until(root, program, arguments, limit, &Stop::default(), each)
}

/// [`run`] that ends soon after `stop` says so.
pub fn run_until(
    root: &Path,
    program: &cargo::Program,
    arguments: &[&str],
    limit: Duration,
    stop: &Stop,
    mut each: impl FnMut(&str, Verdict) -> bool,
) -> Result<Run> {
    let started = Instant::now();
    let mut child = bounded(&program.path)
        // Only with several threads does libtest print a test's line in one go.
        .args(["--test-threads=4", "--color=never"])
        .args(arguments)
        .current_dir(&program.package)
        .envs(program.environment.iter().cloned())
        .env("CARGO_MANIFEST_DIR", &program.package)
        .env("INSTA_WORKSPACE_ROOT", root)
        // Nothing in the environment may make a wrong answer pass, or write a snapshot.
        .env("INSTA_UPDATE", "no")
        .env_remove("INSTA_FORCE_PASS")
        .env_remove("INSTA_FORCE_UPDATE")
        .env_remove("RUST_TEST_NOCAPTURE")
        .env_remove("RUST_TEST_TIME_UNIT")
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.path.display()))?;
    let stdout = child.stdout.take().context("a program has no stdout")?;
    let stderr = child.stderr.take().context("a program has no stderr")?;
    // A program that prints faster than it is read waits.
    let (line, lines) = mpsc::sync_channel(1000);
    thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        loop {
            let mut bytes = Vec::new();
            let mut piece = stdout.by_ref().take(64 * 1024);
            match piece.read_until(b'\n', &mut bytes) {
                Ok(1..) if line.send(bytes).is_ok() => {}
                _ => break,
            }
        }
    });
    let errors = thread::spawn(move || {
        let mut kept = Vec::new();
        let mut stderr = BufReader::new(stderr);
        _ = stderr
            .by_ref()
            .take(MOST_OUTPUT as u64)
            .read_to_end(&mut kept);
        _ = std::io::copy(&mut stderr, &mut std::io::sink());
        String::from_utf8_lossy(&kept).into_owned()
    });

    let mut reader = Reader::default();
    let mut stopped = false;
    loop {
        let left = limit.saturating_sub(started.elapsed());
        match lines.recv_timeout(left.min(Duration::from_millis(50))) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                if let Some((test, verdict)) = reader.line(&text) {
                    stopped |= !each(&test, verdict);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if stopped || stop.is_stopped() || started.elapsed() >= limit {
            stopped = true;
            _ = child.kill();
            break;
        }
    }
    // A program may close its output and live on.
    let status = loop {
        if let Some(status) = child.try_wait().context("a program did not end well")? {
            break status;
        }
        if stop.is_stopped() || started.elapsed() >= limit {
            stopped = true;
            _ = child.kill();
        }
        thread::sleep(Duration::from_millis(1));
    };
    // What the program started may hold its output open: do not wait for that.
    let rest = match stopped {
        true => String::new(),
        false => errors.join().unwrap_or_default(),
    };
    Ok(reader.end(stopped, status.success(), rest, started.elapsed()))
}

/// A command for a program that may not fill the memory: libtest keeps all that a test prints, and
/// a loop prints a gigabyte in a second. Only Linux keeps to the limit.
fn bounded(program: &Path) -> Command {
    if cfg!(windows) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    let limited = format!("ulimit -v {MOST_MEMORY} 2>/dev/null; exec \"$0\" \"$@\"");
    command.args(["-c", &limited]).arg(program);
    command
}

/// Reads libtest's output, a line at a time.
#[derive(Default)]
struct Reader {
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
    fn line(&mut self, line: &str) -> Option<(String, Verdict)> {
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

    fn end(mut self, stopped: bool, success: bool, stderr: String, took: Duration) -> Run {
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

    #[cfg(unix)]
    #[test]
    fn a_program_without_end_is_ended() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("endless");
        std::fs::write(&path, "#!/bin/sh\nwhile :; do echo x; done\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let program = cargo::Program {
            package: dir.path().into(),
            target: String::new(),
            path,
            environment: Vec::new(),
        };
        let limit = Duration::from_millis(50);
        let run = run(dir.path(), &program, &[], limit, |_, _| true);
        let run = run.unwrap();
        assert_eq!(run.end, End::Stopped);
        assert!(run.took < Duration::from_secs(5));
        assert!(run.rest.len() < 2 * MOST_OUTPUT);
    }
}
