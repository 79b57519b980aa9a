//! What was found, for the terminal, for a browser, and for other programs.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::IsTerminal;

use super::{Learner, Row, State};

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
    text += "\n✓ passes   12/36 tests pass   · not started   ↑ passes on the reference's earlier lessons\n";

    for (heading, counts) in [
        ("Exercises that are open or red", exercises(learners)),
        ("Typical mistakes", mistakes(learners)),
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

fn painted(line: &str) -> String {
    let colour = match line.chars().next() {
        Some('-') => "31",
        Some('+') => "32",
        Some('@') => "36",
        _ => return line.to_owned(),
    };
    match std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        true => format!("\x1b[{colour}m{line}\x1b[0m"),
        false => line.to_owned(),
    }
}

fn cell(row: &Row) -> String {
    let cell = match row.state {
        State::Passed => "✓".to_owned(),
        State::Failed => format!("{}/{}", row.passed.len(), row.tests),
        State::NotCompiled => "build".to_owned(),
        State::TimedOut => "time".to_owned(),
        State::EndedEarly => "exit".to_owned(),
        State::NotStarted => "·".to_owned(),
        State::Unreadable => "?".to_owned(),
    };
    match row.consequence {
        true => format!("{cell} ↑"),
        false => cell,
    }
}

fn lessons(learners: &[Learner]) -> Vec<String> {
    let mut lessons: Vec<_> = rows(learners).map(|(_, row)| row.lesson.clone()).collect();
    lessons.sort();
    lessons.dedup();
    lessons
}

fn rows(learners: &[Learner]) -> impl Iterator<Item = (&Learner, &Row)> {
    learners
        .iter()
        .flat_map(|learner| learner.lessons.iter().map(move |row| (learner, row)))
}

/// A lesson and what is counted in it, with who it is about.
type Counts = Vec<((String, String), Vec<String>)>;

/// Who made which mistake.
fn mistakes(learners: &[Learner]) -> Counts {
    counts(learners, |row| {
        row.mistakes.iter().map(|made| made.name.as_str()).collect()
    })
}

/// Who has which exercise open or red, where that is no consequence of earlier lessons.
fn exercises(learners: &[Learner]) -> Counts {
    counts(learners, |row| match row.consequence {
        true => Vec::new(),
        false => row.red(),
    })
}

/// The most frequent first.
fn counts(learners: &[Learner], of: impl Fn(&Row) -> Vec<&str>) -> Counts {
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (learner, row) in rows(learners) {
        for what in of(row) {
            let key = (row.lesson.clone(), what.to_owned());
            found.entry(key).or_default().push(learner.name.clone());
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, who)| std::cmp::Reverse(who.len()));
    found
}

/// One page that needs no other file.
pub fn html(learners: &[Learner]) -> String {
    let lessons = lessons(learners);
    let mut page = String::from(HEAD);
    page += "<table><thead><tr><th>checkout</th>";
    for lesson in &lessons {
        _ = write!(page, "<th>{}</th>", escape(lesson));
    }
    page += "</tr></thead><tbody>";
    for (index, learner) in learners.iter().enumerate() {
        _ = write!(
            page,
            "<tr><th><a href=\"#l{index}\">{}</a></th>",
            escape(&learner.name)
        );
        if let Some(problem) = &learner.problem {
            _ = write!(
                page,
                "<td colspan=\"{}\">{}</td>",
                lessons.len().max(1),
                escape(problem)
            );
        } else {
            for lesson in &lessons {
                let row = learner.lessons.iter().find(|row| row.lesson == *lesson);
                let (class, cell) = match row {
                    Some(row) => (class(row.state), cell(row)),
                    None => ("", String::new()),
                };
                _ = write!(page, "<td class=\"{class}\">{}</td>", escape(&cell));
            }
        }
        page += "</tr>";
    }
    page += "</tbody></table><p>✓ passes. 12/36: that many tests pass. · is not started. ↑ passes on the reference's earlier lessons, so the cause lies in them. 'build' does not compile, 'time' did not end, 'exit' ended before its tests did.</p>";
    for (heading, what, counts) in [
        (
            "Exercises that are open or red",
            "exercise",
            exercises(learners),
        ),
        ("Typical mistakes", "mistake", mistakes(learners)),
    ] {
        if counts.is_empty() {
            continue;
        }
        _ = write!(
            page,
            "<h2>{heading}</h2><table><thead><tr><th>how many</th><th>lesson</th><th>{what}</th><th>who</th></tr></thead><tbody>"
        );
        for ((lesson, what), who) in &counts {
            _ = write!(
                page,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                who.len(),
                escape(lesson),
                escape(what),
                escape(&who.join(", "))
            );
        }
        page += "</tbody></table>";
    }
    for (index, learner) in learners.iter().enumerate() {
        _ = write!(page, "<h2 id=\"l{index}\">{}</h2>", escape(&learner.name));
        if let Some(problem) = &learner.problem {
            _ = write!(page, "<p>{}</p>", escape(problem));
        }
        for row in &learner.lessons {
            page += &html_row(row);
        }
    }
    page + "</main></html>\n"
}

fn html_row(row: &Row) -> String {
    let mut text = format!(
        "<details><summary>{} <b class=\"{}\">{}</b></summary>",
        escape(&row.lesson),
        class(row.state),
        escape(&cell(row)),
    );
    for mistake in &row.mistakes {
        let (name, why) = (escape(&mistake.name), escape(&mistake.why));
        _ = write!(text, "<p>Typical mistake: <b>{name}</b>. {why}</p>");
    }
    for note in row.note.iter().chain(&row.uses) {
        _ = write!(text, "<pre>{}</pre>", escape(note));
    }
    if !row.open.is_empty() {
        _ = write!(
            text,
            "<p>Not written yet: {}</p>",
            escape(&row.open.join(", "))
        );
    }
    if !row.changed.is_empty() {
        _ = write!(
            text,
            "<p>Given files changed: {}</p>",
            escape(&row.changed.join(", "))
        );
    }
    for (first, tests) in alike(row) {
        let names: Vec<_> = tests.iter().map(|test| escape(test)).collect();
        _ = write!(
            text,
            "<details><summary>✗ {}</summary><pre>{}</pre></details>",
            names.join(", "),
            escape(first)
        );
    }
    if !row.not_run.is_empty() {
        _ = write!(text, "<p>Not run: {}</p>", escape(&row.not_run.join(", ")));
    }
    for difference in &row.differences {
        _ = write!(
            text,
            "<h3><code>{}</code>: the reference (-) and theirs (+)</h3><pre>",
            escape(&difference.exercise)
        );
        for line in difference.diff.lines() {
            let tag = match line.chars().next() {
                Some('-') => "del",
                Some('+') => "ins",
                _ => "span",
            };
            _ = writeln!(text, "<{tag}>{}</{tag}>", escape(line));
        }
        text += "</pre>";
    }
    text + "</details>"
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

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Lessons compared</title><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .2rem .7rem; border-bottom: 1px solid #8886; vertical-align: top; }
.good { color: light-dark(#186a1c, #7fd98a); } .bad { color: light-dark(#a01818, #ff9c9c); } .quiet { opacity: .7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; background: #8881; } ins, del { text-decoration: none; }
ins { color: light-dark(#186a1c, #7fd98a); } del { color: light-dark(#a01818, #ff9c9c); }
details details, details > p, details > pre, details > h3 { margin-left: 1rem; }
</style><main><h1>Lessons compared</h1>";

/// The form that classroom tools read: a suite for each lesson of each learner.
pub fn junit(learners: &[Learner]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for learner in learners {
        if let Some(problem) = &learner.problem {
            let name = escape(&learner.name);
            xml += &suite(&name, 1, 0, 1, &case(&name, "checkout", "error", problem));
        }
        for row in &learner.lessons {
            let name = escape(&format!("{}: {}", learner.name, row.lesson));
            let mut cases = String::new();
            let errors = match row.state {
                State::Passed | State::Failed => 0,
                _ => 1,
            };
            if errors == 1 {
                let why = match row.state {
                    State::NotCompiled => "does not compile",
                    State::TimedOut => "did not end",
                    State::EndedEarly => "ended before its tests did",
                    State::NotStarted => "not started",
                    _ => "could not be read",
                };
                let note = row.note.as_deref().unwrap_or(why);
                cases += &case(&name, why, "error", note);
            }
            for failing in &row.failing {
                cases += &case(&name, &failing.test, "failure", &failing.says);
            }
            for test in &row.passed {
                let test = escape(test);
                _ = writeln!(
                    cases,
                    "    <testcase classname=\"{name}\" name=\"{test}\"/>"
                );
            }
            for test in &row.not_run {
                let test = escape(test);
                _ = writeln!(
                    cases,
                    "    <testcase classname=\"{name}\" name=\"{test}\"><skipped/></testcase>"
                );
            }
            let tests = row.failing.len() + row.passed.len() + row.not_run.len() + errors;
            xml += &suite(&name, tests, row.failing.len(), errors, &cases);
        }
    }
    xml + "</testsuites>\n"
}

fn suite(name: &str, tests: usize, failures: usize, errors: usize, cases: &str) -> String {
    format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{cases}  </testsuite>\n"
    )
}

fn case(class: &str, name: &str, kind: &str, text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    format!(
        "    <testcase classname=\"{class}\" name=\"{}\"><{kind} message=\"{}\">{}</{kind}></testcase>\n",
        escape(name),
        escape(first),
        escape(text)
    )
}

/// For HTML and XML, in text and in attributes. XML has no word for most control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Failing, Made, difference::Difference};

    fn row(lesson: &str, state: State) -> Row {
        Row {
            lesson: lesson.into(),
            state,
            passed: vec!["f::ok".into()],
            tests: 3,
            failing: vec![Failing {
                test: "f::t".into(),
                says: "<b>\u{1b}[31m".into(),
            }],
            not_run: vec!["f::u".into()],
            open: vec![],
            mistakes: vec![Made {
                name: "the sender included".into(),
                why: "It has it already.".into(),
            }],
            consequence: state == State::NotCompiled,
            changed: vec![],
            uses: vec![],
            differences: vec![Difference {
                exercise: "f".into(),
                diff: "-a\n+b".into(),
            }],
            hidden: vec![],
            note: None,
        }
    }

    fn class_of_three() -> Vec<Learner> {
        let learner = |name: &str, problem: Option<&str>, lessons| Learner {
            name: name.into(),
            dir: name.into(),
            problem: problem.map(str::to_owned),
            lessons,
        };
        let mut passed = row("01-one", State::Passed);
        passed.failing.clear();
        passed.not_run.clear();
        passed.mistakes.clear();
        vec![
            learner("ann", None, vec![passed, row("02-two", State::Failed)]),
            learner("bob<script>", None, vec![row("02-two", State::NotCompiled)]),
            learner("cat", Some("not a directory"), vec![]),
        ]
    }

    #[test]
    fn the_table_has_a_line_for_each_learner_and_each_mistake() {
        let text = table(&class_of_three());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "             01-one   02-two");
        assert_eq!(lines[1], "ann          ✓        1/3");
        assert_eq!(lines[2], "bob<script>           build ↑");
        assert_eq!(lines[3], "cat          not a directory");
        assert!(
            text.contains("  2  02-two: the sender included (ann, bob<script>)"),
            "{text}"
        );
    }

    #[test]
    fn a_learners_text_stays_text() {
        for text in [html(&class_of_three()), junit(&class_of_three())] {
            assert!(!text.contains("<script>"), "{text}");
            assert!(text.contains("bob&lt;script&gt;"), "{text}");
            assert!(text.contains("&lt;b&gt;\u{fffd}[31m"), "{text}");
        }
    }

    #[test]
    fn junit_counts_what_it_lists() {
        let xml = junit(&class_of_three());
        assert_eq!(xml.matches("<testcase ").count(), 1 + 3 + 4 + 1);
        assert!(
            xml.contains("name=\"ann: 02-two\" tests=\"3\" failures=\"1\" errors=\"0\""),
            "{xml}"
        );
        assert_eq!(xml.matches("<error ").count(), 2);
    }
}
