//! The tests of a lesson, read off its source: names, sentences, and the exercise that owns each.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Item, Lit, Meta};

use crate::exercise::Exercise;
use crate::problem::Problem;
use crate::workspace::{Lesson, Workbook};

/// Tests of the lesson as a whole: they fail until all is written.
pub const WHOLE: &str = "whole";
/// Tests of what the lesson gives: they may pass from the start.
pub const GIVEN: &str = "given";

/// A test as the source states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// As libtest prints it: `accept_key::answers_the_example_of_the_rfc`.
    pub name: String,
    /// The trap, or the section of the RFC.
    pub doc: String,
    /// Relative to the workbook's root.
    pub file: PathBuf,
    pub line: usize,
    /// Marked `#[ignore]`.
    pub ignored: bool,
}

impl Test {
    /// The first module: an exercise, `whole` or `given`; empty for a test outside of any.
    pub fn module(&self) -> &str {
        self.name.split_once("::").map_or("", |(module, _)| module)
    }

    /// The name as a sentence: `answers the example of the rfc`.
    pub fn sentence(&self) -> String {
        let name = self.name.rsplit("::").next().unwrap_or(&self.name);
        name.replace('_', " ")
    }
}

/// The tests of a lesson, in the order of the source.
pub fn tests(workbook: &Workbook, lesson: &Lesson) -> Result<Vec<Test>, Problem> {
    let (file, _) = workbook.test_target(lesson);
    let mut tests = Vec::new();
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    read(&workbook.root, &file, &folder, "", &mut tests)?;
    Ok(tests)
}

/// The modules that may hold tests, each with its exercise.
///
/// An exercise owns the module of its name, or, if two exercises have that name, the one that
/// begins with its type: `header_encode` for `Header::encode`.
pub fn owners(exercises: &[Exercise]) -> BTreeMap<String, &Exercise> {
    let owner = |exercise| (owner_name(exercise, exercises), exercise);
    exercises.iter().map(owner).collect()
}

/// The module that an exercise owns. Among `exercises`, nothing else has this name.
pub fn owner_name(exercise: &Exercise, exercises: &[Exercise]) -> String {
    let same = exercises.iter().filter(|e| e.name == exercise.name).count();
    match same {
        1 => exercise.name.clone(),
        _ => exercise.long_name(),
    }
}

fn read(
    root: &Path,
    file: &Path,
    children: &Path,
    module: &str,
    tests: &mut Vec<Test>,
) -> Result<(), Problem> {
    let text = fs::read_to_string(root.join(file))
        .map_err(|error| Problem::new(file, None, format!("cannot read it: {error}")))?;
    let parsed = syn::parse_file(&text)
        .map_err(|e| Problem::new(file, e.span().start().line, format!("not Rust: {e}")))?;
    add(root, file, children, module, &parsed.items, tests)
}

fn add(
    root: &Path,
    file: &Path,
    children: &Path,
    module: &str,
    items: &[Item],
    tests: &mut Vec<Test>,
) -> Result<(), Problem> {
    let full = |name: &dyn std::fmt::Display| match module {
        "" => name.to_string(),
        _ => format!("{module}::{name}"),
    };
    for item in items {
        match item {
            Item::Fn(function) if has(&function.attrs, "test") => tests.push(Test {
                name: full(&function.sig.ident),
                doc: doc(&function.attrs),
                file: file.to_path_buf(),
                line: function.sig.ident.span().start().line,
                ignored: has(&function.attrs, "ignore"),
            }),
            Item::Mod(item) => {
                let name = item.ident.to_string();
                let inside = children.join(&name);
                if let Some((_, items)) = &item.content {
                    add(root, file, &inside, &full(&name), items, tests)?;
                    continue;
                }
                let found = match value(&item.attrs, "path") {
                    Some(path) => file.with_file_name(path),
                    None if root.join(inside.with_extension("rs")).is_file() => {
                        inside.with_extension("rs")
                    }
                    None => inside.join("mod.rs"),
                };
                let own_folder = match found.file_name().is_some_and(|name| name == "mod.rs") {
                    true => found.with_file_name(""),
                    false if value(&item.attrs, "path").is_some() => found.with_file_name(""),
                    false => inside,
                };
                if !root.join(&found).is_file() {
                    let line = item.ident.span().start().line;
                    return Err(Problem::new(
                        file,
                        line,
                        format!("no file for `mod {name}`"),
                    ));
                }
                read(root, &found, &own_folder, &full(&name), tests)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn has(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| {
        let last = attr.path().segments.last();
        last.is_some_and(|segment| segment.ident == name)
    })
}

/// The text of `#[name = "text"]`.
fn value(attrs: &[Attribute], name: &str) -> Option<String> {
    attrs.iter().find_map(|attr| text(attr, name))
}

fn text(attr: &Attribute, name: &str) -> Option<String> {
    match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident(name) => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| text(attr, "doc"));
    let lines: Vec<_> = lines.map(|line| line.trim().to_string()).collect();
    lines.join(" ").trim().to_string()
}

#[cfg(test)]
mod tests_of_the_listing {
    use super::*;

    fn listed(sources: &[(&str, &str)]) -> Result<Vec<Test>, String> {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in sources {
            let path = dir.path().join("lessons/02-handshake").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let workbook = Workbook {
            root: dir.path().into(),
            lessons: Vec::new(),
        };
        let lesson = Lesson::from_stem("02-handshake").unwrap();
        tests(&workbook, &lesson).map_err(|problem| problem.to_string())
    }

    fn exercise(name: &str, owner: Option<&str>) -> Exercise {
        Exercise {
            name: name.into(),
            owner: owner.map(Into::into),
            file: "lib.rs".into(),
            line: 1,
            hint: String::new(),
        }
    }

    #[test]
    fn a_test_has_a_name_a_sentence_and_a_doc() {
        let source = "mod accept_key {\n    use super::*;\n    /// A key is text.\n    /// Do not decode it.\n    #[test]\n    fn answers_the_example() {}\n    fn helper() {}\n    #[tokio::test(start_paused = true)]\n    #[ignore = \"slow\"]\n    async fn ends() {}\n}\n";
        let tests = listed(&[("tests/handshake/main.rs", source)]).unwrap();
        assert_eq!(tests[0].name, "accept_key::answers_the_example");
        assert_eq!(tests[0].module(), "accept_key");
        assert_eq!(tests[0].sentence(), "answers the example");
        assert_eq!(tests[0].doc, "A key is text. Do not decode it.");
        assert_eq!((tests[0].line, tests[0].ignored), (6, false));
        assert_eq!(tests[1].name, "accept_key::ends");
        assert!(tests[1].ignored);
        assert_eq!(tests.len(), 2);
    }

    #[test]
    fn modules_in_files_of_their_own_are_followed() {
        let test = "#[test]\nfn t() {}\n";
        let tests = listed(&[
            (
                "tests/handshake/main.rs",
                "mod a;\nmod b;\n#[path = \"c/d.rs\"]\nmod c;\nmod e { mod f; }\n#[test]\nfn t() {}\n",
            ),
            ("tests/handshake/a.rs", "#[test]\nfn t() {}\nmod g;\n"),
            ("tests/handshake/a/g.rs", test),
            ("tests/handshake/b/mod.rs", "#[test]\nfn t() {}\nmod h;\n"),
            ("tests/handshake/b/h.rs", test),
            ("tests/handshake/c/d.rs", test),
            ("tests/handshake/e/f.rs", test),
        ])
        .unwrap();
        let names: Vec<_> = tests.iter().map(|t| t.name.as_str()).collect();
        assert_eq!(
            names,
            ["a::t", "a::g::t", "b::t", "b::h::t", "c::t", "e::f::t", "t"]
        );
        assert_eq!(tests[6].module(), "");
    }

    #[test]
    fn what_is_missing_or_not_rust_is_named() {
        let message = listed(&[("tests/handshake/main.rs", "\nmod gone;\n")]).unwrap_err();
        assert_eq!(
            message,
            "lessons/02-handshake/tests/handshake/main.rs:2: no file for `mod gone`"
        );
        let message =
            listed(&[("tests/handshake/main.rs", "fn f() {\n  let = 1;\n}")]).unwrap_err();
        assert!(message.contains("main.rs:2: not Rust"), "{message}");
        let message = listed(&[]).unwrap_err();
        assert!(message.contains("main.rs: cannot read it"), "{message}");
    }

    #[test]
    fn two_exercises_of_one_name_own_modules_with_their_types() {
        let all = [
            exercise("encode", Some("FrameHeader")),
            exercise("encode", Some("Message")),
            exercise("accept_key", None),
        ];
        let owners = owners(&all);
        let modules: Vec<_> = owners.keys().collect();
        assert_eq!(
            modules,
            ["accept_key", "frame_header_encode", "message_encode"]
        );
    }
}
