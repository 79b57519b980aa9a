//! Commands in the book can be copied whole, and run what they say.
//!
//! Words beside a command would be copied with it: after `--` they are filters that run other tests.
//! A filter ends in `::`, or it would also run the tests of an exercise whose name begins like it.

use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::problem::{Problem, line_at};

/// Options of `cargo test`, and of the test program, that are followed by a value.
const WITH_VALUE: [&str; 11] = [
    "-p",
    "--package",
    "--test",
    "--bin",
    "--example",
    "--features",
    "--target-dir",
    "--manifest-path",
    "--profile",
    "-j",
    "--test-threads",
];

const PROSE: &str = "words beside a command are copied with it; make them a `#` comment";

/// Checks the commands of a page.
pub fn problems(page: &Path, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut language = None;
    for (event, range) in Parser::new_ext(text, Options::all()).into_offset_iter() {
        let at = line_at(text, range.start);
        let mut say = |line: usize, message: Option<String>| {
            problems.extend(message.map(|message| Problem::new(page, line, message)));
        };
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                language = Some(info.trim().to_owned());
            }
            Event::End(TagEnd::CodeBlock) => language = None,
            Event::Code(code) if code.starts_with("cargo ") => say(at, test_filter(&words(&code))),
            Event::Text(block) => match language.as_deref() {
                Some("sh") => {
                    for (n, line) in block.lines().enumerate() {
                        say(at + n, wrong(line));
                    }
                }
                Some("text" | "") if block.starts_with("cargo ") => {
                    say(at, Some("a command stands in a ```sh block".to_owned()));
                }
                _ => {}
            },
            _ => {}
        }
    }
    problems
}

fn wrong(line: &str) -> Option<String> {
    let words = words(line);
    // Two blanks are no slip: they set a column of prose apart.
    let column = |pair: &[Word<'_>]| pair[1].start - pair[0].end > 1;
    if words.windows(2).any(column) {
        return Some(PROSE.to_owned());
    }
    test_filter(&words)
}

/// What is wrong with the filters of `cargo test`.
fn test_filter(words: &[Word<'_>]) -> Option<String> {
    let test = |pair: &[Word<'_>]| pair[0].text == "cargo" && pair[1].text == "test";
    let at = words.windows(2).position(test)?;
    let mut words = words[at + 2..].iter().map(|word| word.text);
    while let Some(word) = words.next() {
        match word {
            "&&" | "||" | "|" | ";" | "\\" => return None,
            word if WITH_VALUE.contains(&word) => drop(words.next()),
            word if word.starts_with('-') || word.starts_with('2') && word.contains('>') => {}
            word if word.ends_with("::") => {}
            word => {
                return Some(format!(
                    "`{word}` is a filter: it ends in `::`, or is a `#` comment"
                ));
            }
        }
    }
    None
}

#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// A line's words, up to its comment. What is quoted is part of a word.
fn words(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let (mut start, mut quote) = (None, None);
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => {
                quote = Some(c);
                start.get_or_insert(at);
            }
            (None, '#') if start.is_none() => return words,
            (None, _) if c.is_whitespace() => {
                if let Some(start) = start.take() {
                    words.push(Word {
                        text: &line[start..at],
                        start,
                        end: at,
                    });
                }
            }
            (None, _) => {
                start.get_or_insert(at);
            }
        }
    }
    if let Some(start) = start {
        words.push(Word {
            text: &line[start..],
            start,
            end: line.len(),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::list;

    fn found(text: &str) -> String {
        list(&problems(Path::new("p.md"), text))
    }

    #[test]
    fn what_can_be_copied_whole_is_right() {
        assert_eq!(
            found(
                "```sh\ncargo test -p echo -- answer::        # one exercise\ncargo test -p echo --test echo --quiet # all\n\
                 # a  comment\necho 'a  # b' && cargo test 2>/dev/null\n    -v x:/y rust cargo test --no-run\n\
                 cargo run -p echo -- 127.0.0.1:3000\n```\n\n`cargo test`, `cargo test -p echo -- answer::`, `cargo  x`\n\n```text\nBuilt with cargo test -- x\n```\n"
            ),
            ""
        );
    }

    #[test]
    fn prose_beside_a_command_is_refused() {
        assert_eq!(
            found(
                "# P\n\n```sh\ncargo test -p echo -- answer::  one exercise\ncargo run -p echo    # serves\ncargo run -p echo    serves\n```\n"
            ),
            format!("p.md:4: {PROSE}\np.md:6: {PROSE}")
        );
        assert_eq!(
            found("```sh\ncargo test -p echo -- answer:: one exercise\n```\n"),
            "p.md:2: `one` is a filter: it ends in `::`, or is a `#` comment"
        );
    }

    #[test]
    fn a_filter_ends_its_module() {
        let message = "is a filter: it ends in `::`, or is a `#` comment";
        assert_eq!(
            found("```sh\ncargo test -p acks -- resolve\n```\n"),
            format!("p.md:2: `resolve` {message}")
        );
        assert_eq!(
            found("Run `cargo test -p acks resolve`.\n"),
            format!("p.md:1: `resolve` {message}")
        );
    }

    #[test]
    fn a_command_stands_where_it_can_be_copied() {
        assert_eq!(
            found("```text\ncargo run -p echo\n```\n"),
            "p.md:2: a command stands in a ```sh block"
        );
    }
}
