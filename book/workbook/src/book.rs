//! The book: from Markdown to pages, and what is wrong with them.

mod block;
pub mod card;
mod chapter;
mod commands;
mod exercises;
mod figure;
pub mod html;
mod include;
mod lab;
mod lessons;
mod links;
mod minutes;
mod mistakes;
pub mod panel;
mod predict;
pub mod preprocess;
mod quiz;
pub mod render;
mod routes;
mod syllabus;
mod warnings;
mod watch;
pub mod why;
pub mod wire;
mod xray;

use std::path::Path;

use anstream::println;
use anyhow::{Context, Result, bail};
use mdbook_preprocessor::{Preprocessor, parse_input};

use crate::course;
use crate::problem::{Problem, list};
use crate::workspace::Workbook;

/// Builds the static book into `book/book`.
pub fn build(root: &Path) -> Result<()> {
    let problems = render::render(root, &root.join("book/book"));
    if problems.is_empty() {
        println!("The book is in book/book.");
        return Ok(());
    }
    bail!("{}", list(&problems))
}

/// Reads a book as `mdbook` writes it to a preprocessor, and answers with ours.
pub fn preprocess() -> Result<()> {
    let (context, book) = parse_input(std::io::stdin().lock())?;
    let book = preprocess::WorkbookPreprocessor.run(&context, book)?;
    serde_json::to_writer(std::io::stdout().lock(), &book).context("cannot answer mdbook")
}

/// Broken links and anchors, missing files, and blocks that render empty.
pub fn problems(root: &Path) -> Result<Vec<Problem>> {
    let output = tempfile::tempdir().context("cannot make a temporary directory")?;
    let mut problems = render::render(root, output.path());
    if problems.is_empty() {
        problems = links::problems(root, output.path())?;
        problems.extend(chapter::problems(&Workbook::at(root)?)?);
        problems.extend(commands(root)?);
    }
    problems.extend(course::problems(&Workbook::at(root)?));
    problems.sort();
    problems.dedup();
    Ok(problems)
}

/// The commands on each page.
fn commands(root: &Path) -> Result<Vec<Problem>> {
    let src = root.join("book/src");
    let mut problems = Vec::new();
    for page in links::list(&src)?
        .iter()
        .filter(|page| page.ends_with(".md"))
    {
        let page = Path::new("book/src").join(page);
        let text = std::fs::read_to_string(root.join(&page))
            .with_context(|| format!("cannot read {}", page.display()))?;
        problems.extend(commands::problems(&page, &text));
    }
    Ok(problems)
}
