//! A prediction: a question, and its answer in words, closed until the reader commits.
//!
//! ````text
//! ```predict
//! How did the server find the accept value?
//!
//! ---
//!
//! It computed it.
//! ```
//! ````
//!
//! Both parts are Markdown with the book's own blocks; a fence of four backticks holds one of three.
//! Without a script it works as well. On paper an answer that is closed is left out.

use super::block::{Block, Expanded};
use super::preprocess;

const BETWEEN: &str = "---";

/// Draws the question, and the answer behind a click.
pub fn expand(block: &Block<'_>) -> Expanded {
    let mut lines = block.body.split_inclusive('\n');
    let question: String = lines
        .by_ref()
        .take_while(|line| line.trim() != BETWEEN)
        .collect();
    let answer: String = lines.collect();
    if question.trim().is_empty() || answer.trim().is_empty() {
        let message = "a prediction is a question, a line `---`, and its answer";
        return Err(block.problem(message));
    }
    let expanded = |part: &str, above: usize| {
        preprocess::expand(block.root, block.page, part).map_err(|mut problems| {
            let mut problem = problems.remove(0);
            if problem.file == block.page {
                problem.line = problem.line.map(|line| block.line + above + line);
            }
            problem
        })
    };
    let asked = expanded(&question, 0)?;
    let answered = expanded(&answer, question.lines().count() + 1)?;
    Ok(format!(
        "<div class=\"predict\">\n\n**Predict.** {}\n\n<details><summary>I have written down my answer</summary>\n\n{}\n\n</details></div>",
        asked.trim(),
        answered.trim(),
    ))
}

#[cfg(test)]
mod tests {
    use crate::fixtures::expanded;

    #[test]
    fn the_answer_is_closed_and_stands_after_the_question() {
        assert_eq!(
            expanded(
                "# One\n\n````predict\nWhy `x`?\n\nAnd *y*?\n\n---\n\nBecause.\n\n```text\nx\n```\n````\n"
            ),
            "# One\n\n<div class=\"predict\">\n\n**Predict.** Why `x`?\n\nAnd *y*?\n\n\
             <details><summary>I have written down my answer</summary>\n\nBecause.\n\n```text\nx\n```\n\n</details></div>\n"
        );
    }

    #[test]
    fn blocks_and_includes_in_it_are_the_books_own() {
        let page = "````predict\nWho?\n---\n```wire title=\"Ping\"\n{{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n```\n````\n";
        assert!(
            expanded(page).contains("<figure class=\"wire"),
            "{}",
            expanded(page)
        );
        assert_eq!(
            expanded("# One\n\n````predict\nWho?\n---\n\n```text\n```\n````\n"),
            "book/src/one.md:7: an empty code block"
        );
    }

    #[test]
    fn a_question_has_an_answer() {
        for body in ["Why?\n", "Why?\n---\n", "---\nBecause.\n"] {
            assert_eq!(
                expanded(&format!("# One\n\n```predict\n{body}```\n")),
                "book/src/one.md:3: a prediction is a question, a line `---`, and its answer"
            );
        }
    }
}
