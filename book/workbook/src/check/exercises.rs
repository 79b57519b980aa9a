//! Every exercise is owned by tests, and every test by an exercise, `whole` or `given`.

use anyhow::Result;

use super::subject::Subject;
use super::{Finding, count};
use crate::about::about;
use crate::files::Files;
use crate::lesson_tests::{self, GIVEN, WHOLE};
use crate::problem::Problem;
use crate::workspace::Workbook;

pub fn check(workbook: &Workbook, subjects: &[Subject]) -> Result<Finding> {
    let mut problems = Vec::new();
    let (mut exercises, mut tests) = (0, 0);
    for subject in subjects {
        exercises += subject.exercises.len();
        tests += subject.tests.as_ref().map_or(0, Vec::len);
        problems.extend(unowned(subject));
        problems.extend(untimed(workbook, subject));
        let (file, _) = workbook.test_target(&subject.lesson);
        let folder = subject.lesson.dir().join("tests");
        for path in Files::read(&workbook.path(&folder))?.keys() {
            // As cargo finds them: `tests/NAME.rs` and `tests/NAME/main.rs`.
            let is_target = match path.components().count() {
                1 => path.extension().is_some_and(|e| e == "rs"),
                2 => path.ends_with("main.rs"),
                _ => false,
            };
            if is_target && folder.join(path) != file {
                let message = "a second test program: put its tests into a module of the first";
                problems.push(Problem::new(folder.join(path), None, message));
            }
        }
    }
    Ok(Finding {
        looked_at: format!("{}, {}", count(exercises, "exercise"), count(tests, "test")),
        problems,
    })
}

/// Exercises that the lesson's manifest gives no minutes, and minutes of none. A manifest that says
/// nothing is for the check of the book.
fn untimed(workbook: &Workbook, subject: &Subject) -> Vec<Problem> {
    let Ok(about) = about(workbook, &subject.lesson) else {
        return Vec::new();
    };
    let owners = lesson_tests::owners(&subject.exercises);
    let missing = owners.keys().filter(|name| about.exercise(name).is_none());
    let missing = missing.map(|name| {
        format!("no minutes for `{name}`: add it to [package.metadata.workbook.core] or .optional")
    });
    let timed = about.core.keys().chain(about.optional.keys());
    let unknown = timed.filter(|name| !owners.contains_key(*name));
    let unknown = unknown.map(|name| format!("minutes for `{name}`, which is no exercise"));
    let twice = about
        .core
        .keys()
        .filter(|name| about.optional.contains_key(*name));
    let twice = twice.map(|name| format!("`{name}` is core and optional"));
    let file = subject.lesson.solution_manifest();
    let messages = missing.chain(unknown).chain(twice);
    messages
        .map(|message| Problem::new(&file, None, message))
        .collect()
}

fn unowned(subject: &Subject) -> Vec<Problem> {
    let mut problems = Vec::new();
    let lesson = &subject.lesson;
    let tests = match &subject.tests {
        Ok(tests) => tests,
        Err(problem) => return vec![problem.clone()],
    };
    if subject.exercises.is_empty() && subject.starter.is_ok() {
        problems.push(Problem::new(lesson.solution_src(), None, "has no exercise"));
    }
    let owners = lesson_tests::owners(&subject.exercises);
    for (module, exercise) in &owners {
        if !tests.iter().any(|test| test.module() == module) {
            let message =
                format!("no test owns this exercise: there is no `mod {module}` with tests");
            problems.push(Problem::new(&exercise.file, exercise.line, message));
        }
    }
    // The filter of a test program is a part of a test's name.
    for (module, exercise) in &owners {
        for other in owners
            .keys()
            .filter(|other| other.ends_with(module) && *other != module)
        {
            let message = format!("`-- {module}::` runs the tests of `{other}` too");
            problems.push(Problem::new(&exercise.file, exercise.line, message));
        }
    }
    if owners.len() < subject.exercises.len() {
        let message = "two exercises have one name and one type";
        problems.push(Problem::new(lesson.solution_src(), None, message));
    }
    let mut modules = Vec::new();
    for test in tests {
        let module = test.module();
        let is_owned = owners.contains_key(module) || [WHOLE, GIVEN].contains(&module);
        if !is_owned && !modules.contains(&module) {
            modules.push(module);
            let message = match module {
                "" => format!("`{}` is in no module: no exercise owns it", test.name),
                _ => format!("`mod {module}` is no exercise, nor `{WHOLE}` or `{GIVEN}`"),
            };
            problems.push(Problem::new(&test.file, test.line, message));
        }
        if test.ignored {
            let message = format!("`{}` is ignored: nobody runs it", test.name);
            problems.push(Problem::new(&test.file, test.line, message));
        }
    }
    problems.sort();
    problems
}
