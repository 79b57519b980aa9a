//! What the text of an answer shows beside its difference: whether it is the reference's but for
//! names, and which of the workbook's functions it does without.
//!
//! This informs. Short exercises are often written alike.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde::Serialize;
use syn::visit::{self, Visit};

use super::known::Known;
use crate::answers;
use crate::files::Files;
use crate::lesson_tests::owner_name;

/// Functions of the workbook that the reference calls in an exercise, and the answer does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCalled {
    pub exercise: String,
    pub functions: Vec<String>,
}

/// The exercises that are the reference's but for names, and what the others do not call.
pub fn all(known: &Known<'_>, theirs: &Files) -> (Vec<String>, Vec<NotCalled>) {
    let (mut same, mut not_called) = (Vec::new(), Vec::new());
    let open = answers::open(theirs, &known.exercises);
    let reference = answers::answers(&known.reference, &known.exercises);
    let theirs = answers::answers(theirs, &known.exercises);
    for ((exercise, reference), theirs) in known.exercises.iter().zip(reference).zip(theirs) {
        let (Some(reference), Some(theirs)) = (reference, theirs) else {
            continue;
        };
        if open.contains(&exercise) {
            continue;
        }
        let name = owner_name(exercise, &known.exercises);
        if same_but_for_names(&reference, &theirs) {
            same.push(name);
            continue;
        }
        let mut functions = calls(&reference);
        functions.retain(|function| {
            *function != exercise.name
                && known.functions.contains(function)
                && !names(&theirs).contains(function)
        });
        if !functions.is_empty() {
            not_called.push(NotCalled {
                exercise: name,
                functions: functions.into_iter().collect(),
            });
        }
    }
    (same, not_called)
}

/// Whether two functions differ in nothing but the names of variables.
fn same_but_for_names(one: &str, other: &str) -> bool {
    let (Some(ours), Some(theirs)) = (variables(one), variables(other)) else {
        return false;
    };
    let (one, other) = (tokens(one), tokens(other));
    let (mut there, mut back) = (BTreeMap::new(), BTreeMap::new());
    one.len() == other.len()
        && one.iter().zip(&other).all(|(a, b)| {
            match ours.contains(a) && theirs.contains(b) {
                // One name for one name, throughout.
                true => *there.entry(a).or_insert(b) == b && *back.entry(b).or_insert(a) == a,
                false => a == b,
            }
        })
}

/// The names that a function gives: to its arguments, and in patterns.
fn variables(function: &str) -> Option<BTreeSet<String>> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            let name = pattern.ident.to_string();
            // `None` and constants look like names in a pattern.
            if !name.starts_with(char::is_uppercase) {
                self.0.insert(name);
            }
            visit::visit_pat_ident(self, pattern);
        }
    }
    let function: syn::ImplItemFn = syn::parse_str(function).ok()?;
    let mut names = Names(BTreeSet::new());
    names.visit_impl_item_fn(&function);
    Some(names.0)
}

/// A text's tokens, however it is laid out. Comments are none.
fn tokens(text: &str) -> Vec<String> {
    fn add(tokens: TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    found.push(format!("{:?}", group.delimiter()));
                    add(group.stream(), found);
                    found.pop_if(|last| last == ",");
                    found.push("end".into());
                }
                token => found.push(token.to_string()),
            }
        }
    }
    let mut found = Vec::new();
    if let Ok(tokens) = text.parse() {
        add(tokens, &mut found);
    }
    found
}

fn names(text: &str) -> BTreeSet<String> {
    tokens(text).into_iter().collect()
}

/// The functions that a text calls: `f(..)`, `path::f(..)`, `self.f(..)`. What is called on another
/// receiver may be any type's.
fn calls(text: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let call = format!("{:?}", Delimiter::Parenthesis);
    let before = |at: usize, back: usize| at.checked_sub(back).map(|at| tokens[at].as_str());
    let calls = tokens.windows(2).enumerate().filter(|(at, pair)| {
        pair[1] == call
            && pair[0].starts_with(|c: char| c.is_alphabetic() || c == '_')
            && match before(*at, 1) {
                Some("fn") => false,
                Some(".") => before(*at, 2) == Some("self"),
                _ => true,
            }
    });
    calls.map(|(_, pair)| pair[0].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_names_are_no_difference_and_other_code_is() {
        let reference =
            "fn f(&self, key: &str) -> Option<u8> {\n    let (a, b) = g(key)?;\n    Some(a - b)\n}";
        let same = |theirs: &str| same_but_for_names(reference, theirs);
        assert!(same(reference));
        assert!(same(
            "fn f(&self, k: &str,) -> Option<u8> {\n    // Mine.\n    let (x, y) = g(k)?;\n    Some(x-y)\n}"
        ));
        for theirs in [
            // The other way round, another function, another type.
            "fn f(&self, k: &str) -> Option<u8> { let (x, y) = g(k)?; Some(y - x) }",
            "fn f(&self, k: &str) -> Option<u8> { let (x, y) = h(k)?; Some(x - y) }",
            "fn f(&self, k: &str) -> Option<u16> { let (x, y) = g(k)?; Some(x - y) }",
            "fn f(&self, k: &str) -> Option<u8> { let (x, x) = g(k)?; Some(x - x) }",
            "fn f(",
        ] {
            assert!(!same(theirs), "{theirs}");
        }
    }

    #[test]
    fn calls_are_those_of_functions_that_can_be_known() {
        let text =
            "fn f(&self) { assert!(lists(x)); frames::encode(y); self.push(1); list.push(2); z }";
        let calls: Vec<_> = calls(text).into_iter().collect();
        assert_eq!(calls, ["encode", "lists", "push"]);
        assert!(!super::calls("fn push() { list.push(2) }").contains("push"));
    }
}
