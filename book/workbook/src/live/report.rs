//! What a failing test printed, taken apart. Its form is the kit's: `lessons/kit/src/coach.rs`.

/// A failing test's output in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The exercise is still a `todo!`.
    NotWritten {
        call: String,
        /// `lessons/02-handshake/src/lib.rs:41`
        place: String,
    },
    /// The whole of both texts, without a last line end.
    Compared {
        advice: String,
        expected: String,
        yours: String,
        place: String,
    },
    /// A panic, with what crossed the wire until then.
    Failed {
        advice: String,
        transcript: Option<String>,
    },
}

/// More than this of one test's output is not shown.
const MOST: usize = 40_000;

const COMPARISON: &str = "expected (-) and yours (+):\n";
const TRANSCRIPT: &str = "\n\nwhat crossed the wire until then:\n";

impl Report {
    pub fn read(output: &str) -> Self {
        let output = cut(output.trim_end());
        not_written(&output)
            .or_else(|| compared(&output))
            .unwrap_or_else(|| failed(&output))
    }
}

fn not_written(output: &str) -> Option<Report> {
    let at = output.find("not yet implemented")?;
    // What the learner's code printed may stand above.
    if at > 0 && !output[..at].ends_with('\n') {
        return None;
    }
    let (call, rest) = output[at..].split_once("\nWrite it at ")?;
    let (place, _) = rest.split_once("; its comments say how.")?;
    let call = call.trim_start_matches("not yet implemented");
    Some(Report::NotWritten {
        call: call.trim_start_matches(": ").to_owned(),
        place: place.to_owned(),
    })
}

fn compared(output: &str) -> Option<Report> {
    let (advice, rest) = output.split_once(COMPARISON)?;
    let (mut expected, mut yours) = (Vec::new(), Vec::new());
    let mut place = String::new();
    for line in rest.lines() {
        // A sign and a blank begin each line of the texts, empty ones too.
        let text = line.get(2..).unwrap_or_default();
        match line.as_bytes().first() {
            Some(b' ') => {
                expected.push(text);
                yours.push(text);
            }
            Some(b'-') => expected.push(text),
            Some(b'+') => yours.push(text),
            None => {}
            Some(_) => {
                place = line.to_owned();
                break;
            }
        }
    }
    Some(Report::Compared {
        advice: advice.trim().to_owned(),
        expected: expected.join("\n"),
        yours: yours.join("\n"),
        place,
    })
}

fn failed(output: &str) -> Report {
    match output.split_once(TRANSCRIPT) {
        Some((advice, transcript)) => Report::Failed {
            advice: advice.trim().to_owned(),
            transcript: Some(transcript.to_owned()),
        },
        None => Report::Failed {
            advice: output.to_owned(),
            transcript: None,
        },
    }
}

fn cut(output: &str) -> String {
    if output.len() <= MOST {
        return output.to_owned();
    }
    let mut end = MOST;
    while !output.is_char_boundary(end) {
        end -= 1;
    }
    let more = output.len() - end;
    format!(
        "{}\n… {more} bytes more; `cargo test` shows them.",
        &output[..end]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unwritten_exercise_has_its_call_and_place() {
        let report = Report::read(
            "my dbg line\nnot yet implemented: accept_key(\"abc\")\nWrite it at lessons/02-handshake/src/lib.rs:41; its comments say how.\n",
        );
        let expected = Report::NotWritten {
            call: "accept_key(\"abc\")".into(),
            place: "lessons/02-handshake/src/lib.rs:41".into(),
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn both_texts_are_whole() {
        let report = Report::read(
            "Look there.\n\nexpected (-) and yours (+):\n  one\n- two\n+ 2\n  \n+\n  last\n\nlessons/x.rs:7\n",
        );
        let expected = Report::Compared {
            advice: "Look there.".into(),
            expected: "one\ntwo\n\nlast".into(),
            yours: "one\n2\n\n\nlast".into(),
            place: "lessons/x.rs:7".into(),
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn what_crossed_the_wire_is_kept_apart() {
        let report = Report::read(
            "Answer each line.\n\nann waited.\nlessons/x.rs:7\n\nwhat crossed the wire until then:\nann → server   data hello\n",
        );
        let expected = Report::Failed {
            advice: "Answer each line.\n\nann waited.\nlessons/x.rs:7".into(),
            transcript: Some("ann → server   data hello".into()),
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn any_other_output_is_shown_as_it_is() {
        for output in ["", "thread 'x' panicked", "not yet implemented", "é"] {
            let expected = Report::Failed {
                advice: output.into(),
                transcript: None,
            };
            assert_eq!(Report::read(output), expected);
        }
    }

    #[test]
    fn very_long_output_is_cut_between_characters() {
        let long = "é".repeat(MOST);
        let Report::Failed { advice, .. } = Report::read(&long) else {
            panic!("not a comparison");
        };
        assert!(advice.len() < MOST + 100);
        assert!(advice.ends_with("bytes more; `cargo test` shows them."));
    }

    #[test]
    fn the_kit_speaks_in_this_form() {
        let source = include_str!("../../../../lessons/kit/src/coach.rs");
        for form in [
            "not yet implemented",
            "\\nWrite it at {place}; its comments say how.",
            "expected (-) and yours (+):\\n",
            "\\n\\nwhat crossed the wire until then:\\n",
        ] {
            assert!(source.contains(form), "{form}");
        }
    }
}
