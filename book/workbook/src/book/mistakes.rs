//! A lesson's list of typical mistakes, collapsed: what people do, why it is wrong, what the test says.

use super::block::{Block, Expanded};
use super::html::{escape, prose};
use crate::mistakes::{self, Mistake};
use crate::workspace::{Lesson, Workbook};

/// Draws the list of the lesson that the block names.
pub fn expand(block: &Block<'_>) -> Expanded {
    let Some(lesson) = Lesson::from_stem(block.arguments) else {
        return Err(block.problem("name the lesson: ```mistakes 02-handshake"));
    };
    if !block.body.trim().is_empty() {
        return Err(block.problem("a mistakes block is empty: the list comes from the lesson"));
    }
    if !block.root.join(lesson.mistakes()).is_file() {
        let file = lesson.mistakes();
        return Err(block.problem(format!("there is no {}", file.display())));
    }
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let mut html = String::from("<div class=\"mistakes\">");
    html.extend(mistakes::read(&workbook, &lesson)?.iter().map(draw));
    Ok(html + "</div>")
}

/// One mistake, behind a click.
pub fn draw(mistake: &Mistake) -> String {
    let test = mistake.test.replace('_', " ").replace("::", ": ");
    format!(
        "<details><summary>{}</summary><p>{}</p><p class=\"mistake-test\">The test <code>{}</code> says: <q>{}</q></p></details>",
        prose(&capital(mistake.name.trim())),
        prose(mistake.why.trim()),
        escape(&test),
        prose(mistake.says.trim()),
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{expanded_in, miniature, put};

    fn drawn(toml: Option<&str>, block: &str) -> String {
        let dir = miniature("");
        if let Some(toml) = toml {
            put(&dir, "solutions/01-one/mistakes.toml", toml);
        }
        expanded_in(&dir, "one.md", block)
    }

    const ONE: &str = "[[mistake]]\nname = \"the `Host` taken\"\nexercise = \"a\"\nwhy = \"Two <b>.\\nLines.\"\ntest = \"a::says_so\"\nsays = \"You took it\"\nfind = \"x\"\nreplace = \"y\"\n";

    #[test]
    fn lists_name_reason_and_what_the_test_says() {
        assert_eq!(
            drawn(Some(ONE), "```mistakes 01-one\n```\n"),
            "<div class=\"mistakes\"><details><summary>The <code>Host</code> taken</summary><p>Two &lt;b&gt;. Lines.</p><p class=\"mistake-test\">The test <code>a: says so</code> says: <q>You took it</q></p></details></div>\n"
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert_eq!(
            drawn(Some("[[mistake]]\nname = 1\n"), "```mistakes 01-one\n```\n"),
            "solutions/01-one/mistakes.toml:2: invalid type: integer `1`, expected a string"
        );
        assert_eq!(
            drawn(None, "# A\n\n```mistakes 01-one\n```\n"),
            "book/src/one.md:3: there is no solutions/01-one/mistakes.toml"
        );
        assert_eq!(
            drawn(None, "```mistakes\n```\n"),
            "book/src/one.md:1: name the lesson: ```mistakes 02-handshake"
        );
    }
}
