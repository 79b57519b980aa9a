//! What was found, as one page that needs no other file.
//!
//! Whatever a learner's program prints is text here, never HTML.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{cell, exercises, lessons, mistakes, not_called, printable};
use crate::compare::Learner;
use crate::compare::row::{Row, State};

const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .2rem .7rem; border-bottom: 1px solid #8886; vertical-align: top; }
.good { color: light-dark(#186a1c, #7fd98a); } .bad { color: light-dark(#a01818, #ff9c9c); } .quiet { opacity: .7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; background: #8881; } ins, del { text-decoration: none; }
ins { color: light-dark(#186a1c, #7fd98a); } del { color: light-dark(#a01818, #ff9c9c); }
details details, details > p, details > pre, details > h3 { margin-left: 1rem; }
";

pub fn html(learners: &[Learner]) -> String {
    let counts = [
        (
            "Exercises that are open or red",
            "exercise",
            exercises(learners),
        ),
        ("Typical mistakes", "mistake", mistakes(learners)),
        (
            "What the reference calls and an answer does not",
            "function",
            not_called(learners),
        ),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Lessons compared" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Lessons compared" }
                    (matrix(learners))
                    @for (heading, what, counts) in counts.iter().filter(|(_, _, counts)| !counts.is_empty()) {
                        h2 { (heading) }
                        table {
                            thead { tr { th { "how many" } th { "lesson" } th { (what) } th { "who" } } }
                            tbody {
                                @for ((lesson, what), who) in counts {
                                    tr {
                                        td { (who.len()) }
                                        td { (lesson) }
                                        td { (printable(what)) }
                                        td { (printable(&who.join(", "))) }
                                    }
                                }
                            }
                        }
                    }
                    @for (index, learner) in learners.iter().enumerate() {
                        h2 id={ "l" (index) } { (printable(&learner.name)) }
                        @if let Some(problem) = &learner.problem { p { (printable(problem)) } }
                        @for row in &learner.lessons { (lesson(row)) }
                    }
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// Learners by lessons.
fn matrix(learners: &[Learner]) -> Markup {
    let lessons = lessons(learners);
    html! {
        table {
            thead { tr { th { "checkout" } @for lesson in &lessons { th { (lesson) } } } }
            tbody {
                @for (index, learner) in learners.iter().enumerate() {
                    tr {
                        th { a href={ "#l" (index) } { (printable(&learner.name)) } }
                        @if let Some(problem) = &learner.problem {
                            td colspan=(lessons.len().max(1)) { (printable(problem)) }
                        } @else {
                            @for lesson in &lessons {
                                @match learner.lessons.iter().find(|row| row.lesson == *lesson) {
                                    Some(row) => td class=(class(row.state)) { (cell(row)) },
                                    None => td {},
                                }
                            }
                        }
                    }
                }
            }
        }
        p {
            "✓ passes all tests. n/m: n of m tests pass. · is not started. "
            "↑ passes on the reference's earlier lessons, so the cause lies in them. "
            "'build' does not compile, 'time' did not end, 'exit' ended before its tests did."
        }
    }
}

fn lesson(row: &Row) -> Markup {
    let lists = [
        ("Not written yet", &row.open),
        ("Given files changed", &row.changed),
        ("The same as the reference, but for names", &row.same),
    ];
    html! {
        details {
            summary { (row.lesson) " " b class=(class(row.state)) { (cell(row)) } }
            @for mistake in &row.mistakes {
                p { "Typical mistake: " b { (mistake.name) } ". " (mistake.why) }
            }
            @for note in row.note.iter().chain(&row.uses) { pre { (printable(note)) } }
            @for (what, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
                p { (what) ": " (printable(&list.join(", "))) }
            }
            @for (first, tests) in alike(row) {
                details {
                    summary { "✗ " (tests.join(", ")) }
                    pre { (printable(first)) }
                }
            }
            @if !row.not_run.is_empty() { p { "Not run: " (row.not_run.join(", ")) } }
            @for not_called in &row.not_called {
                p {
                    code { (not_called.exercise) } ": the reference calls "
                    code { (not_called.functions.join(", ")) } ", and theirs does not."
                }
            }
            @for difference in &row.differences {
                h3 { code { (difference.exercise) } ": the reference (-) and theirs (+)" }
                pre {
                    @for line in difference.diff.lines() {
                        @match line.chars().next() {
                            Some('-') => del { (printable(line)) },
                            Some('+') => ins { (printable(line)) },
                            _ => span { (printable(line)) },
                        }
                        "\n"
                    }
                }
            }
        }
    }
}

/// The failures, with the tests that begin to fail in the same words: one loop fails many.
fn alike(row: &Row) -> Vec<(&str, Vec<&str>)> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for failing in &row.failing {
        let begins = |says: &str| says.lines().next().map(str::to_owned);
        let group = groups
            .iter_mut()
            .find(|(says, _)| begins(says) == begins(&failing.says));
        match group {
            Some((_, tests)) => tests.push(&failing.test),
            None => groups.push((&failing.says, vec![&failing.test])),
        }
    }
    groups
}

fn class(state: State) -> &'static str {
    match state {
        State::Passed => "good",
        State::NotStarted => "quiet",
        _ => "bad",
    }
}
