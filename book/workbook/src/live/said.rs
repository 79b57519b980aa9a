//! What a failing test says, drawn. Whatever a learner's program prints is text here, never HTML.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::difference;
use super::report::Report;
use crate::book::html::{escape, prose};
use crate::run::{Run, Verdict};

/// What a failing test says.
pub enum Said {
    /// The exercise is not written yet: the call that was made.
    NotWritten(String),
    /// Its report.
    Failed(Markup),
}

/// The reports of the tests that failed.
pub fn reports(run: &Run) -> BTreeMap<String, Said> {
    let failed = run
        .tests
        .iter()
        .filter(|(_, outcome)| outcome.verdict == Verdict::Failed);
    failed
        .map(|(test, outcome)| (test.clone(), said(Report::read(&outcome.output))))
        .collect()
}

fn said(report: Report) -> Said {
    Said::Failed(match report {
        Report::NotWritten { call, .. } => return Said::NotWritten(call),
        Report::Compared {
            advice,
            expected,
            yours,
            place,
        } => html! {
            (paragraphs(&advice))
            (PreEscaped(difference::draw(&expected, &yours)))
            p class="panel-place" { "The test: " code { (place) } }
        },
        Report::Failed { advice, transcript } => html! {
            (paragraphs(&advice))
            @if let Some(text) = transcript { (crossed(&text)) }
        },
    })
}

/// As a diagram, if it is a transcript.
fn crossed(text: &str) -> Markup {
    let title = "What crossed the wire until then";
    match difference::draw_transcript(title, text) {
        Some(figure) => PreEscaped(figure),
        None => pre(text, title),
    }
}

/// Text with its line ends, which the style sheet keeps, and with code where backticks come in pairs.
fn paragraphs(text: &str) -> Markup {
    let line = |line: &str| match line.matches('`').count() % 2 {
        0 => prose(line),
        _ => escape(line),
    };
    let lines = |text: &str| text.lines().map(line).collect::<Vec<_>>().join("\n");
    html! {
        @for text in text.split("\n\n").filter(|text| !text.trim().is_empty()) {
            p class="panel-advice" { (PreEscaped(lines(text.trim_matches('\n')))) }
        }
    }
}

/// Text that scrolls sideways, by keyboard too.
pub fn pre(text: &str, label: &str) -> Markup {
    html! { pre class="panel-text" tabindex="0" role="group" aria-label=(label) { (text) } }
}
