//! What a lesson takes, at the head of its chapter.

use std::path::Path;

use crate::about::{About, about};
use crate::workspace::{Lesson, Workbook};

/// The chapter with its lesson's minutes below the heading; any other page as it is.
pub fn insert(root: &Path, page: &Path, content: &str) -> String {
    let stem = page.file_stem().unwrap_or_default().to_string_lossy();
    let lesson = Lesson::from_stem(&stem).filter(|lesson| lesson.chapter() == page);
    // A lesson that does not say is for the check of the book.
    let about = lesson.and_then(|lesson| about(&Workbook::at(root).ok()?, &lesson).ok());
    match (about, content.split_once('\n')) {
        (Some(about), Some((heading, rest))) if heading.starts_with("# ") => format!(
            "{heading}\n\n*About {} minutes: {} to follow, {} for the exercises{}.*\n{rest}",
            about.minutes(),
            about.show,
            about.solve(),
            optional(&about),
        ),
        _ => content.to_owned(),
    }
}

fn optional(about: &About) -> String {
    match about.optional.values().sum() {
        0 => String::new(),
        minutes => format!(", of which {minutes} are optional"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::tests::workbook;

    #[test]
    fn only_a_chapter_has_minutes() {
        let (dir, _) = workbook(&[("01-one", "One")]);
        let with = |page: &str| insert(dir.path(), Path::new(page), "# One\n\nText.\n");
        assert_eq!(
            with("book/src/01-one.md"),
            "# One\n\n*About 65 minutes: 20 to follow, 45 for the exercises, of which 15 are optional.*\n\nText.\n"
        );
        for other in ["book/src/solutions/01-one.md", "book/src/02-two.md"] {
            assert_eq!(with(other), "# One\n\nText.\n");
        }
    }
}
