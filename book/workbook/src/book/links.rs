//! What a reader would stumble over in the finished pages: dead links, blocks that render empty,
//! anything that comes from another host.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use pulldown_cmark::{Event, Parser, Tag};

use crate::files::walk;
use crate::problem::{Problem, line_at};
use crate::workspace::Workbook;

/// Checks the book that was rendered into `output`.
pub fn problems(root: &Path, output: &Path) -> Result<Vec<Problem>> {
    let files = list(output)?;
    let read = |name: &str| {
        fs::read_to_string(output.join(name)).with_context(|| format!("cannot read {name}"))
    };
    let mut pages = BTreeMap::new();
    let mut problems = unlisted(root, &files)?;
    problems.extend(readme(root)?);
    for name in &files {
        if name.ends_with(".html") {
            pages.insert(name.as_str(), Page::read(&read(name)?));
        // What book.toml names is copied once more, below `src` and under another name.
        } else if name.ends_with(".css") && !name.starts_with("src/") {
            let file = format!("book/src/{name}");
            let problem = |url: String| Problem::new(&file, None, elsewhere(&url));
            problems.extend(loads(&read(name)?).into_iter().map(problem));
        }
    }
    for (name, page) in &pages {
        // mdBook repeats chapters in index.html and print.html.
        let Some(source) = Source::of(root, name) else {
            continue;
        };
        for reference in &page.references {
            if let Err(message) = check(name, reference, &pages, &files) {
                problems.push(source.problem(&reference.url, message));
            }
        }
        for (text, message) in &page.flaws {
            problems.push(source.problem(text, message.clone()));
        }
    }
    Ok(problems)
}

/// An attribute that names another resource.
#[derive(Debug)]
struct Reference {
    /// A link to follow; anything else is loaded with the page.
    link: bool,
    url: String,
}

/// What matters of a page.
#[derive(Debug, Default)]
struct Page {
    ids: BTreeSet<String>,
    references: Vec<Reference>,
    /// Text to look for in the source, and what is wrong.
    flaws: Vec<(String, String)>,
    /// The element that may not be empty, its class, and its text so far.
    open: Vec<(String, String, String)>,
}

impl Page {
    fn read(html: &str) -> Self {
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from(html));
        let tokenizer = Tokenizer::new(Reader(RefCell::default()), TokenizerOpts::default());
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn start(&mut self, name: &str, attributes: &[(String, String)]) {
        let value = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        for (attribute, value) in attributes {
            match (name, attribute.as_str()) {
                (_, "id") => drop(self.ids.insert(value.clone())),
                ("base", "href") => {}
                ("a" | "area", "href") => self.references.push(Reference {
                    link: true,
                    url: value.clone(),
                }),
                (_, "href" | "src" | "poster" | "data") => self.references.push(Reference {
                    link: false,
                    url: value.clone(),
                }),
                (_, "srcset") => self
                    .references
                    .extend(value.split(',').map(|part| Reference {
                        link: false,
                        url: part.trim().split(' ').next().unwrap_or_default().to_owned(),
                    })),
                (_, "style") => self.references.extend(
                    loads(value)
                        .into_iter()
                        .map(|url| Reference { link: false, url }),
                ),
                _ => {}
            }
        }
        if value("class").split(' ').any(|class| class == "playground") {
            let message =
                "a Rust block would ask play.rust-lang.org: set `runnable = false` in book.toml";
            self.flaws.push(("```rust".to_owned(), message.to_owned()));
        }
        if name == "figure" || name == "pre" {
            self.open
                .push((name.to_owned(), value("class"), String::new()));
        }
    }

    fn end(&mut self, name: &str) {
        if self.open.last().is_some_and(|(open, ..)| open == name)
            && let Some((name, class, text)) = self.open.pop()
        {
            if text.trim().is_empty() {
                let what = if name == "pre" {
                    "an empty code block"
                } else {
                    "an empty figure"
                };
                self.flaws.push((class, what.to_owned()));
            } else if let Some((_, _, outer)) = self.open.last_mut() {
                outer.push_str(&text);
            }
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, _, inner)) = self.open.last_mut() {
            inner.push_str(text);
        }
        if let Some(at) = text.find("{{#") {
            let directive = text[at..].lines().next().unwrap_or_default();
            self.flaws
                .push((directive.to_owned(), format!("unresolved: {directive}")));
        }
    }
}

struct Reader(RefCell<Page>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let attributes: Vec<_> = tag
                    .attrs
                    .iter()
                    .map(|a| (a.name.local.to_string(), a.value.to_string()))
                    .collect();
                page.start(&tag.name, &attributes);
                match &*tag.name {
                    "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                    _ => {}
                }
            }
            Token::TagToken(tag) => page.end(&tag.name),
            Token::CharacterTokens(text) => page.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn elsewhere(url: &str) -> String {
    format!("loads {url} from another host")
}

fn check(
    name: &str,
    reference: &Reference,
    pages: &BTreeMap<&str, Page>,
    files: &BTreeSet<String>,
) -> Result<(), String> {
    let url = &reference.url;
    let scheme = url.split(':').next().unwrap_or_default();
    let has_scheme = scheme.len() < url.len() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    match (has_scheme, scheme, reference.link) {
        (true, "data", false) | (true, "http" | "https" | "mailto", true) => return Ok(()),
        (true, _, true) => return Err(format!("a link to {url}")),
        (true, _, false) => return Err(elsewhere(url)),
        (false, ..) if url.starts_with("//") => return Err(elsewhere(url)),
        (false, ..) => {}
    }
    let (path, fragment) = url.split_once('#').unwrap_or((url, ""));
    let path = path.split('?').next().unwrap_or_default();
    let target = match path {
        "" => name.to_owned(),
        path => join(name, path).ok_or_else(|| format!("the link {url} leaves the book"))?,
    };
    if !files.contains(&target) {
        return Err(format!("a dead link: {url}"));
    }
    let fragment = decoded(fragment);
    match pages.get(target.as_str()) {
        Some(page) if !fragment.is_empty() && !page.ids.contains(&fragment) => {
            Err(format!("a dead link: there is no #{fragment} in {target}"))
        }
        _ => Ok(()),
    }
}

/// Resolves a link relative to a page; `None` if it leads out of the book.
fn join(page: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = match link.starts_with('/') || page == "404.html" {
        true => Vec::new(),
        false => page.split('/').collect(),
    };
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    if parts.is_empty() || link.ends_with('/') {
        parts.push("index.html");
    }
    Some(parts.join("/"))
}

/// Undoes `%XX`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a style sheet loads from elsewhere.
fn loads(css: &str) -> Vec<String> {
    let urls = css.split("url(").skip(1);
    let imports = css.split("@import").skip(1);
    let named = |text: &str| {
        let text = text.trim_start_matches([' ', '"', '\'']);
        let end = text.find(['"', '\'', ')', ';']).unwrap_or(text.len());
        text[..end].trim().to_owned()
    };
    urls.chain(imports)
        .map(named)
        .filter(|url| url.starts_with("//") || url.contains("://"))
        .collect()
}

/// The chapter that a page was made from.
struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    /// `None` for a page that no chapter is the source of.
    fn of(root: &Path, page: &str) -> Option<Self> {
        let file = match page {
            // The sidebar.
            "toc.html" | "404.html" => PathBuf::from("book/src/SUMMARY.md"),
            page => Path::new("book/src").join(page).with_extension("md"),
        };
        let text = fs::read_to_string(root.join(&file)).ok()?;
        Some(Self { file, text })
    }

    /// `about` is text of the page. The line is the first one of the source that holds it.
    fn problem(&self, about: &str, message: String) -> Problem {
        let as_written = about.replace(".html", ".md");
        let fragment = about.rsplit('#').next().unwrap_or(about);
        let line = [about, &as_written, fragment]
            .iter()
            .filter(|text| !text.is_empty())
            .find_map(|text| self.text.lines().position(|line| line.contains(*text)));
        let message = match self.text.contains(&as_written) {
            true => message.replace(about, &as_written),
            false => message,
        };
        Problem::new(&self.file, line.map(|line| line + 1), message)
    }
}

/// Pages that SUMMARY.md does not list, or where mdBook does not read it: both leave a page out
/// without a word.
fn unlisted(root: &Path, rendered: &BTreeSet<String>) -> Result<Vec<Problem>> {
    let src = root.join("book/src");
    let summary = fs::read_to_string(src.join("SUMMARY.md")).context("cannot read SUMMARY.md")?;
    let listed: BTreeSet<_> = Parser::new(&summary)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                Some(dest_url.trim_start_matches("./").to_owned())
            }
            _ => None,
        })
        .collect();
    let files = list(&src)?;
    let pages = files
        .iter()
        .filter(|name| name.ends_with(".md") && *name != "SUMMARY.md");
    let message = |name: &String| match listed.contains(name) {
        false => Some("is not in SUMMARY.md"),
        true if !rendered.contains(&name.replace(".md", ".html")) => Some(
            "is in SUMMARY.md where mdBook does not look: links stand in a list, or at the end",
        ),
        true => None,
    };
    Ok(pages
        .filter_map(|name| {
            let message = message(name)?;
            Some(Problem::new(format!("book/src/{name}"), None, message))
        })
        .collect())
}

/// The table of README.md names each lesson that has a chapter, and its links lead somewhere.
fn readme(root: &Path) -> Result<Vec<Problem>> {
    let Ok(text) = fs::read_to_string(root.join("README.md")) else {
        return Ok(Vec::new());
    };
    let mut links = Vec::new();
    for (event, range) in Parser::new(&text).into_offset_iter() {
        if let Event::Start(Tag::Link { dest_url, .. }) = event {
            links.push((dest_url.to_string(), line_at(&text, range.start)));
        }
    }
    let dead = |(link, line): &(String, usize)| {
        let there = link.contains("://") || root.join(link).exists();
        (!there).then(|| Problem::new("README.md", *line, format!("a dead link: {link}")))
    };
    let mut problems: Vec<_> = links.iter().filter_map(dead).collect();
    for lesson in &Workbook::at(root)?.lessons {
        let chapter = format!("book/src/{}.md", lesson.stem);
        let named = links.iter().any(|(link, _)| *link == chapter);
        if root.join(&chapter).exists() && !named {
            let message = format!("the table lacks the lesson {}", lesson.stem);
            problems.push(Problem::new("README.md", None, message));
        }
    }
    Ok(problems)
}

/// The files below `dir`, as paths in links.
pub fn list(dir: &Path) -> Result<BTreeSet<String>> {
    let mut files = BTreeSet::new();
    for path in walk(dir) {
        let path = path.with_context(|| format!("cannot list {}", dir.display()))?;
        if let Ok(relative) = path.strip_prefix(dir) {
            files.insert(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{miniature, put};
    use crate::problem::list;

    const WHOLE: &str = "[output.html]\nadditional-css = [\"src/assets/a.css\"]\n[output.html.playground]\nrunnable = false\n";

    fn found(page: &str, css: &str) -> String {
        let dir = miniature(page);
        put(&dir, "book/book.toml", WHOLE);
        put(&dir, "book/src/assets/a.css", css);
        put(
            &dir,
            "book/src/SUMMARY.md",
            "# Summary\n\n- [One](one.md)\n- [Two](deep/two.md)\n- [Later]()\n",
        );
        put(
            &dir,
            "book/src/deep/two.md",
            "# Two\n\n[up](../one.md#one) [here](#two) [out](https://example.com)\n",
        );
        list(&crate::book::problems(dir.path()).unwrap())
    }

    #[test]
    fn a_whole_book_has_no_problems() {
        assert_eq!(
            found(
                "# One\n\n[two](deep/two.md#two)\n\n```rust\nfn a() {}\n```\n",
                ""
            ),
            ""
        );
    }

    #[test]
    fn each_flaw_is_found_with_its_line() {
        let cases = [
            ("[a](none.md)", "book/src/one.md:3: a dead link: none.md"),
            (
                "[a](deep/two.md#none)",
                "book/src/one.md:3: a dead link: there is no #none in deep/two.html",
            ),
            (
                "[a](#none)",
                "book/src/one.md:3: a dead link: there is no #none in one.html",
            ),
            (
                "[a](../../README.md)",
                "book/src/one.md:3: the link ../../README.md leaves the book",
            ),
            (
                "<a href=\"javascript:x\">a</a>",
                "book/src/one.md:3: a link to javascript:x",
            ),
            (
                "![a](https://example.com/a.png)",
                "book/src/one.md:3: loads https://example.com/a.png from another host",
            ),
            (
                "<script src=\"//example.com/a.js\"></script>",
                "book/src/one.md:3: loads //example.com/a.js from another host",
            ),
            (
                "<p style=\"background: url(https://example.com/b)\">a</p>",
                "book/src/one.md:3: loads https://example.com/b from another host",
            ),
            ("![a](none.png)", "book/src/one.md:3: a dead link: none.png"),
            (
                "<pre><code> </code></pre>",
                "book/src/one.md: an empty code block",
            ),
            ("<figure></figure>", "book/src/one.md: an empty figure"),
            (
                "\\{{#include x.rs}}",
                "book/src/one.md:3: unresolved: {{#include x.rs}}",
            ),
        ];
        for (line, problem) in cases {
            assert_eq!(found(&format!("# One\n\n{line}\n"), ""), problem);
        }
    }

    #[test]
    fn a_style_sheet_loads_nothing_from_elsewhere() {
        for css in [
            "@import \"https://example.com/a.css\";",
            "a { background: url('//example.com/a.png') }",
        ] {
            assert!(found("# One\n", css).contains("from another host"), "{css}");
        }
        assert_eq!(
            found("# One\n", "a { background: url(data:image/png;base64,AA) }"),
            ""
        );
    }

    #[test]
    fn a_page_outside_the_summary_is_named() {
        let dir = miniature("# One\n");
        put(&dir, "book/book.toml", "");
        put(&dir, "book/src/lost.md", "# Lost\n");
        assert_eq!(
            list(&crate::book::problems(dir.path()).unwrap()),
            "book/src/lost.md: is not in SUMMARY.md"
        );
        let summary = "# Summary\n\n- [One](one.md)\n\n# Part\n\n[Lost](lost.md)\n";
        put(&dir, "book/src/SUMMARY.md", summary);
        assert_eq!(
            list(&crate::book::problems(dir.path()).unwrap()),
            "book/src/lost.md: is in SUMMARY.md where mdBook does not look: links stand in a list, or at the end"
        );
    }

    #[test]
    fn a_block_that_would_ask_the_playground_is_named() {
        let dir = miniature("# One\n\n```rust\nfn a() {}\n```\n");
        let problems = list(&crate::book::problems(dir.path()).unwrap());
        assert!(
            problems.starts_with("book/src/one.md:3: a Rust block would ask"),
            "{problems}"
        );
    }

    #[test]
    fn the_readme_names_each_lesson_that_has_a_chapter() {
        let dir = miniature("# One\n\n[two](01-one.md)\n");
        put(&dir, "lessons/01-one/tests/one/main.rs", "");
        put(&dir, "solutions/01-one/hints.toml", "");
        put(&dir, "book/src/01-one.md", "# Lesson\n");
        let summary = "# Summary\n\n- [One](one.md)\n- [Lesson](01-one.md)\n";
        put(&dir, "book/src/SUMMARY.md", summary);
        put(
            &dir,
            "README.md",
            "# A\n\n[gone](none.md) [out](https://example.com)\n",
        );
        assert_eq!(
            list(&crate::book::problems(dir.path()).unwrap()),
            "README.md: the table lacks the lesson 01-one\nREADME.md:3: a dead link: none.md"
        );
        put(&dir, "README.md", "# A\n\n[one](book/src/01-one.md)\n");
        assert_eq!(list(&crate::book::problems(dir.path()).unwrap()), "");
    }
}
