//! `cargo workbook starters`: generates from the solutions the lessons' `src` and manifests, the
//! shims that run the lessons' tests, and the lists of lessons in README.md and SUMMARY.md.

use std::fs;

use anstream::println;
use anyhow::{Context, Result, anyhow, bail};

use crate::answers;
use crate::course;
use crate::files::Files;
use crate::kept::{self, Kept};
use crate::manifest;
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
    match course::write(workbook) {
        Ok(changed) => changed
            .iter()
            .for_each(|path| println!("{} written", path.display())),
        Err(error) => failed.push(format!("{error:#}")),
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
        let is_rust = path.extension().is_some_and(|e| e == "rs");
        let text = String::from_utf8_lossy(bytes);
        !files.contains_key(path) || is_rust && answers::has_an_answer(&text)
    });
    let kept = match written && !there.same_text(&files) {
        true => kept::keep(workbook, lesson, &there)?,
        false => Kept::Nothing,
    };
    let mut changed = files.write(&src)?;
    for (path, text) in manifest::generated(workbook, lesson).map_err(|p| anyhow!("{p}"))? {
        if workbook.read(&path).ok().as_ref() == Some(&text) {
            continue;
        }
        let file = workbook.path(&path);
        fs::create_dir_all(file.parent().unwrap_or(&file))
            .and_then(|()| fs::write(&file, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
        changed.push(path);
    }
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
