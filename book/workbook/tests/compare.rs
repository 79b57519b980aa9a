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

[[mistake]]
name = "not halved"
exercise = "half"
why = "Why."
test = "half::halves_two"
says = "Got 2."
find = "n / 2"
replace = "n"
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
fn rows(compared: &Value) -> Vec<String> {
    let mut rows = Vec::new();
    for learner in compared["learners"].as_array().unwrap() {
        let name = learner["name"].as_str().unwrap();
        if let Some(problem) = learner["problem"].as_str() {
            rows.push(format!("{name}: {problem}"));
        }
        for row in learner["lessons"].as_array().unwrap() {
            let state = row["state"].as_str().unwrap();
            let mut line = format!("{name} {}: {state}", row["lesson"].as_str().unwrap());
            // How many pass before the end of a program that is ended is chance.
            if ["passed", "wrong", "open"].contains(&state) {
                let passed = row["passed"].as_array().unwrap();
                line += &format!(" {}/{}", passed.len(), row["tests"]);
            }
            for standing in ["wrong", "waiting", "open"] {
                let exercises = row["exercises"].as_array().unwrap().iter();
                let there = exercises.filter(|exercise| exercise["state"] == standing);
                let names: Vec<_> = there.map(|e| e["name"].as_str().unwrap()).collect();
                if !names.is_empty() && state != standing {
                    line += &format!(", {standing}: {}", names.join("; "));
                } else if !names.is_empty() {
                    line += &format!(": {}", names.join("; "));
                }
            }
            for list in ["mistakes", "changed", "uses", "alike"] {
                let entries = row[list].as_array().unwrap().iter();
                let name =
                    |entry: &Value| entry["name"].as_str().or(entry.as_str()).map(str::to_owned);
                let entries: Vec<_> = entries.map(|entry| name(entry).unwrap()).collect();
                if !entries.is_empty() {
                    line += &format!(", {list}: {}", entries.join("; "));
                }
            }
            if let Some(likeness) = row["likeness"].as_str() {
                line += &format!(", {likeness}");
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
    // The first exercise is open, and the second speaks for itself.
    checkout(&mini, "oda", [None, Some("n"), None]);
    // The reference itself, and the reference in other words.
    checkout(&mini, "pia", [None, None, None]);
    mini.copy(
        "solutions/01-numbers/src/lib.rs",
        "class/pia/lessons/01-numbers/src/lib.rs",
    );
    checkout(
        &mini,
        "quy",
        [Some("{ let twice = n + n; twice }"), halved, sum],
    );
    checkout(
        &mini,
        "roy",
        [Some("{ let m = n + n; /* mine */ m }"), halved, sum],
    );

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
    let compared: Value = serde_json::from_slice(&output.stdout).unwrap();

    // Only Linux bounds a program's memory, and on a slow machine its time may end first.
    let (prints, rows): (Vec<_>, Vec<_>) = rows(&compared)
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
ann 02-sums: passed 1/1, but-for-names
bob 01-numbers: wrong 2/4: double, mistakes: one is added, alike: fay
bob 02-sums: wrong 0/1, but-for-names, a consequence
cat 01-numbers: not-compiled, does not compile: cannot find value `m` in this scope (src/lib.rs:14)
cat 02-sums: passed 1/1, but-for-names, a consequence, an earlier lesson does not compile, so it was \
tried on the reference's
dan 01-numbers: open 3/4: half
dan 02-sums: wrong 0/1: double_sum, mistakes: not doubled
eva 01-numbers: untouched
eva 02-sums: untouched
fay 01-numbers: wrong 2/4: double, mistakes: one is added, alike: bob
fay 02-sums: untouched
gus 01-numbers: ended-early, uses: starts or ends processes: `process` in src/lib.rs:14, \
the program ended before its tests did
gus 02-sums: untouched
hal 01-numbers: timed-out, the tests had not ended after 8 s
hal 02-sums: untouched
ida 02-sums: untouched
jim 01-numbers: not-compiled, but-for-names, does not compile: not compiled after 8 s
jim 02-sums: untouched
kim 01-numbers: unreadable, src/lib.rs is not UTF-8 at byte 4
kim 02-sums: passed 1/1, but-for-names
liv 01-numbers: passed 4/4, but-for-names
liv 02-sums: unreadable, the checkout has no lessons/02-sums/src
max: not a workbook: it has no lessons
ned 01-numbers: passed 4/4, uses: opens sockets: `TcpListener` in src/lib.rs:14
ned 02-sums: untouched
oda 01-numbers: wrong 1/4: half, open: double, mistakes: not halved
oda 02-sums: untouched
pia 01-numbers: passed 4/4, reference
pia 02-sums: untouched
quy 01-numbers: passed 4/4, alike: roy
quy 02-sums: passed 1/1, but-for-names
roy 01-numbers: passed 4/4, alike: quy
roy 02-sums: passed 1/1, but-for-names";
    assert_eq!(said, expected, "{said}");
    assert!(!ran.exists(), "a learner's build script was run");

    let learners = &compared["learners"];
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
    assert!(compared["date"].as_str().unwrap().ends_with(" GMT"));
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
        "Wrong\n  1  01-numbers: double",
        "Open\n  1  01-numbers: half",
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
    let suite = "tests=\"4\" failures=\"0\" errors=\"0\" skipped=\"1\"";
    assert!(said.contains(suite), "no `{suite}` in: {said}");
    assert!(said.contains("name=\"half\"><skipped"), "{said}");
    assert!(said.contains("name=\"double::doubles_two\"/>"), "{said}");

    mini.fails(
        &["compare", "--html", "none/report.html"],
        "error: cannot write none/report.html: ",
    );
}

/// A grader reads the exit status, or marks.
#[test]
fn what_does_not_pass_can_fail_and_has_its_marks() {
    let mini = two_lessons();
    let lesson = "lessons/01-numbers/src/lib.rs";
    mini.change(lesson, "todo!(\"double({n:?})\")", "n * 2");
    mini.ok(&["compare", "numbers"]);
    mini.fails(&["compare", "--must-pass", "numbers"], "3/4 ○1");
    let marks = || {
        let output = workbook(
            &mini.path(""),
            &["compare", "--format", "classroom", "numbers"],
        );
        let marks: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tests = marks["tests"].as_array().unwrap().iter();
        let line = |test: &Value| format!("{} {}", test["name"].as_str().unwrap(), test["score"]);
        let lines: Vec<_> = tests.map(line).collect();
        (marks["status"].as_str().unwrap().to_owned(), lines)
    };
    let lines = ["01-numbers double 1", "01-numbers half: open 0"].map(str::to_owned);
    assert_eq!(marks(), ("fail".into(), lines.to_vec()));
    // An optional exercise may be open, and has no mark.
    mini.change(
        "solutions/01-numbers/Cargo.toml",
        "[lib]",
        "[package.metadata.workbook]\ntitle = \"N\"\nabout = \"a\"\nshow = 1\n\
         core = { double = 1 }\noptional = { half = 1 }\n\n[lib]",
    );
    mini.ok(&["compare", "--must-pass", "numbers"]);
    assert_eq!(marks(), ("pass".into(), lines[..1].to_vec()));
    mini.change(lesson, "n * 2", "n * 3");
    mini.fails(&["compare", "--must-pass", "numbers"], "✗1");
    mini.ok(&["reset", "numbers"]);

    checkout(&mini, "ann", [None, None, None]);
    checkout(&mini, "bob", [None, None, None]);
    let dirs = ["ann", "bob"].map(|name| mini.path(&format!("class/{name}")));
    let dirs = dirs.each_ref().map(|dir| dir.to_str().unwrap());
    let said = "error: marks are one learner's: name one checkout";
    mini.fails(
        &["compare", "--format", "classroom", dirs[0], dirs[1]],
        said,
    );
}

/// The commands of the workflow for GitHub Classroom, as they stand in its file.
#[cfg(target_os = "linux")]
#[test]
fn the_workflow_for_a_classroom_has_the_marks_of_compare() {
    use std::path::Path;
    use std::process::Command;

    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/classroom.yml");
    let workflow = fs::read_to_string(file).unwrap();
    let (_, script) = workflow.split_once("run: |\n").unwrap();
    let script: Vec<_> = script
        .lines()
        .take_while(|line| line.starts_with("          "))
        .collect();
    // In a miniature workbook, cargo knows no `workbook`.
    let script = script.join("\n").replace("cargo workbook", "$PROGRAM");
    assert!(
        script.contains("$PROGRAM compare --format classroom"),
        "{script}"
    );

    let mini = two_lessons();
    checkout(&mini, "ann", [Some("n + n"), None, None]);
    let learner = mini.path("class/ann");
    let script = script.replace("../learner", learner.to_str().unwrap());
    let outputs = mini.path("outputs");
    let ran = Command::new("bash")
        .args(["-e", "-o", "pipefail", "-c", &script])
        .current_dir(mini.path(""))
        .env_remove("CARGO_TARGET_DIR")
        .env("PROGRAM", env!("CARGO_BIN_EXE_workbook"))
        .env("LESSONS", "numbers sums")
        .env("GITHUB_OUTPUT", &outputs)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", text(&ran));
    let output = fs::read_to_string(outputs).unwrap();
    let encoded = output.strip_prefix("result=").unwrap().trim();
    let decode = format!("printf %s {encoded} | base64 --decode");
    let marks = Command::new("bash")
        .args(["-c", &decode])
        .output()
        .unwrap()
        .stdout;
    let marks: Value = serde_json::from_slice(&marks).unwrap();
    let scores: Vec<_> = marks["tests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| &t["score"])
        .collect();
    assert_eq!(scores, [1, 0, 0]);
    assert!(mini.path("reports/learner-ann.html").is_file());
}

/// What fails there may only follow, so it is not called wrong, and no mistake is looked for.
#[test]
fn an_exercise_that_goes_through_a_wrong_one_waits() {
    let mini = two_lessons();
    let solution = "solutions/01-numbers/src/lib.rs";
    mini.change(
        solution,
        "/// One.",
        "/// Quadruples `n`.\npub fn quadruple(n: u8) -> u8 {\n    // Exercise: twice twice.\n    \
         double(double(n))\n}\n\n/// One.",
    );
    mini.change(
        "lessons/01-numbers/tests/numbers/main.rs",
        "mod given {",
        "mod quadruple {\n    use super::*;\n\n    const ROWS: [fn() -> u8; 1] = [|| numbers::quadruple(1)];\n\n    \
         #[test]\n    fn makes_four() -> Result<(), String> {\n        same(\"Four.\", ROWS[0](), 4)\n    }\n}\n\n\
         mod given {",
    );
    let list = mini.path("solutions/01-numbers/mistakes.toml");
    let more = "\n[[mistake]]\nname = \"not four\"\nexercise = \"quadruple\"\nwhy = \"Why.\"\n\
                test = \"quadruple::makes_four\"\nsays = \"Four.\"\nfind = \"double(double(n))\"\n\
                replace = \"n\"\n";
    fs::write(&list, fs::read_to_string(&list).unwrap() + more).unwrap();
    mini.ok(&["starters"]);
    let lesson = "lessons/01-numbers/src/lib.rs";
    mini.change(lesson, "todo!(\"double({n:?})\")", "n + 1");
    mini.change(lesson, "todo!(\"half({n:?})\")", "n / 2");
    mini.change(lesson, "todo!(\"quadruple({n:?})\")", "double(double(n))");
    let compared = || {
        let output = workbook(&mini.path(""), &["compare", "numbers", "--format", "json"]);
        rows(&serde_json::from_slice(&output.stdout).unwrap()).remove(0)
    };
    let of = |line: String| line.split_once(": ").unwrap().1.to_owned();
    assert_eq!(
        of(compared()),
        "wrong 2/5: double, waiting: quadruple, mistakes: one is added"
    );
    mini.change(lesson, "n + 1", "n + n");
    mini.change(lesson, "double(double(n))", "n");
    assert_eq!(of(compared()), "wrong 4/5: quadruple, mistakes: not four");
}

/// One page for each learner, and one to be shown.
#[test]
fn reports_are_written_for_one_each() {
    let mini = two_lessons();
    let halved = Some("n / 2");
    checkout(&mini, "ann", [Some("n + n"), halved, None]);
    checkout(&mini, "bob", [Some("n * 3"), halved, None]);
    let dirs = ["ann", "bob"].map(|name| mini.path(&format!("class/{name}")));
    let dirs = dirs.each_ref().map(|dir| dir.to_str().unwrap());
    let reports = mini.path("reports");
    let reports = reports.to_str().unwrap();
    // A lesson and the checkouts stand in any order.
    mini.ok(&["compare", dirs[0], "--reports", reports, "numbers", dirs[1]]);
    let read = |name: &str| fs::read_to_string(mini.path(&format!("reports/{name}"))).unwrap();
    let (ann, bob, all) = (
        read("learner-ann.html"),
        read("learner-bob.html"),
        read("projector.html"),
    );
    assert!(ann.contains(">ann") && !ann.contains("bob"), "{ann}");
    assert!(bob.contains("n * 3") || bob.contains("Got 9"), "{bob}");
    assert!(
        !bob.contains("n + n"),
        "the answer of a red exercise: {bob}"
    );
    assert!(!all.contains("ann") && !all.contains("bob"), "{all}");
    assert!(
        all.contains("<code>double</code>") && !all.contains("02-sums"),
        "{all}"
    );
}

#[test]
fn what_cannot_be_meant_is_said() {
    let mini = two_lessons();
    for (arguments, said) in [
        (
            &["ann"][..],
            "error: `ann` is neither a lesson nor a directory; the lessons are 01-numbers, 02-sums",
        ),
        (
            &["numbers", "99"],
            "error: `99` is neither a lesson nor a directory",
        ),
        (&["numbers", "./ann"], "error: there is no directory ./ann"),
        (&["class/ann"], "error: there is no directory class/ann"),
        // Not this workbook's lesson of that name.
        (
            &["clas/lessons/02-sums"],
            "error: there is no directory clas/lessons/02-sums",
        ),
    ] {
        mini.fails(&[&["compare"], arguments].concat(), said);
    }
    checkout(&mini, "ann", [None, None, None]);
    let part = mini.path("class/ann/lessons/02-sums");
    mini.fails(
        &["compare", part.to_str().unwrap()],
        "a part of a checkout, not the whole: name ",
    );
    // Two lessons are two lessons.
    let said = mini.ok(&["compare", "numbers", "sums"]);
    assert!(
        said.contains("02-sums") && said.contains("01-numbers"),
        "{said}"
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
        [
            "ann 01-numbers: passed 4/4, but-for-names",
            "ann 02-sums: passed 1/1, but-for-names"
        ]
    );
    for _ in 0..3 {
        let both = thread::scope(|scope| {
            let both = ["ann", "bob"].map(|name| scope.spawn(move || compare(name)));
            both.map(|one| one.join().unwrap())
        });
        assert_eq!(both, alone);
    }
}
