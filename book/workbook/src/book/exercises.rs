//! The reference of a lesson's exercises, one at a time.

use std::collections::BTreeSet;

use super::block::{Block, Expanded};
use super::html::escape;
use crate::answers;
use crate::exercise::Exercise;
use crate::files::Files;
use crate::lesson_tests::owner_name;
use crate::mistakes;
use crate::problem::Problem;
use crate::source;
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// Shows the reference of the lesson that the block names, each exercise behind a click, and behind
/// further ones how the lesson's equivalents write it.
pub fn solution(block: &Block<'_>) -> Expanded {
    let (workbook, lesson, exercises) = lesson(block)?;
    let reference = starter::solution(&workbook, &lesson)
        .map_err(|error| block.problem(format!("{error:#}")))?;
    let list = lesson.equivalents();
    let mut others = Vec::new();
    if block.root.join(&list).is_file() {
        for equivalent in mistakes::read_equivalents(&workbook, &lesson)? {
            others.push(equivalent.apply(&reference, &list)?);
        }
    }
    let answers = |files: &Files| answers::answers(files, &exercises);
    let others: Vec<_> = others.iter().map(answers).collect();
    let mut html = String::from("<div class=\"solution\">\n\n");
    for (index, answer) in answers(&reference).into_iter().enumerate() {
        let exercise = &exercises[index];
        let Some(answer) = answer else {
            return Err(block.problem(format!("`{}` is not in its file", exercise.name)));
        };
        let mut seen = BTreeSet::from([&answer]);
        let ways = others.iter().filter_map(|answers| answers[index].as_ref());
        let ways = ways.filter(|way| seen.insert(way));
        let ways = ways.map(|way| collapsed("", "Another way", way, ""));
        let ways: String = ways.collect();
        let name = escape(&owner_name(exercise, &exercises));
        let id = format!(" id=\"{name}\"");
        html += &collapsed(&id, &format!("Show <code>{name}</code>"), &answer, &ways);
    }
    Ok(html + "</div>")
}

fn collapsed(id: &str, summary: &str, code: &str, more: &str) -> String {
    let code = source::without_anchors(code);
    format!(
        "<details{id}><summary>{summary}</summary>\n\n```rust\n{code}\n```\n\n{more}</details>\n\n"
    )
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
    use crate::fixtures::{expanded_in, miniature, put};

    const SOURCE: &str = "pub struct A;\nimpl A {\n    // ANCHOR: x\n    pub fn twice(n: &u8) -> u8 {\n        // Exercise: double it.\n        // ANCHOR_END: x\n\n        n * 2\n    }\n}\n";

    const EQUIVALENTS: &str = "[[equivalent]]\nname = \"added\"\nfind = \"n * 2\"\nreplace = \"n + n\"\n[[equivalent]]\nname = \"elsewhere\"\nfind = \"struct A;\"\nreplace = \"struct A {}\"\n";

    fn drawn(block: &str) -> String {
        let dir = miniature("");
        put(&dir, "solutions/01-one/src/lib.rs", SOURCE);
        put(&dir, "solutions/01-one/equivalents.toml", EQUIVALENTS);
        expanded_in(&dir, "one.md", block)
    }

    #[test]
    fn the_reference_is_shown_without_its_indentation_and_with_other_ways() {
        assert_eq!(
            drawn("```solution 01-one\n```\n"),
            "<div class=\"solution\">\n\n<details id=\"twice\"><summary>Show <code>twice</code></summary>\n\n```rust\n\
             pub fn twice(n: &u8) -> u8 {\n    // Exercise: double it.\n\n    n * 2\n}\n```\n\n\
             <details><summary>Another way</summary>\n\n```rust\n\
             pub fn twice(n: &u8) -> u8 {\n    // Exercise: double it.\n\n    n + n\n}\n```\n\n\
             </details>\n\n</details>\n\n</div>\n"
        );
    }
}
