//! What a failing test says, drawn. Whatever a learner's program prints is text here, never HTML.

use std::collections::BTreeMap;

use super::difference;
use super::report::Report;
use crate::book::html::{escape, prose};
use crate::run::{Run, Verdict};

/// What a failing test says, in HTML.
pub enum Said {
    /// The exercise is not written yet: the call that was made.
    NotWritten(String),
    Failed(String),
}

/// The reports of the tests that failed.
pub fn reports(run: &Run) -> BTreeMap<String, Said> {
    let failed = run
        .tests
        .iter()
        .filter(|(_, outcome)| outcome.verdict == Verdict::Failed);
    failed
        .map(|(test, outcome)| (test.clone(), said(&Report::read(&outcome.output))))
        .collect()
}

fn said(report: &Report) -> Said {
    Said::Failed(match report {
        Report::NotWritten { call, .. } => {
            return Said::NotWritten(format!("<code>{}</code>", escape(call)));
        }
        Report::Compared {
            advice,
            expected,
            yours,
            place,
        } => format!(
            "{}{}<p class=\"panel-place\">The test: <code>{}</code></p>",
            paragraphs(advice),
            difference::draw(expected, yours),
            escape(place)
        ),
        Report::Failed { advice, transcript } => {
            let transcript = transcript.as_deref().map(|text| {
                difference::draw_transcript("What crossed the wire until then", text)
                    .unwrap_or_else(|| pre(text, "What crossed the wire until then"))
            });
            format!("{}{}", paragraphs(advice), transcript.unwrap_or_default())
        }
    })
}

fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|text| !text.trim().is_empty());
    paragraphs
        .map(|text| {
            format!(
                "<p class=\"panel-advice\">{}</p>",
                advice(text.trim_matches('\n'))
            )
        })
        .collect()
}

/// Text with its line ends, and with code where backticks come in pairs.
fn advice(text: &str) -> String {
    let line = |line: &str| match line.matches('`').count() % 2 {
        0 => prose(line),
        _ => escape(line),
    };
    let lines: Vec<_> = text.lines().map(line).collect();
    lines.join("\n")
}

/// Text with its line ends, which the style sheet keeps.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(escape).collect();
    lines.join("\n")
}

/// Text that scrolls sideways, by keyboard too.
pub fn pre(text: &str, label: &str) -> String {
    format!(
        "<pre class=\"panel-text\" tabindex=\"0\" aria-label=\"{}\">{}</pre>",
        escape(label),
        lines(text)
    )
}
