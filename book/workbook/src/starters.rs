//! `cargo workbook starters`: generates `lessons/*/src` from the solutions.

use anyhow::{Result, bail};

use crate::answers;
use crate::files::Files;
use crate::kept::{self, Kept};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

pub fn run(workbook: &Workbook, called: &[String]) -> Result<()> {
    let mut failed = Vec::new();
    for lesson in workbook.lessons(called)? {
        match generate(workbook, lesson) {
            Ok(line) => println!("{line}"),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\nerror: "));
    }
    Ok(())
}

fn generate(workbook: &Workbook, lesson: &Lesson) -> Result<String> {
    let (files, exercises) = starter::starter(workbook, lesson)?;
    if files.is_empty() {
        bail!("{} holds no files", lesson.solution_src().display());
    }
    let src = workbook.path(lesson.src());
    let there = Files::read(&src)?;
    // A starter of yesterday may go. An answer, or a file that no solution has, was written here.
    let written = there.iter().any(|(path, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        !files.contains_key(path) || answers::has_an_answer(&text)
    });
    let kept = match written && !there.same_text(&files) {
        true => kept::keep(workbook, lesson, &there)?,
        false => Kept::Nothing,
    };
    let changed = files.write(&src)?;
    let mut line = format!(
        "{}: {} exercises, {}",
        lesson.stem,
        exercises.len(),
        match changed.len() {
            0 => "already current".to_string(),
            _ =>
                changed
                    .iter()
                    .map(|path| path.to_string_lossy())
                    .collect::<Vec<_>>()
                    .join(", ")
                    + " written",
        }
    );
    if let Kept::Now(folder) | Kept::Before(folder) = kept {
        line += &format!("; what was there is in {}", folder.display());
    }
    Ok(line)
}
