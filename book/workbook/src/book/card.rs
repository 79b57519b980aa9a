//! The card of an exercise: everything about it, in the place where its chapter explains it.
//!
//! ````text
//! ```exercise accept_key
//! [[call]]
//! name = "Sha1::update"
//! does = "Feeds more bytes to the hash."
//! docs = "https://docs.rs/sha1"
//! ```
//! ````
//!
//! The name is that of the exercise's test module. All else is optional: what its function calls that
//! the reader has not met, each with a link if there is one. ```` ```exercise whole ```` is the card
//! of the tests of the lesson as a whole.
//!
//! The contract and the signature come from the solution's source, the minutes from its manifest, the
//! hints and mistakes from its lists, and the tests, while `cargo workbook` runs, from the reader's
//! code.

use std::collections::BTreeMap;

use pulldown_cmark::{BrokenLink, Event, LinkType, Options, Parser, Tag};
use serde::Deserialize;

use super::block::{Block, Expanded};
use super::html::{escape, prose};
use super::mistakes;
use crate::about::about;
use crate::answers;
use crate::contract::Contract;
use crate::exercise::Exercise;
use crate::lesson_tests::{WHOLE, owner_name};
use crate::problem::{Problem, line_at};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// Begins each card in a chapter's HTML.
pub const BEGIN: &str = "<section class=\"card\"";

/// What the author says about an exercise that nothing else knows.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Notes {
    #[serde(rename = "call", default)]
    calls: Vec<Call>,
}

/// Something that the reader calls, and has not met.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    /// As it is called: `Sha1::update`.
    name: String,
    /// In Markdown, without a line end.
    does: String,
    /// A page of this book, or of the crate's documentation.
    docs: Option<String>,
}

/// One exercise's hints, each giving away more than the one before.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hints {
    pub question: String,
    pub pointer: String,
    pub nearly: String,
}

impl Hints {
    /// Each step's name, and its text.
    pub fn steps(&self) -> [(&'static str, &str); 3] {
        [
            ("A question", &self.question),
            ("A pointer", &self.pointer),
            ("Nearly the answer", &self.nearly),
        ]
    }
}

/// The hints of a lesson's exercises, by the names of their test modules.
pub fn hints(workbook: &Workbook, lesson: &Lesson) -> Result<BTreeMap<String, Hints>, Problem> {
    let file = lesson.hints();
    let text = workbook
        .read(&file)
        .map_err(|_| Problem::new(&file, None, "there is no such file"))?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line_at(&text, span.start));
        Problem::new(&file, line, error.message())
    })
}

/// Where a page links to an exercise's card.
pub fn anchor(name: &str) -> String {
    format!("exercise-{name}")
}

/// Draws the card of the exercise that the block names.
pub fn expand(block: &Block<'_>) -> Expanded {
    let stem = block.page.file_stem().unwrap_or_default().to_string_lossy();
    let lesson = Lesson::from_stem(&stem).filter(|lesson| lesson.chapter() == block.page);
    let Some(lesson) = lesson else {
        return Err(block.problem("a card stands in its lesson's chapter"));
    };
    let notes: Notes = toml::from_str(block.body).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = block.line + line_at(block.body, start);
        Problem::new(block.page, line, error.message())
    })?;
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let name = block.arguments;
    if name == WHOLE {
        return Ok(whole(&lesson, &notes));
    }
    let (_, exercises) = starter::taken_out(&workbook, &lesson)?;
    let Some(exercise) = exercises.iter().find(|e| owner_name(e, &exercises) == name) else {
        let names: Vec<_> = exercises
            .iter()
            .map(|e| owner_name(e, &exercises))
            .collect();
        let message = format!("name an exercise: {}, or {WHOLE}", names.join(", "));
        return Err(block.problem(message));
    };
    exercise_card(&workbook, &lesson, exercise, name, &notes)
}

fn exercise_card(
    workbook: &Workbook,
    lesson: &Lesson,
    exercise: &Exercise,
    name: &str,
    notes: &Notes,
) -> Expanded {
    let contract = workbook.read(&exercise.file).ok();
    let contract = contract.and_then(|text| Contract::of(&text, exercise));
    let Some(Contract { docs, signature }) = contract else {
        let message = format!("`{name}` is not in its file");
        return Err(Problem::new(&exercise.file, exercise.line, message));
    };
    if docs.trim().is_empty() {
        let message = format!("`{name}` has no `///` that says what to write");
        return Err(Problem::new(&exercise.file, exercise.line, message));
    }
    let Some(minutes) = about(workbook, lesson)?.exercise(name) else {
        let message = format!("no minutes for the exercise `{name}`");
        return Err(Problem::new(lesson.solution_manifest(), None, message));
    };
    let mut card = begin(lesson, name, Some(minutes));
    card += &format!(
        "<p class=\"card-place\">{}</p>\n\n```rust\n{signature}\n```\n\n{}\n\n",
        place(workbook, lesson, exercise)?,
        without_item_links(&docs),
    );
    card += &command(lesson, name);
    card += &calls(&notes.calls);
    card += &no_tests(lesson, name);
    let Some(hints) = hints(workbook, lesson)?.remove(name) else {
        let message = format!("no hints for the exercise `{name}`");
        return Err(Problem::new(lesson.hints(), None, message));
    };
    card += "<div class=\"card-help hints\">";
    for (step, text) in hints.steps() {
        card += &format!(
            "<details><summary>Hint: {}</summary><p>{}</p></details>",
            step.to_lowercase(),
            prose(text.trim())
        );
    }
    card += "</div>";
    let made: Vec<_> = crate::mistakes::read(workbook, lesson)?
        .into_iter()
        .filter(|mistake| mistake.exercise == name || mistake.exercise == exercise.name)
        .collect();
    if !made.is_empty() {
        card += &format!(
            "<details class=\"card-mistakes\"><summary>Typical mistakes: {}</summary><div class=\"mistakes\">",
            made.len()
        );
        card.extend(made.iter().map(mistakes::draw));
        card += "</div></details>";
    }
    let solution = format!("solutions/{}.md", lesson.stem);
    if workbook.path("book/src").join(&solution).is_file() {
        card += &format!(
            "<p class=\"card-solution\">When its tests pass, compare with <a href=\"{solution}#{name}\">the solution</a>.</p>"
        );
    }
    Ok(card + "</section>")
}

/// The card of the tests that need every exercise.
fn whole(lesson: &Lesson, notes: &Notes) -> String {
    begin(lesson, WHOLE, None)
        + "<p>These tests use your functions together. They pass when every exercise is done.</p>\n\n"
        + &command(lesson, WHOLE)
        + &calls(&notes.calls)
        + &no_tests(lesson, WHOLE)
        + "</section>"
}

/// The card up to its title.
fn begin(lesson: &Lesson, name: &str, minutes: Option<(u32, bool)>) -> String {
    let (label, title) = match name {
        WHOLE => (
            "The lesson as a whole".to_owned(),
            "the lesson as a whole".to_owned(),
        ),
        name => (
            format!("Exercise {name}"),
            format!("<code>{}</code>", escape(name)),
        ),
    };
    let note = |text: &str| format!(" <span class=\"card-note\">{text}</span>");
    let notes = match minutes {
        None => String::new(),
        Some((minutes, is_optional)) => {
            let rank = if is_optional { "optional" } else { "core" };
            note(&format!("{minutes} minutes")) + &note(rank)
        }
    };
    format!(
        "{BEGIN} id=\"{}\" data-lesson=\"{}\" aria-label=\"{label}\">\
         <p class=\"card-title\"><b>Exercise</b> {title}{notes}</p>\n\n",
        anchor(name),
        escape(&lesson.stem),
    )
}

/// The file and line that the learner finds the exercise at, before the first edit.
fn place(workbook: &Workbook, lesson: &Lesson, exercise: &Exercise) -> Result<String, Problem> {
    let (starter, _) = starter::taken_out(workbook, lesson)?;
    let file = exercise.file.strip_prefix(lesson.solution_src());
    let file = file.unwrap_or(&exercise.file);
    let line = starter.get(file).and_then(|bytes| {
        let text = std::str::from_utf8(bytes).ok()?;
        answers::line(text, exercise)
    });
    let file = lesson.src().join(file);
    let file = file.to_string_lossy().replace('\\', "/");
    let line = line.map_or(String::new(), |line| {
        format!(", line {line} of the starter")
    });
    let owner = exercise.owner.as_ref().map_or(String::new(), |owner| {
        format!(
            "<code>{}::{}</code> in ",
            escape(owner),
            escape(&exercise.name)
        )
    });
    Ok(format!("{owner}<code>{}</code>{line}", escape(&file)))
}

/// mdBook puts a copy button on it.
fn command(lesson: &Lesson, name: &str) -> String {
    format!(
        "<div class=\"card-command\">\n\n```sh\ncargo test -p {} -- {name}::\n```\n\n</div>\n\n",
        lesson.topic
    )
}

fn calls(calls: &[Call]) -> String {
    if calls.is_empty() {
        return String::new();
    }
    let mut table = String::from("| new to you | what it does |\n|---|---|\n");
    for Call { name, does, docs } in calls {
        let name = match docs {
            Some(docs) => format!("[`{name}`]({docs})"),
            None => format!("`{name}`"),
        };
        let does = does.trim().replace('\n', " ");
        table += &format!("| {} | {} |\n", cell(&name), cell(&does));
    }
    table + "\n"
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Begins the place of an exercise's tests.
pub const TESTS: &str = "<div class=\"card-tests\" data-module=\"";

/// Around an exercise's tests.
pub fn tests(name: &str, inside: &str) -> String {
    format!("{TESTS}{}\">{inside}</div>", escape(name))
}

/// What stands there without a server.
fn no_tests(lesson: &Lesson, name: &str) -> String {
    let inside = format!(
        "<p>In <code>cargo workbook</code>, its tests appear here: they run each time you save \
         <code>lessons/{}/src</code>.</p>",
        escape(&lesson.stem),
    );
    tests(name, &inside)
}

/// Documentation without the links that only rustdoc can follow: [`Refusal`] is `Refusal`.
fn without_item_links(docs: &str) -> String {
    let unknown = |_: BrokenLink<'_>| Some(("".into(), "".into()));
    let parser = Parser::new_with_broken_link_callback(docs, Options::empty(), Some(unknown));
    let mut plain = String::with_capacity(docs.len());
    let mut from = 0;
    for (event, range) in parser.into_offset_iter() {
        let Event::Start(Tag::Link { link_type, .. }) = event else {
            continue;
        };
        let text = &docs[range.clone()];
        let end = match link_type {
            LinkType::ShortcutUnknown => text.len(),
            LinkType::CollapsedUnknown | LinkType::ReferenceUnknown => {
                text.rfind('[').unwrap_or(text.len())
            }
            _ => continue,
        };
        let text = text[..end].trim_start_matches('[').trim_end_matches(']');
        plain += &docs[from..range.start];
        plain += text;
        from = range.end;
    }
    plain + &docs[from..]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::book::preprocess;
    use crate::fixtures::{miniature, put};
    use crate::problem::list;

    const SOURCE: &str = "pub struct A;\nimpl A {\n    // ANCHOR: x\n    /// Doubles `n`, see [`A`] and [it][A].\n    ///\n    /// ```text\n    /// n * 2\n    ///\n    /// ```\n    pub fn twice(n: &u8) -> u8\n    where\n        u8: Copy,\n    {\n        // Exercise: double it.\n        // ANCHOR_END: x\n\n        n * 2\n    }\n}\n";
    const HINTS: &str = "[twice]\nquestion = \"What is `n`?\"\npointer = \"<p>\"\nnearly = \"*\"\n";
    const MISTAKES: &str = "[[mistake]]\nname = \"added\"\nexercise = \"twice\"\nwhy = \"Two.\"\ntest = \"twice::doubles\"\nsays = \"You added\"\nfind = \"n * 2\"\nreplace = \"n + 2\"\n[[mistake]]\nname = \"elsewhere\"\nexercise = \"other\"\nwhy = \"x\"\ntest = \"x::y\"\nsays = \"z\"\nfind = \"A;\"\nreplace = \"B;\"\n";

    fn drawn(source: &str, page: &str, block: &str) -> String {
        let dir = miniature("");
        put(&dir, "solutions/01-one/src/lib.rs", source);
        put(&dir, "solutions/01-one/hints.toml", HINTS);
        put(&dir, "solutions/01-one/mistakes.toml", MISTAKES);
        put(&dir, "book/src/solutions/01-one.md", "# S\n");
        preprocess::expand(dir.path(), Path::new(page), block)
            .unwrap_or_else(|problems| list(&problems))
    }

    const CHAPTER: &str = "book/src/01-one.md";

    #[test]
    fn a_card_has_all_about_its_exercise() {
        let notes = "[[call]]\nname = \"a|b\"\ndoes = \"Or.\"\ndocs = \"one.md\"\n\n[[call]]\nname = \"c\"\ndoes = \"Sees.\"\n";
        let card = drawn(SOURCE, CHAPTER, &format!("```exercise twice\n{notes}```\n"));
        assert_eq!(
            card,
            "<section class=\"card\" id=\"exercise-twice\" data-lesson=\"01-one\" aria-label=\"Exercise twice\">\
             <p class=\"card-title\"><b>Exercise</b> <code>twice</code> <span class=\"card-note\">5 minutes</span> \
             <span class=\"card-note\">core</span></p>\n\n\
             <p class=\"card-place\"><code>A::twice</code> in <code>lessons/01-one/src/lib.rs</code>, line 20 of the starter</p>\n\n\
             ```rust\npub fn twice(n: &u8) -> u8\nwhere\n    u8: Copy,\n```\n\n\
             Doubles `n`, see `A` and it.\n\n```text\nn * 2\n\n```\n\n\
             <div class=\"card-command\">\n\n```sh\ncargo test -p one -- twice::\n```\n\n</div>\n\n\
             | new to you | what it does |\n|---|---|\n| [`a\\|b`](one.md) | Or. |\n| `c` | Sees. |\n\n\
             <div class=\"card-tests\" data-module=\"twice\"><p>In <code>cargo workbook</code>, its tests appear here: \
             they run each time you save <code>lessons/01-one/src</code>.</p></div>\
             <div class=\"card-help hints\"><details><summary>Hint: a question</summary><p>What is <code>n</code>?</p></details>\
             <details><summary>Hint: a pointer</summary><p>&lt;p&gt;</p></details>\
             <details><summary>Hint: nearly the answer</summary><p>*</p></details></div>\
             <details class=\"card-mistakes\"><summary>Typical mistakes: 1</summary><div class=\"mistakes\">\
             <details><summary>Added</summary><p>Two.</p><p class=\"mistake-test\">The test <code>twice: doubles</code> \
             says: <q>You added</q></p></details></div></details>\
             <p class=\"card-solution\">When its tests pass, compare with <a href=\"solutions/01-one.md#twice\">the solution</a>.</p>\
             </section>\n"
        );
    }

    #[test]
    fn the_lesson_as_a_whole_has_a_card() {
        let card = drawn(SOURCE, CHAPTER, "```exercise whole\n```\n");
        assert!(card.contains("cargo test -p one -- whole::\n"), "{card}");
        assert!(card.contains("data-module=\"whole\""), "{card}");
        assert!(!card.contains("hints"), "{card}");
    }

    #[test]
    fn two_exercises_of_one_name_are_told_apart() {
        let method = "    /// C.\n    fn f() {\n        // Exercise: e.\n        1;\n    }\n";
        let source = format!("impl One {{\n{method}}}\nimpl Two {{\n{method}}}\n");
        let card = drawn(&source, CHAPTER, "```exercise f\n```\n");
        assert_eq!(
            card,
            "book/src/01-one.md:1: name an exercise: one_f, two_f, or whole"
        );
        let card = drawn(&source, CHAPTER, "```exercise two_f\n```\n");
        assert_eq!(
            card,
            "solutions/01-one/hints.toml: no hints for the exercise `two_f`"
        );
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert_eq!(
            drawn(SOURCE, "book/src/one.md", "# A\n\n```exercise twice\n```\n"),
            "book/src/one.md:3: a card stands in its lesson's chapter"
        );
        assert_eq!(
            drawn(
                SOURCE,
                CHAPTER,
                "```exercise twice\n\nrank = \"hard\"\n```\n"
            ),
            "book/src/01-one.md:3: unknown field `rank`, expected `call`"
        );
        let bare = SOURCE.replace("///", "//");
        assert_eq!(
            drawn(&bare, CHAPTER, "```exercise twice\n```\n"),
            "solutions/01-one/src/lib.rs:14: `twice` has no `///` that says what to write"
        );
    }
}
