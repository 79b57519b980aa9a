//! What tests share: workbooks of a page or two, in a folder of their own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::book::preprocess::expand;
use crate::problem::list;
use crate::run::libtest::Outcome;
use crate::run::{End, Run, Verdict};
use crate::workspace::Workbook;

/// A workbook of one page, with the figures' lesson.
pub fn miniature(page: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    put(&dir, "book/book.toml", "[book]\ntitle = \"Miniature\"\n");
    put(
        &dir,
        "book/src/SUMMARY.md",
        "# Summary\n\n- [One](one.md)\n",
    );
    put(&dir, "book/src/one.md", page);
    put(
        &dir,
        "lessons/01-one/tests/snapshots/talk.snap",
        "---\nsource: tests/one/main.rs\nexpression: net.transcript()\n---\nann → server   ping\nserver → ann   pong\n",
    );
    put(
        &dir,
        "lessons/01-one/Cargo.toml",
        "[package]\nname = \"one\"\n",
    );
    put(
        &dir,
        "solutions/01-one/Cargo.toml",
        "[package]\nname = \"one-solution\"\n[package.metadata.workbook]\n\
         title = \"Lesson\"\nabout = \"one\"\nshow = 20\n\
         [package.metadata.workbook.core]\nf = 25\ntwice = 5\ntwo_f = 5\n[package.metadata.workbook.optional]\ng = 15\n",
    );
    put(&dir, "solutions/01-one/src/lib.rs", "//! Lesson 1: one.\n");
    dir
}

pub fn put(dir: &TempDir, path: &str, text: &str) {
    let path = dir.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A workbook of two lessons, the second on the first.
pub fn workbook() -> (TempDir, Workbook) {
    let dir = miniature("# One\n");
    put(&dir, "Cargo.toml", "[workspace]\n");
    put(&dir, "Cargo.lock", "version = 4\n");
    put(&dir, "lessons/kit/src/lib.rs", "//! The kit.\n");
    let tests = "mod f {\n    /// The trap.\n    #[test]\n    fn answers_the_first() {}\n    #[test]\n    fn answers_the_second() {}\n}\nmod g {\n    #[test]\n    fn counts() {}\n}\n";
    let solution = "//! Lesson 1: one.\n\npub fn f() {\n    // Exercise: answer.\n    1;\n}\n\npub fn g() {\n    // Exercise: count.\n    2;\n}\n";
    for (stem, topic, needs) in [
        ("01-one", "one", ""),
        ("02-two", "two", "[dependencies]\none.workspace = true\n"),
    ] {
        put(&dir, &format!("lessons/{stem}/Cargo.toml"), needs);
        put(
            &dir,
            &format!("lessons/{stem}/tests/{topic}/main.rs"),
            tests,
        );
        put(
            &dir,
            &format!("lessons/{stem}/src/lib.rs"),
            "pub fn f() {\n    todo!()\n}\n\npub fn g() {\n    todo!()\n}\n",
        );
        put(&dir, &format!("solutions/{stem}/src/lib.rs"), solution);
    }
    let workbook = Workbook::at(&dir.path().canonicalize().unwrap()).unwrap();
    (dir, workbook)
}

/// A page of the miniature workbook with its blocks drawn, or what is wrong with them.
pub fn expanded(content: &str) -> String {
    expanded_in(&miniature(""), "one.md", content)
}

/// A page of the workbook in `dir` with its blocks drawn, or what is wrong with them.
pub fn expanded_in(dir: &TempDir, page: &str, content: &str) -> String {
    let page = Path::new("book/src").join(page);
    expand(dir.path(), &page, content).unwrap_or_else(|problems| list(&problems))
}

/// A run of a lesson's tests: what became of each, and what it printed.
pub fn ran(tests: &[(&str, Verdict, &str)], end: End) -> Run {
    let outcome = |(name, verdict, output): &(&str, Verdict, &str)| {
        let outcome = Outcome {
            verdict: *verdict,
            output: (*output).to_owned(),
        };
        ((*name).to_owned(), outcome)
    };
    Run {
        tests: tests.iter().map(outcome).collect(),
        end,
        rest: String::new(),
        took: Duration::ZERO,
    }
}

/// A run in which these tests passed.
pub fn passing(names: &[&str]) -> Run {
    let tests: Vec<_> = names
        .iter()
        .map(|name| (*name, Verdict::Passed, ""))
        .collect();
    ran(&tests, End::Complete)
}
