//! Which exercises a test goes through: what fails there may only follow from one that it stands on.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::exercise::Exercise;
use crate::files::Files;
use crate::functions::functions;
use crate::lesson_tests::{Test, owner_name};
use crate::source::rust;

/// The functions that each function calls, by their names alone.
#[derive(Default, Clone)]
pub struct Calls(BTreeMap<String, BTreeSet<String>>);

impl Calls {
    /// Takes in the functions of these files, beside those of the same names.
    pub fn add(&mut self, files: &Files) {
        for text in files.iter().filter_map(|(path, bytes)| rust(path, bytes)) {
            for function in functions(text).unwrap_or_default() {
                let called = called(&text[function.body]);
                self.0.entry(function.name).or_default().extend(called);
            }
            if let Ok(tokens) = text.parse() {
                self.constants(tokens);
            }
        }
    }

    /// A constant may hold closures.
    fn constants(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                self.constants(group.stream());
            }
            let [TokenTree::Ident(word), TokenTree::Ident(name), rest @ ..] = &tokens[at..] else {
                continue;
            };
            if word == "const" || word == "static" {
                let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
                let end = rest.iter().position(is_end).unwrap_or(rest.len());
                let found = self.0.entry(name.to_string()).or_default();
                look(rest[..end].iter().cloned().collect(), found);
            }
        }
    }

    /// The exercises, by number, that `test` goes through and that stand before the one it belongs
    /// to: exercises stand in order, so nothing rests on a later one.
    pub fn below(&self, test: &Test, exercises: &[Exercise]) -> BTreeSet<usize> {
        let is_its = |e: &Exercise| owner_name(e, exercises) == test.module();
        let owner = exercises.iter().position(is_its);
        let mut below = self.through(test, exercises);
        below.retain(|at| owner.is_none_or(|owner| *at < owner));
        below
    }

    /// The exercises, by number, that `test` goes through.
    pub fn through(&self, test: &Test, exercises: &[Exercise]) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut open = vec![test.name.rsplit("::").next().unwrap_or(&test.name)];
        while let Some(name) = open.pop() {
            if seen.insert(name) {
                open.extend(self.0.get(name).into_iter().flatten().map(String::as_str));
            }
        }
        let reached = exercises
            .iter()
            .enumerate()
            .filter(|(_, e)| seen.contains(e.name.as_str()));
        reached.map(|(at, _)| at).collect()
    }
}

/// The names that a text calls, on whatever receiver, those at the end of a path, as in
/// `map(Self::f)`, and those of constants.
fn called(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if let Ok(tokens) = text.parse() {
        look(tokens, &mut found);
    }
    found
}

fn look(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => look(group.stream(), found),
            TokenTree::Ident(name) => {
                let is_call = matches!(
                    tokens.get(at + 1),
                    Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis
                );
                let is_sign = |at: Option<usize>| {
                    let token = at.and_then(|at| tokens.get(at));
                    matches!(token, Some(TokenTree::Punct(sign)) if sign.as_char() == ':')
                };
                let in_path = is_sign(at.checked_sub(1)) && is_sign(at.checked_sub(2));
                let is_constant = name.to_string().chars().all(|c| !c.is_lowercase());
                if is_call || in_path || is_constant {
                    found.insert(name.to_string());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_goes_through_what_its_helpers_and_the_lesson_call() {
        let files = |name: &str, text: &str| {
            let mut files = Files::default();
            files.insert(name.into(), text.into());
            files
        };
        let mut calls = Calls::default();
        calls.add(&files(
            "lib.rs",
            "fn one() {} fn two() { x.one() } fn three() { list.map(Self::two); } fn four() {}",
        ));
        calls.add(&files(
            "t.rs",
            "mod three { fn t() { helper() } fn helper() { four(); ROWS } const ROWS: [fn(); 1] = [|| three()]; }",
        ));
        let exercise = |name: &str| Exercise {
            name: name.into(),
            owner: None,
            file: "lib.rs".into(),
            line: 1,
            hint: String::new(),
        };
        let exercises = ["one", "two", "three", "four"].map(exercise);
        let test = Test {
            name: "three::t".into(),
            doc: String::new(),
            file: "t.rs".into(),
            line: 1,
            ignored: false,
        };
        // Not its own, and no later one.
        assert_eq!(calls.below(&test, &exercises), BTreeSet::from([0, 1]));
    }
}
