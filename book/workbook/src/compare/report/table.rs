//! What was found, for the terminal.

use std::fmt::Write;

use anstyle::AnsiColor;

use super::{cell, exercises, lessons, mistakes, not_called, rows};
use crate::compare::Learner;
use crate::compare::row::{Row, State};

/// A matrix of learners by lessons, the mistakes by count, and the details of a single learner.
pub fn table(learners: &[Learner]) -> String {
    let mut text = String::new();
    let lessons = lessons(learners);
    let width = |name: &str| name.chars().count();
    let first = learners.iter().map(|l| width(&l.name)).max().unwrap_or(0);
    let column = |lesson: &str| width(lesson).max(7) + 2;
    let mut head = " ".repeat(first + 2);
    for lesson in &lessons {
        _ = write!(head, "{lesson:<0$}", column(lesson));
    }
    _ = writeln!(text, "{}", head.trim_end());
    for learner in learners {
        let mut line = format!("{:<1$}", learner.name, first + 2);
        match &learner.problem {
            Some(problem) => line += problem,
            None => {
                for lesson in &lessons {
                    let row = learner.lessons.iter().find(|row| row.lesson == *lesson);
                    let cell = row.map_or_else(String::new, cell);
                    _ = write!(line, "{cell:<0$}", column(lesson));
                }
            }
        }
        _ = writeln!(text, "{}", line.trim_end());
    }
    text += "\n✓ all tests pass   n/m  n of m tests pass   · not started   ↑ passes on the reference's earlier lessons\n";

    for (heading, counts) in [
        ("Exercises that are open or red", exercises(learners)),
        ("Typical mistakes", mistakes(learners)),
        (
            "What the reference calls and an answer does not",
            not_called(learners),
        ),
    ] {
        if !counts.is_empty() {
            _ = writeln!(text, "\n{heading}");
        }
        for ((lesson, what), who) in &counts {
            let names = who.join(", ");
            _ = writeln!(text, "{:>3}  {lesson}: {what} ({names})", who.len());
        }
    }
    let noted = rows(learners).flat_map(|(learner, row)| {
        let notes = row.note.iter().chain(&row.uses);
        notes.map(move |note| format!("     {} {}: {note}\n", learner.name, row.lesson))
    });
    let notes: String = noted.collect();
    if !notes.is_empty() {
        text += "\nNotes\n";
        text += &notes;
    }
    if let [learner] = learners {
        for row in &learner.lessons {
            text += &details(row);
        }
    }
    text
}

fn details(row: &Row) -> String {
    let mut text = String::new();
    if !row.open.is_empty() && row.state != State::NotStarted {
        _ = writeln!(text, "  not written yet: {}", row.open.join(", "));
    }
    if !row.changed.is_empty() {
        _ = writeln!(text, "  given files changed: {}", row.changed.join(", "));
    }
    if !row.hidden.is_empty() {
        _ = writeln!(
            text,
            "  not shown before its tests pass: {}",
            row.hidden.join(", ")
        );
    }
    if !row.same.is_empty() {
        _ = writeln!(
            text,
            "  the same as the reference, but for names: {}",
            row.same.join(", ")
        );
    }
    for difference in &row.differences {
        _ = writeln!(
            text,
            "  {}: the reference (-) and yours (+)",
            difference.exercise
        );
        for line in difference.diff.lines() {
            _ = writeln!(text, "    {}", painted(line));
        }
    }
    match text.is_empty() {
        true => text,
        false => format!("\n{}\n{text}", row.lesson),
    }
}

/// What prints it leaves the colour out where it is not wanted.
fn painted(line: &str) -> String {
    let colour = match line.chars().next() {
        Some('-') => AnsiColor::Red,
        Some('+') => AnsiColor::Green,
        Some('@') => AnsiColor::Cyan,
        _ => return line.to_owned(),
    };
    let style = colour.on_default();
    format!("{style}{line}{style:#}")
}
