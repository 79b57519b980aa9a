//! Expected against yours: a sequence diagram where both are transcripts, or else marked lines.

use kit::transcript::{Entry, Transcript};
use similar::{ChangeTag, DiffOp, TextDiff, capture_diff_slices};

use crate::book::html::escape;
use crate::book::wire::{self, Side, Step};

/// The difference, in HTML.
pub fn draw(expected: &str, yours: &str) -> String {
    match steps(expected, yours) {
        Some(steps) => wire::draw_steps("Expected, and yours", &steps),
        None => lines(expected, yours),
    }
}

/// A transcript that stands alone; `None` if it is none.
pub fn draw_transcript(title: &str, text: &str) -> Option<String> {
    let transcript: Transcript = text.parse().ok()?;
    (!transcript.entries.is_empty()).then(|| wire::draw(title, &transcript))
}

/// What happened in both, in one of them only, or differently. `None` if a side is no transcript.
fn steps(expected: &str, yours: &str) -> Option<Vec<Step>> {
    let read = |text: &str| {
        let transcript: Transcript = text.parse().ok()?;
        (!transcript.entries.is_empty()).then_some(transcript.entries)
    };
    let (expected, yours) = (read(expected)?, read(yours)?);
    // A table of two columns reads like notes.
    if !expected
        .iter()
        .any(|entry| matches!(entry, Entry::Message { .. }))
    {
        return None;
    }
    let key = |entries: &[_]| -> Vec<String> {
        let key = |entry: &Entry| format!("{entry:?}");
        entries.iter().map(key).collect()
    };
    let operations = capture_diff_slices(similar::Algorithm::Myers, &key(&expected), &key(&yours));
    let mut steps = Vec::new();
    for operation in operations {
        let (old, new) = (operation.old_range(), operation.new_range());
        let (old, new) = (&expected[old], &yours[new]);
        match operation {
            DiffOp::Equal { .. } => steps.extend(old.iter().cloned().map(Step::same)),
            _ => {
                for at in 0..old.len().max(new.len()) {
                    match (old.get(at), new.get(at)) {
                        (Some(a), Some(b)) => match Step::changed(a, b) {
                            Some(step) => steps.push(step),
                            None => {
                                steps.push(Step::on(Side::Expected, a.clone()));
                                steps.push(Step::on(Side::Yours, b.clone()));
                            }
                        },
                        (Some(a), None) => steps.push(Step::on(Side::Expected, a.clone())),
                        (None, Some(b)) => steps.push(Step::on(Side::Yours, b.clone())),
                        (None, None) => {}
                    }
                }
            }
        }
    }
    Some(steps)
}

/// A line each, with its sign; where one line took the place of another, the part that differs.
fn lines(expected: &str, yours: &str) -> String {
    let (expected, yours) = (expected.to_owned() + "\n", yours.to_owned() + "\n");
    let difference = TextDiff::from_lines(&expected, &yours);
    let mut html = String::from(
        "<p class=\"difference-key\"><del>-</del> expected <ins>+</ins> yours</p>\
         <pre class=\"difference\" tabindex=\"0\" role=\"group\" aria-label=\"Expected, and yours\">",
    );
    for operation in difference.ops() {
        let changes: Vec<_> = difference.iter_changes(operation).collect();
        let text = |tag| -> Vec<_> {
            let changes = changes.iter().filter(move |change| change.tag() == tag);
            changes
                .map(|change| change.value().trim_end_matches('\n'))
                .collect()
        };
        for line in text(ChangeTag::Equal) {
            html += &format!("<span>  {}</span>\n", escape(line));
        }
        let (old, new) = (text(ChangeTag::Delete), text(ChangeTag::Insert));
        let paired = old.len() == new.len();
        let marked = |line: &str, other: Option<&&str>| match other {
            Some(other) if paired => mark(line, other),
            _ => escape(line),
        };
        for (n, line) in old.iter().enumerate() {
            html += &format!("<del>- {}</del>\n", marked(line, new.get(n)));
        }
        for (n, line) in new.iter().enumerate() {
            html += &format!("<ins>+ {}</ins>\n", marked(line, old.get(n)));
        }
    }
    html.truncate(html.trim_end().len());
    html + "</pre>"
}

/// `line` with the part that `other` does not share marked.
pub fn mark(line: &str, other: &str) -> String {
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = line
        .chars()
        .zip(other.chars())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let end: usize = line[start..]
        .chars()
        .rev()
        .zip(other[start..].chars().rev())
        .take_while(same)
        .map(|(c, _)| c.len_utf8())
        .sum();
    let end = line.len() - end;
    match &line[start..end] {
        "" => escape(line),
        // Nothing in common: the line as a whole is marked already.
        _ if start == 0 && end == line.len() => escape(line),
        part => format!(
            "{}<mark>{}</mark>{}",
            escape(&line[..start]),
            escape(part),
            escape(&line[end..])
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_values_are_two_lines_with_the_difference_marked() {
        assert_eq!(
            draw("s3pP<=", "s4pP<="),
            "<p class=\"difference-key\"><del>-</del> expected <ins>+</ins> yours</p>\
             <pre class=\"difference\" tabindex=\"0\" role=\"group\" aria-label=\"Expected, and yours\">\
             <del>- s<mark>3</mark>pP&lt;=</del>\n<ins>+ s<mark>4</mark>pP&lt;=</ins></pre>"
        );
    }

    #[test]
    fn lines_in_common_stand_between() {
        let html = draw("a\nb\nc", "a\nc\nd");
        assert!(
            html.contains("<span>  a</span>\n<del>- b</del>\n<span>  c</span>\n<ins>+ d</ins>")
        );
    }

    #[test]
    fn two_transcripts_are_one_diagram() {
        let html = draw(
            "ann → server   ping\nserver → ann   pong\nann            hears nothing\n",
            "ann → server   ping\nserver → ann   close 1002\nserver         closes the connection to ann\n",
        );
        assert!(html.starts_with("<figure class=\"wire "), "{html}");
        // The answer differs, the note is missing, another is too much.
        assert_eq!(html.matches("<li class=\"wire-message").count(), 2);
        assert!(html.contains("<del") && html.contains("<ins"), "{html}");
        assert!(html.contains("pong") && html.contains("close"));
    }

    #[test]
    fn a_transcript_against_something_else_is_compared_by_line() {
        assert!(draw("ann → server   ping\n", "nothing").contains("<pre"));
        assert!(draw("", "ann → server   ping\n").contains("<pre"));
    }

    #[test]
    fn a_table_is_no_diagram() {
        let html = draw("packets   Empty\nclosing   Empty\n", "packets   Empty\n");
        assert!(html.contains("<pre"), "{html}");
    }

    #[test]
    fn what_a_learner_prints_cannot_become_html() {
        let evil = "ann → server   <img src=x onerror=alert(1)>\n";
        for html in [
            draw(evil, "ann → server   ping\n"),
            draw("x", evil),
            draw(evil, evil),
        ] {
            assert!(!html.contains("<img"), "{html}");
        }
    }

    #[test]
    fn marks_never_cut_a_character() {
        assert_eq!(mark("aéb", "aèb"), "a<mark>é</mark>b");
        assert_eq!(mark("aa", "aaa"), "aa");
        assert_eq!(mark("aaa", "aa"), "aa<mark>a</mark>");
    }
}
