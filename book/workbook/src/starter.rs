//! Starters from solutions: takes the bodies of the exercises out and leaves the rest to the byte.
//!
//! An exercise is a function whose body begins with a comment `// Exercise: ...`. The comment is
//! the hint: it stays, and may run over several `//` lines. The rest becomes a `todo!` that names
//! the function and its inputs. A `drop` becomes empty instead: where it panics while another panic
//! unwinds, the test program ends without a word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::files::Files;
use crate::problem::{Problem, line_at};
use crate::workspace::{Lesson, Workbook};

const MARK: &str = "// Exercise: ";

/// A function that the learner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    pub name: String,
    /// The type whose method it is.
    pub owner: Option<String>,
    /// Relative to the workbook's root, in the solution.
    pub file: PathBuf,
    /// The line of its hint.
    pub line: usize,
    /// In one line.
    pub hint: String,
}

impl Exercise {
    /// The test module that owns the exercise when another exercise has the same name.
    pub fn long_name(&self) -> String {
        let mut long = String::new();
        for c in self.owner.as_deref().unwrap_or_default().chars() {
            if c.is_uppercase() && !long.is_empty() {
                long.push('_');
            }
            long.extend(c.to_lowercase());
        }
        match long.is_empty() {
            true => self.name.clone(),
            false => format!("{long}_{}", self.name),
        }
    }
}

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

/// The exercises whose function is still a `todo!` in `files`, or is gone from them.
pub fn open<'e>(files: &Files, exercises: &'e [Exercise]) -> Vec<&'e Exercise> {
    let mut written = BTreeSet::new();
    for (path, bytes) in files.iter() {
        let functions = rust(path, bytes).and_then(|text| functions(text).ok());
        for function in functions.unwrap_or_default() {
            if !function.only_todo {
                written.insert((function.owner, function.name));
            }
        }
    }
    let is_open = |e: &&Exercise| !written.contains(&(e.owner.clone(), e.name.clone()));
    exercises.iter().filter(is_open).collect()
}

/// The line of an exercise's function in a learner's file.
pub fn line(text: &str, exercise: &Exercise) -> Option<usize> {
    Some(line_at(text, function(text, exercise)?.body.start))
}

/// Each exercise's function in `files`, from its signature to its last brace, not indented.
///
/// It is looked for in the files that hold the exercises first: a learner may have moved it.
pub fn answers(files: &Files, exercises: &[Exercise]) -> Vec<Option<String>> {
    let mut answers = vec![None; exercises.len()];
    let holds = |path: &Path| exercises.iter().any(|e| e.file.ends_with(path));
    let (first, then): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| holds(path));
    for (path, bytes) in first.into_iter().chain(then) {
        let Some(text) = rust(path, bytes).filter(|_| answers.contains(&None)) else {
            continue;
        };
        let functions = functions(text).unwrap_or_default();
        for (answer, exercise) in answers.iter_mut().zip(exercises) {
            let found = functions.iter().find(|f| f.is(exercise));
            *answer = answer.take().or_else(|| found?.answer(text));
        }
    }
    answers
}

fn function(text: &str, exercise: &Exercise) -> Option<Function> {
    let mut functions = functions(text).ok()?.into_iter();
    functions.find(|f| f.is(exercise))
}

/// Whether a function with a hint is more than a `todo!` in `text`.
///
/// Text that is not Rust counts as written: better to keep too much.
pub fn has_an_answer(text: &str) -> bool {
    match functions(text) {
        Err(_) => true,
        Ok(functions) => functions
            .iter()
            .any(|f| f.hint(text).is_some() && !f.only_todo),
    }
}

/// The text of a Rust file; `None` for any other.
pub fn rust<'a>(path: &Path, bytes: &'a [u8]) -> Option<&'a str> {
    let is_rust = path.extension().is_some_and(|e| e == "rs");
    std::str::from_utf8(bytes).ok().filter(|_| is_rust)
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
            false => format!("\n{indent}{}{tail}", function.todo(indent.len())),
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

/// Drops the lines that mark listings for the book.
pub fn without_anchors(text: &str) -> String {
    let is_anchor = |line: &str| line.trim_start().starts_with("// ANCHOR");
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if !is_anchor(line) {
            out.push_str(line);
            continue;
        }
        // A marker between blank lines leaves one of them.
        while lines.peek().is_some_and(|line| is_anchor(line)) {
            lines.next();
        }
        let blank_before = out.is_empty() || out.ends_with("\n\n");
        if blank_before && lines.peek().is_some_and(|line| line.trim().is_empty()) {
            lines.next();
        }
    }
    out
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

/// A function with a body, as found in a source.
#[derive(Clone)]
struct Function {
    name: String,
    owner: Option<String>,
    /// Where its `fn` stands.
    start: usize,
    /// What is between the braces.
    body: Range<usize>,
    /// The names of the arguments that `{:?}` can show.
    shown: Vec<String>,
    only_todo: bool,
}

impl Function {
    fn is(&self, exercise: &Exercise) -> bool {
        self.name == exercise.name && self.owner == exercise.owner
    }

    /// The whole function, not indented.
    fn answer(&self, text: &str) -> Option<String> {
        let start = text[..self.start].rfind('\n').map_or(0, |at| at + 1);
        let lines = text.get(start..=self.body.end)?;
        let indent = lines.len() - lines.trim_start().len();
        let lines = lines.lines().map(|line| line.get(indent..).unwrap_or(""));
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Where the hint stands, if the body begins with one.
    fn hint(&self, text: &str) -> Option<Range<usize>> {
        let body = &text[self.body.clone()];
        let start = body.len() - body.trim_start().len();
        if !body[start..].starts_with(MARK) {
            return None;
        }
        let mut end = start;
        for line in body[start..].split_inclusive('\n') {
            let comment = line.trim_start();
            let plain = comment.starts_with("//")
                && !["///", "//!", "// ANCHOR"]
                    .iter()
                    .any(|p| comment.starts_with(p));
            if !plain {
                break;
            }
            end += line.len();
        }
        let end = body[..end].trim_end().len();
        Some(self.body.start + start..self.body.start + end)
    }

    fn is_drop(&self) -> bool {
        self.name == "drop" && self.owner.is_some()
    }

    /// `todo!("name({a:?})")`, broken as rustfmt would.
    fn todo(&self, indent: usize) -> String {
        let shown: Vec<_> = self.shown.iter().map(|a| format!("{{{a}:?}}")).collect();
        let path = match &self.owner {
            Some(owner) => format!("{owner}::{}", self.name),
            None => self.name.clone(),
        };
        let message = format!("\"{path}({})\"", shown.join(", "));
        let flat = format!("todo!({message})");
        if indent + flat.len() <= 100 {
            return flat;
        }
        let pad = " ".repeat(indent);
        format!("todo!(\n{pad}    {message}\n{pad})")
    }
}

/// The functions of a file. A text is parsed once: the book is built again at each save, and shows
/// sources that seldom change.
fn functions(text: &str) -> syn::Result<Vec<Function>> {
    static PARSED: Mutex<BTreeMap<String, Vec<Function>>> = Mutex::new(BTreeMap::new());
    let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(functions) = parsed().get(text) {
        return Ok(functions.clone());
    }
    let functions = parse(text)?;
    let mut parsed = parsed();
    if parsed.len() == MOST_PARSED {
        parsed.clear();
    }
    parsed.insert(text.to_owned(), functions.clone());
    Ok(functions)
}

/// More files than the workbook has, with what a day of edits adds.
const MOST_PARSED: usize = 1000;

fn parse(text: &str) -> syn::Result<Vec<Function>> {
    let file = syn::parse_file(text)?;
    let mut finder = Finder::default();
    finder.visit_file(&file);
    // The server parses at each save: let go of the copies that spans point into.
    drop(file);
    Ok(finder.found)
}

#[derive(Default)]
struct Finder {
    found: Vec<Function>,
    owner: Option<String>,
    /// The type parameters in scope.
    parameters: BTreeSet<String>,
}

impl Finder {
    fn function(&mut self, sig: &syn::Signature, block: &syn::Block) {
        let parameters = self.with_parameters(&sig.generics);
        let mut shown = Vec::new();
        for input in &sig.inputs {
            if let syn::FnArg::Typed(argument) = input {
                let mut bound = Bound::default();
                bound.visit_pat(&argument.pat);
                let mut opaque = Opaque {
                    parameters: &parameters,
                    found: false,
                };
                opaque.visit_type(&argument.ty);
                if !opaque.found {
                    shown.extend(bound.names);
                }
            }
        }
        let braces = &block.brace_token.span;
        self.found.push(Function {
            name: sig.ident.to_string(),
            owner: self.owner.clone(),
            start: sig.fn_token.span.byte_range().start,
            body: braces.open().byte_range().end..braces.close().byte_range().start,
            shown,
            only_todo: only_todo(block) || (sig.ident == "drop" && block.stmts.is_empty()),
        });
    }

    fn with_parameters(&self, generics: &syn::Generics) -> BTreeSet<String> {
        let mut all = self.parameters.clone();
        all.extend(generics.type_params().map(|p| p.ident.to_string()));
        all
    }

    /// Visits what is inside an item with its own type and type parameters.
    fn inside(
        &mut self,
        owner: Option<String>,
        parameters: BTreeSet<String>,
        visit: impl FnOnce(&mut Self),
    ) {
        let owner = std::mem::replace(&mut self.owner, owner);
        let parameters = std::mem::replace(&mut self.parameters, parameters);
        visit(self);
        self.owner = owner;
        self.parameters = parameters;
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        // A function inside a method is nobody's method, and sees no parameters but its own.
        self.inside(None, BTreeSet::new(), |finder| {
            finder.function(&item.sig, &item.block);
            visit::visit_item_fn(finder, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|s| s.ident.to_string()),
            _ => None,
        };
        let mut parameters = self.with_parameters(&item.generics);
        if !parameters.is_empty() {
            parameters.insert("Self".into());
        }
        self.inside(owner, parameters, |finder| {
            visit::visit_item_impl(finder, item)
        });
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        let mut parameters = self.with_parameters(&item.generics);
        parameters.insert("Self".into());
        let owner = Some(item.ident.to_string());
        self.inside(owner, parameters, |finder| {
            visit::visit_item_trait(finder, item)
        });
    }
}

/// The names that a pattern binds.
#[derive(Default)]
struct Bound {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for Bound {
    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        let name = pat.ident.to_string();
        // A pattern's `None` is a variant, not a name.
        if !name.starts_with('_') && !name.starts_with(char::is_uppercase) {
            self.names.push(name);
        }
        visit::visit_pat_ident(self, pat);
    }
}

/// Finds out whether a type may have no `Debug`: it holds a type parameter, `impl` or `dyn`.
struct Opaque<'p> {
    parameters: &'p BTreeSet<String>,
    found: bool,
}

impl<'ast> Visit<'ast> for Opaque<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().map(|s| s.ident.to_string());
        self.found |= first.is_some_and(|first| self.parameters.contains(&first));
        visit::visit_path(self, path);
    }

    fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
        self.found = true;
    }

    fn visit_type_trait_object(&mut self, _: &'ast syn::TypeTraitObject) {
        self.found = true;
    }
}

/// Whether a body is one `todo!` and nothing else.
fn only_todo(block: &syn::Block) -> bool {
    let is_todo = |mac: &syn::Macro| mac.path.is_ident("todo");
    match &block.stmts[..] {
        [syn::Stmt::Macro(stmt)] => is_todo(&stmt.mac),
        [syn::Stmt::Expr(syn::Expr::Macro(expr), _)] => is_todo(&expr.mac),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn anchors_leave_no_double_blank_lines() {
        let text = "// ANCHOR: a\nfn f() {}\n// ANCHOR_END: a\n\n// ANCHOR: b\n\nfn g() {}\n\n// ANCHOR_END: b\n// ANCHOR: c\n\nfn h() {}\n";
        assert_eq!(out(text), "fn f() {}\n\nfn g() {}\n\nfn h() {}\n");
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

    #[test]
    fn an_answer_is_told_from_a_starter() {
        assert!(!has_an_answer(
            "fn f() {\n    // Exercise: f.\n    todo!(\"f()\")\n}\nfn g() {}\n"
        ));
        assert!(!has_an_answer(
            "fn f() {\n    // Exercise: f.\n    todo!();\n}\n"
        ));
        assert!(has_an_answer("fn f() {\n    // Exercise: f.\n    1\n}\n"));
        assert!(has_an_answer("fn f( {"));
    }
}
