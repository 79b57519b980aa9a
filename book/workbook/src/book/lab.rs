//! A lab: a fenced block that names it and includes what it replays where nothing is live.
//!
//! ```text
//! ```lab console
//! {{#include ../../lessons/04-echo/tests/snapshots/echo.snap}}
//! ```
//! ```
//!
//! It becomes a custom element, and the script that brings it to life. The recordings stand in it,
//! for a page without a script, and for one without a server.

use std::path::Path;

use kit::transcript::{ParseError, Transcript};

use super::block::{Block, Expanded};
use super::html::escape;
use super::include::{self, directives};
use super::wire;
use crate::labs::{self, Lab, Recorded};
use crate::problem::Problem;

/// Draws the lab that the block names.
pub fn expand(block: &Block<'_>) -> Expanded {
    let names = labs::ALL.map(|lab| lab.name).join(", ");
    let Lab {
        name,
        title,
        recorded: form,
        ..
    } = labs::ALL
        .into_iter()
        .find(|lab| lab.name == block.arguments)
        .ok_or_else(|| block.problem(format!("name one of the labs: {names}")))?;
    let mut recorded = String::new();
    for (n, line) in block.body.lines().enumerate() {
        let at = block.line + 1 + n;
        let argument = match directives(line)[..] {
            [ref one] if one.word == "include" && line[one.range.clone()] == *line.trim() => {
                one.argument
            }
            _ => {
                return Err(Problem::new(
                    block.page,
                    at,
                    "a lab block holds includes only",
                ));
            }
        };
        let piece = include::read(block.root, block.page, argument)
            .map_err(|error| Problem::new(block.page, at, error))?;
        let stem = piece.file.file_stem().unwrap_or_default();
        let caption = format!("Recorded: {}", stem.to_string_lossy().replace('-', " "));
        recorded += &match form {
            Recorded::Table => table(&caption, &piece.text).ok_or_else(|| {
                Problem::new(&piece.file, piece.line, "expected a table of five columns")
            })?,
            Recorded::Transcripts => {
                let transcript: Transcript = piece.text.parse().map_err(|error: ParseError| {
                    let line = piece.line + error.line - 1;
                    Problem::new(&piece.file, line, format!("expected {}", error.expected))
                })?;
                wire::draw(&caption, &transcript)
            }
        };
    }
    Ok(format!(
        "<section class=\"lab\" aria-label=\"Lab: {title}\"><p class=\"lab-title\"><b>Lab</b> {title}</p>\
         <{name}-lab>{recorded}</{name}-lab>\
         <noscript><p class=\"lab-still\">This lab needs JavaScript.</p></noscript></section>{}",
        script(block.page, name)
    ))
}

/// Loads a module of `book/src/assets/labs`, once, however often a page asks for it.
pub fn script(page: &Path, name: &str) -> String {
    // `book/src/` is where pages and modules have their common root.
    let up = "../".repeat(page.components().count().saturating_sub(3));
    format!("<script type=\"module\" src=\"{up}assets/labs/{name}.js\"></script>")
}

/// Columns that are two blanks or more apart, as a table.
fn table(caption: &str, text: &str) -> Option<String> {
    let mut lines = text.lines();
    let cells = |line: &str| -> Vec<String> {
        let cells = line.split("  ").map(str::trim);
        cells.filter(|cell| !cell.is_empty()).map(escape).collect()
    };
    let head = cells(lines.next()?);
    let mut html = format!(
        "<div class=\"lab-scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"lab-table\"><caption>{caption}</caption><thead><tr><th scope=\"col\">way</th>"
    );
    for cell in &head {
        html += &format!("<th scope=\"col\">{cell}</th>");
    }
    html += "</tr></thead><tbody>";
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let row = cells(line);
        if row.len() != head.len() + 1 {
            return None;
        }
        html += &format!("<tr><th scope=\"row\">{}</th>", row[0]);
        for cell in &row[1..] {
            html += &format!("<td>{cell}</td>");
        }
        html += "</tr>";
    }
    Some(html + "</tbody></table></div>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::expanded;

    #[test]
    fn a_lab_is_an_element_with_its_recordings_and_its_script() {
        let html = expanded(
            "```lab console\n{{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n```\n",
        );
        for part in [
            "<console-lab><figure class=\"wire",
            "<figcaption>Recorded: talk</figcaption>",
            "</console-lab>",
            "<script type=\"module\" src=\"assets/labs/console.js\"></script>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert!(expanded("```lab frame\n```\n").contains("<frame-lab></frame-lab>"));
    }

    #[test]
    fn each_lab_has_its_script() {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/assets/labs");
        for Lab { name, .. } in labs::ALL {
            assert!(
                scripts.join(format!("{name}.js")).is_file(),
                "assets/labs/{name}.js"
            );
        }
    }

    #[test]
    fn a_page_in_a_directory_finds_the_scripts() {
        assert!(
            script(Path::new("book/src/reference/codes.md"), "quiz")
                .contains("\"../assets/labs/quiz.js\"")
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let problem = expanded("# One\n\n```lab chess\n```\n");
        let names = problem.strip_prefix("book/src/one.md:3: name one of the labs: ");
        let names: Vec<_> = names.unwrap_or(&problem).split(", ").collect();
        assert_eq!(names, labs::ALL.map(|lab| lab.name));
        assert_eq!(
            expanded("```lab emit\nann → server   ping\n```\n"),
            "book/src/one.md:2: a lab block holds includes only"
        );
        assert_eq!(
            expanded("```lab emit\n{{#include gone.snap}}\n```\n"),
            "book/src/one.md:2: there is no file book/src/gone.snap"
        );
    }

    #[test]
    fn the_cost_is_a_table() {
        let html = table(
            "Recorded: cost",
            "                requests  bytes up   delay\npolling              10       550   500 ms, 900 ms\n",
        )
        .unwrap();
        assert!(
            html.contains(
                "<th scope=\"row\">polling</th><td>10</td><td>550</td><td>500 ms, 900 ms</td>"
            ),
            "{html}"
        );
        assert!(table("c", "a  b\nc\n").is_none());
    }
}
