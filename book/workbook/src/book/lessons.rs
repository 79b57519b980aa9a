//! The stack of lessons, those to come on top.

use super::block::{Block, Expanded};
use super::figure::figure;
use super::html::{escape, prose};
use crate::about::About;
use crate::course::Course;
use crate::workspace::{Lesson, Workbook};

/// Draws the lessons, the first one at the bottom.
pub fn expand(block: &Block<'_>) -> Expanded {
    let title = block.title()?;
    if !block.body.trim().is_empty() {
        return Err(block.problem("a lessons block is empty: the list comes from lessons/"));
    }
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let course = Course::read(&workbook)?;
    let mut layers: Vec<_> = course.planned.iter().map(planned).collect();
    for (lesson, about) in &course.lessons {
        let stands_on = workbook
            .stands_on(lesson)
            .map_err(|error| block.problem(format!("{error:#}")))?;
        layers.push((lesson.number, layer(&workbook, lesson, about, &stands_on)));
    }
    layers.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let layers: String = layers.into_iter().map(|(_, layer)| layer).collect();
    let body = format!("<ol class=\"stack\" role=\"list\" reversed>{layers}</ol>");
    Ok(figure("lessons", "", title, &body))
}

fn planned((number, title): &(u32, String)) -> (u32, String) {
    let layer = format!(
        "<li value=\"{number}\" class=\"stack-planned\"><span class=\"stack-number\">{number:02}</span> \
         <span class=\"stack-name\">{}</span> <span class=\"stack-on\">not written yet</span></li>",
        prose(title)
    );
    (*number, layer)
}

fn layer(workbook: &Workbook, lesson: &Lesson, about: &About, stands_on: &[&Lesson]) -> String {
    let title = prose(&about.title);
    let name = match workbook.path(lesson.chapter()).is_file() {
        true => format!("<a href=\"{}.md\">{title}</a>", lesson.stem),
        false => format!("<b>{title}</b>"),
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
        prose(&sentence(&about.about)),
    )
}

/// A line that stands alone begins with a capital, and ends.
fn sentence(line: &str) -> String {
    let mut chars = line.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    let first: String = first.collect();
    format!("{first}{}.", chars.as_str())
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{expanded_in, miniature, put};

    #[test]
    fn draws_the_lessons_that_are_there() {
        let dir = miniature("");
        let about = |title: &str, line: &str| {
            format!(
                "[package]\nname = \"x\"\n[package.metadata.workbook]\ntitle = \"{title}\"\n\
                 about = \"{line}\"\nshow = 1\n"
            )
        };
        put(&dir, "solutions/01-one/Cargo.toml", &about("One", "one"));
        put(
            &dir,
            "solutions/02-two/Cargo.toml",
            &about("Two `b`", "the second"),
        );
        put(
            &dir,
            "book/src/SUMMARY.md",
            "# Lessons\n\n- [One]()\n- [Two]()\n- [Three]()\n",
        );
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
             <li value=\"3\" class=\"stack-planned\"><span class=\"stack-number\">03</span> <span class=\"stack-name\">Three</span> <span class=\"stack-on\">not written yet</span></li>\
             <li value=\"2\" data-lesson=\"02-two\"><span class=\"stack-number\">02</span> <span class=\"stack-name\"><a href=\"02-two.md\">Two <code>b</code></a></span> <code>two</code> <span class=\"stack-on\">on one</span> <span class=\"stack-what\">The second.</span></li>\
             <li value=\"1\" data-lesson=\"01-one\"><span class=\"stack-number\">01</span> <span class=\"stack-name\"><b>One</b></span> <code>one</code> <span class=\"stack-what\">One.</span></li>\
             </ol></figure>\n"
        );
    }
}
