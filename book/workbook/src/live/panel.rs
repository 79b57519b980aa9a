//! A lesson's panel and the tests of its cards, in HTML. `book/src/assets/panel.js` puts them into the
//! chapter, and keeps them current.
//!
//! Whatever a learner's program prints is text here, never HTML.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::known::{Known, Phase};
use super::said::{Said, pre};
use crate::book::card;
use crate::book::html::prose;
use crate::book::panel::frame;
use crate::lesson_tests::{GIVEN, Test, WHOLE};
use crate::run::cargo::cut;
use crate::run::{End, LIMIT, NotRun, Verdict};
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

/// How a lesson stands, in the parts that its chapter has places for.
#[derive(Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The line at the chapter's head, and what belongs to no card.
    pub panel: String,
    /// The tests of each module, for its card.
    pub cards: BTreeMap<String, String>,
}

/// The lesson as things stand.
pub fn draw(known: &Known) -> Drawn {
    let mut cards = BTreeMap::new();
    if let Ok(state) = &known.state {
        for module in state.modules() {
            let inside = card(known, state, module, state.next() == Some(module));
            cards.insert(
                module.to_owned(),
                card::tests(module, &inside.into_string()),
            );
        }
    }
    Drawn {
        panel: panel(known),
        cards,
    }
}

fn panel(known: &Known) -> String {
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
            let inside = html! {
                p class="panel-says" role="status" {
                    @if error.is_empty() { "Reading the lesson." }
                    @else { "The lesson cannot be read: " (error) }
                }
            };
            return frame(stem, phase, &inside.into_string());
        }
    };
    let verdict = match known.phase {
        Phase::Idle if !known.current => "old",
        Phase::Idle if kept(known) => "kept",
        Phase::Idle if state.is_done() => "done",
        _ => phase,
    };
    let all = state.tests.len();
    let passed = |test: &&Test| mark(known, state, test) == Mark::Passed;
    let passed = state.tests.iter().filter(passed).count();
    let part = (100 * passed).checked_div(all).unwrap_or_default();
    let mut modules = state.modules();
    modules.retain(|module| is_stray(known, state, module));
    let inside = html! {
        div class="panel-line" {
            span class="panel-count" {
                b { (passed) } " of " (all) " tests " (if kept(known) { "passed" } else { "pass" })
            }
            " " p class="panel-says" role="status" { (says(known, state)) }
            " " button type="button" class="panel-run" { "Run the tests" }
        }
        div class="panel-bar" style={ "--part:" (part) "%" } {}
        (printed(known))
        @if !modules.is_empty() {
            ol class="panel-exercises" role="list" {
                @for module in modules { (stray(known, state, module)) }
            }
        }
    };
    frame(stem, verdict, &inside.into_string())
}

/// What the compiler printed.
fn why_not(known: &Known) -> Option<&str> {
    let why = known.record.as_ref()?.result.as_ref().err()?;
    why.printed().filter(|printed| !printed.trim().is_empty())
}

/// What the compiler printed, or a program that ended too early.
fn printed(known: &Known) -> Markup {
    if let Some(errors) = why_not(known) {
        return pre(errors, "What the compiler says");
    }
    match known.record.as_ref().map(|record| &record.result) {
        Some(Ok(run)) if run.end == End::Early && !run.rest.trim().is_empty() => {
            pre(&cut(run.rest.trim(), 4000), "What the program printed")
        }
        _ => html! {},
    }
}

/// One sentence about the whole, read out when it changes.
fn says(known: &Known, state: &State) -> Markup {
    match known.phase {
        Phase::Waiting => return html! { "Waiting for another run to end." },
        Phase::Building => return html! { "Building." },
        Phase::Testing => return html! { "Running the tests." },
        Phase::Idle => {}
    }
    let Some(record) = &known.record else {
        return html! { "The tests have not run yet." };
    };
    let next = match state.next() {
        Some(module) if has_card(module) => html! {
            "Next: " a href={ "#" (card::anchor(module)) } { (title(module)) } "."
        },
        Some(module) => html! { "Next: " (title(module)) "." },
        None => html! {},
    };
    match &record.result {
        Err(why @ (NotRun::Late(_) | NotRun::CannotStart(_))) => {
            html! { "The tests did not run: " (why) "." }
        }
        _ if !known.current => html! { "The files have changed since these tests ran." },
        Err(why) => not_compiled(known, why),
        Ok(run) if run.end == End::Stopped => {
            html! { "The run took over " (LIMIT.as_secs()) " s and was ended. " (next) }
        }
        Ok(run) if run.end == End::Early => {
            html! { "The test program ended before all tests had run. " (next) }
        }
        Ok(_) if state.is_done() => html! { "All tests pass." },
        Ok(_) => next,
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
fn not_compiled(known: &Known, why: &NotRun) -> Markup {
    let place = match why {
        NotRun::DoesNotCompile(error) => error.place.as_ref(),
        _ => None,
    };
    html! {
        "It does not compile."
        @if let Some((file, line)) = place {
            " Look at " code { (file.to_string_lossy().replace('\\', "/")) ":" (line) }
            @if !file.starts_with(known.lesson.dir()) { ", which this lesson needs" }
            "."
        }
        @if kept(known) { " Below are the results from before." }
    }
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
fn title(module: &str) -> Markup {
    match module {
        "" => html! { "the tests" },
        WHOLE => html! { "the lesson as a whole" },
        GIVEN => html! { "what the lesson gives" },
        exercise => html! { code { (exercise) } },
    }
}

/// What the lesson gives is no exercise's.
fn has_card(module: &str) -> bool {
    ![GIVEN, ""].contains(&module)
}

/// Whether a module without a card has something to say.
fn is_stray(known: &Known, state: &State, module: &str) -> bool {
    let mut tests = state.tests.iter().filter(|test| test.module() == module);
    !has_card(module) && tests.any(|test| mark(known, state, test) == Mark::Failed)
}

/// The tests of a module, and how they stand together.
struct Module<'a> {
    tests: Vec<(&'a Test, Mark)>,
    passed: usize,
    mark: Mark,
}

fn module<'a>(known: &Known, state: &'a State, module: &str) -> Module<'a> {
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
    Module {
        tests,
        passed,
        mark,
    }
}

/// The failing tests of a module that has no card.
fn stray(known: &Known, state: &State, name: &str) -> Markup {
    let Module {
        tests,
        passed,
        mark,
    } = module(known, state, name);
    let mut first_failure = true;
    html! {
        li class={ "panel-exercise is-" (mark.class()) } {
            details open data-open {
                summary {
                    (sign(mark)) span class="panel-name" { (title(name)) }
                    " " span class="panel-part" { (passed) " of " (tests.len()) }
                }
                ul role="list" {
                    @for (test, mark) in &tests { (item(known, test, *mark, &mut first_failure)) }
                }
            }
        }
    }
}

/// What a card says of its tests.
fn card(known: &Known, state: &State, name: &str, is_next: bool) -> Markup {
    let Module {
        tests,
        passed,
        mark,
    } = module(known, state, name);
    let is_open = is_next || mark == Mark::Failed;
    let mut first_failure = true;
    html! {
        details class={ "is-" (mark.class()) } open[is_open] data-open[is_open] {
            summary {
                (sign(mark)) span { (passed) " of " (tests.len()) " tests pass" }
                @if is_next && known.phase == Phase::Idle { " " span class="panel-next" { "next" } }
            }
            ul role="list" {
                @for (test, mark) in &tests { (item(known, test, *mark, &mut first_failure)) }
            }
        }
        @if known.phase == Phase::Idle && why_not(known).is_some() {
            p { "It does not compile: " a href="#your-code" { "what the compiler says" } "." }
        }
        @if !known.failed.contains(name) {
            p class="card-later" {
                "Typical mistakes open here once one of these tests has failed."
            }
        }
    }
}

fn sign(mark: Mark) -> Markup {
    html! { span class="panel-mark" role="img" aria-label=(mark.name()) {} }
}

fn item(known: &Known, test: &Test, mark: Mark, first_failure: &mut bool) -> Markup {
    let sentence = test.sentence();
    let inside = match known.reports.get(&test.name) {
        Some(Said::Failed(report)) if matches!(mark, Mark::Failed | Mark::Running) => {
            let open = std::mem::take(first_failure);
            html! {
                details open[open] data-open[open] {
                    summary { (sign(mark)) span { (sentence) } }
                    div class="panel-report" { (report) (doc(test)) }
                }
            }
        }
        Some(Said::NotWritten(call)) if mark == Mark::NotWritten => html! {
            (sign(mark)) span { (sentence) span class="panel-call" { " " code { (call) } } }
        },
        _ => html! { (sign(mark)) span { (sentence) } },
    };
    html! { li class={ "is-" (mark.class()) } { (inside) } }
}

/// The trap that the test is about.
fn doc(test: &Test) -> Markup {
    html! {
        @if !test.doc.is_empty() {
            p class="panel-doc" { "About this test: " (PreEscaped(prose(&test.doc))) }
        }
    }
}
