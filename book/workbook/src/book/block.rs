//! A fenced block in one of the workbook's own languages, as the module that draws it gets it.

use std::path::Path;

use super::include::{self, Directive, directives};
use crate::problem::Problem;

/// What a block turns into, or what is wrong with it and where.
pub type Expanded = Result<String, Problem>;

/// A fenced block in one of the workbook's own languages.
pub struct Block<'a> {
    pub root: &'a Path,
    pub page: &'a Path,
    /// The line of its opening fence.
    pub line: usize,
    pub language: &'a str,
    /// What stands behind the language.
    pub arguments: &'a str,
    pub body: &'a str,
}

impl Block<'_> {
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.page, self.line, message)
    }

    /// The figure's caption.
    pub fn title(&self) -> Result<&str, Problem> {
        Ok(self.title_and("")?.0)
    }

    /// The figure's caption, and another attribute that it may have.
    pub fn title_and(&self, name: &str) -> Result<(&str, Option<&str>), Problem> {
        let value = |text| -> Option<(&str, &str)> {
            let (value, rest) = str::strip_prefix(text, "=\"")?.split_once('"')?;
            (!value.trim().is_empty()).then_some((value, rest.trim_start()))
        };
        let read = || {
            let (title, rest) = value(self.arguments.strip_prefix("title")?)?;
            if rest.is_empty() {
                return Some((title, None));
            }
            let named = rest.strip_prefix(name).filter(|_| !name.is_empty())?;
            match value(named)? {
                (other, "") => Some((title, Some(other))),
                _ => None,
            }
        };
        read().ok_or_else(|| {
            self.problem(format!(
                "write ```{} title=\"What the figure shows\"",
                self.language
            ))
        })
    }

    /// The snapshot that the figure shows: the block's one line.
    pub fn snapshot(&self) -> Result<include::Piece, Problem> {
        match directives(self.body)[..] {
            [
                Directive {
                    ref range,
                    word: "include",
                    argument,
                },
            ] if self.body.trim() == &self.body[range.clone()] => {
                include::read(self.root, self.page, argument)
                    .map_err(|error| Problem::new(self.page, self.line + 1, error))
            }
            _ => Err(self.problem(format!(
                "a {} block holds one line, {{{{#include ...}}}} of a snapshot",
                self.language
            ))),
        }
    }
}
