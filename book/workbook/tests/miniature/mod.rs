//! A workbook of one small lesson, in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub const SOLUTION: &str = r#"//! Numbers.

/// Doubles `n`.
pub fn double(n: u8) -> u8 {
    // Exercise: add it to itself.
    n + n
}

/// Halves `n`.
pub fn half(n: u8) -> u8 {
    // Exercise: divide it.
    n / 2
}

/// One.
pub fn one() -> u8 {
    1
}
"#;

pub const TESTS: &str = r#"use numbers::{double, half, one};

fn same(advice: &str, got: u8, wanted: u8) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("{advice} Got {got}.")) }
}

mod double {
    use super::*;

    #[test]
    fn doubles_two() -> Result<(), String> {
        same("Add it once.", double(2), 4)
    }

    #[test]
    fn doubles_three() -> Result<(), String> {
        _ = "three";
        same("Add it once.", double(3), 6)
    }
}

mod half {
    use super::*;

    #[test]
    fn halves_two() -> Result<(), String> {
        same("Divide.", half(2), 1)
    }
}

mod given {
    use super::*;

    #[test]
    fn one_is_one() -> Result<(), String> {
        same("One.", one(), 1)
    }
}
"#;

pub struct Miniature {
    dir: tempfile::TempDir,
}

impl Miniature {
    pub fn new() -> Self {
        let mini = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        mini.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"lessons/*\", \"solutions/*\"]\n",
        );
        for (dir, name) in [
            ("lessons/kit", "kit"),
            ("lessons/01-numbers", "numbers"),
            ("solutions/01-numbers", "numbers-solution"),
        ] {
            mini.write(
                &format!("{dir}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n\
                     [lib]\ntest = false\ndoctest = false\n"
                ),
            );
            mini.write(&format!("{dir}/src/lib.rs"), SOLUTION);
        }
        mini.write("book/book.toml", "[book]\ntitle = \"Numbers\"\n");
        mini.write("book/src/SUMMARY.md", "- [Numbers](01-numbers.md)\n");
        mini.write("book/src/01-numbers.md", "# Numbers\n");
        mini.write("lessons/01-numbers/tests/numbers/main.rs", TESTS);
        mini.write("lessons/01-numbers/tests/snapshots/three.snap", "3");
        mini.write(
            "solutions/01-numbers/tests/numbers.rs",
            "#[path = \"../../../lessons/01-numbers/tests/numbers/main.rs\"]\nmod lesson;\n",
        );
        mini.mistakes(10, "n + 1", "Add it once.");
        mini.equivalents(3, "n * 2");
        fs::remove_file(mini.path("lessons/01-numbers/src/lib.rs")).unwrap();
        mini.ok(&["starters"]);
        mini
    }

    /// Writes a list of `n` mistakes in `double`.
    pub fn mistakes(&self, n: usize, replace: &str, says: &str) {
        let list: String = (0..n)
            .map(|n| {
                format!(
                    "[[mistake]]\nname = \"m{n}\"\nexercise = \"double\"\nwhy = \"Why.\"\n\
                     test = \"double::doubles_three\"\nsays = \"{says}\"\n\
                     find = \"n + n\"\nreplace = \"{replace} + {n} - {n}\"\n\n"
                )
            })
            .collect();
        self.write("solutions/01-numbers/mistakes.toml", &list);
    }

    /// Writes a list of `n` other ways to `double`.
    pub fn equivalents(&self, n: usize, replace: &str) {
        let entry = |n| {
            format!(
                "[[equivalent]]\nname = \"e{n}\"\nfind = \"n + n\"\nreplace = \"{replace} + {n} - {n}\"\n"
            )
        };
        let list: String = (0..n).map(entry).collect();
        self.write("solutions/01-numbers/equivalents.toml", &list);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[allow(dead_code)]
    pub fn copy(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).unwrap();
    }

    pub fn change(&self, path: &str, find: &str, replace: &str) {
        let text = fs::read_to_string(self.path(path)).unwrap();
        assert!(text.contains(find), "{find} is not in {path}");
        self.write(path, &text.replace(find, replace));
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = workbook(self.dir.path(), arguments);
        let text = text(&output);
        assert!(output.status.success(), "{text}");
        text
    }

    pub fn fails(&self, arguments: &[&str], with: &str) -> String {
        let output = workbook(self.dir.path(), arguments);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(with), "no `{with}` in: {text}");
        text
    }
}

pub fn workbook(dir: &Path, arguments: &[&str]) -> Output {
    command(dir, arguments).output().unwrap()
}

pub fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbook"));
    command
        .args(arguments)
        .current_dir(dir)
        .env_remove("CARGO_TARGET_DIR");
    command
}

pub fn text(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).replace('\\', "/")
}
