//! `cargo workbook status`: the learner's lessons, test by test, and what comes next.

use std::io::IsTerminal;

use anstream::{eprint, print, println};
use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};

use crate::answers;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::lesson_tests::{self, Test};
use crate::run::{self, End, NotRun, Run, Tried, Verdict};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// A lesson as its learner has it.
pub struct State {
    pub exercises: Vec<Exercise>,
    pub tests: Vec<Test>,
    /// `None` if nothing was tried: the files are those of the starter.
    pub tried: Option<Tried>,
}

impl State {
    fn of(workbook: &Workbook, lesson: &Lesson) -> Result<Self> {
        let (starter, exercises) = starter::starter(workbook, lesson)?;
        let tests = lesson_tests::tests(workbook, lesson).map_err(|p| anyhow::anyhow!("{p}"))?;
        let theirs = Files::read(&workbook.path(lesson.src()))?;
        let begun = !theirs.same_text(&starter);
        let tried = begun.then(|| run::lesson(workbook, lesson, None, &mut |_| {}));
        if let Some(Err(why @ (NotRun::Late(_) | NotRun::CannotStart(_)))) = tried {
            bail!("{why}");
        }
        Ok(Self {
            exercises,
            tests,
            tried,
        })
    }

    fn ran(&self) -> Option<&Run> {
        self.tried.as_ref()?.as_ref().ok()
    }

    pub fn passed(&self, test: &Test) -> bool {
        let run = self.ran();
        run.is_some_and(|run| run.verdict(&test.name) == Some(Verdict::Passed))
    }

    pub fn is_done(&self) -> bool {
        let complete = self.ran().is_some_and(|run| run.end == End::Complete);
        complete && !self.tests.is_empty() && self.tests.iter().all(|test| self.passed(test))
    }

    /// The modules in the order of the tests: the easiest exercise first.
    pub fn modules(&self) -> Vec<&str> {
        let mut modules = Vec::new();
        for test in &self.tests {
            if !modules.contains(&test.module()) {
                modules.push(test.module());
            }
        }
        modules
    }

    /// The first module with a test that does not pass.
    pub fn next(&self) -> Option<&str> {
        let is_open = |test: &&Test| !self.passed(test) && test.module() != lesson_tests::GIVEN;
        self.tests.iter().find(is_open).map(Test::module)
    }
}

pub fn run(workbook: &Workbook, called: &[String]) -> Result<()> {
    let mut next = None;
    let mut is_ahead = false;
    let mut broken = 0;
    for lesson in workbook.lessons(called)? {
        if std::io::stderr().is_terminal() {
            eprint!("{}: running its tests\r", lesson.stem);
        }
        let state = match State::of(workbook, lesson) {
            Ok(state) => state,
            Err(error) => {
                println!("{} {:<24}{error:#}", bad("✗"), lesson.stem);
                broken += 1;
                continue;
            }
        };
        print!("{}", table(lesson, &state, called.is_empty()));
        match next {
            None if !state.is_done() => next = Some((lesson, state)),
            None => {}
            Some(_) => is_ahead |= state.tried.is_some(),
        }
    }
    println!();
    match next {
        None if broken > 0 => bail!("not every lesson could be read"),
        None => println!("Everything passes."),
        Some((lesson, state)) => {
            println!("{}", what_next(workbook, lesson, &state));
            if is_ahead {
                println!(
                    "You are further on: `cargo workbook catch-up {}` puts the reference there.",
                    lesson.topic
                );
            }
        }
    }
    Ok(())
}

fn table(lesson: &Lesson, state: &State, short: bool) -> String {
    let passed = state.tests.iter().filter(|test| state.passed(test)).count();
    let all = state.tests.len();
    let (mark, verdict) = match &state.tried {
        _ if state.is_done() => (good("✓"), format!("all {all} tests pass")),
        None => (quiet("·"), format!("not started, {all} tests")),
        Some(Err(_)) => (bad("✗"), "does not compile".to_string()),
        Some(Ok(run)) if run.end == End::Stopped => {
            let limit = run::LIMIT.as_secs();
            (
                bad("✗"),
                format!("ended after {limit} s, {passed} of {all} tests passed by then"),
            )
        }
        Some(Ok(run)) if run.end == End::Early => (
            bad("✗"),
            format!("the program ended early, {passed} of {all} tests passed by then"),
        ),
        Some(Ok(_)) => (bad("✗"), format!("{passed} of {all} tests pass")),
    };
    let mut text = format!("{mark} {:<24}{verdict}\n", lesson.stem);
    if let Some(Err(why)) = &state.tried {
        for line in why.printed().unwrap_or_default().lines().take(12) {
            text += &format!("    {line}\n");
        }
    }
    // A lesson that is done, or not begun, is one line.
    let Some(run) = state.ran() else {
        return text;
    };
    if state.is_done() {
        return text;
    }
    for module in state.modules() {
        let tests = || state.tests.iter().filter(|test| test.module() == module);
        let passed = tests().filter(|test| state.passed(test)).count();
        text += &format!("    {module:<22}{passed} of {}\n", tests().count());
        // Among all lessons, an exercise that is done, or not begun and not next, is one line.
        let told = passed == tests().count() || (passed == 0 && state.next() != Some(module));
        if short && told {
            continue;
        }
        for test in tests() {
            let mark = match run.verdict(&test.name) {
                Some(Verdict::Passed) => good("✓"),
                Some(Verdict::Failed) => bad("✗"),
                _ => quiet("·"),
            };
            text += &format!("      {mark} {}\n", test.sentence());
        }
    }
    text
}

fn what_next(workbook: &Workbook, lesson: &Lesson, state: &State) -> String {
    let test = format!("cargo test -p {}", lesson.topic);
    if let Some(Err(why)) = &state.tried {
        // It may be a lesson below that does not compile.
        let place = match why {
            NotRun::DoesNotCompile(error) => error.place.as_ref(),
            _ => None,
        };
        let what = place.map_or(lesson.stem.clone(), |(file, line)| {
            format!("{}:{line}", file.display()).replace('\\', "/")
        });
        return format!("Next: make {what} compile; `{test}` shows the errors.");
    }
    let Some(module) = state.next() else {
        return format!("Next: `{test}`.");
    };
    match place(workbook, lesson, state, module) {
        None => format!("Next: the tests in `{module}`: `{test} -- {module}::`."),
        Some(place) => format!("Next: `{module}` in {place}, then `{test} -- {module}::`."),
    }
}

/// Where the learner writes the exercise that owns a module of tests: file and line.
pub fn place(workbook: &Workbook, lesson: &Lesson, state: &State, module: &str) -> Option<String> {
    let owners = lesson_tests::owners(&state.exercises);
    let exercise = owners.get(module)?;
    let in_src = exercise.file.strip_prefix(lesson.solution_src());
    let file = lesson.src().join(in_src.unwrap_or(&exercise.file));
    let line = workbook
        .read(&file)
        .ok()
        .and_then(|text| answers::line(&text, exercise))
        .map_or(String::new(), |line| format!(":{line}"));
    let file = file.display().to_string().replace('\\', "/");
    Some(format!("{file}{line}"))
}

fn good(text: &str) -> String {
    painted(AnsiColor::Green.on_default(), text)
}

fn bad(text: &str) -> String {
    painted(AnsiColor::Red.on_default(), text)
}

fn quiet(text: &str) -> String {
    painted(Style::new().dimmed(), text)
}

/// What prints it leaves the colour out where it is not wanted.
fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::workbook;
    use crate::run::CompileError;

    #[test]
    fn what_does_not_compile_is_named_where_it_stands() {
        let (_dir, workbook) = workbook();
        let two = workbook.lesson("two").unwrap();
        let next = |why| {
            let state = State {
                exercises: Vec::new(),
                tests: Vec::new(),
                tried: Some(Err(why)),
            };
            what_next(&workbook, two, &state)
        };
        let error = CompileError {
            message: "expected `u8`".into(),
            place: Some(("lessons/01-one/src/lib.rs".into(), 7)),
            printed: String::new(),
        };
        assert_eq!(
            next(NotRun::DoesNotCompile(error)),
            "Next: make lessons/01-one/src/lib.rs:7 compile; `cargo test -p two` shows the errors."
        );
        assert_eq!(
            next(NotRun::Blocked("error: no such package".into())),
            "Next: make 02-two compile; `cargo test -p two` shows the errors."
        );
    }
}
