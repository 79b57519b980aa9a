//! `cargo workbook new`: lays out a lesson with one exercise as an example.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::starters;
use crate::workspace::{Lesson, Workbook};

/// Lays out the lesson `stem`. Nothing that exists is touched but the generated lists.
pub fn run(workbook: &Workbook, stem: &str, title: &str) -> Result<()> {
    let Some(lesson) = Lesson::from_stem(stem) else {
        bail!(
            "`{stem}` is no name of a lesson: write two digits, a hyphen, a topic, as in 07-rooms"
        );
    };
    let is_taken = |l: &&Lesson| l.number == lesson.number || l.topic == lesson.topic;
    if let Some(other) = workbook.lessons.iter().find(is_taken) {
        bail!("the lesson {} has this number or topic", other.stem);
    }
    if title.trim().is_empty() || title.contains(['"', '\\', '\n']) {
        bail!("a title is a line of text without quotes");
    }
    let files = files(workbook, &lesson, title);
    if let Some((path, _)) = files.iter().find(|(path, _)| workbook.path(path).exists()) {
        bail!("{} exists already", path.display());
    }
    for (path, text) in &files {
        let file = workbook.path(path);
        fs::create_dir_all(file.parent().unwrap_or(&workbook.root))
            .and_then(|()| fs::write(&file, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{} written", path.display());
    }
    let workbook = Workbook::at(&workbook.root)?;
    starters::run(&workbook, std::slice::from_ref(&lesson.topic))?;
    println!(
        "\nReplace the example by the lesson, and give it a section in book/src/instructor.md. Then\n\
         \n    cargo workbook starters {topic}\n    cargo workbook check {topic}\n    cargo workbook check --only book\n\n\
         .github/CONTRIBUTING.md has the rules.",
        topic = lesson.topic
    );
    Ok(())
}

/// What is written by hand in a lesson. The rest is generated from it.
fn files(workbook: &Workbook, lesson: &Lesson, title: &str) -> Vec<(PathBuf, String)> {
    let (tests, _) = workbook.test_target(lesson);
    let greet = tests.with_file_name("greet.rs");
    let templates = [
        (
            lesson.solution_manifest(),
            include_str!("new/Cargo.toml.txt"),
        ),
        (
            lesson.solution_src().join("lib.rs"),
            include_str!("new/lib.rs.txt"),
        ),
        (
            lesson.solution_src().join("main.rs"),
            include_str!("new/main.rs.txt"),
        ),
        (lesson.mistakes(), include_str!("new/mistakes.toml.txt")),
        (
            lesson.equivalents(),
            include_str!("new/equivalents.toml.txt"),
        ),
        (lesson.hints(), include_str!("new/hints.toml.txt")),
        (tests, include_str!("new/tests.rs.txt")),
        (greet, include_str!("new/greet.rs.txt")),
        (lesson.chapter(), include_str!("new/chapter.md.txt")),
        (lesson.solution_page(), include_str!("new/solution.md.txt")),
    ];
    let filled = |template: &str| {
        template
            .replace("@STEM@", &lesson.stem)
            .replace("@TOPIC@", &lesson.topic)
            .replace("@CRATE@", &lesson.crate_name())
            .replace("@NUMBER@", &lesson.number.to_string())
            .replace("@TITLE@", title)
    };
    templates
        .map(|(path, template)| (path, filled(template)))
        .into()
}
