//! A figure that is closed until the reader commits: who hears each line, or what comes next.
//!
//! ````text
//! ```wire title="Three lines" ask="who"
//! {{#include ../../lessons/05-emit-vs-broadcast/tests/snapshots/chat.snap}}
//! ```
//! ````
//!
//! Questions and answers are the snapshot's own. With `ask="next"` the server's other messages in the
//! figure are the wrong answers; a line `or: close 1002` adds one. Without a script the marks are the
//! reader's business, and a click opens the figure; `book/src/assets/labs/watch.js` judges them, and plays
//! the figure.

use std::collections::BTreeSet;

use kit::transcript::{Entry, Transcript};

use super::block::{Block, Expanded};
use super::figure::colours;
use super::html::escape;
use super::lab::script;
use super::wire;

/// How many answers a question offers at most.
const CHOICES: usize = 4;

/// One question: what it is about, and its answers.
struct Question {
    about: String,
    answers: Vec<Answer>,
}

struct Answer {
    label: String,
    right: bool,
    why: &'static str,
}

pub fn expand(block: &Block<'_>, title: &str, ask: &str) -> Expanded {
    let (others, included): (Vec<&str>, Vec<&str>) = block
        .body
        .lines()
        .partition(|line| line.starts_with("or: "));
    let transcript = wire::read(&Block {
        body: &included.join("\n"),
        ..*block
    })?;
    let others: Vec<_> = others.iter().map(|line| line[4..].trim()).collect();
    let questions = match ask {
        "who" if others.is_empty() => who(&transcript),
        "who" => return Err(block.problem("`or:` adds an answer to ask=\"next\"")),
        "next" => next(&transcript, &others),
        _ => return Err(block.problem("ask=\"who\" hears each line, or what comes \"next\"")),
    };
    if questions.is_empty() {
        return Err(block.problem(match ask {
            "who" => "nobody sends the server anything that there is to hear",
            _ => "the server never has a choice: add a wrong answer, such as `or: close 1002`",
        }));
    }
    let kind = if ask == "who" { "checkbox" } else { "radio" };
    let mut html = format!("<div class=\"watch\"><watch-wire data-ask=\"{ask}\">");
    for (n, question) in questions.iter().enumerate() {
        html += &format!("<fieldset><legend>{}</legend>", question.about);
        for answer in &question.answers {
            let right = if answer.right { " data-right" } else { "" };
            html += &format!(
                "<label{right}><input type=\"{kind}\" name=\"watch-{}-{n}\"> {}<small hidden>{}</small></label>",
                block.line, answer.label, answer.why
            );
        }
        html += "</fieldset>";
    }
    html += &format!(
        "<details><summary>Commit, and watch</summary>{}</details></watch-wire></div>",
        wire::draw(title, &transcript)
    );
    Ok(html + &script(block.page, "watch"))
}

/// For each line that a client sends: which clients get an event of it, before the next line.
fn who(transcript: &Transcript) -> Vec<Question> {
    let names = colours(&transcript.participants());
    let mut questions = Vec::new();
    for (n, entry) in transcript.entries.iter().enumerate() {
        let Entry::Message { from, to, lines } = entry else {
            continue;
        };
        if to != "server" {
            continue;
        }
        let mut hear = BTreeSet::new();
        for later in &transcript.entries[n + 1..] {
            match later {
                Entry::Message { from, to, lines } if from == "server" => {
                    if !is_answer(&lines[0]) {
                        hear.insert(to);
                    }
                }
                Entry::Message { .. } => break,
                Entry::Note { .. } | Entry::Elapsed(_) => {}
            }
        }
        let clients = names.iter().filter(|(name, _)| *name != "server");
        let answers = clients.map(|(name, colour)| {
            let right = hear.iter().any(|hears| hears == name);
            Answer {
                label: format!("<b class=\"who-{colour}\">{}</b>", escape(name)),
                right,
                why: if right { "gets one" } else { "gets none" },
            }
        });
        questions.push(Question {
            about: format!(
                "{}<span class=\"watch-ask\">To whom does the server send an event?</span>",
                said(from, &names, lines)
            ),
            answers: answers.collect(),
        });
    }
    questions
}

/// The answer to a call, as the lessons have it: a 3, and the call's id.
fn is_answer(line: &str) -> bool {
    let id = line
        .strip_prefix("text 3")
        .and_then(|rest| rest.split_once('['));
    id.is_some_and(|(id, _)| !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit()))
}

/// For each thing that the server does right after a client's message: what it is.
fn next(transcript: &Transcript, others: &[&str]) -> Vec<Question> {
    let names = colours(&transcript.participants());
    let mut all: Vec<String> = Vec::new();
    for label in transcript.entries.iter().filter_map(does) {
        if !all.contains(&label) {
            all.push(label);
        }
    }
    all.extend(others.iter().map(|other| (*other).to_owned()));
    let mut questions = Vec::new();
    for pair in transcript.entries.windows(2) {
        let (Entry::Message { from, to, lines }, Some(right)) = (&pair[0], does(&pair[1])) else {
            continue;
        };
        if to != "server" {
            continue;
        }
        let wrong = all.iter().filter(|label| **label != right);
        let mut labels: Vec<_> = wrong.take(CHOICES - 1).cloned().collect();
        if labels.is_empty() {
            continue;
        }
        labels.push(right.clone());
        labels.sort();
        let answers = labels.into_iter().map(|label| Answer {
            right: label == right,
            why: if label == right {
                "it came"
            } else {
                "it did not"
            },
            label: format!("<code>{}</code>", escape(&label)),
        });
        questions.push(Question {
            about: format!(
                "{}<span class=\"watch-ask\">What comes next?</span>",
                said(from, &names, lines)
            ),
            answers: answers.collect(),
        });
    }
    questions
}

/// `ann sends …`, with all its lines.
fn said(from: &str, names: &[(&str, &str)], lines: &[String]) -> String {
    let colour = names.iter().find(|(name, _)| *name == from);
    let colour = colour.map_or("server", |(_, colour)| colour);
    format!(
        "<b class=\"who-{colour}\">{}</b> sends <span class=\"wire-card who-{colour}{}\">{}</span>",
        escape(from),
        if lines.len() > 1 { " wire-head" } else { "" },
        wire::contents(lines)
    )
}

/// What the server does, in a line: its message without headers, or the end.
fn does(entry: &Entry) -> Option<String> {
    match entry {
        Entry::Message { from, lines, .. } if from == "server" => {
            let body = lines.iter().skip_while(|line| !line.is_empty()).nth(1);
            Some(match body {
                Some(body) => format!("{} … {body}", lines[0]),
                None => lines[0].clone(),
            })
        }
        Entry::Note { who, text } if who == "server" => Some(text.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{expanded_in, miniature, put};

    fn watched(fence: &str, transcript: &str, more: &str) -> String {
        let dir = miniature("");
        let place = "lessons/01-one/tests/snapshots/watch.snap";
        put(&dir, place, &format!("---\nsource: x\n---\n{transcript}"));
        let page = format!(
            "# One\n\n```wire title=\"T\" {fence}\n{{{{#include ../../{place}}}}}\n{more}```\n"
        );
        expanded_in(&dir, "one.md", &page)
    }

    /// The labels of each question, the right ones with a star.
    fn answers(html: &str) -> Vec<Vec<String>> {
        let text = |html: &str| {
            let parts = html.split('<').skip(1);
            parts
                .filter_map(|part| Some(part.split_once('>')?.1))
                .collect::<String>()
        };
        html.split("<fieldset>")
            .skip(1)
            .map(|question| {
                let labels = question.split("<label").skip(1);
                labels
                    .map(|label| {
                        let star = if label.starts_with(" data-right") {
                            "*"
                        } else {
                            ""
                        };
                        let (shown, _) = label.split_once("<small").unwrap();
                        format!("{}{star}", text(shown).trim())
                    })
                    .collect()
            })
            .collect()
    }

    const TALK: &str = "ann → server   text all\nserver → ann   text all\nserver → bob   text all\nbob → server   text me\nserver → bob   text me\nserver → ann   text 30[1]\nann            hears nothing\n";

    #[test]
    fn asks_who_hears_each_line() {
        let html = watched("ask=\"who\"", TALK, "");
        assert_eq!(answers(&html), [["ann*", "bob*"], ["ann", "bob*"]]);
        assert!(html.contains("<summary>Commit, and watch</summary><figure class=\"wire wire-3\""));
        assert!(html.contains("src=\"assets/labs/watch.js\""));
        assert!(html.contains("<small hidden>gets none</small>"));
    }

    #[test]
    fn asks_what_comes_next_with_answers_from_the_figure_and_from_the_page() {
        let poll = "ann → server   GET / HTTP/1.1\nserver → ann   HTTP/1.1 204 No Content\nann → server   GET / HTTP/1.1\nserver → ann   HTTP/1.1 200 OK\n               A: b\n\n               1 kick-off\n";
        let html = watched("ask=\"next\"", poll, "or: nothing\n");
        let (last, first) = ("HTTP/1.1 200 OK … 1 kick-off", "HTTP/1.1 204 No Content");
        assert_eq!(
            answers(&html),
            [
                [last.to_owned(), format!("{first}*"), "nothing".to_owned()],
                [format!("{last}*"), first.to_owned(), "nothing".to_owned()]
            ]
        );
    }

    #[test]
    fn says_what_cannot_be_asked() {
        for (fence, transcript, more, expected) in [
            (
                "ask=\"why\"",
                TALK,
                "",
                "ask=\"who\" hears each line, or what comes \"next\"",
            ),
            (
                "ask=\"who\"",
                TALK,
                "or: x\n",
                "`or:` adds an answer to ask=\"next\"",
            ),
            (
                "ask=\"who\"",
                "server → ann   ping\n",
                "",
                "nobody sends the server anything that there is to hear",
            ),
            (
                "ask=\"next\"",
                "ann → server   ping\nserver → ann   pong\n",
                "",
                "the server never has a choice: add a wrong answer, such as `or: close 1002`",
            ),
            (
                "as=\"who\"",
                TALK,
                "",
                "write ```wire title=\"What the figure shows\"",
            ),
        ] {
            assert_eq!(
                watched(fence, transcript, more),
                format!("book/src/one.md:3: {expected}")
            );
        }
    }
}
