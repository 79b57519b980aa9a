//! What crossed the wire, as plain text: a test compares it, the book draws it.
//!
//! Each entry has an actor's column and a text. Continuation lines leave the column blank.
//!
//! ```text
//! ann → server   GET /chat HTTP/1.1
//!                Host: server.example.com
//! server → ann   HTTP/1.1 101 Switching Protocols
//! ann → server   text 2["chat","hello"]
//! server → ann   close 1000 "bye"
//! ann            hears nothing for 10 s
//! +25 s
//! server → ann   HTTP/1.1 200 OK
//!                Content-Length: 5
//!
//!                hello
//! ```
//!
//! The grammar, in the notation of RFC 5234:
//!
//! ```text
//! transcript = *entry
//! entry      = ( message / note / elapsed ) *blank-line
//! message    = name " → " name padding text LF *( continuation LF )
//! note       = name padding text LF
//! elapsed    = "+" number " " ( "s" / "ms" ) LF         ; since the entry above
//! name       = 1*( any character but white space )      ; does not begin with "+"
//! padding    = 3*SP                                     ; every text begins in the same column
//! text       = visible line that does not begin or end with a blank
//! continuation = indent line / blank-line               ; indent: blanks up to that column
//! ```
//!
//! Columns count characters. No line ends with a blank: [`visible`] escapes one that counts.
//! Blank lines at the end of an entry mean nothing.
//!
//! The first words of a message say what it is:
//!
//! | words | what follows |
//! |---|---|
//! | an HTTP start line | header lines, then a blank line and the body if one came along |
//! | `text`, `binary`, `ping`, `pong`, `close`, `continuation` | a frame's payload |
//! | the same with ` (fragment)` | a frame with FIN 0 |
//! | `data` | bytes that are neither head nor frame, [`visible`] or in [`hex`] |

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What happened, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `lines[0]` is never empty; a head's further lines are its headers, a blank line, its body.
    Message {
        from: String,
        to: String,
        lines: Vec<String>,
    },
    /// Something that is not a message: `ann   hears nothing for 10 s`.
    Note { who: String, text: String },
    /// Time since the previous entry.
    Elapsed(Duration),
}

impl Transcript {
    /// Everyone who takes part: clients in order of appearance, `server` in the middle of them.
    pub fn participants(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut server = None;
        for entry in &self.entries {
            let actors = match entry {
                Entry::Message { from, to, .. } => [Some(from), Some(to)],
                Entry::Note { who, .. } => [Some(who), None],
                Entry::Elapsed(_) => [None, None],
            };
            for name in actors.into_iter().flatten() {
                if name == "server" {
                    server = Some(name.as_str());
                } else if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
        }
        if let Some(server) = server {
            names.insert(names.len().div_ceil(2), server);
        }
        names
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let actors = |entry: &Entry| match entry {
            Entry::Message { from, to, .. } => format!("{from} → {to}"),
            Entry::Note { who, .. } => who.clone(),
            Entry::Elapsed(_) => String::new(),
        };
        let longest = self.entries.iter().map(|e| actors(e).chars().count()).max();
        let width = longest.unwrap_or(0) + GAP;
        for entry in &self.entries {
            let lines = match entry {
                Entry::Message { lines, .. } => lines.as_slice(),
                Entry::Note { text, .. } => std::slice::from_ref(text),
                Entry::Elapsed(time) => {
                    writeln!(f, "+{}", duration(*time))?;
                    continue;
                }
            };
            let used = lines.iter().rposition(|line| !line.trim_end().is_empty());
            for (n, line) in lines[..used.map_or(0, |last| last + 1)].iter().enumerate() {
                let actor = if n == 0 { actors(entry) } else { String::new() };
                writeln!(f, "{}", format!("{actor:width$}{line}").trim_end())?;
            }
        }
        Ok(())
    }
}

/// Blanks between the longest actor and the text.
const GAP: usize = 3;

/// A line that does not fit the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Counts from 1.
    pub line: usize,
    pub expected: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "line {}: expected {}", self.line, self.expected)
    }
}

impl std::error::Error for ParseError {}

impl FromStr for Transcript {
    type Err = ParseError;

    fn from_str(source: &str) -> Result<Self, ParseError> {
        let mut entries = Vec::new();
        let mut column = None;
        for (n, line) in source.lines().enumerate() {
            let fail = |expected: &str| ParseError {
                line: n + 1,
                expected: expected.to_owned(),
            };
            let line = line.trim_end();
            if line.is_empty() || line.starts_with(' ') {
                match entries.last_mut() {
                    Some(Entry::Message { lines, .. }) => {
                        lines.push(continuation(line, column).map_err(|e| fail(&e))?)
                    }
                    _ if line.is_empty() => {}
                    _ => return Err(fail("an entry: only a message has further lines")),
                }
            } else if let Some(time) = line.strip_prefix('+') {
                let time = parse_duration(time)
                    .ok_or_else(|| fail("a time such as `+25 s` or `+50 ms`"))?;
                entries.push(Entry::Elapsed(time));
            } else {
                let (entry, text_at) = actors_and_text(line).map_err(fail)?;
                if *column.get_or_insert(text_at) != text_at {
                    let wanted = column.unwrap_or(text_at) + 1;
                    return Err(fail(&format!(
                        "the text in column {wanted}, like the entries above"
                    )));
                }
                entries.push(entry);
            }
        }
        for entry in &mut entries {
            if let Entry::Message { lines, .. } = entry {
                let used = lines.iter().rposition(|line| !line.is_empty());
                lines.truncate(used.map_or(0, |last| last + 1));
            }
        }
        Ok(Self { entries })
    }
}

/// A further line of a message, without its indent of `column` blanks.
fn continuation(line: &str, column: Option<usize>) -> Result<String, String> {
    if line.is_empty() {
        return Ok(String::new());
    }
    let column = column.unwrap_or(0);
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    if indent < column {
        return Err(format!("an indent of {column} blanks, got {indent}"));
    }
    Ok(line[column..].to_owned())
}

/// The first line of a message or note, and the column (in characters) where its text begins.
fn actors_and_text(line: &str) -> Result<(Entry, usize), &'static str> {
    let (who, rest) = name(line).ok_or("a name, three blanks and a text")?;
    if let Some(rest) = rest.strip_prefix(" → ") {
        let (to, rest) = name(rest).ok_or("the receiver's name after the arrow")?;
        let text = padded(rest).ok_or("three blanks and a text after the receiver's name")?;
        let entry = Entry::Message {
            from: who.to_owned(),
            to: to.to_owned(),
            lines: vec![text.to_owned()],
        };
        Ok((entry, chars_before(text, line)))
    } else {
        let text = padded(rest)
            .ok_or("` → ` and a receiver, or three blanks and a text, after the name")?;
        let entry = Entry::Note {
            who: who.to_owned(),
            text: text.to_owned(),
        };
        Ok((entry, chars_before(text, line)))
    }
}

fn name(line: &str) -> Option<(&str, &str)> {
    let end = line.find(char::is_whitespace)?;
    (end > 0).then(|| line.split_at(end))
}

fn padded(rest: &str) -> Option<&str> {
    let text = rest.trim_start_matches(' ');
    (rest.len() - text.len() >= GAP && !text.is_empty()).then_some(text)
}

/// `text` is the end of `line`.
fn chars_before(text: &str, line: &str) -> usize {
    line[..line.len() - text.len()].chars().count()
}

/// `25 s`, `1.5 s`, `50 ms`: exact, so that a transcript reads back as it was.
pub fn duration(time: Duration) -> String {
    let (whole, fraction, digits, unit) = if time.as_secs() > 0 || time.is_zero() {
        (time.as_secs(), time.subsec_nanos(), 9, "s")
    } else {
        let nanos = time.subsec_nanos();
        (u64::from(nanos / 1_000_000), nanos % 1_000_000, 6, "ms")
    };
    let number = format!("{whole}.{fraction:0digits$}");
    let number = number.trim_end_matches('0').trim_end_matches('.');
    format!("{number} {unit}")
}

/// Reads what [`duration`] writes.
fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_once(' ')?;
    let (digits, nanos_per_unit) = match unit {
        "s" => (9, 1_000_000_000),
        "ms" => (6, 1_000_000),
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.len() > digits {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let nanos: u64 = format!("{fraction:0<digits$}").parse().ok()?;
    let seconds = whole
        .checked_mul(nanos_per_unit)
        .and_then(|all| all.checked_add(nanos));
    match (unit, seconds) {
        ("s", _) => Some(Duration::new(whole, u32::try_from(nanos).ok()?)),
        (_, Some(nanos)) => Some(Duration::from_nanos(nanos)),
        _ => None,
    }
}

/// Shows what a terminal would hide: `\r`, `\n`, `\t`, `\u{7f}`, a last blank as `\u{20}`, and
/// therefore a backslash as `\\`. Rust reads the result back as a string literal does.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let last = at + c.len_utf8() == text.len();
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\\' => shown.push_str("\\\\"),
            _ if hidden(c) || (last && c.is_whitespace()) => {
                shown.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            _ => shown.push(c),
        }
    }
    shown
}

/// Control characters, and the format characters that reorder or hide the text around them.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `68 65 6c`; more than 32 bytes are counted and elided: `1048576 bytes: 61 61 61 61 61 61 61 61 …`.
pub fn hex(bytes: &[u8]) -> String {
    let pairs = |bytes: &[u8]| -> String {
        let pairs: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        pairs.join(" ")
    };
    if bytes.len() > 32 {
        format!("{} bytes: {} …", bytes.len(), pairs(&bytes[..8]))
    } else {
        pairs(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = r#"ann → server   GET /chat HTTP/1.1
               Host: server.example.com
server → ann   HTTP/1.1 200 OK
               Content-Length: 9

                 two in
               é → 東
ann → server   text 2["chat","hello"]
ann            hears nothing for 10 s
+25 s
server → ann   ping
server         closes the connection to ann
"#;

    fn message(from: &str, to: &str, lines: &[&str]) -> Entry {
        Entry::Message {
            from: from.into(),
            to: to.into(),
            lines: lines.iter().map(|line| line.to_string()).collect(),
        }
    }

    fn refused(source: &str) -> String {
        source.parse::<Transcript>().unwrap_err().to_string()
    }

    #[test]
    fn reads_and_writes_the_sample_to_the_byte() {
        let transcript: Transcript = SAMPLE.parse().unwrap();
        assert_eq!(transcript.to_string(), SAMPLE);
        assert_eq!(transcript.entries.len(), 7);
        assert_eq!(
            transcript.entries[1],
            message(
                "server",
                "ann",
                &[
                    "HTTP/1.1 200 OK",
                    "Content-Length: 9",
                    "",
                    "  two in",
                    "é → 東"
                ]
            )
        );
        assert_eq!(
            transcript.entries[4],
            Entry::Elapsed(Duration::from_secs(25))
        );
    }

    #[test]
    fn an_excerpt_keeps_the_column_of_the_whole() {
        let excerpt = "ann              pings\n+50 ms\nann → server     ping\n";
        assert_eq!(excerpt.parse::<Transcript>().unwrap().entries.len(), 3);
    }

    #[test]
    fn columns_count_characters() {
        let transcript = Transcript {
            entries: vec![
                message("zoë", "server", &["ping"]),
                message("server", "tom", &["ping"]),
            ],
        };
        assert_eq!(
            transcript.to_string(),
            "zoë → server   ping\nserver → tom   ping\n"
        );
    }

    #[test]
    fn no_line_ends_with_a_blank() {
        let transcript = Transcript {
            entries: vec![message("ann", "server", &["text ", "", "  ", "x ", ""])],
        };
        assert_eq!(
            transcript.to_string(),
            "ann → server   text\n\n\n               x\n"
        );
    }

    #[test]
    fn an_error_names_the_line_and_what_was_expected() {
        let cases = [
            ("ann", "line 1: expected a name, three blanks and a text"),
            (
                "ann  x",
                "line 1: expected ` → ` and a receiver, or three blanks and a text, after the name",
            ),
            (
                "ann → server",
                "line 1: expected the receiver's name after the arrow",
            ),
            (
                "ann → server  x",
                "line 1: expected three blanks and a text after the receiver's name",
            ),
            ("+25", "line 1: expected a time such as `+25 s` or `+50 ms`"),
            (
                "+1.s s",
                "line 1: expected a time such as `+25 s` or `+50 ms`",
            ),
            (
                "ann   x\n  y",
                "line 2: expected an entry: only a message has further lines",
            ),
            (
                "a → b   x\n    y",
                "line 2: expected an indent of 8 blanks, got 4",
            ),
            (
                "a → b   x\nb     y",
                "line 2: expected the text in column 9, like the entries above",
            ),
        ];
        for (source, error) in cases {
            assert_eq!(refused(source), error);
        }
    }

    #[test]
    fn the_server_stands_among_its_clients() {
        let order = |entries: Vec<Entry>| Transcript { entries }.participants().join(" ");
        let to = |name| message("server", name, &["ping"]);
        assert_eq!(order(vec![to("ann")]), "ann server");
        assert_eq!(order(vec![to("ann"), to("bob")]), "ann server bob");
        assert_eq!(
            order(vec![to("ann"), to("bob"), to("cat")]),
            "ann bob server cat"
        );
        assert_eq!(order(vec![Entry::Elapsed(Duration::ZERO)]), "");
    }

    #[test]
    fn durations_are_short_and_exact() {
        let cases = [
            (Duration::ZERO, "0 s"),
            (Duration::from_secs(25), "25 s"),
            (Duration::from_millis(1500), "1.5 s"),
            (Duration::from_millis(50), "50 ms"),
            (Duration::from_micros(2500), "2.5 ms"),
            (Duration::from_nanos(1), "0.000001 ms"),
        ];
        for (time, text) in cases {
            assert_eq!(duration(time), text);
            assert_eq!(parse_duration(text), Some(time));
        }
    }

    #[test]
    fn shows_what_a_terminal_hides() {
        assert_eq!(visible("GET / HTTP/1.1\r\n"), r"GET / HTTP/1.1\r\n");
        assert_eq!(
            visible("a\tb\\ \u{7f}\u{202e}é "),
            r"a\tb\\ \u{7f}\u{202e}é\u{20}"
        );
    }

    #[test]
    fn long_bytes_are_elided() {
        assert_eq!(hex(b""), "");
        assert_eq!(hex(b"hel"), "68 65 6c");
        assert_eq!(hex(&[0x61; 32]).len(), 95);
        assert_eq!(
            hex(&[0x61; 1 << 20]),
            "1048576 bytes: 61 61 61 61 61 61 61 61 …"
        );
    }

    fn name() -> impl Strategy<Value = String> {
        "[^\\s\\p{C}+][^\\s\\p{C}]{0,7}"
    }

    fn first_line() -> impl Strategy<Value = String> {
        "[^\\s\\p{C}]([^\\p{C}]{0,20}[^\\s\\p{C}])?"
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let further = prop::collection::vec("([^\\p{C}]{0,20}[^\\s\\p{C}])?", 0..4);
        prop_oneof![
            (name(), name(), first_line(), further, first_line()).prop_map(
                |(from, to, first, further, last)| {
                    let mut lines = vec![first];
                    if !further.is_empty() {
                        lines.extend(further);
                        lines.push(last);
                    }
                    Entry::Message { from, to, lines }
                }
            ),
            (name(), first_line()).prop_map(|(who, text)| Entry::Note { who, text }),
            any::<Duration>().prop_map(Entry::Elapsed),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(entries in prop::collection::vec(entry(), 0..8)) {
            let transcript = Transcript { entries };
            prop_assert_eq!(transcript.to_string().parse::<Transcript>(), Ok(transcript));
        }

        #[test]
        fn any_text_is_read_or_refused(source in "\\PC{0,40}(\n[ +→a-z]{0,20}){0,4}") {
            if let Ok(transcript) = source.parse::<Transcript>() {
                prop_assert_eq!(transcript.to_string().parse::<Transcript>(), Ok(transcript));
            }
        }

        #[test]
        fn what_is_made_visible_stays_on_one_line_and_can_be_undone(text in any::<String>()) {
            let shown = visible(&text);
            prop_assert!(!shown.contains(hidden));
            prop_assert_eq!(shown.trim_end(), &shown);
            prop_assert_eq!(undo(&shown), Some(text));
        }
    }

    /// Undoes [`visible`].
    fn undo(mut shown: &str) -> Option<String> {
        let mut text = String::new();
        while let Some(at) = shown.find('\\') {
            text.push_str(&shown[..at]);
            let rest = &shown[at + 1..];
            let (c, used) = match rest.chars().next()? {
                'n' => ('\n', 1),
                'r' => ('\r', 1),
                't' => ('\t', 1),
                '\\' => ('\\', 1),
                _ => {
                    let end = rest.find('}')?;
                    let code = u32::from_str_radix(rest[..end].strip_prefix("u{")?, 16).ok()?;
                    (char::from_u32(code)?, end + 1)
                }
            };
            text.push(c);
            shown = &rest[used..];
        }
        Some(text + shown)
    }
}
