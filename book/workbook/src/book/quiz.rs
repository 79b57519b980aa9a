//! A question: a fenced block in TOML, checked at build, readable with no script at all.
//!
//! ```toml
//! kind = "one"
//! question = "What goes into the hash?"
//!
//! [[option]]
//! text = "The key's 24 characters, then the GUID"
//! right = "The key is text."
//!
//! [[option]]
//! text = "The GUID, then the key"
//! mistake = "the GUID before the key"
//! ```
//!
//! | kind | the reader | an option |
//! |---|---|---|
//! | `one`, `several` | chooses | is shown |
//! | `receivers` | ticks who receives | is a participant: `ann` |
//! | `hex`, `text` | types bytes, or text | is an answer that is recognised |
//!
//! Each option says why it is `right` or `wrong`. A `mistake` is wrong, and its reason stands in
//! the chapter's lesson, under that name.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::block::{Block, Expanded};
use super::figure::colours;
use super::html::{escape, prose};
use super::lab::script;
use crate::problem::{Problem, line_at};
use crate::workspace::Lesson;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    kind: Kind,
    question: String,
    #[serde(rename = "option", default)]
    options: Vec<Spanned<Choice>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    One,
    Several,
    Receivers,
    Hex,
    Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    text: String,
    right: Option<String>,
    wrong: Option<String>,
    mistake: Option<String>,
}

/// An option whose reason is known.
struct Answer {
    text: String,
    right: bool,
    why: String,
}

/// Draws the question that the block holds.
pub fn expand(block: &Block<'_>) -> Expanded {
    let at = |offset: usize, message: String| {
        let line = block.line + line_at(block.body, offset);
        Problem::new(block.page, line, message)
    };
    let question: Question = toml::from_str(block.body).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        at(start, error.message().to_owned())
    })?;
    if question.question.trim().is_empty() {
        return Err(block.problem("the question is empty"));
    }
    let mut answers: Vec<Answer> = Vec::new();
    let mut seen = BTreeSet::new();
    for option in &question.options {
        let answer = answer(block, question.kind, option.get_ref())
            .map_err(|message| at(option.span().start, message))?;
        if !seen.insert(answer.text.clone()) {
            let message = format!("`{}` stands here twice", answer.text);
            return Err(at(option.span().start, message));
        }
        answers.push(answer);
    }
    let right = answers.iter().filter(|answer| answer.right).count();
    let wrong = answers.len() - right;
    let complaint = match question.kind {
        Kind::One if right != 1 || wrong < 2 => "one right option, and two wrong ones or more",
        Kind::Several if right < 1 || wrong < 1 || answers.len() < 3 => {
            "three options or more, some right and some wrong"
        }
        Kind::Receivers if answers.len() < 2 => "two participants or more",
        Kind::Hex | Kind::Text if right != 1 || wrong < 1 => {
            "one right answer, and a wrong one or more"
        }
        _ => return Ok(draw(block.page, &question, &answers)),
    };
    Err(block.problem(format!("this kind of question has {complaint}")))
}

/// Checks one option and finds its reason.
fn answer(block: &Block<'_>, kind: Kind, choice: &Choice) -> Result<Answer, String> {
    let text = choice.text.trim();
    let fits = match kind {
        Kind::Receivers => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()),
        Kind::Hex => hex(text).is_some(),
        Kind::One | Kind::Several | Kind::Text => !text.is_empty(),
    };
    if !fits {
        return Err(match kind {
            Kind::Receivers => format!("`{text}` is no participant's name: ann, bob, cat"),
            Kind::Hex => format!("`{text}` is not hex: two digits a byte, 81 02 68 69"),
            _ => "an option without a text".to_owned(),
        });
    }
    let text = match kind {
        Kind::Hex => hex(text).unwrap_or_default(),
        _ => text.to_owned(),
    };
    let (right, why) = match (&choice.right, &choice.wrong, &choice.mistake) {
        (Some(why), None, None) => (true, why.clone()),
        (None, Some(why), None) => (false, why.clone()),
        (None, None, Some(name)) => (false, reason(block, name)?),
        _ => {
            return Err(format!(
                "say why `{text}` is `right` or `wrong`, or which `mistake`"
            ));
        }
    };
    if why.trim().is_empty() {
        return Err(format!("say why `{text}` is right or wrong"));
    }
    Ok(Answer { text, right, why })
}

/// The reason of a typical mistake of the chapter's lesson.
fn reason(block: &Block<'_>, name: &str) -> Result<String, String> {
    #[derive(Deserialize)]
    struct Mistakes {
        mistake: Vec<Mistake>,
    }
    #[derive(Deserialize)]
    struct Mistake {
        name: String,
        why: String,
    }

    let stem = block.page.file_stem().unwrap_or_default().to_string_lossy();
    let lesson =
        Lesson::from_stem(&stem).ok_or("this page has no lesson to take a mistake from")?;
    let file = lesson.mistakes();
    let source = std::fs::read_to_string(block.root.join(&file))
        .map_err(|_| format!("there is no {}", file.display()))?;
    let Mistakes { mistake } =
        toml::from_str(&source).map_err(|error| error.message().to_owned())?;
    mistake
        .into_iter()
        .find(|mistake| mistake.name == name)
        .map(|mistake| mistake.why)
        .ok_or_else(|| format!("there is no mistake `{name}` in {}", file.display()))
}

/// Bytes as two digits each, with single blanks; `None` if it is not hex. `0x`, commas and colons
/// are what people type; quiz.js reads it the same way.
fn hex(text: &str) -> Option<String> {
    let digits: String = text
        .to_ascii_lowercase()
        .replace("0x", "")
        .replace([' ', ',', ':', '\n', '\t'], "");
    let whole = !digits.is_empty() && digits.len().is_multiple_of(2);
    if !whole || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let bytes: Vec<_> = (0..digits.len())
        .step_by(2)
        .map(|n| &digits[n..n + 2])
        .collect();
    Some(bytes.join(" "))
}

/// The question in one line: its options, and the answers in `<details>`.
fn draw(page: &Path, question: &Question, answers: &[Answer]) -> String {
    let stem = page.file_stem().unwrap_or_default().to_string_lossy();
    let key = format!("{stem}-{:08x}", fingerprint(&question.question));
    let kind = format!("{:?}", question.kind).to_lowercase();
    let mut html = format!(
        "<div class=\"quiz\" data-kind=\"{kind}\" data-key=\"{key}\"><fieldset><legend>{}</legend>",
        prose(question.question.trim())
    );
    let names: Vec<_> = answers.iter().map(|answer| answer.text.as_str()).collect();
    match question.kind {
        Kind::Hex | Kind::Text => {
            let label = match question.kind {
                Kind::Hex => "The bytes, in hex",
                _ => "Your answer",
            };
            html += &format!(
                "<label class=\"quiz-typed\">{label} <input type=\"text\" autocomplete=\"off\" autocapitalize=\"off\" spellcheck=\"false\"></label>"
            );
        }
        kind => {
            let input = if kind == Kind::One {
                "radio"
            } else {
                "checkbox"
            };
            let colours = colours(&names);
            html += "<ol role=\"list\">";
            for (n, answer) in answers.iter().enumerate() {
                let class = match kind {
                    Kind::Receivers => format!(" class=\"who-{}\"", colours[n].1),
                    _ => String::new(),
                };
                html += &format!(
                    "<li{class}><label><input type=\"{input}\" name=\"{key}\" value=\"{n}\"> <span>{}</span></label></li>",
                    prose(&answer.text)
                );
            }
            html += "</ol>";
        }
    }
    html += "</fieldset><details class=\"quiz-answers\"><summary>Answer</summary><ul>";
    for answer in answers {
        let (class, word) = match (question.kind, answer.right) {
            (Kind::Receivers, true) => ("right", "receives"),
            (Kind::Receivers, false) => ("wrong", "does not"),
            (_, true) => ("right", "right"),
            (_, false) => ("wrong", "wrong"),
        };
        let text = match question.kind {
            Kind::Hex | Kind::Text => format!("<code>{}</code>", escape(&answer.text)),
            _ => prose(&answer.text),
        };
        html += &format!(
            "<li class=\"quiz-{class}\"><span class=\"quiz-option\">{text}</span> <strong>{word}</strong>: <span class=\"quiz-why\">{}</span></li>",
            prose(answer.why.trim())
        );
    }
    html + "</ul></details></div>" + &script(page, "quiz")
}

/// FNV-1a: an answer is remembered under its question's text, in every version of this program.
fn fingerprint(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{expanded_in, miniature, put};

    fn drawn(quiz: &str) -> String {
        let dir = miniature("");
        put(
            &dir,
            "solutions/01-one/mistakes.toml",
            "[[mistake]]\nname = \"the `GUID` first\"\nwhy = \"Order counts.\"\n",
        );
        let page = format!("# One\n\n```quiz\n{quiz}\n```\n");
        expanded_in(&dir, "01-one.md", &page)
    }

    const ONE: &str = "kind = \"one\"\nquestion = \"What is `a<b`?\"\n\n[[option]]\ntext = \"True\"\nright = \"It is.\"\n\n[[option]]\ntext = \"False\"\nwrong = \"Look again.\"\n\n[[option]]\ntext = \"First\"\nmistake = \"the `GUID` first\"";

    #[test]
    fn a_question_is_readable_without_a_script() {
        let html = drawn(ONE);
        for part in [
            "<legend>What is <code>a&lt;b</code>?</legend>",
            "<input type=\"radio\" name=\"01-one-",
            "<details class=\"quiz-answers\"><summary>Answer</summary>",
            "<li class=\"quiz-right\"><span class=\"quiz-option\">True</span> <strong>right</strong>: <span class=\"quiz-why\">It is.</span></li>",
            "<span class=\"quiz-why\">Look again.</span>",
            "<span class=\"quiz-why\">Order counts.</span>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
        assert_eq!(html.trim().lines().count(), 3, "one line of HTML: {html}");
    }

    #[test]
    fn participants_have_their_colours_and_typed_bytes_one_spelling() {
        let receivers = "kind = \"receivers\"\nquestion = \"Who?\"\n[[option]]\ntext = \"ann\"\nwrong = \"The sender.\"\n[[option]]\ntext = \"bob\"\nright = \"Another.\"";
        let html = drawn(receivers);
        assert!(
            html.contains("<li class=\"who-bob\"><label><input type=\"checkbox\""),
            "{html}"
        );
        let bytes = "kind = \"hex\"\nquestion = \"Which?\"\n[[option]]\ntext = \"0x81,02:68 69\"\nright = \"So.\"\n[[option]]\ntext = \"8202\"\nwrong = \"Binary.\"";
        let html = drawn(bytes);
        assert!(
            html.contains("<code>81 02 68 69</code>") && html.contains("<code>82 02</code>"),
            "{html}"
        );
        assert!(!html.contains("radio") && html.contains("type=\"text\""));
    }

    #[test]
    fn names_the_line_of_what_is_wrong() {
        let cases = [
            ("kind = \"one\"\nquestion = ", ":5: "),
            (
                "kind = \"two\"\nquestion = \"?\"",
                ":4: unknown variant `two`",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\nhint = \"!\"",
                ":6: unknown field `hint`",
            ),
            (
                "kind = \"one\"\nquestion = \" \"",
                ":3: the question is empty",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nright = \"b\"\nwhy = \"c\"",
                ":9: unknown field `why`",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"",
                ":6: say why `a` is `right` or `wrong`",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nright = \"b\"\nwrong = \"b\"",
                ":6: say why `a` is `right` or `wrong`",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nwrong = \" \"",
                ":6: say why `a` is right or wrong",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nmistake = \"none\"",
                ":6: there is no mistake `none` in solutions/01-one/mistakes.toml",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nright = \"b\"\n[[option]]\ntext = \"a\"\nwrong = \"b\"",
                ":9: `a` stands here twice",
            ),
            (
                "kind = \"one\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nright = \"b\"",
                ":3: this kind of question has one right option",
            ),
            (
                "kind = \"several\"\nquestion = \"?\"\n[[option]]\ntext = \"a\"\nright = \"b\"",
                ":3: this kind of question has three options",
            ),
            (
                "kind = \"receivers\"\nquestion = \"?\"\n[[option]]\ntext = \"Ann!\"\nright = \"b\"",
                ":6: `Ann!` is no participant's name",
            ),
            (
                "kind = \"hex\"\nquestion = \"?\"\n[[option]]\ntext = \"812\"\nright = \"b\"",
                ":6: `812` is not hex",
            ),
        ];
        for (quiz, expected) in cases {
            let said = drawn(quiz);
            assert!(
                said.starts_with(&format!("book/src/01-one.md{expected}")),
                "{quiz}\n{expected}\n{said}"
            );
        }
    }
}
