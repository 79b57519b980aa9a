//! The book: built, served, checked.

use std::path::Path;

use anyhow::{Result, bail};

use crate::problem::Problem;

/// Builds the static book into `book/book`.
pub fn build(_root: &Path) -> Result<()> {
    bail!("not written yet")
}

/// Serves the book on 127.0.0.1 and rebuilds it when a source changes.
pub fn serve(_root: &Path, _port: u16, _open: bool) -> Result<()> {
    bail!("not written yet")
}

/// Reads a book as `mdbook` writes it to a preprocessor, and answers with ours.
pub fn preprocess() -> Result<()> {
    bail!("not written yet")
}

/// Broken links and anchors, missing files, and blocks that render empty.
#[expect(dead_code, reason = "`check` is not written yet")]
pub fn problems(_root: &Path) -> Result<Vec<Problem>> {
    Ok(Vec::new())
}
