//! What was found, for the terminal.

use std::fmt::Write;

use anstyle::AnsiColor;

use super::{SIGNS, cell, counted, lessons, rows, stamp};
use crate::compare::Compared;
use crate::compare::row::{Row, Standing};

/// A matrix of learners by lessons, the mistakes by count, and the details of a single learner.
pub fn table(compared: &Compared) -> String {
    let learners = &compared.learners;
    let mut text = String::new();
    let lessons = lessons(learners);
    let width = |name: &str| name.chars().count();
    let first = learners.iter().map(|l| width(&l.name)).max().unwrap_or(0);
    let column = |lesson: &str| {
        let rows = rows(learners).filter(|(_, row)| row.lesson == lesson);
        let cells = rows.map(|(_, row)| width(&cell(row)));
        cells.chain([width(lesson)]).max().unwrap_or(0) + 2
    };
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
    text.push('\n');
    let cells: Vec<_> = rows(learners).map(|(_, row)| cell(row)).collect();
    for (sign, means) in SIGNS {
        // A sign without its number, and only those that stand above.
        let plain = sign.trim_end_matches('n');
        if cells.iter().any(|cell| cell.contains(plain))
            || sign == "n/m" && cells.iter().any(|cell| cell.contains('/'))
        {
            _ = writeln!(text, "{sign:<6}{means}");
        }
    }
    for (heading, counts) in counted(learners) {
        _ = writeln!(text, "\n{heading}");
        for count in &counts {
            let names = count.who.join(", ");
            let what = match count.what.as_str() {
                "" => String::new(),
                what => format!(": {what}"),
            };
            _ = writeln!(
                text,
                "{:>3}  {}{what} ({names})",
                count.who.len(),
                count.lesson
            );
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
    if let [learner] = &learners[..] {
        for row in &learner.lessons {
            text += &details(row);
        }
    }
    _ = writeln!(text, "\nCompared {}", stamp(compared));
    text
}

fn details(row: &Row) -> String {
    let mut text = String::new();
    let open = row.exercises_in(Standing::Open);
    if !open.is_empty() {
        _ = writeln!(text, "  not written yet: {}", open.join(", "));
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
        for discussed in &difference.discussed {
            let (page, title) = (&discussed.page, &discussed.title);
            _ = writeln!(text, "    discussed in the book, {page}: {title}");
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
