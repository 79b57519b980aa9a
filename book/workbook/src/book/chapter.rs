//! What a chapter keeps to: a card for each exercise, in order, and soon; no second list of what they
//! hold.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::card;
use crate::lesson_tests::{self, WHOLE, owner_name};
use crate::problem::{Problem, line_at};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// A reader comes to the first exercise after at most so many words: three or four minutes.
const MOST_WORDS: usize = 600;

/// What only the cards say.
const LISTS: [&str; 2] = ["mistakes", "solution"];

/// Checks each lesson's chapter against its exercises.
pub fn problems(workbook: &Workbook) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for lesson in &workbook.lessons {
        let page = lesson.chapter();
        let Ok(text) = workbook.read(&page) else {
            continue;
        };
        problems.extend(Chapter::read(&text).problems(workbook, lesson, &page));
    }
    Ok(problems)
}

/// What matters of a chapter's Markdown.
#[derive(Default)]
struct Chapter {
    /// The name of each card, and its line.
    cards: Vec<(String, usize)>,
    /// The other blocks' languages and lines.
    blocks: Vec<(String, usize)>,
    /// Before the first card.
    words: usize,
    /// The first cell of each table's rows, without backticks, and the table's line.
    rows: Vec<(String, usize)>,
}

impl Chapter {
    fn read(text: &str) -> Self {
        let mut chapter = Self::default();
        let mut block = None;
        let (mut table, mut cell) = (0, 0);
        for (event, range) in Parser::new_ext(text, Options::all()).into_offset_iter() {
            let line = line_at(text, range.start);
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.trim().to_owned(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let (language, name) = info.split_once(' ').unwrap_or((&info, ""));
                    match language {
                        "exercise" => chapter.cards.push((name.trim().to_owned(), line)),
                        _ => chapter.blocks.push((language.to_owned(), line)),
                    }
                    block = Some(language.to_owned());
                }
                Event::End(TagEnd::CodeBlock) => block = None,
                Event::Start(Tag::Table(_)) => table = line,
                Event::Start(Tag::TableRow) => cell = 0,
                Event::Start(Tag::TableCell) if cell == 0 => {
                    let name = text[range].trim().trim_matches('`');
                    chapter.rows.push((name.to_owned(), table));
                }
                Event::End(TagEnd::TableCell) => cell += 1,
                // A prediction is read, code and figures are looked at.
                Event::Text(words) | Event::Code(words)
                    if chapter.cards.is_empty()
                        && block
                            .as_deref()
                            .is_none_or(|language| language == "predict") =>
                {
                    chapter.words += words.split_whitespace().count();
                }
                _ => {}
            }
        }
        chapter
    }

    fn problems(&self, workbook: &Workbook, lesson: &Lesson, page: &Path) -> Vec<Problem> {
        let wrong = |line: usize, message: String| Problem::new(page, line, message);
        let mut problems = Vec::new();
        let (exercises, tests) = match (
            starter::taken_out(workbook, lesson),
            lesson_tests::tests(workbook, lesson),
        ) {
            (Ok((_, exercises)), Ok(tests)) => (exercises, tests),
            (Err(problem), _) | (_, Err(problem)) => return vec![problem],
        };
        let mut names: Vec<_> = exercises
            .iter()
            .map(|exercise| owner_name(exercise, &exercises))
            .collect();
        let hints = match card::hints(workbook, lesson) {
            Ok(hints) => hints,
            Err(problem) => return vec![problem],
        };
        problems.extend(
            hints
                .keys()
                .filter(|hint| !names.contains(hint))
                .map(|hint| {
                    let message = format!("`{hint}` is no exercise of {}", lesson.stem);
                    Problem::new(lesson.hints(), None, message)
                }),
        );
        if tests.iter().any(|test| test.module() == WHOLE) {
            names.push(WHOLE.to_owned());
        }
        let mut seen = BTreeSet::new();
        let mut last = 0;
        for (card, line) in &self.cards {
            let Some(at) = names.iter().position(|name| name == card) else {
                let message =
                    format!("`{card}` has no tests: there is nothing for its card to show");
                problems.push(wrong(*line, message));
                continue;
            };
            if !seen.insert(at) {
                problems.push(wrong(*line, format!("a second card of `{card}`")));
            } else if at < last {
                let message = format!(
                    "the card of `{card}` comes after that of `{}`, which is later in the file",
                    names[last]
                );
                problems.push(wrong(*line, message));
            }
            last = last.max(at);
        }
        for (at, name) in names.iter().enumerate() {
            if !seen.contains(&at) {
                let message = format!("no card for `{name}`: ```exercise {name}");
                problems.push(Problem::new(page, None, message));
            }
        }
        let first = self.cards.first().map_or(1, |(_, line)| *line);
        if self.words > MOST_WORDS {
            let message = format!(
                "the first card comes after {} words; {MOST_WORDS} at most",
                self.words
            );
            problems.push(wrong(first, message));
        }
        for (language, line) in &self.blocks {
            if LISTS.contains(&language.as_str()) {
                let message = format!("a second list of {language}: the cards have them");
                problems.push(wrong(*line, message));
            }
        }
        let listed: Vec<_> = self
            .rows
            .iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(_, table)| *table)
            .collect();
        if let Some(pair) = listed.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = "a second list of exercises: the cards are the list".to_owned();
            problems.push(wrong(pair[0], message));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{miniature, put};
    use crate::problem::list;

    /// A lesson of two exercises, and one test of the whole.
    fn found(chapter: &str) -> String {
        let dir = miniature("");
        let function = |name| format!("/// D.\nfn {name}() {{\n    // Exercise: e.\n    1;\n}}\n");
        put(
            &dir,
            "solutions/01-one/src/lib.rs",
            &(function("one") + &function("two")),
        );
        let hints = "question = \"q\"\npointer = \"p\"\nnearly = \"n\"\n";
        put(
            &dir,
            "solutions/01-one/hints.toml",
            &format!("[one]\n{hints}[two]\n{hints}[three]\n{hints}"),
        );
        put(
            &dir,
            "lessons/01-one/tests/one/main.rs",
            "mod whole {\n    #[test]\n    fn works() {}\n}\n",
        );
        put(&dir, "book/src/01-one.md", chapter);
        let workbook = Workbook::at(dir.path()).unwrap();
        let found = list(&problems(&workbook).unwrap());
        let hints = "solutions/01-one/hints.toml: `three` is no exercise of 01-one";
        found
            .strip_prefix(hints)
            .map_or(found.clone(), |rest| rest.trim_start().to_owned())
    }

    fn cards(names: &[&str]) -> String {
        let card = |name: &&str| format!("Then.\n\n```exercise {name}\n```\n\n");
        names.iter().map(card).collect()
    }

    #[test]
    fn one_card_each_in_order() {
        assert_eq!(found(&cards(&["one", "two", "whole"])), "");
        assert_eq!(
            found("# One\n"),
            "book/src/01-one.md: no card for `one`: ```exercise one\n\
             book/src/01-one.md: no card for `two`: ```exercise two\n\
             book/src/01-one.md: no card for `whole`: ```exercise whole"
        );
        assert_eq!(
            found(&cards(&["two", "one", "two", "third"])),
            "book/src/01-one.md:8: the card of `one` comes after that of `two`, which is later in the file\n\
             book/src/01-one.md:13: a second card of `two`\n\
             book/src/01-one.md:18: `third` has no tests: there is nothing for its card to show\n\
             book/src/01-one.md: no card for `whole`: ```exercise whole"
        );
    }

    #[test]
    fn a_step_before_the_first_card_is_short() {
        let all = cards(&["one", "two", "whole"]);
        let before = format!("# T\n\n```text\n{}\n```\n\n", "look ".repeat(900));
        assert_eq!(found(&format!("{before}{}{all}", "word ".repeat(597))), "");
        assert_eq!(
            found(&format!(
                "{before}```predict\n{}\n```\n\n{all}",
                "word ".repeat(600)
            )),
            "book/src/01-one.md:13: the first card comes after 602 words; 600 at most"
        );
    }

    #[test]
    fn no_second_list() {
        let all = cards(&["one", "two", "whole"]);
        assert_eq!(
            found(&format!(
                "{all}```mistakes 01-one\n```\n\n```solution 01-one\n```\n"
            )),
            "book/src/01-one.md:16: a second list of mistakes: the cards have them\n\
             book/src/01-one.md:19: a second list of solution: the cards have them"
        );
        let table =
            |row: &str| format!("{all}| a | b |\n|---|---|\n| `one` | x |\n| {row} | x |\n");
        assert_eq!(
            found(&table("`two`")),
            "book/src/01-one.md:16: a second list of exercises: the cards are the list"
        );
        assert_eq!(found(&table("two things")), "");
    }
}
