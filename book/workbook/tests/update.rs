//! A learner takes a new version in mid-course, by the commands of the page about versions, and loses
//! nothing.

// It is shared, and this test needs half of it.
#[allow(dead_code)]
mod miniature;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use miniature::{Miniature, text, workbook};

const LESSON: &str = "lessons/01-numbers/src/lib.rs";
const SOLUTION: &str = "solutions/01-numbers/src/lib.rs";
const TESTS: &str = "lessons/01-numbers/tests/numbers/main.rs";

fn page() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/versions.md");
    fs::read_to_string(page).unwrap().replace("\r\n", "\n")
}

/// The commands of the page's first box.
fn commands() -> Vec<Vec<String>> {
    let page = page();
    let (_, rest) = page.split_once("```sh\n").unwrap();
    let (commands, _) = rest.split_once("```").unwrap();
    let words = |line: &str| {
        // Every second part stands in quotes.
        let parts = line
            .split('"')
            .enumerate()
            .flat_map(|(n, part)| match n % 2 {
                0 => part.split_whitespace().map(str::to_owned).collect(),
                _ => vec![part.to_owned()],
            });
        parts.collect()
    };
    commands.lines().map(words).collect()
}

struct Git {
    settings: tempfile::TempDir,
}

impl Git {
    fn try_in(&self, dir: &Path, arguments: &[&str]) -> Output {
        let nothing = self.settings.path().join("none");
        Command::new("git")
            .args(arguments)
            .current_dir(dir)
            .env("GIT_CONFIG_GLOBAL", &nothing)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "ann")))
            .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "ann@example.com")))
            .output()
            .unwrap()
    }

    fn run(&self, dir: &Path, arguments: &[&str]) {
        let output = self.try_in(dir, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    }
}

#[test]
fn an_update_keeps_answers_and_brings_exercises() {
    let git = Git {
        settings: tempfile::tempdir().unwrap(),
    };
    let course = Miniature::new();
    let root = course.path("");
    course.write(".gitignore", "/target\n");
    git.run(&root, &["init", "--quiet", "--initial-branch=main"]);
    git.run(&root, &["add", "--all"]);
    git.run(&root, &["commit", "--quiet", "--message", "The course"]);

    let fork = tempfile::tempdir().unwrap();
    let fork = fork.path().join("fork");
    let (from, to) = (root.to_str().unwrap(), fork.to_str().unwrap());
    git.run(&root, &["clone", "--quiet", from, to]);
    git.run(&fork, &["remote", "add", "upstream", from]);
    let theirs = fork.join(LESSON);
    let edit = |find: &str, replace: &str| {
        let old = fs::read_to_string(&theirs).unwrap();
        assert!(old.contains(find), "{old}");
        fs::write(&theirs, old.replace(find, replace)).unwrap();
    };
    // The hint is gone with the `todo!`, as many have it.
    edit(
        "    // Exercise: add it to itself.\n    todo!(\"double({n:?})\")",
        "    n << 1 // mine",
    );

    // The next version: the same lines in other words, a contract, an exercise, tests.
    course.change(
        SOLUTION,
        "Exercise: add it to itself.",
        "Exercise: add `n` to `n`.",
    );
    course.change(
        SOLUTION,
        "/// Halves `n`.",
        "/// Halves `n`, and rounds down.",
    );
    course.change(
        SOLUTION,
        "/// One.",
        "/// Triples `n`.\npub fn triple(n: u8) -> u8 {\n    // Exercise: three times.\n    3 * n\n}\n\n/// One.",
    );
    course.change(
        TESTS,
        "mod given {",
        "mod triple {\n    #[test]\n    fn triples() {\n        assert_eq!(numbers::triple(2), 6);\n    }\n}\n\nmod given {",
    );
    course.ok(&["starters"]);
    git.run(&root, &["add", "--all"]);
    git.run(
        &root,
        &["commit", "--quiet", "--message", "The next version"],
    );
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    git.run(&root, &["tag", &version]);

    let commands = commands();
    let last = ["cargo", "workbook", "status"].map(str::to_owned);
    assert_eq!(commands.last().unwrap(), &last);
    let merge = commands.iter().find(|words| words[1] == "merge").unwrap();
    assert_eq!(merge.last(), Some(&version));
    for words in &commands[..commands.len() - 1] {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        assert_eq!(words[0], "git");
        if words[1] == "merge" {
            // Without the option there is a conflict: the test is about something.
            assert!(
                !git.try_in(&fork, &["merge", "--no-edit", &version])
                    .status
                    .success()
            );
            git.run(&fork, &["merge", "--abort"]);
        }
        git.run(&fork, &words[1..]);
    }

    let merged = fs::read_to_string(&theirs).unwrap();
    assert!(merged.contains("n << 1 // mine"), "{merged}");
    assert!(!merged.contains("<<<<"), "{merged}");
    assert!(
        merged.contains("rounds down") && merged.contains("todo!(\"triple({n:?})\")"),
        "{merged}"
    );
    assert!(
        git.try_in(&fork, &["status", "--porcelain"])
            .stdout
            .is_empty()
    );
    let status = workbook(&fork, &["status"]);
    let said = text(&status);
    assert!(
        status.status.success() && said.contains("3 of 5 tests pass"),
        "{said}"
    );
}

/// The page's newest version is the workbook's.
#[test]
fn the_changes_of_this_version_are_written() {
    let page = page();
    let newest = page
        .lines()
        .find(|line| line.starts_with("## 0") || line.starts_with("## 1"));
    assert_eq!(newest, Some(concat!("## ", env!("CARGO_PKG_VERSION"))));
}
