//! What was found, as pages that need no other file: one about the class, one for each learner, and
//! one without names.
//!
//! Whatever a learner's program prints is text here, never HTML.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Counts, SIGNS, cell, counted, lessons, printable, rows, stamp};
use crate::compare::row::{Row, Standing, State};
use crate::compare::{Compared, Learner};

const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; } .wide { overflow-x: auto; } .matrix { white-space: nowrap; }
th, td { text-align: left; padding: .2rem .7rem; border-bottom: 1px solid #8886; vertical-align: top; }
.good { color: light-dark(#186a1c, #7fd98a); } .bad { color: light-dark(#a01818, #ff9c9c); } .quiet { opacity: .7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; background: #8881; } ins, del { text-decoration: none; }
ins { color: light-dark(#186a1c, #7fd98a); } del { color: light-dark(#a01818, #ff9c9c); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dd { margin: 0; }
@media print { details:not([open]) { display: none; } }
details details, details > p, details > pre, details > h3 { margin-left: 1rem; }
";

/// Where `cargo workbook` serves the book.
const BOOK: &str = "http://127.0.0.1:4000";

/// The page about a class.
pub fn class(compared: &Compared) -> String {
    let learners = &compared.learners;
    let about = html! {
        (matrix(learners))
        @for counts in counted(learners) { (table(&counts)) }
        @for (index, learner) in learners.iter().enumerate() {
            h2 id={ "l" (index) } { (printable(&learner.name)) }
            @if let Some(commit) = &learner.commit { p { "Checkout at " code { (commit) } } }
            @if let Some(problem) = &learner.problem { p { (printable(problem)) } }
            @for row in &learner.lessons { (lesson(row, Reader::Instructor)) }
        }
    };
    page(compared, "Lessons compared", about)
}

/// A page for each learner, about nobody else, and one about the class without names; each with the
/// name of its file.
pub fn pages(compared: &Compared) -> Vec<(String, String)> {
    let mut pages = vec![("projector.html".to_owned(), projector(compared))];
    let mut taken = BTreeSet::new();
    for learner in &compared.learners {
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let name = learner.name.replace(|c| !plain(c), "-");
        let mut file = format!("learner-{name}.html");
        let mut number = 1;
        while !taken.insert(file.to_lowercase()) {
            number += 1;
            file = format!("learner-{name}-{number}.html");
        }
        pages.push((file, of_learner(compared, learner)));
    }
    pages
}

/// A learner's own page. Answers to what does not pass yet are not in it.
fn of_learner(compared: &Compared, learner: &Learner) -> String {
    let mut rows = learner.lessons.clone();
    rows.iter_mut().for_each(Row::hide_answers);
    let about = html! {
        p {
            (printable(&learner.name))
            @if let Some(commit) = &learner.commit { ", checkout at " code { (commit) } }
        }
        @if let Some(problem) = &learner.problem { p { (printable(problem)) } }
        @for row in &rows { (lesson(row, Reader::Learner)) }
        (signs(rows.iter()))
    };
    page(compared, "Your lessons compared", about)
}

/// What a class can be shown: how many, and no names.
fn projector(compared: &Compared) -> String {
    let learners = &compared.learners;
    let standings = [
        ("pass", Standing::Passed),
        ("wrong", Standing::Wrong),
        ("wait for another", Standing::Waiting),
        ("open", Standing::Open),
        ("untouched", Standing::Untouched),
        ("no verdict", Standing::NotRun),
    ];
    let exercises = |stem: &str| {
        let row = rows(learners).find(|(_, row)| row.lesson == *stem);
        row.map_or(Vec::new(), |(_, row)| row.exercises.clone())
    };
    let count = |stem: &str, name: &str, state| {
        let rows = rows(learners).filter(|(_, row)| row.lesson == *stem);
        let there = rows.filter(|(_, row)| row.exercises_in(state).contains(&name));
        match there.count() {
            0 => String::new(),
            n => n.to_string(),
        }
    };
    let why = |lesson: &str, what: &str| {
        let mut made = rows(learners)
            .filter(|(_, row)| row.lesson == lesson)
            .flat_map(|(_, row)| &row.mistakes);
        made.find(|made| what.starts_with(&made.name))
            .map(|made| made.why.clone())
    };
    let about = html! {
        @for stem in lessons(learners) {
            h2 { (stem) }
            div.wide tabindex="0" role="group" aria-label=(stem) {
                table {
                    thead { tr { th scope="col" { "exercise" } @for (name, _) in standings { th scope="col" { (name) } } } }
                    tbody {
                        @for exercise in exercises(&stem) {
                            tr {
                                th scope="row" {
                                    code { (exercise.name) }
                                    @if exercise.optional { " " small { "optional" } }
                                }
                                @for (_, state) in standings { td { (count(&stem, &exercise.name, state)) } }
                            }
                        }
                    }
                }
            }
        }
        @for (heading, counts) in counted(learners).iter().filter(|(h, _)| *h == "Typical mistakes") {
            h2 { (heading) }
            @for mistake in counts {
                p {
                    b { (mistake.who.len()) " × " (printable(&mistake.what)) } ", " (mistake.lesson)
                    @if let Some(why) = why(&mistake.lesson, &mistake.what) { br; (why) }
                }
            }
        }
    };
    page(compared, "The class", about)
}

fn page(compared: &Compared, title: &str, about: Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p class="quiet" { (stamp(compared)) }
                    (about)
                }
            }
        }
    };
    page.into_string() + "\n"
}

fn table((heading, counts): &Counts) -> Markup {
    html! {
        h2 { (heading) }
        div.wide tabindex="0" role="group" aria-label=(heading) {
            table {
                thead {
                    tr {
                        th scope="col" { "how many" } th scope="col" { "lesson" }
                        th scope="col" { "what" } th scope="col" { "who" }
                    }
                }
                tbody {
                    @for count in counts {
                        tr {
                            td { (count.who.len()) }
                            td { (count.lesson) }
                            td { (printable(&count.what)) }
                            td { (printable(&count.who.join(", "))) }
                        }
                    }
                }
            }
        }
    }
}

/// The signs that stand in these rows' cells.
fn signs<'r>(rows: impl Iterator<Item = &'r Row>) -> Markup {
    let cells: Vec<_> = rows.map(cell).collect();
    let stands = |sign: &str| {
        let plain = sign
            .trim_end_matches('n')
            .trim_start_matches("n/")
            .trim_end_matches('m');
        let plain = if sign == "n/m" { "/" } else { plain };
        cells.iter().any(|cell| cell.contains(plain))
    };
    html! {
        dl {
            @for (sign, means) in SIGNS.iter().filter(|(sign, _)| stands(sign)) {
                dt { (sign) } dd { (means) }
            }
        }
    }
}

/// Learners by lessons.
fn matrix(learners: &[Learner]) -> Markup {
    let lessons = lessons(learners);
    html! {
        div.wide.matrix tabindex="0" role="group" aria-label="Checkouts and lessons" {
        table {
            thead { tr { th scope="col" { "checkout" } @for lesson in &lessons { th scope="col" { (lesson) } } } }
            tbody {
                @for (index, learner) in learners.iter().enumerate() {
                    tr {
                        th scope="row" { a href={ "#l" (index) } { (printable(&learner.name)) } }
                        @if let Some(problem) = &learner.problem {
                            td colspan=(lessons.len().max(1)) { (printable(problem)) }
                        } @else {
                            @for lesson in &lessons {
                                @match learner.lessons.iter().find(|row| row.lesson == *lesson) {
                                    Some(row) => td class=(colour(row.state)) { (cell(row)) },
                                    None => td {},
                                }
                            }
                        }
                    }
                }
            }
        }
        }
        (signs(rows(learners).map(|(_, row)| row)))
    }
}

/// Who a page is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Instructor,
    Learner,
}

fn lesson(row: &Row, reader: Reader) -> Markup {
    let (theirs, is_learner) = match reader {
        Reader::Instructor => ("theirs", false),
        Reader::Learner => ("yours", true),
    };
    let names = |state| -> Vec<String> {
        let names = row.exercises_in(state).into_iter();
        names.map(str::to_owned).collect()
    };
    let mut lists = vec![
        ("Wrong", names(Standing::Wrong)),
        (
            "Written, and waiting for one that is wrong or open",
            names(Standing::Waiting),
        ),
        ("Open", names(Standing::Open)),
        ("Given files changed", row.changed.clone()),
        ("The same as the reference, but for names", row.same.clone()),
        ("Compared once its tests pass", row.hidden.clone()),
    ];
    if !is_learner {
        lists.push((
            "Equal but for names, a hint and no verdict",
            row.alike.clone(),
        ));
    }
    html! {
        details {
            summary { (row.lesson) " " b class=(colour(row.state)) { (cell(row)) } }
            @for mistake in &row.mistakes {
                p { "Typical mistake in " code { (mistake.exercise) } ": " b { (mistake.name) } ". " (mistake.why) }
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
                    code { (not_called.functions.join(", ")) } ", and " (theirs) " does not."
                }
            }
            @for difference in &row.differences {
                h3 { code { (difference.exercise) } ": the reference (-) and " (theirs) " (+)" }
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
                @for discussed in &difference.discussed {
                    p {
                        "The solution's page discusses this: "
                        a href={ (BOOK) "/" (discussed.page) } { (discussed.title) }
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

fn colour(state: State) -> &'static str {
    match state {
        State::Passed => "good",
        State::Untouched | State::Open => "quiet",
        _ => "bad",
    }
}
