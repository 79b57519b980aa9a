//! `cargo workbook` on a miniature workbook: each check finds what it is for, and wrong input gets
//! one clear line.

mod miniature;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use miniature::{Miniature, SOLUTION, TESTS, text, workbook};

fn finds(mini: &Miniature, check: &str, what: &str) {
    mini.fails(&["check", "numbers", "--only", check], what);
}

#[test]
fn every_check_finds_what_it_is_for() {
    let mini = Miniature::new();
    let solution = "solutions/01-numbers/src/lib.rs";
    let starter = "lessons/01-numbers/src/lib.rs";
    let tests = "lessons/01-numbers/tests/numbers/main.rs";
    let said = mini.ok(&["check", "numbers"]);
    for line in [
        "starters   ok: 1 lesson, 2 exercises, 1 file, 3 failing tests",
        "solutions  ok: 1 lesson, 4 passing tests",
        "exercises  ok: 2 exercises, 4 tests",
        "mistakes   ok: 1 lesson, 10 mistakes caught",
        "equivalents ok: 1 lesson, 3 equivalents accepted",
        "snapshots  ok: 1 snapshot in use",
        "all is well",
    ] {
        assert!(said.contains(line), "no `{line}` in: {said}");
    }

    mini.change(starter, "Doubles `n`.", "Doubles.");
    finds(
        &mini,
        "starters",
        "lessons/01-numbers/src/lib.rs:11: is not what the solution generates",
    );
    mini.write("lessons/01-numbers/src/old.rs", "");
    finds(
        &mini,
        "starters",
        "src/old.rs: no file of the solution generates it",
    );
    fs::remove_file(mini.path("lessons/01-numbers/src/old.rs")).unwrap();
    mini.ok(&["starters"]);

    mini.change(tests, "half(2), 1)", "one(), 1)");
    finds(
        &mini,
        "starters",
        "`half::halves_two` passes on the starter",
    );
    mini.change(
        tests,
        "one(), 1)\n    }\n}\n\nmod given",
        "one(), 7)\n    }\n}\n\nmod given",
    );
    finds(
        &mini,
        "solutions",
        "`half::halves_two` fails on the solution: Error: \"Divide. Got 1.\"",
    );
    mini.write(tests, TESTS);

    mini.change(
        tests,
        "#[test]\n    fn halves_two",
        "#[test]\n    #[ignore]\n    fn halves_two",
    );
    finds(&mini, "solutions", "`half::halves_two` is ignored");
    mini.change(
        tests,
        "#[test]\n    #[ignore]\n    fn halves_two",
        "#[allow(dead_code)]\n    fn halves_two",
    );
    finds(
        &mini,
        "exercises",
        "solutions/01-numbers/src/lib.rs:11: no test owns this exercise",
    );
    mini.change(tests, "mod given", "mod other");
    finds(&mini, "exercises", "`mod other` is no exercise");
    mini.write(tests, TESTS);
    for second in ["more.rs", "more/main.rs"] {
        let second = format!("lessons/01-numbers/tests/{second}");
        mini.write(&second, "");
        finds(
            &mini,
            "exercises",
            &format!("{second}: a second test program"),
        );
        fs::remove_file(mini.path(&second)).unwrap();
    }

    mini.write(solution, &SOLUTION.replace("fn half", "fn redouble"));
    finds(
        &mini,
        "exercises",
        "solutions/01-numbers/src/lib.rs:5: `-- double::` runs the tests of `redouble` too",
    );
    mini.write(solution, SOLUTION);

    let list = "solutions/01-numbers/mistakes.toml";
    mini.change(list, "m7", "m6");
    finds(
        &mini,
        "mistakes",
        "mistakes.toml:65: a second mistake named `m6`",
    );
    mini.mistakes(9, "n + 1", "Add it once.");
    finds(&mini, "mistakes", "9 of at least 10 mistakes");
    mini.mistakes(10, "n + n", "Add it once.");
    finds(
        &mini,
        "mistakes",
        "mistakes.toml:2: `m0`: `double::doubles_three` does not catch it",
    );
    mini.mistakes(10, "n + 1", "Not this.");
    finds(
        &mini,
        "mistakes",
        "does not say \"Not this.\", but begins: Error: \"Add it once. Got 4.\"",
    );
    mini.mistakes(10, "m + 1", "Add it once.");
    finds(
        &mini,
        "mistakes",
        "`m0`: does not compile: cannot find value `m` in this scope (src/lib.rs:6)",
    );
    one_that_does_not_compile_hides_no_other(&mini);
    mini.mistakes(10, "n + 1", "Not this.");
    mini.change(list, "doubles_three", "doubles_four");
    finds(&mini, "mistakes", "`m0`: no test `double::doubles_four`");
    mini.change(list, "n + n", "n - n");
    mini.change(list, "doubles_four", "doubles_three");
    finds(&mini, "mistakes", "`m0`: `find` is not in src/lib.rs");

    mini.equivalents(2, "n * 2");
    finds(&mini, "equivalents", "2 of at least 3 equivalents");
    mini.equivalents(3, "n * 3");
    finds(
        &mini,
        "equivalents",
        "equivalents.toml:2: `e0`: `double::doubles_three` refuses it: Error: \"Add it once. Got 9.\"",
    );
    mini.equivalents(3, "m * 2");
    finds(
        &mini,
        "equivalents",
        "`e0`: does not compile: cannot find value `m` in this scope (src/lib.rs:6)",
    );

    mini.change(tests, "\"three\"", "\"four\"");
    finds(
        &mini,
        "snapshots",
        "tests/snapshots/three.snap: no test uses it",
    );
    mini.write("lessons/01-numbers/tests/snapshots/.x.pending-snap", "");
    finds(&mini, "snapshots", ".x.pending-snap: waits to be accepted");

    mini.change(
        solution,
        "    // Exercise: divide it.",
        "    let _ = 1;\n    // Exercise: divide it.",
    );
    finds(
        &mini,
        "starters",
        "solutions/01-numbers/src/lib.rs:12: `// Exercise:` is not the first thing",
    );
    mini.write(solution, &SOLUTION.replace("n / 2", "n / "));
    finds(
        &mini,
        "starters",
        "solutions/01-numbers/src/lib.rs:13: not Rust",
    );
}

fn one_that_does_not_compile_hides_no_other(mini: &Miniature) {
    let list = "solutions/01-numbers/mistakes.toml";
    let check = ["check", "numbers", "--only", "mistakes"];
    let problems = |said: String| -> Vec<_> {
        let problems = said.lines().filter_map(|line| line.strip_prefix("  "));
        // Their line numbers differ.
        let problems = problems.filter_map(|line| line.split_once(": "));
        problems.map(|(_, said)| said.to_owned()).collect()
    };
    mini.mistakes(3, "n + 1", "Not this.");
    mini.change(list, "n + 1 + 1", "m + 1 + 1");
    let said = mini.fails(&check, "1 variant in a program of its own");
    let together = problems(said);
    let begins = "`double::doubles_three` does not say \"Not this.\", but begins: \
                  Error: \"Add it once. Got 4.\"";
    assert_eq!(
        together,
        [
            "3 of at least 10 mistakes".to_owned(),
            format!("`m0`: {begins}"),
            "`m1`: does not compile: cannot find value `m` in this scope (src/lib.rs:6)".to_owned(),
            format!("`m2`: {begins}"),
        ]
    );

    // A change outside of functions does not fit with the others: all are built alone.
    let outside = "\n[[mistake.change]]\nfind = \"/// One.\"\nreplace = \"/// 1.\"\n\n";
    mini.change(list, "\n\n", outside);
    let said = mini.fails(&check, "3 variants in programs of their own");
    assert_eq!(problems(said), together);
}

/// Core or optional, each exercise has its minutes, and nothing else has.
#[test]
fn an_exercise_without_minutes_is_named() {
    let mini = Miniature::new();
    let said = |lists: &str| {
        let manifest = "solutions/01-numbers/Cargo.toml";
        let text = fs::read_to_string(mini.path(manifest)).unwrap();
        let about = "[package.metadata.workbook]\ntitle = \"N\"\nabout = \"a\"\nshow = 1\n";
        mini.write(manifest, &format!("{text}\n{about}{lists}"));
        let said = mini.fails(&["check", "--only", "exercises"], "problems in exercises");
        mini.write(manifest, &text);
        said
    };
    let lists = said("core = { double = 1, twice = 1 }\noptional = { double = 1 }\n");
    for problem in [
        "no minutes for `half`: add it to [package.metadata.workbook.core] or .optional",
        "minutes for `twice`, which is no exercise",
        "`double` is core and optional",
    ] {
        assert!(lists.contains(problem), "no `{problem}` in: {lists}");
    }
}

/// Two that write into one folder would judge each other's code.
#[test]
fn a_run_waits_for_another_in_its_folder() {
    let mini = Miniature::new();
    for (folder, arguments) in [
        ("check", &["check", "numbers", "--only", "solutions"][..]),
        ("compare", &["compare", "numbers"]),
    ] {
        let folder = mini.path("target").join(folder);
        fs::create_dir_all(&folder).unwrap();
        let lock = fs::File::create(folder.join(".lock")).unwrap();
        fs4::FileExt::lock(&lock).unwrap();
        let mut waits = miniature::command(&mini.path(""), arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(waits.stderr.take().unwrap()).lines();
        let first = said.next().unwrap().unwrap();
        assert!(first.starts_with("another run is in "), "{first}");
        // It has not looked at anything yet, and takes the folder when that is free.
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        drop(lock);
        let rest: Vec<_> = said.map(Result::unwrap).collect();
        assert!(waits.wait().unwrap().success(), "{rest:?}");
    }
}

#[test]
fn a_learner_sees_what_passes_and_what_is_next() {
    let mini = Miniature::new();
    let lesson = "lessons/01-numbers/src/lib.rs";
    let said = mini.ok(&["status"]);
    assert!(
        said.contains("01-numbers              not started, 4 tests"),
        "{said}"
    );
    assert!(
        said.contains("Next: `double` in lessons/01-numbers/src/lib.rs:"),
        "{said}"
    );

    mini.change(lesson, "todo!(\"double({n:?})\")", "n + n");
    let said = mini.ok(&["status"]);
    assert!(said.contains("3 of 4 tests pass"), "{said}");
    assert!(
        said.contains("2 of 2\n    half") && said.contains("✗ halves two"),
        "{said}"
    );
    // A lesson on its own is shown in full.
    assert!(mini.ok(&["status", "1"]).contains("✓ doubles two"));
    assert!(
        said.contains("then `cargo test -p numbers -- half::`"),
        "{said}"
    );

    mini.change(lesson, "todo!(\"half({n:?})\")", "n / two");
    let said = mini.ok(&["status"]);
    assert!(said.contains("does not compile"), "{said}");
    assert!(said.contains("cannot find value `two`"), "{said}");

    mini.change(lesson, "n / two", "std::process::exit(0)");
    let said = mini.ok(&["status"]);
    assert!(said.contains("the program ended early"), "{said}");

    let said = mini.ok(&["catch-up", "1"]);
    assert!(
        said.contains("Your files are in lessons/01-numbers/mine/1."),
        "{said}"
    );
    let said = mini.ok(&["status"]);
    assert!(
        said.contains("all 4 tests pass") && said.contains("Everything passes"),
        "{said}"
    );
    let kept = fs::read_to_string(mini.path("lessons/01-numbers/mine/1/lib.rs")).unwrap();
    assert!(kept.contains("exit(0)"));
}

#[test]
fn wrong_input_gets_one_clear_line() {
    let mini = Miniature::new();
    mini.fails(
        &["catch-up", "9"],
        "error: no lesson `9`; there are 01-numbers\n",
    );
    mini.fails(
        &["check", "nine"],
        "error: no lesson `nine`; there are 01-numbers\n",
    );
    let output = workbook(&mini.path(""), &["check", "--only", "all"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output);
    assert!(
        said.contains("invalid value 'all' for '--only <CHECK>'") && said.contains("starters, "),
        "{said}"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    for arguments in [
        &["status"][..],
        &["check"],
        &["reset", "1"],
        &["build"],
        &[],
    ] {
        let output = workbook(elsewhere.path(), arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = text(&output);
        assert!(
            said.starts_with("error: this is not the workbook: "),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
    }
}

/// What a lesson stands on in the workbook itself, and the miniature has not.
fn ready_for_a_lesson(mini: &Miniature) {
    mini.change(
        "Cargo.toml",
        "[workspace]\n",
        "[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\n\
         license = \"MIT\"\npublish = false\n\n[workspace.lints.rust]\nunsafe_code = \"forbid\"\n\n\
         [workspace.dependencies]\nkit = { path = \"lessons/kit\" }\n\n[workspace]\n",
    );
    mini.write(
        "lessons/kit/src/lib.rs",
        "pub fn coach(advice: &str, test: impl FnOnce() + std::panic::UnwindSafe) {\n    \
         if let Err(panic) = std::panic::catch_unwind(test) {\n        \
         println!(\"{advice}\");\n        std::panic::resume_unwind(panic);\n    }\n}\n",
    );
    mini.change(
        "solutions/01-numbers/Cargo.toml",
        "[lib]",
        "[package.metadata.workbook]\ntitle = \"Numbers\"\nabout = \"twice and half\"\nshow = 1\n\n\
         [package.metadata.workbook.core]\ndouble = 1\nhalf = 1\n\n[lib]",
    );
    mini.write(
        "book/book.toml",
        "[book]\ntitle = \"Numbers\"\n\n[output.html.playground]\nrunnable = false\n",
    );
    mini.write(
        "book/src/01-numbers.md",
        "# Numbers\n\n```exercise double\n```\n\n```exercise half\n```\n",
    );
    let hints = |name| format!("[{name}]\nquestion = \"a\"\npointer = \"b\"\nnearly = \"c\"\n");
    mini.write(
        "solutions/01-numbers/hints.toml",
        &["double", "half"].map(hints).concat(),
    );
    mini.write(
        "book/src/SUMMARY.md",
        "# Summary\n\n# Lessons\n\n- [Numbers](01-numbers.md)\n- [Large rooms]()\n",
    );
}

#[test]
fn a_new_lesson_lacks_nothing_but_content() {
    let mini = Miniature::new();
    ready_for_a_lesson(&mini);
    let new = ["new", "02-large-rooms", "Large rooms"];
    let said = mini.ok(&new);
    assert!(said.contains("02-large-rooms: 1 exercises"), "{said}");
    let said = text(&workbook(&mini.path(""), &["check", "large-rooms"]));
    let problems: Vec<_> = said.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(
        problems,
        [
            "  solutions/02-large-rooms/mistakes.toml: 1 of at least 10 mistakes",
            "  solutions/02-large-rooms/equivalents.toml: 1 of at least 3 equivalents",
        ],
        "{said}"
    );
    mini.ok(&["check", "--only", "book"]);

    mini.fails(&new, "error: the lesson 02-large-rooms has this number");
    let other = ["new", "03-large-rooms", "Rooms"];
    mini.fails(&other, "error: the lesson 02-large-rooms has this number");
    mini.fails(&["new", "rooms", "Rooms"], "error: `rooms` is no name");
    mini.write("book/src/03-more.md", "# Mine\n");
    mini.fails(
        &["new", "03-more", "More"],
        "error: book/src/03-more.md exists already",
    );
    fs::remove_file(mini.path("book/src/03-more.md")).unwrap();

    // Its manifest is the solution's, and the solution's keeps to the form.
    let manifest = "solutions/02-large-rooms/Cargo.toml";
    let starters = ["check", "large-rooms", "--only", "starters"];
    mini.change(manifest, "[lib]\ntest = false", "[lib]\ntest = true");
    mini.fails(&starters, "write [lib], test = false, doctest = false");
    mini.change(manifest, "[lib]\ntest = true", "[lib]\ntest = false");
    let generated = "lessons/02-large-rooms/Cargo.toml";
    mini.change(generated, "edition", "\nedition");
    mini.fails(
        &starters,
        "Cargo.toml:5: is not what the solution generates",
    );
    mini.change(manifest, "title = \"Large rooms\"", "title = \"Halls\"");
    let book = ["check", "--only", "book"];
    mini.fails(
        &book,
        "book/src/02-large-rooms.md:1: the heading is not `# Halls`",
    );
    mini.fails(&book, "SUMMARY.md:6: is not what the lessons say");
}
