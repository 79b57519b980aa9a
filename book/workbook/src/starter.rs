//! Starters from solutions: takes the bodies of the exercises out and leaves the rest to the byte.
//!
//! An exercise is a function whose body begins with a comment `// Exercise: ...`. The comment is
//! the hint: it stays, and may run over several `//` lines. The rest becomes a `todo!` that names
//! the function and its inputs. A `drop` becomes empty instead: where it panics while another panic
//! unwinds, the test program ends without a word.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};

use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions::{Function, functions};
use crate::problem::{Problem, line_at};
use crate::source::{rust, without_anchors};
use crate::workspace::{Lesson, Workbook};

/// The solution's sources as the learner first meets them, and the exercises in them.
pub fn starter(workbook: &Workbook, lesson: &Lesson) -> Result<(Files, Vec<Exercise>)> {
    taken_out(workbook, lesson).map_err(|problem| anyhow!("{problem}"))
}

/// [`starter`], with the place of what is wrong.
pub fn taken_out(workbook: &Workbook, lesson: &Lesson) -> Result<(Files, Vec<Exercise>), Problem> {
    let src = lesson.solution_src();
    let mut files = solution(workbook, lesson)
        .map_err(|error| Problem::new(&src, None, format!("{error:#}")))?;
    let mut exercises = Vec::new();
    for (path, bytes) in files.iter_mut() {
        if let Some(text) = rust(path, bytes) {
            let taken = take_out(&src.join(path), text)?;
            *bytes = without_anchors(&taken.text).into_bytes();
            exercises.extend(taken.exercises);
        }
    }
    if !exercises.is_empty()
        && let Some(bytes) = files.get_mut(Path::new("lib.rs"))
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        *bytes = with_allowances(text).into_bytes();
    }
    rename(&mut files, lesson);
    Ok((files, exercises))
}

/// The solution's sources under the lesson's names.
pub fn reference(workbook: &Workbook, lesson: &Lesson) -> Result<Files> {
    let mut files = solution(workbook, lesson)?;
    adapt(&mut files, lesson);
    Ok(files)
}

/// Puts the lesson's names into a solution's files.
pub fn adapt(files: &mut Files, lesson: &Lesson) {
    for (path, bytes) in files.iter_mut() {
        if let Some(text) = rust(path, bytes) {
            *bytes = without_anchors(text).into_bytes();
        }
    }
    rename(files, lesson);
}

/// The solution's sources as they are.
pub fn solution(workbook: &Workbook, lesson: &Lesson) -> Result<Files> {
    let src = lesson.solution_src();
    Files::read(&workbook.path(&src)).with_context(|| format!("cannot read {}", src.display()))
}

/// The exercises of a lesson, in the order of the source.
pub fn exercises(workbook: &Workbook, lesson: &Lesson) -> Result<Vec<Exercise>> {
    Ok(starter(workbook, lesson)?.1)
}

fn rename(files: &mut Files, lesson: &Lesson) {
    let package = lesson.solution_package();
    let library = format!("{}_solution", lesson.crate_name());
    for bytes in files.values_mut() {
        if let Ok(text) = std::str::from_utf8(bytes) {
            *bytes = text
                .replace(&library, &lesson.crate_name())
                .replace(&package, &lesson.topic)
                .into_bytes();
        }
    }
}

struct Taken {
    text: String,
    exercises: Vec<Exercise>,
}

/// Replaces the body of each exercise in `text` by its hint and a `todo!`.
fn take_out(file: &Path, text: &str) -> Result<Taken, Problem> {
    let functions = functions(text).map_err(|error| {
        let line = error.span().start().line;
        Problem::new(file, line, format!("not Rust: {error}"))
    })?;
    let mut exercises = Vec::new();
    let mut hints = Vec::new();
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for function in &functions {
        let Some(hint) = function.hint(text) else {
            continue;
        };
        let line = line_at(text, hint.start);
        if let Some((outer, _)) = edits.iter().find(|(edit, _)| edit.contains(&hint.start)) {
            let outer = line_at(text, outer.start);
            let message =
                format!("this exercise is inside the exercise that ends its hint on line {outer}");
            return Err(Problem::new(file, line, message));
        }
        let indent = " ".repeat(hint.start - (text[..hint.start].rfind('\n').map_or(0, |n| n + 1)));
        let closing = text[..function.body.end].trim_end().len();
        let tail = &text[closing..function.body.end];
        let tail = match tail.contains('\n') {
            true => &tail[tail.rfind('\n').unwrap_or(0)..],
            false => tail,
        };
        let edit = match function.is_drop() {
            true => tail.to_string(),
            false => format!("\n{indent}{}{tail}", todo(function, indent.len())),
        };
        edits.push((hint.end..function.body.end, edit));
        exercises.push(Exercise {
            name: function.name.clone(),
            owner: function.owner.clone(),
            file: file.to_path_buf(),
            line,
            hint: one_line(&text[hint.clone()]),
        });
        hints.push(hint);
    }
    if let Some(stray) = stray_mark(text, &hints) {
        let message = "`// Exercise:` is not the first thing in a function's body";
        return Err(Problem::new(file, line_at(text, stray), message));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (range, edit) in edits {
        out.push_str(&text[done..range.start]);
        out.push_str(&edit);
        done = range.end;
    }
    out.push_str(&text[done..]);
    Ok(Taken {
        text: out,
        exercises,
    })
}

fn one_line(hint: &str) -> String {
    let lines = hint
        .lines()
        .map(|line| line.trim().trim_start_matches("//").trim());
    let joined = lines.collect::<Vec<_>>().join(" ");
    joined.trim_start_matches("Exercise: ").to_string()
}

/// The first comment that looks like a hint, is none of `hints`, and is not inside a literal.
fn stray_mark(text: &str, hints: &[Range<usize>]) -> Option<usize> {
    let mut strays: Vec<_> = text
        .match_indices("//")
        .filter(|(at, _)| {
            let words = text[at + 2..].trim_start_matches([' ', '\t']).as_bytes();
            words.len() > 8 && words[..9].eq_ignore_ascii_case(b"exercise:")
        })
        .map(|(at, _)| at)
        .filter(|at| !hints.iter().any(|hint| hint.start == *at))
        .collect();
    if !strays.is_empty() {
        let mut literals = Vec::new();
        if let Ok(tokens) = text.parse::<TokenStream>() {
            spans(tokens, &mut literals);
        }
        strays.retain(|at| !literals.iter().any(|literal| literal.contains(at)));
    }
    strays.first().copied()
}

fn spans(tokens: TokenStream, found: &mut Vec<Range<usize>>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => spans(group.stream(), found),
            token => found.push(token.span().byte_range()),
        }
    }
}

/// What only unwritten answers cause, in the form that rustfmt gives it.
const ALLOWANCES: &str = "\
#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = \"until every exercise is solved\"
)]
";

/// Silences these warnings, right after the `//!` docs.
fn with_allowances(text: &str) -> String {
    let docs: usize = text
        .split_inclusive('\n')
        .take_while(|line| line.starts_with("//!"))
        .map(str::len)
        .sum();
    let (docs, rest) = text.split_at(docs);
    let gap = if docs.is_empty() { "" } else { "\n" };
    let rest = rest.trim_start_matches('\n');
    format!("{docs}{gap}{ALLOWANCES}\n{rest}")
}

/// `todo!("name({a:?})")`, broken as rustfmt would.
fn todo(function: &Function, indent: usize) -> String {
    let shown: Vec<_> = function
        .shown
        .iter()
        .map(|a| format!("{{{a}:?}}"))
        .collect();
    let path = match &function.owner {
        Some(owner) => format!("{owner}::{}", function.name),
        None => function.name.clone(),
    };
    let message = format!("\"{path}({})\"", shown.join(", "));
    let flat = format!("todo!({message})");
    if indent + flat.len() <= 100 {
        return flat;
    }
    let pad = " ".repeat(indent);
    format!("todo!(\n{pad}    {message}\n{pad})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::has_an_answer;

    fn out(text: &str) -> String {
        match take_out(Path::new("lib.rs"), text) {
            Ok(taken) => without_anchors(&taken.text),
            Err(problem) => problem.to_string(),
        }
    }

    fn inputs(signature: &str) -> String {
        let text = format!("{signature} {{\n    // Exercise: h.\n    a\n}}\n");
        let out = out(&text);
        let todo = out.split("todo!(\"").nth(1).unwrap_or(&out);
        todo.split("\")").next().unwrap_or(&out).to_string()
    }

    #[test]
    fn the_body_goes_and_the_rest_stays_to_the_byte() {
        let text = "\
//! Docs — with é.

/// Adds `a`.\t
pub fn add(a: u8,   b: &str) -> u8 {
    // Exercise: add them,
    // both of them.

    // A remark.
    let x = \"}\"; /* { */
    a + 1
}

pub fn given() -> u8 { 1 }
";
        let expected = "\
//! Docs — with é.

/// Adds `a`.\t
pub fn add(a: u8,   b: &str) -> u8 {
    // Exercise: add them,
    // both of them.
    todo!(\"add({a:?}, {b:?})\")
}

pub fn given() -> u8 { 1 }
";
        assert_eq!(out(text), expected);
    }

    #[test]
    fn methods_name_their_type_and_leave_self_out() {
        let text = "\
impl Codec {
    pub fn next(&mut self, bytes: &[u8]) -> u8 {
        // Exercise: next.
        1
    }
}

trait Sized2 {
    async fn size(&self, n: u8, other: Self) -> u8 {
        // Exercise: size.
        1
    }
}
";
        let out = out(text);
        assert!(out.contains(
            "\n        // Exercise: next.\n        todo!(\"Codec::next({bytes:?})\")\n    }\n}\n"
        ));
        assert!(out.contains("todo!(\"Sized2::size({n:?})\")"));
    }

    #[test]
    fn a_drop_is_left_empty_and_counts_as_unwritten() {
        let text = |body| {
            format!(
                "impl Drop for Guard {{\n    fn drop(&mut self) {{\n        // Exercise: leave.\n{body}    }}\n}}\n"
            )
        };
        let (written, empty) = (text("        self.leave();\n"), text(""));
        assert_eq!(out(&written), empty);
        assert!(has_an_answer(&written));
        assert!(!has_an_answer(&empty));
    }

    #[test]
    fn only_inputs_that_debug_can_show_are_named() {
        assert_eq!(inputs("fn f()"), "f()");
        assert_eq!(inputs("async fn f<S: Read>(stream: S, n: u8)"), "f({n:?})");
        assert_eq!(inputs("fn f<S>(stream: &mut Vec<S>, n: S::Item)"), "f()");
        assert_eq!(
            inputs("fn f<'a, const N: usize>(a: &'a [u8; N])"),
            "f({a:?})"
        );
        assert_eq!(
            inputs("fn f(a: impl Fn(), b: Box<dyn Fn()>, c: u8)"),
            "f({c:?})"
        );
        assert_eq!(
            inputs("fn f<F>(a: F, b: Option<u8>) where F: Fn()"),
            "f({b:?})"
        );
        assert_eq!(inputs("fn f(r#type: u8)"), "f({r#type:?})");
    }

    #[test]
    fn a_pattern_shows_what_it_binds() {
        assert_eq!(inputs("fn f((a, b): (u8, u8))"), "f({a:?}, {b:?})");
        assert_eq!(
            inputs("fn f(State(hub): State<Hub>, _: u8, _b: u8)"),
            "f({hub:?})"
        );
        assert_eq!(inputs("fn f(Point { x, y: z }: Point)"), "f({x:?}, {z:?})");
        assert_eq!(inputs("fn f(mut a: u8)"), "f({a:?})");
    }

    #[test]
    fn a_generic_impl_hides_its_parameters_and_self() {
        let text = "\
impl<S> Peer<S> {
    fn f(s: S, other: Self, n: u8) {
        // Exercise: f.
        fn inner(n: S) {}
    }

    fn given(&self) {
        fn inner(s: S) {
            // Exercise: inner.
        }
    }
}
";
        let out = out(text);
        assert!(out.contains("todo!(\"Peer::f({n:?})\")"), "{out}");
        // A nested function is no method, and sees no parameter of its surroundings.
        assert!(out.contains("todo!(\"inner({s:?})\")"), "{out}");
        assert!(!out.contains("fn inner(n: S)"), "{out}");
    }

    #[test]
    fn a_hint_ends_before_code_docs_and_anchors() {
        let text = "\
fn f() {
    // Exercise: one
    // two.
    /// Docs.
    fn g() {}
}

fn h() {
    // Exercise: three.
    // ANCHOR: x
    1
    // ANCHOR_END: x
}
";
        let expected = "\
fn f() {
    // Exercise: one
    // two.
    todo!(\"f()\")
}

fn h() {
    // Exercise: three.
    todo!(\"h()\")
}
";
        assert_eq!(out(text), expected);
    }

    #[test]
    fn the_hint_is_known_in_one_line() {
        let text = "fn f() {\n    // Exercise: one\n    // two.\n}\n";
        let taken = take_out(Path::new("src/lib.rs"), text).ok().unwrap();
        let exercise = &taken.exercises[0];
        assert_eq!(exercise.hint, "one two.");
        assert_eq!((exercise.name.as_str(), exercise.line), ("f", 2));
    }

    #[test]
    fn a_mark_in_another_place_is_refused_with_its_line() {
        let late = "fn f() {\n    let a = 1;\n    // Exercise: late.\n}\n";
        let message = "`// Exercise:` is not the first thing in a function's body";
        assert_eq!(out(late), format!("lib.rs:3: {message}"));
        assert_eq!(
            out("fn f() {\n    //exercise: f.\n}\n"),
            format!("lib.rs:2: {message}")
        );
        assert_eq!(
            out("// Exercise: f.\nfn f() {}\n"),
            format!("lib.rs:1: {message}")
        );
        // Text is not a comment, and a remark about an exercise is not a mark.
        let text =
            "const A: &str = \"// Exercise: a\";\n/// // Exercise: b\nfn f() {} // Exercise 3\n";
        assert_eq!(out(text), text);
    }

    #[test]
    fn an_exercise_inside_an_exercise_is_refused() {
        let text =
            "fn f() {\n    // Exercise: f.\n    fn g() {\n        // Exercise: g.\n    }\n}\n";
        assert!(
            out(text).starts_with("lib.rs:4: this exercise is inside"),
            "{}",
            out(text)
        );
    }

    #[test]
    fn what_is_not_rust_is_refused_with_its_line() {
        assert!(out("fn f() {}\nfn g( {\n}\n").starts_with("lib.rs:2: not Rust: "));
    }

    #[test]
    fn a_long_todo_breaks_as_rustfmt_breaks_it() {
        // 4 for the indent, 16 for `todo!("f({:?})")`: 100 in all.
        let todo = |argument: usize| {
            let name = "a".repeat(argument);
            out(&format!("fn f({name}: u8) {{\n    // Exercise: f.\n}}\n"))
        };
        assert!(todo(80).contains("\n    todo!(\"f({aaa"));
        assert!(todo(81).contains("\n    todo!(\n        \"f({aaa"));
        assert!(todo(81).ends_with(":?})\"\n    )\n}\n"));
    }

    #[test]
    fn allowances_stand_after_the_docs() {
        let out = with_allowances("//! Docs.\n//! More.\n\nuse a::b;\n");
        assert_eq!(
            out,
            format!("//! Docs.\n//! More.\n\n{ALLOWANCES}\nuse a::b;\n")
        );
        assert_eq!(
            with_allowances("use a::b;\n"),
            format!("{ALLOWANCES}\nuse a::b;\n")
        );
    }
}
