//! Where a solution's page speaks of a difference: its paragraphs have a title, and name what they
//! discuss as code.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::book::why::{self, words};
use crate::workspace::{Lesson, Workbook};

/// A paragraph of a solution's page that begins with a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    about: Discussed,
    /// The words that it sets as code.
    words: BTreeSet<String>,
}

/// Where a difference is discussed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Discussed {
    pub title: String,
    /// The page in the book, from its root, with the paragraph's anchor.
    pub page: String,
}

/// The paragraphs of a lesson's solution page.
pub fn paragraphs(workbook: &Workbook, lesson: &Lesson) -> Vec<Paragraph> {
    let text = workbook.read(lesson.solution_page()).unwrap_or_default();
    why::titled(&text)
        .into_iter()
        .map(|why::Titled { title, words, .. }| Paragraph {
            about: Discussed {
                page: format!("solutions/{}.html#{}", lesson.stem, why::anchor(&title)),
                title,
            },
            words,
        })
        .collect()
}

/// The paragraphs about what only one of two functions does.
pub fn between(page: &[Paragraph], one: &str, other: &str) -> Vec<Discussed> {
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (words(one).collect(), words(other).collect());
    let only: BTreeSet<_> = one.symmetric_difference(&other).collect();
    let about = page
        .iter()
        .filter(|p| p.words.iter().any(|word| only.contains(word)));
    about.map(|paragraph| paragraph.about.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{put, workbook};

    #[test]
    fn a_paragraph_is_found_by_the_code_that_it_names() {
        let (dir, workbook) = workbook();
        let page = "# S\n\n## Why\n\n**`select!` looks\nfirst.** With `biased` it is in order, **so**.\n\n\
                    **Ids first.** `retain` does both.\n\nNo title: `biased`.\n";
        put(&dir, "book/src/solutions/01-one.md", page);
        let page = paragraphs(&workbook, &workbook.lessons[0]);
        assert_eq!(page.len(), 2);
        let found = between(&page, "select! { biased; a => b }", "select! { a => b }");
        let wanted = Discussed {
            title: "select! looks first".into(),
            page: "solutions/01-one.html#why-select-looks-first".into(),
        };
        assert_eq!(found, [wanted]);
        assert_eq!(between(&page, "biased retain", "biased retain"), []);
    }
}
