//! Every snapshot is used by a test, and none waits to be accepted.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;
use proc_macro2::{TokenStream, TokenTree};
use walkdir::WalkDir;

use super::subject::Subject;
use super::{Finding, count};
use crate::files::Files;
use crate::leftovers::is_leftover;
use crate::problem::Problem;
use crate::workspace::Workbook;

pub fn check(workbook: &Workbook, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let mut used = 0;
    for subject in subjects {
        let folders = [subject.lesson.dir(), subject.lesson.solution()];
        let mut names = BTreeSet::new();
        let mut snapshots: Vec<PathBuf> = Vec::new();
        for folder in folders.map(|folder| folder.join("tests")) {
            for (path, bytes) in Files::read(&workbook.path(&folder))?.iter() {
                let is_source = path.extension().is_some_and(|e| e == "rs");
                if is_source && let Ok(tokens) = String::from_utf8_lossy(bytes).parse() {
                    literals(tokens, &mut names);
                }
            }
            for entry in WalkDir::new(workbook.path(&folder)).sort_by_file_name() {
                let Ok(entry) = entry else { continue };
                let name = entry.file_name().to_string_lossy();
                let waits = waits(&name);
                let path = entry.path().strip_prefix(&workbook.root);
                if let Ok(path) = path
                    && entry.file_type().is_file()
                    && (waits || !is_leftover(&name))
                    && (waits
                        || path.iter().any(|part| part == "snapshots")
                        || name.contains(".snap"))
                {
                    snapshots.push(path.to_path_buf());
                }
            }
        }
        for path in snapshots {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let message = match name.strip_suffix(".snap") {
                Some(name) if names.contains(name) => {
                    used += 1;
                    continue;
                }
                Some(name) => format!("no test uses it: none has the text \"{name}\""),
                None if waits(&name) => "waits to be accepted or removed".to_string(),
                None => "is not a snapshot".to_string(),
            };
            problems.push(Problem::new(&path, None, message));
        }
    }
    Ok(Finding {
        looked_at: format!("{} in use", count(used, "snapshot")),
        problems,
    })
}

/// insta's names for what a test wrote.
fn waits(name: &str) -> bool {
    name.ends_with(".snap.new") || name.ends_with(".pending-snap")
}

/// The texts in a source, as they are written between the quotes.
fn literals(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                if let Some(text) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
                    found.insert(text.to_string());
                }
            }
            _ => {}
        }
    }
}
