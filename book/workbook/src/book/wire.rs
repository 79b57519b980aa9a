//! A transcript as a sequence diagram: an ordered list of steps that CSS lays out.
//!
//! Each participant is a line from top to bottom. Read aloud, a step says `ann to server: text
//! hello`. A message that goes to several at once is one step, a fork. The look is in
//! `book/src/assets/workbook.css`; a figure with `ask` is closed: [`watch`](super::watch).

use std::time::Duration;

use kit::transcript::{Entry, Transcript, duration};

use super::block::{Block, Expanded};
use super::figure::{colours, figure};
use super::html::escape;
use super::watch;
use crate::problem::Problem;

/// Draws the snapshot that the block includes.
pub fn expand(block: &Block<'_>) -> Expanded {
    let (title, ask) = block.title_and("ask")?;
    if let Some(ask) = ask {
        return watch::expand(block, title, ask);
    }
    Ok(draw(title, &read(block)?))
}

/// The transcript that the block includes.
pub fn read(block: &Block<'_>) -> Result<Transcript, Problem> {
    let piece = block.snapshot()?;
    let transcript: Transcript =
        piece
            .text
            .parse()
            .map_err(|error: kit::transcript::ParseError| {
                Problem::new(
                    &piece.file,
                    piece.line + error.line - 1,
                    format!("expected {}", error.expected),
                )
            })?;
    if transcript.entries.is_empty() {
        return Err(block.problem("the transcript has no entries"));
    }
    Ok(transcript)
}

/// Whose a step is, where two transcripts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Both,
    Expected,
    Yours,
}

/// A step of a diagram.
#[derive(Debug, Clone)]
pub struct Step {
    side: Side,
    entry: Entry,
    /// The lines that were expected of a message whose own are others.
    expected: Option<Vec<String>>,
}

impl Step {
    pub fn same(entry: Entry) -> Self {
        Self::on(Side::Both, entry)
    }

    pub fn on(side: Side, entry: Entry) -> Self {
        Self {
            side,
            entry,
            expected: None,
        }
    }

    /// One message instead of another on the same way.
    pub fn changed(expected: &Entry, yours: &Entry) -> Option<Self> {
        let Entry::Message { from, to, lines } = expected else {
            return None;
        };
        match yours {
            Entry::Message { from: f, to: t, .. } if f == from && t == to => Some(Self {
                side: Side::Both,
                entry: yours.clone(),
                expected: Some(lines.clone()),
            }),
            _ => None,
        }
    }
}

/// The figure, in one line.
pub fn draw(title: &str, transcript: &Transcript) -> String {
    let steps: Vec<_> = transcript.entries.iter().cloned().map(Step::same).collect();
    draw_steps(title, &steps)
}

/// The figure of two transcripts, each step marked where it is in one only.
pub fn draw_steps(title: &str, steps: &[Step]) -> String {
    let transcript = Transcript {
        entries: steps.iter().map(|step| step.entry.clone()).collect(),
    };
    let names = colours(&transcript.participants());
    let gaps = names.len().saturating_sub(1).max(1);
    let at = |wanted: &str| {
        names
            .iter()
            .position(|(name, _)| *name == wanted)
            .unwrap_or(0)
    };
    let colour = |wanted: &str| names[at(wanted)].1;

    let longest = steps.iter().filter_map(waits).max().unwrap_or_default();
    let mut body =
        String::from("<div class=\"wire-body\"><div class=\"wire-names\" aria-hidden=\"true\">");
    for (n, (name, colour)) in names.iter().enumerate() {
        let name = escape(name);
        body += &format!("<span class=\"who-{colour}\" style=\"--at:{n}\"><b>{name}</b></span>");
    }
    body += "</div><ol class=\"wire-steps\" role=\"list\">";
    let mut rest = steps;
    while let Some((step, mut after)) = rest.split_first() {
        let (side, sign) = match step.side {
            Side::Both => ("", ""),
            Side::Expected => (" wire-expected", "<em class=\"wire-sign\">expected:</em> "),
            Side::Yours => (" wire-yours", "<em class=\"wire-sign\">yours:</em> "),
        };
        body += &match &step.entry {
            Entry::Message { from, to, lines } => {
                let more = fork(step, after);
                after = &after[more.len()..];
                let receivers: Vec<_> = std::iter::once(to.as_str()).chain(more).collect();
                let places = receivers.iter().map(|name| at(name)).chain([at(from)]);
                let (a, b) = places.fold((gaps, 0), |(a, b), n| (a.min(n), b.max(n)));
                let (class, tips) = match receivers.len() {
                    1 if at(from) <= at(to) => ("right", String::new()),
                    1 => ("left", String::new()),
                    _ => (
                        "fork",
                        tips(at(from), receivers.iter().map(|name| at(name))),
                    ),
                };
                let names = receivers.iter().enumerate().map(|(n, name)| {
                    let before = match n {
                        0 => "",
                        n if n + 1 == receivers.len() => "<span class=\"wire-to\"> and </span>",
                        _ => "<span class=\"wire-to\">, </span>",
                    };
                    format!(
                        "{before}<b class=\"who-{}\">{}</b>",
                        colour(name),
                        escape(name)
                    )
                });
                format!(
                    "<li class=\"wire-message wire-{class} who-{}{side}\" style=\"--a:{};--b:{}\">\
                     <span class=\"wire-route\"><b>{}</b><span class=\"wire-to\"> to </span>{}<span class=\"wire-to\">: </span></span>\
                     <span class=\"wire-card{}\"><span class=\"wire-text\">{sign}{}</span></span>{tips}</li>",
                    colour(from),
                    a + 1,
                    b + 1,
                    escape(from),
                    names.collect::<String>(),
                    if is_frame(&lines[0]) {
                        ""
                    } else {
                        " wire-head"
                    },
                    match &step.expected {
                        Some(expected) => changed(expected, lines),
                        None => contents(lines),
                    },
                )
            }
            Entry::Note { who, text } => {
                let place = match at(who) {
                    0 => " wire-first",
                    n if n == gaps => " wire-last",
                    _ => "",
                };
                let over = over(who, text);
                let end = if over.is_some() { " wire-end" } else { "" };
                // Nothing is drawn below its end, unless somebody comes back.
                let gone = over.filter(|name| !after.iter().any(|step| takes_part(step, name)));
                let gone = gone.map_or(String::new(), |name| {
                    format!("<i class=\"wire-over\" style=\"--at:{}\"></i>", at(name))
                });
                format!(
                    "<li class=\"wire-note who-{}{place}{end}{side}\" style=\"--at:{}\"><span>{sign}<b>{}</b> {}</span>{gone}</li>",
                    colour(who),
                    at(who),
                    escape(who),
                    escape(text),
                )
            }
            Entry::Elapsed(time) => {
                let part = time.as_secs_f64() / longest.as_secs_f64().max(f64::MIN_POSITIVE);
                format!(
                    "<li class=\"wire-gap{side}\" style=\"--part:{part:.2}\" data-ms=\"{}\"><span>{sign}{} later</span></li>",
                    time.as_millis(),
                    duration(*time)
                )
            }
        };
        rest = after;
    }
    body += "</ol></div>";
    figure(
        &format!("wire wire-{}", gaps + 1),
        &format!("--gaps:{gaps}"),
        title,
        &body,
    )
}

fn waits(step: &Step) -> Option<Duration> {
    match step.entry {
        Entry::Elapsed(time) => Some(time),
        _ => None,
    }
}

/// To whom else the same message goes, in the steps that follow at once.
fn fork<'a>(step: &Step, after: &'a [Step]) -> Vec<&'a str> {
    let mut also: Vec<&str> = Vec::new();
    let Entry::Message { from, to, lines } = &step.entry else {
        return also;
    };
    for next in after {
        match &next.entry {
            Entry::Message {
                from: f,
                to: t,
                lines: l,
            } if (f, l, next.side) == (from, lines, step.side)
                && step.expected.is_none()
                && next.expected.is_none()
                && t != to
                && !also.contains(&t.as_str()) =>
            {
                also.push(t);
            }
            _ => break,
        }
    }
    also
}

/// A fork's origin, and an arrow's head for each receiver.
fn tips(from: usize, receivers: impl Iterator<Item = usize>) -> String {
    let mut html = format!("<i class=\"wire-origin\" style=\"--at:{from}\"></i>");
    for at in receivers {
        let side = if at < from { "left" } else { "right" };
        html += &format!("<i class=\"wire-tip wire-tip-{side}\" style=\"--at:{at}\"></i>");
    }
    html
}

/// Whose connection is over after a note.
fn over<'a>(who: &'a str, text: &'a str) -> Option<&'a str> {
    if let Some(rest) = text.strip_prefix("closes") {
        let name = rest.strip_prefix(" the connection to ");
        return Some(name.and_then(|name| name.split(' ').next()).unwrap_or(who));
    }
    text.starts_with("vanishes").then_some(who)
}

fn takes_part(step: &Step, name: &str) -> bool {
    match &step.entry {
        Entry::Message { from, to, .. } => from == name || to == name,
        Entry::Note { who, .. } => who == name,
        Entry::Elapsed(_) => false,
    }
}

/// What a message that is not an HTTP head begins with.
const FRAMES: [&str; 7] = [
    "text",
    "binary",
    "ping",
    "pong",
    "close",
    "continuation",
    "data",
];

fn is_frame(line: &str) -> bool {
    FRAMES.contains(&line.split(' ').next().unwrap_or_default())
}

/// A message's lines.
pub fn contents(lines: &[String]) -> String {
    let first = &lines[0];
    if is_frame(first) {
        let (opcode, payload) = first.split_once(' ').unwrap_or((first, ""));
        let (fragment, payload) = match payload.strip_prefix("(fragment)") {
            Some(payload) => (" <em>fragment</em>", payload.trim_start()),
            None => ("", payload),
        };
        let mut html =
            format!("<span class=\"wire-opcode wire-{opcode}\">{opcode}{fragment}</span>");
        let further = lines[1..].iter().map(String::as_str);
        for line in std::iter::once(payload)
            .chain(further)
            .filter(|line| !line.is_empty())
        {
            html += &format!(" <code>{}</code>", breakable(line));
        }
        return html;
    }
    let mut html = format!("<code class=\"wire-start\">{}</code>", escape(first));
    let mut class = "wire-header";
    for line in &lines[1..] {
        html += &head_line(line, &mut class);
    }
    html
}

/// Text that breaks between its tokens, where it must.
fn breakable(text: &str) -> String {
    let mut html = String::new();
    for token in text.split_inclusive([',', '.', '/', '&', '?']) {
        if !html.is_empty() {
            html += "<wbr>";
        }
        html += &escape(token);
    }
    html
}

/// A further line of a head; the blank line changes `class` to that of the body.
fn head_line(line: &str, class: &mut &'static str) -> String {
    if line.is_empty() && *class == "wire-header" {
        *class = "wire-content";
        return "<span class=\"wire-rule\"></span>".to_owned();
    }
    // A blank for an empty line, so that it keeps its height.
    let line = if line.is_empty() { " " } else { line };
    match (*class, line.split_once(": ")) {
        ("wire-header", Some((name, value))) => format!(
            "<code class=\"{class}\"><i>{}:</i> {}</code>",
            escape(name),
            escape(value)
        ),
        _ => format!("<code class=\"{class}\">{}</code>", escape(line)),
    }
}

/// Two messages in the place of one: line by line where both are heads.
fn changed(expected: &[String], yours: &[String]) -> String {
    let marked = |tag: &str, sign: &str, html: String| {
        format!("<{tag} class=\"wire-mark\"><em class=\"wire-sign\">{sign}:</em> {html}</{tag}>")
    };
    if is_frame(&expected[0]) || is_frame(&yours[0]) {
        return marked("del", "expected", contents(expected))
            + &marked("ins", "yours", contents(yours));
    }
    let mut html = String::new();
    let mut class = "wire-header";
    let mut first = true;
    for change in similar::TextDiff::from_slices(
        &expected.iter().map(String::as_str).collect::<Vec<_>>(),
        &yours.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .iter_all_changes()
    {
        let line = match change.value() {
            line if first || line == expected[0] || line == yours[0] => {
                format!("<code class=\"wire-start\">{}</code>", escape(line))
            }
            line => head_line(line, &mut class),
        };
        first = false;
        html += &match change.tag() {
            similar::ChangeTag::Equal => line,
            similar::ChangeTag::Delete => marked("del", "expected", line),
            similar::ChangeTag::Insert => marked("ins", "yours", line),
        };
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::transcript::Transcript;

    fn drawn(transcript: &str) -> String {
        draw("Talk", &transcript.parse::<Transcript>().unwrap())
    }

    /// What a screen reader makes of it: the text of each step.
    fn read_aloud(html: &str) -> Vec<String> {
        let (_, steps) = html.split_once("<ol").unwrap();
        let text = |step: &str| {
            let mut text = String::new();
            for part in step.split('<').skip(1) {
                text += part.split_once('>').map_or("", |(_, text)| text);
            }
            text.replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#123;", "{")
        };
        steps.split("<li").skip(1).map(text).collect()
    }

    #[test]
    fn each_step_reads_as_a_sentence() {
        let html = drawn(
            r#"ann → server   GET /chat HTTP/1.1
               Host: <example>
               Upgrade: websocket
server → ann   HTTP/1.1 200 OK
               Content-Length: 5

               hello
ann → server   text 2["chat","hello"]
server → bob   text (fragment) {}
server → bob   close 1000 "bye"
ann            hears nothing for 10 s
+25 s
server → ann   ping
server         closes the connection to ann
"#,
        );
        let expected = [
            "ann to server: GET /chat HTTP/1.1Host: <example>Upgrade: websocket",
            "server to ann: HTTP/1.1 200 OKContent-Length: 5hello",
            "ann to server: text 2[\"chat\",\"hello\"]",
            "server to bob: text fragment {}",
            "server to bob: close 1000 \"bye\"",
            "ann hears nothing for 10 s",
            "25 s later",
            "server to ann: ping",
            "server closes the connection to ann",
        ];
        let read = read_aloud(&html);
        for (step, expected) in read.iter().zip(expected) {
            assert_eq!(step.replace("  ", " "), expected);
        }
        assert_eq!(read.len(), expected.len());
    }

    #[test]
    fn arrows_run_between_the_participants_lines() {
        let html = drawn("ann → server   ping\nserver → bob   ping\nserver → ann   pong\n");
        assert!(html.contains("wire wire-3\" style=\"--gaps:2\""));
        for arrow in [
            "wire-right who-ann\" style=\"--a:1;--b:2\"",
            "wire-right who-server\" style=\"--a:2;--b:3\"",
            "wire-left who-server\" style=\"--a:1;--b:2\"",
        ] {
            assert!(html.contains(arrow), "{arrow}: {html}");
        }
    }

    #[test]
    fn a_broadcast_is_one_fork_and_a_line_ends_where_its_connection_does() {
        let html = drawn(
            "ann → server   text hi\nserver → ann   text hi\nserver → bob   text hi\nserver → cat   text hi\nserver → cat   text hi\nserver         closes the connection to cat\nann            vanishes\nserver → bob   close 1000\nserver         closes the connection to bob\nbob → server   close 1000\n",
        );
        assert_eq!(
            read_aloud(&html)[..3],
            [
                "ann to server: text hi",
                "server to ann, bob and cat: text hi",
                "server to cat: text hi"
            ]
        );
        let tips = "<i class=\"wire-origin\" style=\"--at:2\"></i><i class=\"wire-tip wire-tip-left\" style=\"--at:0\"></i><i class=\"wire-tip wire-tip-left\" style=\"--at:1\"></i><i class=\"wire-tip wire-tip-right\" style=\"--at:3\"></i>";
        assert!(
            html.contains("wire-fork who-server\" style=\"--a:1;--b:4\"") && html.contains(tips),
            "{html}"
        );
        // Bob still has a word to say.
        let ends: Vec<_> = html.match_indices("wire-over\" style=\"--at:").collect();
        let ends: Vec<_> = ends
            .iter()
            .map(|(at, text)| &html[at + text.len()..][..1])
            .collect();
        assert_eq!(ends, ["3", "0"], "{html}");
        assert_eq!(html.matches("wire-end").count(), 3);
    }

    #[test]
    fn waiting_is_to_scale_and_text_breaks_between_tokens() {
        let html = drawn("+1 s\nann → server   text 2[\"io.emit\",1]\n+4 s\n");
        for part in [
            "--part:0.25\" data-ms=\"1000\"",
            "--part:1.00\" data-ms=\"4000\"",
            "io.<wbr>emit&quot;,<wbr>1]",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_figure_is_one_line_so_that_markdown_leaves_it_alone() {
        let html = drawn(
            "ann → server   HTTP/1.1 200 OK\n\n               a\n\n               b {{#include x}}\n",
        );
        assert!(!html.contains('\n') && !html.contains("{{"));
    }

    #[test]
    fn one_participant_is_enough() {
        assert!(drawn("ann   hears nothing for 10 s\n").contains("wire-first"));
    }
}
