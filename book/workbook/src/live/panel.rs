//! A lesson's panel, in HTML. `book/src/assets/panel.js` puts it into the chapter, and keeps it current.
//!
//! Whatever a learner's program prints is text here, never HTML.

use super::known::{Known, Phase};
use super::said::{Said, pre};
use crate::book::html::{escape, prose};
use crate::book::panel::frame;
use crate::lesson_tests::{GIVEN, Test, WHOLE};
use crate::run::cargo::cut;
use crate::run::{CompileError, End, LIMIT, NotRun, Verdict};
use crate::status::State;

/// How a test stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Passed,
    Failed,
    /// It needs an exercise that is still a `todo!`.
    NotWritten,
    /// The program ended before it.
    NotReached,
    NotCompiled,
    /// It has not ended in the run that goes on.
    Running,
    Unknown,
}

impl Mark {
    fn class(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotWritten => "open",
            Self::NotReached | Self::NotCompiled | Self::Unknown => "unknown",
            Self::Running => "running",
        }
    }

    /// For those who do not see the mark.
    fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failing",
            Self::NotWritten => "not written",
            Self::NotReached => "not reached",
            Self::NotCompiled => "not compiled",
            Self::Running => "running",
            Self::Unknown => "not run",
        }
    }
}

/// The panel as things stand.
pub fn draw(known: &Known) -> String {
    let stem = &known.lesson.stem;
    let phase = match known.phase {
        Phase::Idle => "idle",
        Phase::Waiting => "waiting",
        Phase::Building => "building",
        Phase::Testing => "testing",
    };
    let state = match &known.state {
        Ok(state) => state,
        Err(error) => {
            let error = match error.is_empty() {
                true => "Reading the lesson.".to_owned(),
                false => format!("The lesson cannot be read: {}", escape(error)),
            };
            return frame(
                stem,
                phase,
                &format!("<p class=\"panel-says\" role=\"status\">{error}</p>"),
            );
        }
    };
    let all = state.tests.len();
    let passed = state
        .tests
        .iter()
        .filter(|test| mark(known, state, test) == Mark::Passed)
        .count();
    let verdict = match known.phase {
        Phase::Idle if !known.current => "old",
        Phase::Idle if kept(known) => "kept",
        Phase::Idle if state.is_done() => "done",
        _ => phase,
    };
    let part = (100 * passed).checked_div(all).unwrap_or_default();
    let mut html = format!(
        "<div class=\"panel-top\"><b>Your code</b> <code>lessons/{}/src</code> \
         <span class=\"panel-count\"><b>{passed}</b> of {all} tests {}</span> \
         <button type=\"button\" class=\"panel-run\">Run the tests</button></div>\
         <div class=\"panel-bar\" style=\"--part:{part}%\"></div>\
         <p class=\"panel-says\" role=\"status\">{}</p>",
        escape(stem),
        if kept(known) { "passed" } else { "pass" },
        says(known, state),
    );
    html += &match known.record.as_ref().map(|record| &record.result) {
        Some(Err(why)) => match why.printed() {
            Some(errors) => pre(errors, "What the compiler says"),
            None => String::new(),
        },
        Some(Ok(run)) if run.end == End::Early && !run.rest.trim().is_empty() => {
            pre(&cut(run.rest.trim(), 4000), "What the program printed")
        }
        _ => String::new(),
    };
    html += "<ol class=\"panel-exercises\" role=\"list\">";
    let next = state.next();
    for module in state.modules() {
        html += &exercise(known, state, module, next == Some(module));
    }
    html += "</ol>";
    frame(stem, verdict, &html)
}

/// One sentence about the whole, read out when it changes.
fn says(known: &Known, state: &State) -> String {
    match known.phase {
        Phase::Waiting => return "Waiting for another run to end.".to_owned(),
        Phase::Building => return "Building.".to_owned(),
        Phase::Testing => return "Running the tests.".to_owned(),
        Phase::Idle => {}
    }
    let Some(record) = &known.record else {
        return "The tests have not run yet.".to_owned();
    };
    let next = || match (state.next(), &known.place) {
        (Some(module), Some(place)) => format!(
            "Next: <code>{}</code> in <code>{}</code>.",
            escape(module),
            escape(place)
        ),
        (Some(module), None) => format!("Next: {}.", title(module)),
        (None, _) => String::new(),
    };
    match &record.result {
        Err(why @ (NotRun::Late(_) | NotRun::CannotStart(_))) => {
            format!("The tests did not run: {}.", escape(&why.to_string()))
        }
        _ if !known.current => "The files have changed since these tests ran.".to_owned(),
        Err(why) => not_compiled(known, why),
        Ok(run) if run.end == End::Stopped => format!(
            "The run took over {} s and was ended. {}",
            LIMIT.as_secs(),
            next()
        ),
        Ok(run) if run.end == End::Early => format!(
            "The test program ended before all tests had run. {}",
            next()
        ),
        Ok(_) if state.is_done() => "All tests pass.".to_owned(),
        Ok(_) => next(),
    }
}

/// The results that are shown are those of an earlier try: the last one did not come to run.
fn kept(known: &Known) -> bool {
    known
        .record
        .as_ref()
        .is_some_and(|r| r.result.is_err() && r.before.is_some())
}

/// Which file does not compile: it may be that of a lesson below.
fn not_compiled(known: &Known, why: &NotRun) -> String {
    let mut says = match why {
        NotRun::DoesNotCompile(CompileError {
            place: Some((file, line)),
            ..
        }) => {
            let below = match file.starts_with(known.lesson.dir()) {
                true => "",
                false => ", which this lesson needs",
            };
            let file = file.to_string_lossy().replace('\\', "/");
            format!(
                "It does not compile. Look at <code>{}:{line}</code>{below}.",
                escape(&file)
            )
        }
        _ => "It does not compile.".to_owned(),
    };
    if kept(known) {
        says += " Below are the results from before.";
    }
    says
}

fn mark(known: &Known, state: &State, test: &Test) -> Mark {
    let of = |verdict, name: &str| match verdict {
        Verdict::Passed => Mark::Passed,
        Verdict::Ignored => Mark::Unknown,
        Verdict::Failed => match known.reports.get(name) {
            Some(Said::NotWritten(_)) => Mark::NotWritten,
            _ => Mark::Failed,
        },
    };
    if known.phase == Phase::Testing {
        let verdict = known.so_far.get(&test.name);
        return verdict.map_or(Mark::Running, |verdict| of(*verdict, &test.name));
    }
    match &state.tried {
        None | Some(Err(NotRun::Late(_) | NotRun::CannotStart(_))) => Mark::Unknown,
        Some(Err(_)) => Mark::NotCompiled,
        Some(Ok(run)) => match run.verdict(&test.name) {
            Some(verdict) => of(verdict, &test.name),
            None => Mark::NotReached,
        },
    }
}

/// A module of tests as a person calls it.
fn title(module: &str) -> String {
    match module {
        "" => "the tests".to_owned(),
        WHOLE => "the lesson as a whole".to_owned(),
        GIVEN => "what the lesson gives".to_owned(),
        exercise => format!("<code>{}</code>", escape(exercise)),
    }
}

fn exercise(known: &Known, state: &State, module: &str, is_next: bool) -> String {
    let tests: Vec<_> = state
        .tests
        .iter()
        .filter(|test| test.module() == module)
        .map(|test| (test, mark(known, state, test)))
        .collect();
    let passed = tests
        .iter()
        .filter(|(_, mark)| *mark == Mark::Passed)
        .count();
    // One mark for all: the same if they agree, else that of the first that does not pass.
    let mark = tests.iter().map(|(_, mark)| *mark);
    let mark = mark
        .clone()
        .find(|mark| *mark == Mark::Failed)
        .or_else(|| mark.clone().find(|mark| *mark != Mark::Passed))
        .unwrap_or(Mark::Passed);
    let mut first_failure = is_next;
    let mut items = String::new();
    for (test, mark) in &tests {
        items += &item(known, test, *mark, &mut first_failure);
    }
    let next = match is_next && known.phase == Phase::Idle {
        true => " <span class=\"panel-next\">next</span>",
        false => "",
    };
    format!(
        "<li class=\"panel-exercise is-{}\"><details{}><summary>{}<span class=\"panel-name\">{}</span>{next} \
         <span class=\"panel-part\">{passed} of {}</span></summary><ul role=\"list\">{items}</ul></details></li>",
        mark.class(),
        if is_next { " open data-open" } else { "" },
        sign(mark),
        title(module),
        tests.len(),
    )
}

fn sign(mark: Mark) -> String {
    format!(
        "<span class=\"panel-mark\" role=\"img\" aria-label=\"{}\"></span>",
        mark.name()
    )
}

fn item(known: &Known, test: &Test, mark: Mark, first_failure: &mut bool) -> String {
    let sentence = escape(&test.sentence());
    let class = mark.class();
    match known.reports.get(&test.name) {
        Some(Said::Failed(report)) if matches!(mark, Mark::Failed | Mark::Running) => {
            let open = match std::mem::take(first_failure) {
                true => " open data-open",
                false => "",
            };
            format!(
                "<li class=\"is-{class}\"><details{open}><summary>{}<span>{sentence}</span></summary>\
                 <div class=\"panel-report\">{report}{}</div></details></li>",
                sign(mark),
                doc(test),
            )
        }
        Some(Said::NotWritten(call)) if mark == Mark::NotWritten => format!(
            "<li class=\"is-{class}\">{}<span>{sentence}<span class=\"panel-call\"> {call}</span></span></li>",
            sign(mark)
        ),
        _ => format!(
            "<li class=\"is-{class}\">{}<span>{sentence}</span></li>",
            sign(mark)
        ),
    }
}

/// The trap that the test is about.
fn doc(test: &Test) -> String {
    match test.doc.as_str() {
        "" => String::new(),
        doc => format!("<p class=\"panel-doc\">About this test: {}</p>", prose(doc)),
    }
}
