//! What the text of an answer shows beside its difference: whether it is the reference's but for
//! names, whether another learner's is the same, and which of the workbook's functions it does
//! without.
//!
//! This informs. Short exercises are often written alike.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde::Serialize;

use super::Learner;
use super::known::Known;
use super::reading::{self, variables};
use crate::answers;
use crate::files::Files;
use crate::lesson_tests::owner_name;

/// Functions of the workbook that the reference calls in an exercise, and the answer does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCalled {
    pub exercise: String,
    pub functions: Vec<String>,
}

/// The exercises that are the reference's but for names and the order of arms, and what the others
/// do not call. `theirs` are formatted.
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
        let read = reading::towards(&reference, &theirs);
        if same_but_for_names(&reference, &read) {
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

/// Marks the lessons of learners that are equal but for names, where not all of it is the
/// reference's.
pub fn mark_alike(learners: &mut [Learner]) {
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, learner) in learners.iter().enumerate() {
        let own = learner
            .lessons
            .iter()
            .filter(|row| !row.own_text.is_empty());
        for row in own {
            let key = (row.lesson.clone(), row.own_text.clone());
            alike.entry(key).or_default().push(index);
        }
    }
    let names: Vec<_> = learners
        .iter()
        .map(|learner| learner.name.clone())
        .collect();
    for ((lesson, _), group) in alike {
        for &index in &group {
            let others = group.iter().filter(|other| **other != index);
            let others = others.map(|other| names[*other].clone()).collect();
            let rows = &mut learners[index].lessons;
            if let Some(row) = rows.iter_mut().find(|row| row.lesson == lesson) {
                row.alike = others;
            }
        }
    }
}

/// The written answers that are not the reference's, with their variables numbered: two learners'
/// are equal but for names if these are. `same` are those that the reference has too.
pub fn own_text(known: &Known<'_>, theirs: &Files, same: &[String]) -> Vec<(String, Vec<String>)> {
    let open = answers::open(theirs, &known.exercises);
    let answers = answers::answers(theirs, &known.exercises);
    let mut own = Vec::new();
    for (exercise, answer) in known.exercises.iter().zip(answers) {
        let name = owner_name(exercise, &known.exercises);
        if let Some(answer) = answer
            && !open.contains(&exercise)
            && !same.contains(&name)
        {
            own.push((name, numbered(&answer)));
        }
    }
    own
}

fn numbered(text: &str) -> Vec<String> {
    let variables = variables(text).unwrap_or_default();
    let mut numbers = BTreeMap::new();
    let number = |token: String| match variables.contains(&token) {
        true => {
            let next = numbers.len();
            format!("variable {}", numbers.entry(token).or_insert(next))
        }
        false => token,
    };
    tokens(text).into_iter().map(number).collect()
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

/// A text's tokens, however it is laid out. Comments are none.
pub fn tokens(text: &str) -> Vec<String> {
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
    fn two_answers_are_equal_but_for_names() {
        let one = "fn f(n: u8) -> u8 { let m = n; n + m }";
        assert_eq!(
            numbered(one),
            numbered("fn f(a: u8,) -> u8 {\n    let b = a; a + b // x\n}")
        );
        assert_ne!(
            numbered(one),
            numbered("fn f(a: u8) -> u8 { let b = a; b + a }")
        );
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
