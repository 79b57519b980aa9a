//! Help with a lesson's exercises, one at a time: hints that do not spoil, and the reference.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::html::{escape, prose};
use super::preprocess::{Block, Expanded};
use crate::listing::owner_name;
use crate::problem::{Problem, line_at};
use crate::starter::{self, Exercise};
use crate::workspace::{Lesson, Workbook};

/// One exercise's hints, each giving away more than the one before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hints {
    question: String,
    pointer: String,
    nearly: String,
}

/// Draws the hints of the lesson that the block names, each behind a click of its own.
pub fn hints(block: &Block<'_>) -> Expanded {
    let (workbook, lesson, exercises) = lesson(block)?;
    let file = lesson.hints();
    let text = workbook
        .read(&file)
        .map_err(|_| block.problem(format!("there is no {}", file.display())))?;
    let mut hints: BTreeMap<String, Hints> = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line_at(&text, span.start));
        Problem::new(&file, line, error.message())
    })?;
    let mut html = String::from("<div class=\"hints\">");
    for exercise in &exercises {
        let name = &owner_name(exercise, &exercises);
        let Some(hint) = hints.remove(name) else {
            let message = format!("no hints for the exercise `{name}`");
            return Err(Problem::new(&file, None, message));
        };
        html += &format!("<details><summary><code>{}</code></summary>", escape(name));
        for (step, text) in [
            ("A question", &hint.question),
            ("A pointer", &hint.pointer),
            ("Nearly the answer", &hint.nearly),
        ] {
            html += &format!(
                "<details><summary>{step}</summary><p>{}</p></details>",
                prose(text.trim())
            );
        }
        html += "</details>";
    }
    match hints.keys().next() {
        None => Ok(html + "</div>"),
        Some(name) => {
            let message = format!("`{name}` is no exercise of {}", lesson.stem);
            Err(Problem::new(&file, None, message))
        }
    }
}

/// Shows the reference of the lesson that the block names, each exercise behind a click.
pub fn solution(block: &Block<'_>) -> Expanded {
    let (workbook, _, exercises) = lesson(block)?;
    let mut html = String::new();
    for exercise in &exercises {
        let text = workbook
            .read(&exercise.file)
            .map_err(|error| block.problem(format!("{error:#}")))?;
        let Some(answer) = starter::answer(&text, exercise) else {
            return Err(block.problem(format!("`{}` is not in its file", exercise.name)));
        };
        let answer: Vec<_> = answer
            .lines()
            .filter(|line| !line.trim_start().starts_with("// ANCHOR"))
            .collect();
        html += &format!(
            "<details><summary>Show <code>{}</code></summary>\n\n```rust\n{}\n```\n\n</details>\n\n",
            escape(&exercise.name),
            answer.join("\n"),
        );
    }
    Ok(html)
}

fn lesson(block: &Block<'_>) -> Result<(Workbook, Lesson, Vec<Exercise>), Problem> {
    let named = || {
        let message = format!("name the lesson: ```{} 02-handshake", block.language);
        block.problem(message)
    };
    let lesson = Lesson::from_stem(block.arguments).ok_or_else(named)?;
    if !block.body.trim().is_empty() {
        let message = "this block is empty: its text comes from the lesson";
        return Err(block.problem(message));
    }
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let (_, exercises) = starter::taken_out(&workbook, &lesson)?;
    if exercises.is_empty() {
        return Err(block.problem(format!("{} has no exercises", lesson.stem)));
    }
    Ok((workbook, lesson, exercises))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::book::preprocess::expand;
    use crate::book::render::{
        list,
        tests::{miniature, put},
    };

    const SOURCE: &str = "pub struct A;\nimpl A {\n    // ANCHOR: x\n    pub fn twice(n: &u8) -> u8 {\n        // Exercise: double it.\n        // ANCHOR_END: x\n\n        n * 2\n    }\n}\n";
    const HINTS: &str = "[twice]\nquestion = \"What is `n`?\"\npointer = \"<p>\"\nnearly = \"*\"\n";

    fn drawn(hints: &str, block: &str) -> String {
        let dir = miniature("");
        put(&dir, "solutions/01-one/src/lib.rs", SOURCE);
        put(&dir, "solutions/01-one/hints.toml", hints);
        expand(dir.path(), Path::new("book/src/one.md"), block)
            .unwrap_or_else(|problems| list(&problems))
    }

    #[test]
    fn three_hints_open_one_after_the_other() {
        assert_eq!(
            drawn(HINTS, "```hints 01-one\n```\n"),
            "<div class=\"hints\"><details><summary><code>twice</code></summary>\
             <details><summary>A question</summary><p>What is <code>n</code>?</p></details>\
             <details><summary>A pointer</summary><p>&lt;p&gt;</p></details>\
             <details><summary>Nearly the answer</summary><p>*</p></details></details></div>\n"
        );
    }

    #[test]
    fn the_reference_is_shown_without_its_indentation() {
        assert_eq!(
            drawn(HINTS, "```solution 01-one\n```\n"),
            "<details><summary>Show <code>twice</code></summary>\n\n```rust\n\
             pub fn twice(n: &u8) -> u8 {\n    // Exercise: double it.\n\n    n * 2\n}\n```\n\n</details>\n\n\n"
        );
    }

    #[test]
    fn hints_and_exercises_must_agree() {
        assert_eq!(
            drawn("", "```hints 01-one\n```\n"),
            "solutions/01-one/hints.toml: no hints for the exercise `twice`"
        );
        let more = format!("{HINTS}{}", HINTS.replace("twice", "thrice"));
        assert_eq!(
            drawn(&more, "```hints 01-one\n```\n"),
            "solutions/01-one/hints.toml: `thrice` is no exercise of 01-one"
        );
        assert_eq!(
            drawn("[twice]\nquestion = \"\"\n", "```hints 01-one\n```\n"),
            "solutions/01-one/hints.toml:1: missing field `pointer`"
        );
        assert_eq!(
            drawn(HINTS, "```hints\n```\n"),
            "book/src/one.md:1: name the lesson: ```hints 02-handshake"
        );
    }
}
