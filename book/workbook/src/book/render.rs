//! From Markdown to HTML: mdBook with our preprocessor in the same process.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use anyhow::Error;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_html::HtmlHandlebars;
use mdbook_renderer::{RenderContext, Renderer};

use super::preprocess::{Broken, WorkbookPreprocessor};
use super::warnings;
use crate::files::walk;
use crate::problem::{Problem, line_at};

/// Renders the book into `output`, which it empties first. What stops it, or what mdBook warns
/// about, comes back as problems.
pub fn render(root: &Path, output: &Path) -> Vec<Problem> {
    let (result, warnings) = warnings::collect(|| {
        // A panic in a renderer must not end the server that shows the book.
        catch_unwind(AssertUnwindSafe(|| run(root, output)))
            .unwrap_or_else(|_| Err(Error::msg("mdBook panicked; its message is above")))
    });
    match result {
        Ok(()) => warnings
            .iter()
            .map(|warning| locate(root, warning))
            .collect(),
        Err(error) => problems(root, &error),
    }
}

fn run(root: &Path, output: &Path) -> anyhow::Result<()> {
    let book = root.join("book");
    let mut config = Config::from_disk(book.join("book.toml"))?;
    config.build.build_dir = std::path::absolute(output)?;
    config.build.create_missing = false;
    config.set("preprocessor.workbook.before", ["links"])?;
    let mut book = MDBook::load_with_config(book, config)?;
    // Takes the place of the command of the same name in book.toml.
    book.with_preprocessor(WorkbookPreprocessor);
    book.with_renderer(Pages);
    book.build()
}

/// mdBook's renderer, without what editors leave beside the pages: it copies all that it finds,
/// and stops at a link that leads nowhere.
struct Pages;

impl Renderer for Pages {
    fn name(&self) -> &str {
        "html"
    }

    fn render(&self, context: &RenderContext) -> anyhow::Result<()> {
        let clean = tempfile::tempdir()?;
        let theme = context.config.html_config().and_then(|html| html.theme);
        for folder in [
            context.config.book.src.clone(),
            theme.unwrap_or("theme".into()),
        ] {
            let from = context.root.join(&folder);
            for file in walk(&from).take_while(|_| from.is_dir()) {
                let file = file?;
                let to = clean.path().join(&folder).join(file.strip_prefix(&from)?);
                fs::create_dir_all(to.parent().unwrap_or(&to))?;
                fs::copy(&file, to)?;
            }
        }
        let mut context = context.clone();
        context.root = clean.path().into();
        HtmlHandlebars::new().render(&context)
    }
}

fn problems(root: &Path, error: &Error) -> Vec<Problem> {
    if let Some(Broken(problems)) = error.chain().find_map(|cause| cause.downcast_ref()) {
        return problems.clone();
    }
    vec![locate(root, &format!("{error:#}"))]
}

/// Finds the place that one of mdBook's messages is about.
fn locate(root: &Path, message: &str) -> Problem {
    let config = fs::read_to_string(root.join("book/book.toml"));
    if let Err(error) = &config {
        return Problem::new("book/book.toml", None, error.to_string());
    }
    if let Some(error) = config
        .ok()
        .and_then(|config| {
            config
                .parse::<toml::Table>()
                .err()
                .map(|error| (config, error))
        })
        .map(|(config, error)| {
            let line = error.span().map(|span| line_at(&config, span.start));
            Problem::new("book/book.toml", line, error.message())
        })
    {
        return error;
    }
    let number = |after: &str| -> Option<usize> {
        let (_, rest) = message.split_once(after)?;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    if let Some(line) = number("SUMMARY.md line ") {
        let text = message.rsplit("column ").next().unwrap_or(message);
        let text = text.split_once(": ").map_or(text, |(_, text)| text);
        return Problem::new("book/src/SUMMARY.md", line, text);
    }
    if let Some((_, rest)) = message.split_once("failed to read chapter `")
        && let Some((page, _)) = rest.split_once('`')
    {
        let summary = fs::read_to_string(root.join("book/src/SUMMARY.md")).unwrap_or_default();
        let line = summary.lines().position(|line| line.contains(page));
        let text =
            format!("there is no page {page}; a chapter to come has an empty link: `[Title]()`");
        return Problem::new("book/src/SUMMARY.md", line.map(|line| line + 1), text);
    }
    if message.contains("SUMMARY.md") {
        return Problem::new("book/src/SUMMARY.md", None, message);
    }
    // mdBook's warnings name the chapter's file somewhere in the text.
    let page = message
        .split(['`', '\'', '"', ' ', ','])
        .find(|word| word.ends_with(".md") && root.join("book/src").join(word).is_file());
    match page {
        Some(page) => Problem::new(format!("book/src/{page}"), None, message),
        None => Problem::new("book/book.toml", None, message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{miniature, put};
    use crate::leftovers::tests::LEFTOVERS;
    use crate::problem::list;
    use tempfile::TempDir;

    fn rendered(dir: &TempDir) -> String {
        list(&render(dir.path(), &dir.path().join("out")))
    }

    #[test]
    fn renders_a_page_with_its_figure() {
        let dir = miniature(
            "# One\n\n```wire title=\"Ping\"\n{{#include ../../lessons/01-one/tests/snapshots/talk.snap}}\n```\n",
        );
        assert_eq!(rendered(&dir), "");
        let html = fs::read_to_string(dir.path().join("out/one.html")).unwrap();
        assert!(html.contains("<figure class=\"wire"), "{html}");
        assert!(html.contains("<figcaption>Ping</figcaption>"));
        assert!(!html.contains("expression: net"));
    }

    #[test]
    fn what_an_editor_leaves_is_not_published() {
        let dir = miniature("# One\n");
        put(&dir, "book/src/assets/a.css", "a {}\n");
        for name in LEFTOVERS {
            put(&dir, &format!("book/src/{name}"), "left");
            put(&dir, &format!("book/src/assets/{name}"), "left");
        }
        #[cfg(unix)]
        for name in ["one.md.lock", "assets/.#a.css"] {
            let link = dir.path().join("book/src").join(name);
            _ = fs::remove_file(&link);
            std::os::unix::fs::symlink("ann@host.4242", link).unwrap();
        }
        assert_eq!(rendered(&dir), "");
        let out = dir.path().join("out");
        assert!(out.join("one.html").exists() && out.join("assets/a.css").exists());
        for name in LEFTOVERS {
            assert!(!out.join(name).exists(), "{name}");
            assert!(!out.join("assets").join(name).exists(), "{name}");
        }
    }

    #[test]
    fn a_broken_configuration_has_its_line() {
        let dir = miniature("# One\n");
        put(&dir, "book/book.toml", "[book]\ntitle = \n");
        assert!(
            rendered(&dir).starts_with("book/book.toml:2: "),
            "{}",
            rendered(&dir)
        );
        put(
            &dir,
            "book/book.toml",
            "[output.html]\nno-such-option = true\n",
        );
        assert!(
            rendered(&dir).starts_with("book/book.toml: "),
            "{}",
            rendered(&dir)
        );
    }

    #[test]
    fn a_broken_summary_has_its_line() {
        let dir = miniature("# One\n");
        put(
            &dir,
            "book/src/SUMMARY.md",
            "# Summary\n\n- [One](one.md)\n- [Two](two.md)\n",
        );
        assert_eq!(
            rendered(&dir),
            "book/src/SUMMARY.md:4: there is no page two.md; a chapter to come has an empty link: `[Title]()`"
        );
        put(
            &dir,
            "book/src/SUMMARY.md",
            "# Summary\n\n- [One](one.md)\n\n[End](one.md)\n\n- [Two](two.md)\n",
        );
        assert!(
            rendered(&dir).starts_with("book/src/SUMMARY.md:"),
            "{}",
            rendered(&dir)
        );
    }

    #[test]
    fn what_mdbook_warns_about_is_a_problem() {
        let dir = miniature("# One\n\n<div>\n\nnever closed\n");
        assert!(
            rendered(&dir).starts_with("book/src/one.md: "),
            "{}",
            rendered(&dir)
        );
    }

    #[test]
    fn a_missing_file_is_said_once() {
        let dir = miniature("# One\n\n{{#include ../../nowhere.rs}}\n");
        assert_eq!(
            rendered(&dir),
            "book/src/one.md:3: there is no file nowhere.rs"
        );
    }
}
