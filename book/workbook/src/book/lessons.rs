//! The stack of lessons, as the directory `lessons` and their manifests have it.

use std::fs;

use super::block::{Block, Expanded};
use super::figure::figure;
use super::html::{escape, prose};
use crate::workspace::{Lesson, Workbook};

/// Draws the lessons, the first one at the bottom.
pub fn expand(block: &Block<'_>) -> Expanded {
    let title = block.title()?;
    if !block.body.trim().is_empty() {
        return Err(block.problem("a lessons block is empty: the list comes from lessons/"));
    }
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let mut body = String::from("<ol class=\"stack\" role=\"list\" reversed>");
    for lesson in workbook.lessons.iter().rev() {
        let stands_on = workbook
            .stands_on(lesson)
            .map_err(|error| block.problem(format!("{error:#}")))?;
        body += &layer(&workbook, lesson, &stands_on);
    }
    Ok(figure("lessons", "", title, &(body + "</ol>")))
}

fn layer(workbook: &Workbook, lesson: &Lesson, stands_on: &[&Lesson]) -> String {
    let heading = fs::read_to_string(workbook.path(lesson.chapter())).ok();
    let heading = heading
        .as_deref()
        .and_then(|page| page.lines().find_map(|line| line.strip_prefix("# ")));
    let name = match heading {
        Some(heading) => format!("<a href=\"{}.md\">{}</a>", lesson.stem, prose(heading)),
        None => format!("<b>{}</b>", escape(&lesson.topic)),
    };
    let topics: Vec<_> = stands_on
        .iter()
        .map(|lesson| lesson.topic.as_str())
        .collect();
    let below = match topics[..] {
        [] => String::new(),
        _ => format!(
            " <span class=\"stack-on\">on {}</span>",
            escape(&topics.join(", "))
        ),
    };
    format!(
        "<li value=\"{}\" data-lesson=\"{}\"><span class=\"stack-number\">{:02}</span> <span class=\"stack-name\">{name}</span> \
         <code>{}</code>{below} <span class=\"stack-what\">{}</span></li>",
        lesson.number,
        escape(&lesson.stem),
        lesson.number,
        escape(&lesson.topic),
        prose(&purpose(workbook, lesson)),
    )
}

/// The first sentence of the solution's `//!` docs, without `Lesson 2:`.
fn purpose(workbook: &Workbook, lesson: &Lesson) -> String {
    let source = workbook
        .read(lesson.solution_src().join("lib.rs"))
        .unwrap_or_default();
    let docs: Vec<_> = source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty())
        .collect();
    let docs = docs.join(" ");
    let text = match docs.split_once(": ") {
        Some((lesson, text)) if lesson.starts_with("Lesson ") => text,
        _ => &docs,
    };
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .map(char::to_uppercase)
        .into_iter()
        .flatten()
        .collect();
    first + chars.as_str()
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{expanded_in, miniature, put};

    #[test]
    fn draws_the_lessons_that_are_there() {
        let dir = miniature("");
        put(
            &dir,
            "lessons/02-two/Cargo.toml",
            "[dependencies]\none.workspace = true\n",
        );
        put(&dir, "book/src/02-two.md", "# Two `b`\n");
        let html = expanded_in(&dir, "one.md", "```lessons title=\"The stack\"\n```\n");
        assert_eq!(
            html,
            "<figure class=\"lessons\"><figcaption>The stack</figcaption><ol class=\"stack\" role=\"list\" reversed>\
             <li value=\"2\" data-lesson=\"02-two\"><span class=\"stack-number\">02</span> <span class=\"stack-name\"><a href=\"02-two.md\">Two <code>b</code></a></span> <code>two</code> <span class=\"stack-on\">on one</span> <span class=\"stack-what\"></span></li>\
             <li value=\"1\" data-lesson=\"01-one\"><span class=\"stack-number\">01</span> <span class=\"stack-name\"><b>one</b></span> <code>one</code> <span class=\"stack-what\">One.</span></li>\
             </ol></figure>\n"
        );
    }
}
