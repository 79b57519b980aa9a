//! A lesson's list of typical mistakes: `solutions/NN-topic/mistakes.toml`, read and applied.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::files::Files;
use crate::problem::{Problem, line_at};
use crate::workspace::{Lesson, Workbook};

/// A typical mistake: how to make it, which test catches it, and what that test says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub name: String,
    /// The function that it is made in.
    pub exercise: String,
    /// Why people make it, and why it is wrong.
    pub why: String,
    /// The full name of the test that catches it.
    pub test: String,
    /// In that test's output.
    pub says: String,
    pub changes: Vec<Change>,
    /// In the list.
    pub line: usize,
}

/// One place of a solution, made wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the solution's `src`.
    pub file: PathBuf,
    pub find: String,
    pub replace: String,
    /// In the list.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    mistake: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    exercise: String,
    why: String,
    test: String,
    says: String,
    file: Option<String>,
    find: Option<Spanned<String>>,
    replace: Option<String>,
    #[serde(default)]
    change: Vec<EntryChange>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryChange {
    file: Option<String>,
    find: Spanned<String>,
    replace: String,
}

/// Reads a lesson's list.
pub fn read(workbook: &Workbook, lesson: &Lesson) -> Result<Vec<Mistake>, Problem> {
    let file = lesson.mistakes();
    let text = workbook
        .read(&file)
        .map_err(|error| Problem::new(&file, None, format!("{:#}", error.root_cause())))?;
    parse(&file, &text)
}

/// Reads a list; the first error counts.
pub fn parse(file: &Path, text: &str) -> Result<Vec<Mistake>, Problem> {
    let line = |span: Range<usize>| line_at(text, span.start);
    let list: List = toml::from_str(text)
        .map_err(|error| Problem::new(file, error.span().map(line), error.message()))?;
    let mut names = BTreeSet::new();
    let mut mistakes = Vec::new();
    for entry in list.mistake {
        let at = line(entry.name.span());
        let wrong = |message: String| Err(Problem::new(file, at, message));
        let name = entry.name.into_inner();
        let texts = [
            ("name", &name),
            ("exercise", &entry.exercise),
            ("why", &entry.why),
            ("test", &entry.test),
            ("says", &entry.says),
        ];
        if let Some((key, _)) = texts.iter().find(|(_, text)| text.trim().is_empty()) {
            return wrong(format!("`{key}` is empty"));
        }
        if !names.insert(name.clone()) {
            return wrong(format!("a second mistake named `{name}`"));
        }
        let alone = (entry.file, entry.find, entry.replace);
        let places = places(file, text, (&name, at), alone, entry.change)?;
        mistakes.push(Mistake {
            name,
            exercise: entry.exercise,
            why: entry.why,
            test: entry.test,
            says: entry.says,
            changes: places,
            line: at,
        });
    }
    Ok(mistakes)
}

/// The changes of an entry: its own `find` and `replace`, and its list.
fn places(
    list: &Path,
    text: &str,
    (name, at): (&str, usize),
    (file, find, replace): (Option<String>, Option<Spanned<String>>, Option<String>),
    more: Vec<EntryChange>,
) -> Result<Vec<Change>, Problem> {
    let mut changes = Vec::new();
    match (find, replace) {
        (Some(find), Some(replace)) => changes.push(EntryChange {
            file,
            find,
            replace,
        }),
        (None, None) if file.is_none() => {}
        _ => {
            let message = "`find` and `replace` go together";
            return Err(Problem::new(list, at, message));
        }
    }
    changes.extend(more);
    if changes.is_empty() {
        let message = format!("`{name}` changes nothing: no `find`, no list of changes");
        return Err(Problem::new(list, at, message));
    }
    let mut places = Vec::new();
    for change in changes {
        let line = line_at(text, change.find.span().start);
        let named = change.file.as_deref().unwrap_or("src/lib.rs");
        let Some(named) = named.strip_prefix("src/") else {
            let message = format!("`file` is not in src/: {named}");
            return Err(Problem::new(list, line, message));
        };
        let find = change.find.into_inner();
        if find.is_empty() || find == change.replace {
            let message = "`find` is empty, or the same as `replace`";
            return Err(Problem::new(list, line, message));
        }
        places.push(Change {
            file: named.into(),
            find,
            replace: change.replace,
            line,
        });
    }
    Ok(places)
}

/// A solution that is written differently, and as right as the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivalent {
    pub name: String,
    pub changes: Vec<Change>,
    /// In the list.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalents {
    #[serde(default)]
    equivalent: Vec<EquivalentEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EquivalentEntry {
    name: Spanned<String>,
    file: Option<String>,
    find: Option<Spanned<String>>,
    replace: Option<String>,
    #[serde(default)]
    change: Vec<EntryChange>,
}

/// Reads a lesson's `equivalents.toml`.
pub fn read_equivalents(workbook: &Workbook, lesson: &Lesson) -> Result<Vec<Equivalent>, Problem> {
    let file = lesson.equivalents();
    let text = workbook
        .read(&file)
        .map_err(|error| Problem::new(&file, None, format!("{:#}", error.root_cause())))?;
    parse_equivalents(&file, &text)
}

fn parse_equivalents(file: &Path, text: &str) -> Result<Vec<Equivalent>, Problem> {
    let list: Equivalents = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        Problem::new(file, line, error.message())
    })?;
    let entries = list.equivalent.into_iter();
    entries
        .map(|entry| {
            let line = line_at(text, entry.name.span().start);
            let name = entry.name.into_inner();
            let alone = (entry.file, entry.find, entry.replace);
            let changes = places(file, text, (&name, line), alone, entry.change)?;
            Ok(Equivalent {
                name,
                changes,
                line,
            })
        })
        .collect()
}

impl Equivalent {
    /// Rewrites a solution's files. The problem's place is in `list`.
    pub fn apply(&self, solution: &Files, list: &Path) -> Result<Files, Problem> {
        apply(&self.name, &self.changes, solution, list)
    }
}

impl Mistake {
    /// Makes the mistake in a solution's files. The problem's place is in `list`.
    pub fn apply(&self, solution: &Files, list: &Path) -> Result<Files, Problem> {
        apply(&self.name, &self.changes, solution, list)
    }

    /// Whether a test's `output` explains the mistake, however its lines are broken.
    pub fn is_explained_by(&self, output: &str) -> bool {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        flat(output).contains(&flat(&self.says))
    }
}

fn apply(name: &str, changes: &[Change], solution: &Files, list: &Path) -> Result<Files, Problem> {
    let mut files = solution.clone();
    for change in changes {
        let wrong = |message: String| {
            let message = format!("`{name}`: {message}");
            Problem::new(list, change.line, message)
        };
        let shown = format!("src/{}", change.file.display());
        let Some(bytes) = files.get_mut(&change.file) else {
            return Err(wrong(format!("the solution has no {shown}")));
        };
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        match text.matches(&change.find).count() {
            1 => *bytes = text.replace(&change.find, &change.replace).into_bytes(),
            0 => return Err(wrong(format!("`find` is not in {shown}"))),
            n => return Err(wrong(format!("`find` is {n} times in {shown}"))),
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "[[mistake]]\nname = \"n\"\nexercise = \"f\"\nwhy = \"w\"\ntest = \"f::t\"\nsays = \"s\"\n";

    fn parsed(text: &str) -> Result<Vec<Mistake>, String> {
        parse(Path::new("mistakes.toml"), text).map_err(|problem| problem.to_string())
    }

    fn solution(text: &str) -> Files {
        let mut files = Files::default();
        files.insert("lib.rs".into(), text.into());
        files.insert("x.rs".into(), b"other".to_vec());
        files
    }

    #[test]
    fn makes_its_changes() {
        let list = format!(
            "{HEAD}find = '''1'''\nreplace = '''2'''\n[[mistake.change]]\nfile = \"src/x.rs\"\nfind = \"o\"\nreplace = \"\"\n"
        );
        let mistakes = parsed(&list).unwrap();
        let wrong = mistakes[0]
            .apply(&solution("let a = 1;"), Path::new("m"))
            .unwrap();
        assert_eq!(wrong[Path::new("lib.rs")], b"let a = 2;");
        assert_eq!(wrong[Path::new("x.rs")], b"ther");
        assert_eq!(mistakes[0].line, 2);
        assert_eq!(mistakes[0].changes[1].line, 11);
    }

    #[test]
    fn text_that_is_not_there_exactly_once_is_refused() {
        let apply = |find: &str, file: &str| {
            let list = format!("{HEAD}file = \"{file}\"\nfind = \"{find}\"\nreplace = \"\"\n");
            let mistake = parsed(&list).unwrap().remove(0);
            let made = mistake.apply(&solution("a b a"), Path::new("m.toml"));
            made.unwrap_err().to_string()
        };
        assert_eq!(
            apply("c", "src/lib.rs"),
            "m.toml:8: `n`: `find` is not in src/lib.rs"
        );
        assert_eq!(
            apply("a", "src/lib.rs"),
            "m.toml:8: `n`: `find` is 2 times in src/lib.rs"
        );
        assert_eq!(
            apply("a", "src/y.rs"),
            "m.toml:8: `n`: the solution has no src/y.rs"
        );
    }

    #[test]
    fn an_explanation_may_run_over_lines() {
        let list = format!("{HEAD}find = \"a\"\nreplace = \"b\"\n");
        let mistake = parsed(&list.replace("\"s\"", "\"Got 56?  You\"")).unwrap();
        assert!(mistake[0].is_explained_by("28 characters. Got\n    56? You encoded"));
        assert!(!mistake[0].is_explained_by("28 characters. Got 5"));
    }

    #[test]
    fn errors_name_the_line() {
        let unknown = format!("{HEAD}find = \"a\"\nreplace = \"b\"\nsay = \"x\"\n");
        assert!(
            parsed(&unknown)
                .unwrap_err()
                .starts_with("mistakes.toml:9: unknown field `say`")
        );
        assert!(
            parsed("[[mistake]]\nname = 1\n")
                .unwrap_err()
                .starts_with("mistakes.toml:2: ")
        );
        assert!(
            parsed("[[mistake]]\nname = \"a\"\n")
                .unwrap_err()
                .starts_with("mistakes.toml:1: ")
        );
        assert!(
            parsed("a = = b")
                .unwrap_err()
                .starts_with("mistakes.toml:1: ")
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let change = "find = \"a\"\nreplace = \"b\"\n";
        let twice = format!("{HEAD}{change}{HEAD}{change}");
        let messages = [
            (
                HEAD.to_string(),
                "2: `n` changes nothing: no `find`, no list of changes",
            ),
            (
                format!("{HEAD}find = \"a\"\n"),
                "2: `find` and `replace` go together",
            ),
            (twice, "10: a second mistake named `n`"),
            (
                format!("{HEAD}{change}").replace("\"s\"", "\" \""),
                "2: `says` is empty",
            ),
            (
                format!("{HEAD}file = \"../x.rs\"\n{change}"),
                "8: `file` is not in src/: ../x.rs",
            ),
            (
                format!("{HEAD}find = \"a\"\nreplace = \"a\"\n"),
                "7: `find` is empty, or the same as `replace`",
            ),
        ];
        for (list, message) in messages {
            assert_eq!(
                parsed(&list).unwrap_err(),
                format!("mistakes.toml:{message}")
            );
        }
    }
}
