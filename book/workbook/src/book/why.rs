//! The paragraphs of a solution's page that say why: each begins with a title in bold, and gets an
//! anchor, so that a comparison can lead to it.

use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A paragraph that begins with a title.
pub struct Titled {
    pub title: String,
    /// What it sets as code, word by word.
    pub words: BTreeSet<String>,
    /// Where it begins.
    at: usize,
}

/// The page with anchors, if it is a solution's; any other as it is.
pub fn insert(page: &Path, content: String) -> String {
    if page.parent() != Some(Path::new("book/src/solutions")) {
        return content;
    }
    let mut text = content;
    for Titled { title, at, .. } in titled(&text).into_iter().rev() {
        text.insert_str(at, &format!("<span id=\"{}\"></span>", anchor(&title)));
    }
    text
}

/// The anchor of a paragraph with this title.
pub fn anchor(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    format!("why-{}", words.join("-").to_lowercase())
}

/// The titles of the paragraphs that begin with one, in bold and with a full stop, and the words
/// that such a paragraph sets as code, and where it begins.
pub fn titled(text: &str) -> Vec<Titled> {
    let mut found: Vec<Titled> = Vec::new();
    let (mut is_first, mut in_title, mut in_titled) = (false, false, false);
    for (event, at) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::Paragraph) => is_first = true,
            Event::Start(Tag::Strong) if is_first => {
                found.push(Titled {
                    title: String::new(),
                    words: BTreeSet::new(),
                    at: at.start,
                });
                (in_title, in_titled, is_first) = (true, true, false);
            }
            Event::End(TagEnd::Strong) => in_title = false,
            Event::End(TagEnd::Paragraph) => in_titled = false,
            Event::Code(code) => {
                is_first = false;
                if let Some(Titled { title, words, .. }) = found.last_mut().filter(|_| in_titled) {
                    if in_title {
                        *title += &code;
                    }
                    words.extend(self::words(&code));
                }
            }
            Event::Text(text) => {
                is_first = false;
                if let Some(Titled { title, .. }) = found.last_mut().filter(|_| in_title) {
                    *title += &text;
                }
            }
            Event::SoftBreak => {
                if let Some(Titled { title, .. }) = found.last_mut().filter(|_| in_title) {
                    title.push(' ');
                }
            }
            _ => {}
        }
    }
    for Titled { title, .. } in &mut found {
        title.truncate(title.trim_end_matches('.').len());
    }
    found
}

/// The words of a text, but for those of a letter or two, which are everywhere.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words = words.filter(|word| word.len() > 2 && word.starts_with(char::is_alphabetic));
    words.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_titled_paragraph_gets_an_anchor_and_keeps_its_look() {
        let text = "# S\n\n**A lock, and\nno `task`.** Why.\n\nNo title, **bold**.\n";
        let page = |page: &str| insert(Path::new(page), text.to_owned());
        let anchored = text.replace("**A", "<span id=\"why-a-lock-and-no-task\"></span>**A");
        assert_eq!(page("book/src/solutions/01-one.md"), anchored);
        assert_eq!(page("book/src/01-one.md"), text);
    }
}
