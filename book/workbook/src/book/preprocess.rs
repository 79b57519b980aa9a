//! The book's own blocks, turned into HTML; its includes, checked and resolved.
//!
//! | block | becomes |
//! |---|---|
//! | ```` ```wire title="..." ```` with an include of a transcript | a sequence diagram |
//! | ```` ```xray title="..." ```` with an include of annotated bytes | a byte diagram |
//! | ```` ```flip title="..." ```` with an include of one frame | the same, with bits to flip |
//! | ```` ```mistakes 02-handshake ```` | the lesson's list of mistakes |
//! | ```` ```solution 02-handshake ```` | the reference, an exercise at a time |
//! | ```` ```exercise accept_key ```` | the card of an exercise |
//! | ```` ```predict ```` with a question and its answer | both, the answer closed |
//! | ```` ```lessons ```` | the stack of lessons |
//! | ```` ```syllabus ```` with further rows | the instructor's table of minutes |
//! | ```` ```routes ```` with routes in TOML | ways through the lessons, with their minutes |
//! | ```` ```quiz ```` with a question in TOML | the question, and its answers |
//! | ```` ```lab console ```` with includes of transcripts | a lab, and what it replays |
//!
//! A lesson's chapter also gets its minutes, and a place for the reader's tests: [`panel`]. A
//! solution's page gets anchors: [`why`].

use std::fmt;
use std::ops::Range;
use std::path::Path;

use mdbook_driver::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::block::Block;
use super::include::{self, directives};
use super::{
    card, exercises, lab, lessons, minutes, mistakes, panel, predict, quiz, routes, syllabus, why,
    wire, xray,
};
use crate::problem::{Problem, line_at, list};

/// What mdBook runs, under the name that book.toml gives it.
pub struct WorkbookPreprocessor;

impl Preprocessor for WorkbookPreprocessor {
    fn name(&self) -> &str {
        "workbook"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> anyhow::Result<Book> {
        let root = context.root.parent().unwrap_or(Path::new(".."));
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            let BookItem::Chapter(chapter) = item else {
                return;
            };
            let Some(page) = &chapter.source_path else {
                return;
            };
            let page = Path::new("book/src").join(page);
            match expand(root, &page, &chapter.content) {
                Ok(content) => {
                    let content = panel::insert(root, &page, &content);
                    let content = minutes::insert(root, &page, &content);
                    chapter.content = why::insert(&page, content);
                }
                Err(found) => problems.extend(found),
            }
        });
        if problems.is_empty() {
            Ok(book)
        } else {
            Err(Broken(problems).into())
        }
    }
}

/// The chapters cannot be rendered as they are.
#[derive(Debug)]
pub struct Broken(pub Vec<Problem>);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&list(&self.0))
    }
}

impl std::error::Error for Broken {}

/// Expands one page, named relative to the root.
pub fn expand(root: &Path, page: &Path, content: &str) -> Result<String, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut pieces: Vec<(Range<usize>, String)> = Vec::new();
    for (range, info, body) in fenced(content) {
        let (language, arguments) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
        let block = Block {
            root,
            page,
            line: line_at(content, range.start),
            language,
            arguments: arguments.trim(),
            body: &body,
        };
        let expanded = match language {
            "wire" => wire::expand(&block),
            "xray" => xray::expand(&block),
            "flip" => xray::flip(&block),
            "mistakes" => mistakes::expand(&block),
            "exercise" => card::expand(&block),
            "predict" => predict::expand(&block),
            "solution" => exercises::solution(&block),
            "lessons" => lessons::expand(&block),
            "syllabus" => syllabus::expand(&block),
            "routes" => routes::expand(&block),
            "quiz" => quiz::expand(&block),
            "lab" => lab::expand(&block),
            _ if body.trim().is_empty() => Err(block.problem("an empty code block")),
            _ => continue,
        };
        match expanded {
            Ok(html) => pieces.push((range, html)),
            Err(problem) => {
                pieces.push((range, String::new()));
                problems.push(problem);
            }
        }
    }
    for directive in directives(content) {
        let range = directive.range.clone();
        let inside = |(block, _): &(Range<usize>, String)| {
            block.start <= range.start && range.end <= block.end
        };
        if pieces.iter().any(inside) || directive.word == "title" {
            continue;
        }
        let included = match directive.word {
            "include" => include::read(root, page, directive.argument),
            word => Err(format!("#{word} is not used in this book, #include is")),
        };
        match included {
            Ok(piece) => {
                let text = indented(piece.text.trim_end(), &content[..range.start]);
                pieces.push((range, text));
            }
            Err(error) => problems.push(Problem::new(page, line_at(content, range.start), error)),
        }
    }
    if !problems.is_empty() {
        problems.sort();
        return Err(problems);
    }
    pieces.sort_by_key(|(range, _)| range.start);
    let mut expanded = String::with_capacity(content.len());
    let mut from = 0;
    for (range, text) in pieces {
        expanded.push_str(&content[from..range.start]);
        expanded.push_str(&text);
        from = range.end;
    }
    expanded.push_str(&content[from..]);
    Ok(expanded)
}

/// Gives further lines the indent of the line that `before` ends in: an include in a list.
fn indented(text: &str, before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or_default();
    match line.trim().is_empty() {
        true => text.replace('\n', &format!("\n{line}")),
        false => text.to_owned(),
    }
}

/// The fenced code blocks: place, info string, body.
fn fenced(content: &str) -> Vec<(Range<usize>, String, String)> {
    let mut blocks = Vec::new();
    let mut open = None;
    for (event, range) in Parser::new_ext(content, Options::all()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some((range, info.to_string(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, _, body)) = &mut open {
                    body.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{expanded, miniature, put};

    #[test]
    fn replaces_its_blocks_and_includes_and_keeps_the_rest() {
        let page = "# One\n\n```text\n{{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n```\n\n- a\n\n  ```text\n  {{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n  ```\n\nEnd \\{{#include x}}.\n";
        assert_eq!(
            expanded(page),
            "# One\n\n```text\nann → server   ping\nserver → ann   pong\n```\n\n- a\n\n  ```text\n  ann → server   ping\n  server → ann   pong\n  ```\n\nEnd \\{{#include x}}.\n"
        );
    }

    #[test]
    fn names_page_and_line_of_each_problem() {
        let page = "# One\n\n{{#include ../../none.rs}}\n\n```wire\n{{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n```\n\n```wire title=\"Typed\"\nann → server   ping\n```\n\n```wire title=\"Gone\"\n{{#include gone.snap}}\n```\n\n```text\n```\n\n{{#playground x.rs}}\n";
        assert_eq!(
            expanded(page),
            "book/src/one.md:3: there is no file none.rs\n\
             book/src/one.md:5: write ```wire title=\"What the figure shows\"\n\
             book/src/one.md:9: a wire block holds one line, {{#include ...}} of a snapshot\n\
             book/src/one.md:14: there is no file book/src/gone.snap\n\
             book/src/one.md:17: an empty code block\n\
             book/src/one.md:20: #playground is not used in this book, #include is"
        );
    }

    #[test]
    fn a_snapshot_that_does_not_parse_is_named_with_its_line() {
        let dir = miniature("");
        put(
            &dir,
            "lessons/01-one/tests/snapshots/bad.snap",
            "---\nsource: x\n---\nann\n",
        );
        let page = "```wire title=\"Bad\"\n{{#include ../../lessons/01-one/tests/snapshots/bad.snap}}\n```\n";
        let problems = expand(dir.path(), Path::new("book/src/one.md"), page).unwrap_err();
        assert_eq!(
            list(&problems),
            "lessons/01-one/tests/snapshots/bad.snap:4: expected a name, three blanks and a text"
        );
    }
}
