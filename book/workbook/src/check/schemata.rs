//! One program for all variants of a lesson, which chooses at run time: 'mutant schemata'.
//!
//! Compiling is what a variant costs. A function that variants change gets all of its bodies, the
//! reference's first, and a number in the environment tells which of them runs:
//!
//! ```text
//! pub fn half(n: u8) -> u8 { match crate::__variant(&[3, 7]) {
//! 0 => { n / 2 }
//! 1 => { n / 3 }
//! _ => { n }
//! } }
//! ```
//!
//! A variant that changes more than bodies of functions does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::functions::functions;
use crate::source::rust;

/// The environment variable that holds the number of the variant to run.
pub const CHOICE: &str = "WORKBOOK_VARIANT";

/// Generated code has its own warnings. What the solutions' are is said of the solutions.
const HEAD: &str = "#![allow(warnings)] ";

const CHOOSER: &str = r#"
/// The place of the chosen variant among `numbers`, counted from 1; 0 if it is none of them.
pub(crate) fn __variant(numbers: &[usize]) -> usize {
    static CHOSEN: ::std::sync::OnceLock<::std::option::Option<usize>> = ::std::sync::OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| ::std::env::var("{CHOICE}").ok()?.parse().ok());
    numbers.iter().position(|number| Some(*number) == *chosen).map_or(0, |at| at + 1)
}
"#;

/// The sources of a library that holds variants, by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    pub files: Files,
    /// Each variant's own bodies.
    bodies: Vec<Place>,
    /// The functions that they are the bodies of.
    functions: Vec<Place>,
}

/// Lines of a file, and a variant that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    file: PathBuf,
    lines: RangeInclusive<usize>,
    number: usize,
}

impl Place {
    fn holds(&self, file: &Path, line: usize) -> bool {
        self.file == file && self.lines.contains(&line)
    }
}

impl Schema {
    /// The reference with the variants that fit. No change but theirs is in it.
    pub fn new(reference: &Files, variants: &BTreeMap<usize, &Files>) -> Self {
        let mut schema = Self::default();
        let changes: BTreeMap<_, _> = variants
            .iter()
            .filter_map(|(number, files)| Some((*number, changes(reference, files)?)))
            .collect();
        for (path, bytes) in reference.iter() {
            let text = match rust(path, bytes) {
                Some(text) => schema.with_bodies(path, text, &changes),
                None => None,
            };
            let bytes = text.map_or(bytes.clone(), String::into_bytes);
            schema.files.insert(path.clone(), bytes);
        }
        if let Some(library) = schema.files.get_mut(Path::new("lib.rs")) {
            library.splice(..0, HEAD.bytes());
            library.extend(CHOOSER.replace("{CHOICE}", CHOICE).bytes());
        }
        schema
    }

    /// The numbers of the variants that are in it.
    pub fn numbers(&self) -> BTreeSet<usize> {
        self.bodies.iter().map(|place| place.number).collect()
    }

    /// The variants that an error is about which speaks of `places`: those with a body at the first
    /// place, which is the error's own, or else at any, or else those of a function that is there.
    pub fn at(&self, places: &[(PathBuf, usize)]) -> BTreeSet<usize> {
        let numbers = |all: &[Place], places: &[(PathBuf, usize)]| -> BTreeSet<_> {
            let is_at = |place: &&Place| places.iter().any(|(file, line)| place.holds(file, *line));
            let found = all.iter().filter(is_at);
            found.map(|place| place.number).collect()
        };
        let first = &places[..places.len().min(1)];
        let mut found = numbers(&self.bodies, first);
        for all in [&self.bodies, &self.functions] {
            if found.is_empty() {
                found = numbers(all, places);
            }
        }
        found
    }

    /// The file with all bodies of its functions, if variants change any.
    fn with_bodies(
        &mut self,
        path: &Path,
        text: &str,
        changes: &BTreeMap<usize, Changes>,
    ) -> Option<String> {
        let of_file: BTreeMap<usize, &BTreeMap<usize, String>> = changes
            .iter()
            .filter_map(|(number, changes)| Some((*number, changes.get(path)?)))
            .collect();
        if of_file.is_empty() {
            return None;
        }
        let mut written = String::new();
        let mut from = 0;
        for (index, body) in bodies(text).ok()?.into_iter().enumerate() {
            let others: Vec<_> = of_file
                .iter()
                .filter_map(|(number, changes)| Some((*number, changes.get(&index)?)))
                .collect();
            if others.is_empty() {
                continue;
            }
            written.push_str(&text[from..body.start]);
            let first = line_of_end(&written);
            let numbers: Vec<_> = others.iter().map(|(number, _)| *number).collect();
            written.push_str(&format!(
                " match crate::__variant(&{numbers:?}) {{\n0 => {{"
            ));
            written.push_str(&text[body.clone()]);
            for (at, (number, other)) in others.iter().enumerate() {
                let arm = match at + 1 == others.len() {
                    true => "_".to_string(),
                    false => (at + 1).to_string(),
                };
                written.push_str(&format!("\n}}\n{arm} => {{"));
                let first = line_of_end(&written);
                written.push_str(other);
                self.bodies.push(Place {
                    file: path.to_path_buf(),
                    lines: first..=line_of_end(&written),
                    number: *number,
                });
            }
            written.push_str("\n}\n} ");
            from = body.end;
            self.functions
                .extend(numbers.into_iter().map(|number| Place {
                    file: path.to_path_buf(),
                    lines: first..=line_of_end(&written),
                    number,
                }));
        }
        written.push_str(&text[from..]);
        Some(written)
    }
}

fn line_of_end(text: &str) -> usize {
    text.matches('\n').count() + 1
}

/// The bodies that a variant changes: by file, and by the function's place among its functions.
type Changes = BTreeMap<PathBuf, BTreeMap<usize, String>>;

/// What `variant` changes in `reference`; `None` if that is more than bodies of functions.
fn changes(reference: &Files, variant: &Files) -> Option<Changes> {
    let mut changes = Changes::new();
    if !reference.keys().eq(variant.keys()) {
        return None;
    }
    for ((path, old), new) in reference.iter().zip(variant.values()) {
        if old == new {
            continue;
        }
        let (old, new) = (rust(path, old)?, rust(path, new)?);
        let (old_bodies, new_bodies) = (bodies(old).ok()?, bodies(new).ok()?);
        if around(old, &old_bodies) != around(new, &new_bodies) {
            return None;
        }
        let changed = old_bodies.into_iter().zip(new_bodies).enumerate();
        let changed =
            changed.filter(|(_, (before, after))| old[before.clone()] != new[after.clone()]);
        let changed = changed.map(|(index, (_, after))| (index, new[after].to_string()));
        changes.insert(path.clone(), changed.collect());
    }
    (!changes.is_empty()).then_some(changes)
}

/// The text between the bodies.
fn around<'t>(text: &'t str, bodies: &[Range<usize>]) -> Vec<&'t str> {
    let starts = [0].into_iter().chain(bodies.iter().map(|body| body.end));
    let ends = bodies.iter().map(|body| body.start).chain([text.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| &text[start..end])
        .collect()
}

/// What is between the braces of each function that is in no other.
fn bodies(text: &str) -> syn::Result<Vec<Range<usize>>> {
    let mut end = 0;
    let all = functions(text)?.into_iter().map(|function| function.body);
    let outermost = all.filter(|body| {
        let is_outermost = body.start >= end;
        end = end.max(body.end);
        is_outermost
    });
    Ok(outermost.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "//! Docs.\n\nfn a() -> u8 {\n    1\n}\n\nimpl B {\n    fn b(self) -> u8 { fn inner() -> u8 { 2 } inner() }\n}\n\nconst C: u8 = 3;\n";

    fn files(text: &str) -> Files {
        let mut files = Files::default();
        files.insert("lib.rs".into(), text.into());
        files.insert("page.html".into(), b"page".to_vec());
        files
    }

    /// The schema of `SOLUTION` with a variant for each text that takes another's place in it.
    fn schema(changes: &[(&str, &str)]) -> Schema {
        let variants: Vec<_> = changes
            .iter()
            .map(|(find, replace)| {
                assert_eq!(SOLUTION.matches(find).count(), 1, "{find}");
                files(&SOLUTION.replace(find, replace))
            })
            .collect();
        Schema::new(&files(SOLUTION), &variants.iter().enumerate().collect())
    }

    fn text(schema: &Schema) -> String {
        String::from_utf8(schema.files[Path::new("lib.rs")].clone()).unwrap()
    }

    #[test]
    fn a_function_gets_the_bodies_of_its_variants() {
        let schema = schema(&[("    1\n", "    7\n"), ("{ 2 }", "{ 8 }"), ("    1\n", "9")]);
        assert_eq!(schema.numbers(), BTreeSet::from([0, 1, 2]));
        let text = text(&schema);
        assert!(syn::parse_file(&text).is_ok());
        let expected = "\
#![allow(warnings)] //! Docs.

fn a() -> u8 { match crate::__variant(&[0, 2]) {
0 => {
    1

}
1 => {
    7

}
_ => {
9
}
} }

impl B {
    fn b(self) -> u8 { match crate::__variant(&[1]) {
0 => { fn inner() -> u8 { 2 } inner() 
}
_ => { fn inner() -> u8 { 8 } inner() 
}
} }
}

const C: u8 = 3;
";
        let text = text
            .strip_prefix(expected)
            .unwrap_or_else(|| panic!("{text}"));
        assert!(text.contains("env::var(\"WORKBOOK_VARIANT\")"), "{text}");
        assert_eq!(schema.files[Path::new("page.html")], b"page");
    }

    #[test]
    fn what_changes_more_than_bodies_does_not_fit() {
        let schema = schema(&[
            ("u8 = 3", "u8 = 4"),
            ("fn a() -> u8", "fn a() -> u16"),
            ("const C", "use std::fmt;\nconst C"),
            ("    1\n}", "    1\n}\nfn more() {}"),
            ("    1\n", "    1 +\n"),
        ]);
        assert_eq!(schema.numbers(), BTreeSet::new());
        let mut other = files(SOLUTION);
        other.insert("page.html".into(), b"other".to_vec());
        let mut one_more = files(SOLUTION);
        one_more.insert("more.rs".into(), Vec::new());
        let variants = BTreeMap::from([(0, &other), (1, &one_more)]);
        let schema = Schema::new(&files(SOLUTION), &variants);
        assert_eq!(schema.numbers(), BTreeSet::new());
    }

    #[test]
    fn an_error_is_about_the_variants_at_its_places() {
        let schema = schema(&[("    1\n", "    7\n"), ("{ 2 }", "{ 8 }"), ("    1\n", "9")]);
        let at = |lines: &[usize]| {
            let places: Vec<_> = lines.iter().map(|line| ("lib.rs".into(), *line)).collect();
            schema.at(&places).into_iter().collect::<Vec<_>>()
        };
        assert_eq!(text(&schema).lines().nth(8), Some("    7"));
        assert_eq!(at(&[9]), [0]);
        assert_eq!(at(&[13]), [2]);
        // A note tells more than a place in the reference's body does.
        assert_eq!(at(&[13, 9]), [2]);
        assert_eq!(at(&[5, 9]), [0]);
        assert_eq!(at(&[1, 20]), [1]);
        // Every variant of the function, if it is not said which.
        assert_eq!(at(&[5]), [0, 2]);
        assert_eq!(at(&[3]), [0, 2]);
        assert!(at(&[1]).is_empty() && at(&[]).is_empty());
    }
}
