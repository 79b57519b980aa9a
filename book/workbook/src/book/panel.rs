//! The place of a lesson's panel: a line at the head of its chapter that says where the reader stands.
//! Each card has the place of its own tests. The static book says there how to get them; `cargo workbook`
//! puts them there as it serves the page.

use std::collections::BTreeMap;
use std::path::Path;

use super::card;
use super::html::escape;
use crate::workspace::Lesson;

const BEGIN: &str = "<section class=\"panel\" data-lesson=\"";
const END: &str = "</section>";

/// Around every panel. `stem` is the lesson's folder in lessons/.
pub fn frame(stem: &str, phase: &str, inside: &str) -> String {
    let stem = escape(stem);
    format!(
        "{BEGIN}{stem}\" data-phase=\"{phase}\" aria-label=\"Your code for lesson {stem}\">{inside}{END}"
    )
}

/// The chapter with a place for its lesson's panel; any other page as it is.
pub fn insert(root: &Path, page: &Path, content: &str) -> String {
    let stem = page.file_stem().unwrap_or_default().to_string_lossy();
    let lesson = Lesson::from_stem(&stem).filter(|lesson| {
        lesson.chapter() == page && root.join(lesson.dir()).join("Cargo.toml").is_file()
    });
    let Some(lesson) = lesson else {
        return content.to_owned();
    };
    let first = content.find(card::BEGIN).map(|at| &content[at..]);
    let first = first.and_then(|card| card.split("data-module=\"").nth(1)?.split('"').next());
    let first = first.map_or_else(String::new, |name| {
        format!(
            "Your first exercise is <a href=\"#{}\"><code>{name}</code></a>. ",
            card::anchor(name)
        )
    });
    let panel = frame(
        &lesson.stem,
        "static",
        &format!(
            "<p class=\"panel-static\">{first}In <code>cargo workbook</code> this line says where you \
             stand.</p>"
        ),
    );
    let title = content.find("# ").map_or(0, |at| {
        content[at..]
            .find('\n')
            .map_or(content.len(), |end| at + end + 1)
    });
    format!("{}\n{panel}\n\n{}", &content[..title], &content[title..])
}

/// The page with the panel and the cards' tests that `live` gives for its lesson, so that nothing
/// moves when they come.
pub fn fill(
    page: &str,
    live: impl FnOnce(&str) -> Option<(String, BTreeMap<String, String>)>,
) -> Option<String> {
    // The page to print holds every chapter, and no panel.
    if page.matches(BEGIN).count() != 1 {
        return None;
    }
    let begin = page.find(BEGIN)?;
    let stem = page[begin + BEGIN.len()..].split('"').next()?;
    let end = begin + page[begin..].find(END)? + END.len();
    let (panel, cards) = live(stem)?;
    let mut filled = format!("{}{panel}", &page[..begin]);
    let mut rest = &page[end..];
    while let Some(at) = rest.find(card::TESTS) {
        let name = rest[at + card::TESTS.len()..].split('"').next()?;
        let after = at + rest[at..].find("</div>")? + "</div>".len();
        filled += &rest[..at];
        filled += cards.get(name).map_or(&rest[at..after], String::as_str);
        rest = &rest[after..];
    }
    Some(filled + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::miniature;

    fn inserted(page: &str, content: &str) -> String {
        insert(miniature("").path(), Path::new(page), content)
    }

    #[test]
    fn is_a_line_below_the_title_and_leads_to_the_first_card() {
        let card = format!("{} x><div data-module=\"f\"></div></section>", card::BEGIN);
        let page = inserted(
            "book/src/01-one.md",
            &format!("# One\n\n## Your turn\n\n{card}\n"),
        );
        assert!(
            page.starts_with("# One\n\n<section class=\"panel\" data-lesson=\"01-one\""),
            "{page}"
        );
        assert!(
            page.contains("<a href=\"#exercise-f\"><code>f</code></a>"),
            "{page}"
        );
        assert!(
            page.ends_with(&format!("</section>\n\n\n## Your turn\n\n{card}\n")),
            "{page}"
        );
        let page = inserted("book/src/01-one.md", "# One\n\nText.\n");
        assert!(
            page.contains("<p class=\"panel-static\">In <code>cargo workbook"),
            "{page}"
        );
        assert!(page.ends_with("</section>\n\n\nText.\n"), "{page}");
    }

    #[test]
    fn pages_of_no_lesson_stay_as_they_are() {
        for page in ["history", "02-none", "reference/01-one"] {
            let page = format!("book/src/{page}.md");
            assert_eq!(
                inserted(&page, "# X\n\n## Your turn\n"),
                "# X\n\n## Your turn\n"
            );
        }
    }

    #[test]
    fn the_server_fills_the_place() {
        let page = inserted("book/src/01-one.md", "# One\n");
        let none = BTreeMap::new();
        let filled = fill(&page, |stem| Some((format!("[{stem}]"), none.clone()))).unwrap();
        assert_eq!(filled, "# One\n\n[01-one]\n\n");
        let cards = format!("{page}{}{}.", card::tests("f", "F"), card::tests("g", "G"));
        let f = BTreeMap::from([("f".to_owned(), "<p>[f]</p>".to_owned())]);
        let filled = fill(&cards, |_| Some(("[]".into(), f))).unwrap();
        assert_eq!(
            filled,
            format!("# One\n\n[]\n\n<p>[f]</p>{}.", card::tests("g", "G"))
        );
        assert_eq!(fill(&page, |_| None), None);
        assert_eq!(
            fill(&format!("{page}{page}"), |_| Some((String::new(), none))),
            None
        );
    }
}
