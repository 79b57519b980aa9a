//! Generated from a solution's manifest: the lesson's manifest, and the shim that runs the lesson's
//! tests on the solution.

use std::path::PathBuf;

use toml_edit::{DocumentMut, Item, Table};

use crate::problem::{Problem, line_at};
use crate::workspace::{Lesson, Workbook};

/// The files that a lesson has from its solution's manifest, by path relative to the root.
pub fn generated(workbook: &Workbook, lesson: &Lesson) -> Result<[(PathBuf, String); 2], Problem> {
    let manifest = manifest(workbook, lesson)?;
    Ok([
        (lesson.dir().join("Cargo.toml"), manifest),
        shim(workbook, lesson),
    ])
}

fn read(workbook: &Workbook, lesson: &Lesson) -> Result<DocumentMut, Problem> {
    let file = lesson.solution_manifest();
    let text = workbook
        .read(&file)
        .map_err(|error| Problem::new(&file, None, format!("{error:#}")))?;
    text.parse().map_err(|error: toml_edit::TomlError| {
        let line = error.span().map(|span| line_at(&text, span.start));
        Problem::new(&file, line, error.message())
    })
}

/// The solution's manifest under the lesson's name. It stands on the learner's earlier lessons, has
/// no benchmarks, and of the solution's dev-dependencies only what the lesson's tests use: the kit,
/// or what `[package.metadata.workbook.dev-dependencies]` lists.
fn manifest(workbook: &Workbook, lesson: &Lesson) -> Result<String, Problem> {
    let mut solution = read(workbook, lesson)?;
    let mut package = section(&mut solution, "package");
    let metadata = package.remove("metadata");
    package["name"] = toml_edit::value(&lesson.topic);
    let mut dependencies = section(&mut solution, "dependencies");
    for (_, dependency) in dependencies.iter_mut() {
        let of_solution = dependency
            .get("package")
            .and_then(Item::as_str)
            .is_some_and(|package| package.ends_with("-solution"));
        if of_solution && let Some(path) = dependency.get("path").and_then(Item::as_str) {
            *dependency = toml_edit::value(toml_edit::InlineTable::from_iter([("path", path)]));
        }
    }
    let own = metadata
        .as_ref()
        .and_then(|item| item.get("workbook")?.get("dev-dependencies")?.as_table());
    let tests = match own {
        Some(own) => own.clone(),
        None => {
            let mut all = section(&mut solution, "dev-dependencies");
            all.retain(|name, _| name == "kit");
            all
        }
    };

    let has_program = workbook
        .path(lesson.solution_src().join("main.rs"))
        .is_file();
    let program = match has_program {
        true => format!("{}\n", program(&lesson.topic)),
        false => String::new(),
    };
    let mut text = format!(
        "# `cargo workbook starters` generates this file from solutions/{}/Cargo.toml.\n\
         [package]\n{}\n{LIBRARY}\n{program}",
        lesson.stem,
        lines(&package),
    );
    for (name, table) in [
        ("lints", section(&mut solution, "lints")),
        ("features", section(&mut solution, "features")),
        ("dependencies", dependencies),
        ("dev-dependencies", tests),
    ] {
        if !table.is_empty() {
            text += &format!("[{name}]\n{}\n", lines(&table));
        }
    }
    Ok(format!("{}\n", text.trim_end()))
}

/// Lesson and solution are the same here: their tests are in `tests/`, so that a program or library
/// compiled for tests of its own would be compiled for nothing.
const LIBRARY: &str = "\
# Tests are in tests/: no empty runs for these.
[lib]
test = false
doctest = false
";

fn program(package: &str) -> String {
    format!("[[bin]]\nname = \"{package}\"\npath = \"src/main.rs\"\ntest = false\n")
}

fn section(manifest: &mut DocumentMut, name: &str) -> Table {
    let table = manifest.get(name).and_then(Item::as_table).cloned();
    table.unwrap_or_default()
}

/// A table's entries, a line each.
fn lines(table: &Table) -> String {
    let text = table.to_string();
    format!("{}\n", text.trim())
}

/// The lesson's tests, with the solution under the lesson's name.
fn shim(workbook: &Workbook, lesson: &Lesson) -> (PathBuf, String) {
    let (file, target) = workbook.test_target(lesson);
    let file = file.to_string_lossy().replace('\\', "/");
    let library = lesson.crate_name();
    let text = format!(
        "//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.\n\n\
         extern crate {library}_solution as {library};\n\n\
         #[path = \"../../../{file}\"]\nmod lesson;\n"
    );
    let shim = lesson.solution().join("tests").join(format!("{target}.rs"));
    (shim, text)
}

/// Where a solution's manifest would have its library or its program tested for nothing.
pub fn untidy(workbook: &Workbook, lesson: &Lesson) -> Result<Vec<Problem>, Problem> {
    let solution = read(workbook, lesson)?;
    let is_off = |table: &Table, key: &str| table.get(key).and_then(Item::as_bool) == Some(false);
    let library = solution.get("lib").and_then(Item::as_table);
    let library = library.is_some_and(|lib| is_off(lib, "test") && is_off(lib, "doctest"));
    let programs = solution.get("bin").and_then(Item::as_array_of_tables);
    let program = programs.is_some_and(|bins| bins.iter().all(|bin| is_off(bin, "test")));
    let has_program = workbook
        .path(lesson.solution_src().join("main.rs"))
        .is_file();
    let package = lesson.solution_package();
    let mut wanted = Vec::new();
    if !library {
        wanted.push(LIBRARY.lines().skip(1).collect::<Vec<_>>().join(", "));
    }
    if has_program && !program {
        wanted.push(program_line(&package));
    }
    let problem = |text| {
        let message = format!("its tests are in tests/: write {text}");
        Problem::new(lesson.solution_manifest(), None, message)
    };
    Ok(wanted.into_iter().map(problem).collect())
}

fn program_line(package: &str) -> String {
    program(package).lines().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const SOLUTION: &str = "\
[package]
name = \"two-solution\"
version.workspace = true

[package.metadata.workbook]
title = \"Two\"

[lib]
test = false
doctest = false
bench = false

[[bin]]
name = \"two-solution\"
path = \"src/main.rs\"
test = false

[lints]
workspace = true

[dependencies]
# A remark stays.
bytes.workspace = true
one = { package = \"one-solution\", path = \"../01-one\" }
tokio = { workspace = true, features = [\"signal\"] }

[dev-dependencies]
divan = \"1\"
kit = { workspace = true, features = [\"axum\"] }

[[bench]]
name = \"b\"
harness = false
";

    const LESSON: &str = "\
# `cargo workbook starters` generates this file from solutions/02-two/Cargo.toml.
[package]
name = \"two\"
version.workspace = true

# Tests are in tests/: no empty runs for these.
[lib]
test = false
doctest = false

[[bin]]
name = \"two\"
path = \"src/main.rs\"
test = false

[lints]
workspace = true

[dependencies]
# A remark stays.
bytes.workspace = true
one = { path = \"../01-one\" }
tokio = { workspace = true, features = [\"signal\"] }

[dev-dependencies]
kit = { workspace = true, features = [\"axum\"] }
";

    fn workbook(manifest: &str) -> (tempfile::TempDir, Workbook) {
        let dir = tempfile::tempdir().unwrap();
        for part in ["book", "lessons/02-two/tests", "solutions/02-two/src"] {
            fs::create_dir_all(dir.path().join(part)).unwrap();
        }
        fs::write(dir.path().join("solutions/02-two/Cargo.toml"), manifest).unwrap();
        fs::write(dir.path().join("solutions/02-two/src/main.rs"), "").unwrap();
        let workbook = Workbook::at(dir.path()).unwrap();
        (dir, workbook)
    }

    fn lesson(solution: &str) -> String {
        let (_dir, workbook) = workbook(solution);
        match generated(&workbook, &workbook.lessons[0]) {
            Ok([(_, manifest), _]) => manifest,
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn the_manifest_is_the_solutions_under_the_lessons_names() {
        assert_eq!(lesson(SOLUTION), LESSON);
    }

    #[test]
    fn a_solution_can_list_what_the_lessons_tests_use() {
        let list = "[package.metadata.workbook.dev-dependencies]\nkit.workspace = true\n\n[lib]";
        let manifest = lesson(&SOLUTION.replace("[lib]", list));
        assert!(manifest.ends_with("\n[dev-dependencies]\nkit.workspace = true\n"));
        assert_eq!(
            lesson("[package]\nname = \n"),
            "solutions/02-two/Cargo.toml:2: string values must be quoted, expected literal string"
        );
    }

    #[test]
    fn the_shim_names_the_lessons_test_file() {
        let (_dir, workbook) = workbook(SOLUTION);
        let (file, text) = shim(&workbook, &workbook.lessons[0]);
        assert!(file.ends_with("tests/two.rs"), "{}", file.display());
        assert!(text.contains("extern crate two_solution as two;"), "{text}");
        assert!(
            text.contains("\"../../../lessons/02-two/tests/two/main.rs\""),
            "{text}"
        );
    }

    #[test]
    fn a_solution_that_is_tested_for_nothing_is_named() {
        let found = |manifest: &str| {
            let (_dir, workbook) = workbook(manifest);
            let problems = untidy(&workbook, &workbook.lessons[0]).unwrap();
            let lines = problems.iter().map(Problem::to_string);
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(found(SOLUTION), "");
        assert_eq!(
            found(&SOLUTION.replace("test = false", "test = true")),
            "solutions/02-two/Cargo.toml: its tests are in tests/: write [lib], test = false, doctest = false\n\
             solutions/02-two/Cargo.toml: its tests are in tests/: write [[bin]], name = \"two-solution\", path = \"src/main.rs\", test = false"
        );
    }
}
