//! `cargo workbook compare` on a miniature workbook, with a class that does what classes do, and
//! what they should not.

mod miniature;

use std::fs;
use std::thread;

use miniature::{Miniature, text, workbook};
use serde_json::Value;

const SUMS: &str = "//! Sums.

/// Doubles `a` and `b` together.
pub fn double_sum(a: u8, b: u8) -> u8 {
    // Exercise: you have doubled before.
    numbers::double(a + b)
}
";

const SUMS_TESTS: &str = "mod double_sum {
    #[test]
    fn of_one_and_two() {
        assert_eq!(sums::double_sum(1, 2), 6, \"Double the sum.\");
    }
}
";

const MISTAKES: &str = r#"
[[mistake]]
name = "one is added"
exercise = "double"
why = "Why."
test = "double::doubles_three"
says = "Got 4."
find = "n + n"
replace = "n + 1"

[[mistake]]
name = "squared"
exercise = "double"
why = "Why."
test = "double::doubles_three"
says = "Got 9."
find = "n + n"
replace = "n * n"
"#;

const SUMS_MISTAKES: &str = r#"
[[mistake]]
name = "not doubled"
exercise = "double_sum"
why = "Why."
test = "double_sum::of_one_and_two"
says = "Double the sum."
find = "numbers::double(a + b)"
replace = "a + b"
"#;

/// What may run without end ends after this many seconds.
const LIMIT: &str = "8";

/// A workbook of two lessons, of which the second stands on the first.
fn two_lessons() -> Miniature {
    let mini = Miniature::new();
    for (dir, name, earlier) in [
        ("lessons", "sums", "{ path = \"../01-numbers\" }"),
        (
            "solutions",
            "sums-solution",
            "{ package = \"numbers-solution\", path = \"../01-numbers\" }",
        ),
    ] {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\nnumbers = {earlier}\n"
        );
        mini.write(&format!("{dir}/02-sums/Cargo.toml"), &manifest);
        mini.write(&format!("{dir}/02-sums/src/lib.rs"), SUMS);
    }
    mini.write("lessons/02-sums/tests/sums/main.rs", SUMS_TESTS);
    mini.write("solutions/01-numbers/mistakes.toml", MISTAKES);
    mini.write("solutions/02-sums/mistakes.toml", SUMS_MISTAKES);
    mini.ok(&["starters"]);
    mini
}

/// Writes a checkout: the starters, with `double`, `half` and `double_sum` written where given.
fn checkout(mini: &Miniature, name: &str, bodies: [Option<&str>; 3]) {
    for (lesson, exercises) in [
        ("01-numbers", &["double({n:?})", "half({n:?})"][..]),
        ("02-sums", &["double_sum({a:?}, {b:?})"]),
    ] {
        let starter = format!("lessons/{lesson}/src/lib.rs");
        let mut src = fs::read_to_string(mini.path(&starter)).unwrap();
        for (index, exercise) in exercises.iter().enumerate() {
            let body = bodies[if lesson == "02-sums" { 2 } else { index }];
            let todo = format!("todo!(\"{exercise}\")");
            assert!(src.contains(&todo), "no {todo} in {src}");
            src = src.replace(&todo, body.unwrap_or(&todo));
        }
        mini.write(&format!("class/{name}/{starter}"), &src);
    }
}

/// A line for each lesson: what the report says of it.
fn rows(learners: &Value) -> Vec<String> {
    let mut rows = Vec::new();
    for learner in learners.as_array().unwrap() {
        let name = learner["name"].as_str().unwrap();
        if let Some(problem) = learner["problem"].as_str() {
            rows.push(format!("{name}: {problem}"));
        }
        for row in learner["lessons"].as_array().unwrap() {
            let state = row["state"].as_str().unwrap();
            let mut line = format!("{name} {}: {state}", row["lesson"].as_str().unwrap());
            // How many pass before the end of a program that is ended is chance.
            if ["passed", "failed"].contains(&state) {
                let passed = row["passed"].as_array().unwrap();
                line += &format!(" {}/{}", passed.len(), row["tests"]);
            }
            for list in ["open", "mistakes", "changed", "uses"] {
                let entries = row[list].as_array().unwrap().iter();
                let name =
                    |entry: &Value| entry["name"].as_str().or(entry.as_str()).map(str::to_owned);
                let entries: Vec<_> = entries.map(|entry| name(entry).unwrap()).collect();
                if !entries.is_empty() {
                    line += &format!(", {list}: {}", entries.join("; "));
                }
            }
            if row["consequence"] == true {
                line += ", a consequence";
            }
            if let Some(note) = row["note"].as_str() {
                line += &format!(", {note}");
            }
            rows.push(line);
        }
    }
    rows
}

#[test]
fn a_class_is_told_apart() {
    let mini = two_lessons();
    let sum = Some("numbers::double(a + b)");
    let halved = Some("n / 2");
    checkout(&mini, "ann", [Some("n << 1"), halved, sum]);
    checkout(&mini, "bob", [Some("n + 1"), halved, sum]);
    checkout(&mini, "cat", [Some("n + m"), halved, sum]);
    checkout(&mini, "dan", [Some("n + n"), None, Some("a + b")]);
    checkout(&mini, "eva", [None, None, None]);
    // Its tests accept everything, its manifest has a build script: neither counts.
    mini.write(
        "class/eva/lessons/01-numbers/tests/numbers/main.rs",
        "#[test]\nfn x() {}\n",
    );
    checkout(&mini, "fay", [Some("n + 1 // fay"), halved, None]);
    mini.write(
        "class/fay/lessons/01-numbers/tests/numbers/main.rs",
        "#[test]\nfn x() {}\n",
    );
    let ran = mini.path("ran");
    mini.write(
        "class/fay/lessons/01-numbers/build.rs",
        &format!("fn main() {{ std::fs::write({ran:?}, \"\").unwrap(); }}\n"),
    );

    checkout(&mini, "gus", [Some("std::process::exit(0)"), halved, None]);
    checkout(&mini, "hal", [Some("loop {}"), halved, None]);
    let print = Some("loop { println!(\"test double::doubles_two ... ok\"); }");
    checkout(&mini, "ida", [print, halved, None]);
    checkout(&mini, "jim", [Some("n + n"), halved, None]);
    mini.change(
        "class/jim/lessons/01-numbers/src/lib.rs",
        "/// One.",
        "#[allow(long_running_const_eval)]\nconst _: () = loop {};\n\n/// One.",
    );
    checkout(&mini, "kim", [None, None, sum]);
    let numbers = "class/kim/lessons/01-numbers/src/lib.rs";
    fs::write(mini.path(numbers), b"//! \xff\n").unwrap();
    checkout(&mini, "liv", [Some("n + n"), halved, None]);
    fs::remove_dir_all(mini.path("class/liv/lessons/02-sums")).unwrap();
    mini.write("class/max/README.md", "Not a workbook.\n");
    let socket = "{ _ = std::net::TcpListener::bind(\"127.0.0.1:0\"); n + n }";
    checkout(&mini, "ned", [Some(socket), halved, None]);

    let mut dirs: Vec<_> = fs::read_dir(mini.path("class"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    dirs.sort();
    let page = mini.path("report.html");
    let page = page.to_str().unwrap();
    let options = [
        "compare", "--format", "json", "--html", page, "--limit", LIMIT,
    ];
    let arguments: Vec<_> = options
        .into_iter()
        .chain(dirs.iter().map(String::as_str))
        .collect();
    let output = workbook(&mini.path(""), &arguments);
    // One of them is no workbook: whoever grades with a program must notice.
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let learners: Value = serde_json::from_slice(&output.stdout).unwrap();

    // Only Linux bounds a program's memory, and on a slow machine its time may end first.
    let (prints, rows): (Vec<_>, Vec<_>) = rows(&learners)
        .into_iter()
        .partition(|row| row.starts_with("ida 01"));
    let ends = [
        "timed-out, the tests had not ended",
        "ended-early, the program ended before its tests did: it needed too much memory",
    ];
    let ended = ends.iter().any(|end| prints[0].contains(end));
    assert!(ended, "{prints:?}");
    let said = rows.join("\n");
    let expected = "\
ann 01-numbers: passed 4/4
ann 02-sums: passed 1/1
bob 01-numbers: failed 2/4, mistakes: one is added
bob 02-sums: failed 0/1, a consequence
cat 01-numbers: not-compiled, does not compile: cannot find value `m` in this scope (src/lib.rs:14)
cat 02-sums: passed 1/1, a consequence, an earlier lesson does not compile, so it was tried on the reference's
dan 01-numbers: failed 3/4, open: half
dan 02-sums: failed 0/1, mistakes: not doubled
eva 01-numbers: not-started
eva 02-sums: not-started
fay 01-numbers: failed 2/4, mistakes: one is added
fay 02-sums: not-started
gus 01-numbers: ended-early, uses: starts or ends processes: `process` in src/lib.rs:14, \
the program ended before its tests did
gus 02-sums: not-started
hal 01-numbers: timed-out, the tests had not ended after 8 s
hal 02-sums: not-started
ida 02-sums: not-started
jim 01-numbers: not-compiled, does not compile: not compiled after 8 s
jim 02-sums: not-started
kim 01-numbers: unreadable, src/lib.rs is not UTF-8 at byte 4
kim 02-sums: passed 1/1
liv 01-numbers: passed 4/4
liv 02-sums: unreadable, no lessons/02-sums/src
max: not a workbook: it has no lessons
ned 01-numbers: passed 4/4, uses: opens sockets: `TcpListener` in src/lib.rs:14
ned 02-sums: not-started";
    assert_eq!(said, expected, "{said}");
    assert!(!ran.exists(), "a learner's build script was run");

    let ann = &learners[0]["lessons"][0]["differences"];
    assert_eq!(ann[0]["exercise"], "double");
    let diff = ann[0]["diff"].as_str().unwrap();
    assert!(diff.contains("-    n + n\n+    n << 1"), "{diff}");
    let dan = &learners[3]["lessons"];
    assert_eq!(dan[0]["same"], serde_json::json!(["double"]));
    let not_called = serde_json::json!([{ "exercise": "double_sum", "functions": ["double"] }]);
    assert_eq!(dan[1]["not_called"], not_called);
    let bob = &learners[1]["lessons"][0]["failing"][1];
    assert_eq!(bob["test"], "double::doubles_three");
    assert!(bob["says"].as_str().unwrap().contains("Got 4."), "{bob}");
    assert!(
        !text(&output).contains("lessons/own"),
        "a place in the scratch copy"
    );
    let page = fs::read_to_string(page).unwrap();
    for said in ["one is added", "n &lt;&lt; 1", "bob, fay", "TcpListener"] {
        assert!(page.contains(said), "no `{said}` in {page}");
    }
}

#[test]
fn a_learner_compares_one_lesson_in_the_terminal() {
    let mini = two_lessons();
    let lesson = "lessons/01-numbers/src/lib.rs";
    mini.change(lesson, "todo!(\"double({n:?})\")", "n * 2");
    let said = mini.ok(&["compare", "numbers"]);
    for line in [
        "3/4",
        "  not written yet: half",
        "  double: the reference (-) and yours (+)",
        "    -    n + n",
        "    +    n * 2",
    ] {
        assert!(said.contains(line), "no `{line}` in: {said}");
    }
    assert!(!said.contains("02-sums"), "{said}");

    mini.change(lesson, "n * 2", "n * 3");
    let said = mini.ok(&["compare", "numbers"]);
    for line in [
        "Exercises that are open or red\n  1  01-numbers: double",
        "  not shown before its tests pass: double",
    ] {
        assert!(said.contains(line), "no `{line}` in: {said}");
    }
    assert!(
        !said.contains("n + n"),
        "the answer of a red exercise: {said}"
    );
    mini.change(lesson, "n * 3", "n * 2");

    let said = mini.ok(&["compare", "numbers", "--format", "junit"]);
    let suite = "tests=\"4\" failures=\"1\" errors=\"0\"";
    assert!(said.contains(suite), "no `{suite}` in: {said}");
    assert!(
        said.contains("name=\"half::halves_two\"><failure"),
        "{said}"
    );
    assert!(said.contains("name=\"double::doubles_two\"/>"), "{said}");

    mini.fails(
        &["compare", "--html", "none/report.html"],
        "error: cannot write none/report.html: ",
    );
    mini.fails(&["compare", "nobody"], "error: no lesson `nobody`");
}

#[test]
fn what_cannot_be_meant_is_said() {
    let mini = two_lessons();
    for (arguments, said) in [
        (&["ann"][..], "nor is there a directory `ann`"),
        (&["class/ann"], "error: there is no directory class/ann"),
        // Not this workbook's lesson of that name.
        (
            &["clas/lessons/02-sums"],
            "error: there is no directory clas/lessons/02-sums",
        ),
        (&["numbers", "sums"], "`numbers` and `sums` are two lessons"),
    ] {
        mini.fails(&[&["compare"], arguments].concat(), said);
    }
    checkout(&mini, "ann", [None, None, None]);
    let part = mini.path("class/ann/lessons/02-sums");
    mini.fails(
        &["compare", part.to_str().unwrap()],
        "a part of a checkout, not the whole: name ",
    );
    // The folder of a lesson here is that lesson.
    let said = mini.ok(&["compare", "lessons/02-sums"]);
    assert!(
        said.contains("02-sums") && !said.contains("01-numbers"),
        "{said}"
    );
}

/// They share the scratch copy.
#[test]
fn two_at_once_give_the_grades_that_each_gives_alone() {
    let mini = two_lessons();
    let halved = Some("n / 2");
    checkout(
        &mini,
        "ann",
        [Some("n + n"), halved, Some("numbers::double(a + b)")],
    );
    checkout(&mini, "bob", [None, halved, Some("a + b")]);
    let compare = &|name: &str| {
        let dir = mini.path(&format!("class/{name}"));
        let arguments = ["compare", "--format", "json", dir.to_str().unwrap()];
        let output = workbook(&mini.path(""), &arguments);
        assert!(output.status.success(), "{}", text(&output));
        rows(&serde_json::from_slice(&output.stdout).unwrap())
    };
    let alone = ["ann", "bob"].map(compare);
    assert_eq!(
        alone[0],
        ["ann 01-numbers: passed 4/4", "ann 02-sums: passed 1/1"]
    );
    for _ in 0..3 {
        let both = thread::scope(|scope| {
            let both = ["ann", "bob"].map(|name| scope.spawn(move || compare(name)));
            both.map(|one| one.join().unwrap())
        });
        assert_eq!(both, alone);
    }
}
