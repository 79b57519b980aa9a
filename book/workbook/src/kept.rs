//! Other files in the place of a learner's own, which are kept aside: nothing is ever lost.
//!
//! They go to `lessons/NN-topic/mine/1`, `mine/2` and so on: outside `src`, where cargo does not
//! look, and not ignored by git, so that a learner's commit keeps them too.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::files::Files;
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// What became of a learner's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// There was nothing of the learner's own.
    Nothing,
    /// They are in this folder, relative to the root, since now.
    Now(PathBuf),
    /// This folder holds the same files already.
    Before(PathBuf),
}

/// Files that are to stand in a lesson's `src`: what can be known before anything changes.
pub struct Replacement<'a> {
    workbook: &'a Workbook,
    pub lesson: &'a Lesson,
    files: Files,
    theirs: Files,
    nobodys: bool,
}

impl<'a> Replacement<'a> {
    pub fn new(workbook: &'a Workbook, lesson: &'a Lesson, files: Files) -> Result<Self> {
        let theirs = Files::read(&workbook.path(lesson.src()))
            .with_context(|| format!("cannot read {}", lesson.src().display()))?;
        let nobodys = theirs.is_empty()
            || theirs.same_text(&files)
            || theirs.same_text(&starter::starter(workbook, lesson)?.0)
            || theirs.same_text(&starter::reference(workbook, lesson)?);
        Ok(Self {
            workbook,
            lesson,
            files,
            theirs,
            nobodys,
        })
    }

    /// The files stand there already.
    pub fn is_there(&self) -> bool {
        self.theirs.same_text(&self.files)
    }

    /// Puts the files there; what the learner wrote is kept aside first.
    pub fn make(&self) -> Result<Kept> {
        let kept = match self.nobodys {
            true => Kept::Nothing,
            false => keep(self.workbook, self.lesson, &self.theirs)?,
        };
        let src = self.lesson.src();
        self.files
            .write(&self.workbook.path(&src))
            .with_context(|| format!("cannot write {}", src.display()))?;
        Ok(kept)
    }
}

/// Keeps `theirs` in a new folder, unless one holds them already.
pub fn keep(workbook: &Workbook, lesson: &Lesson, theirs: &Files) -> Result<Kept> {
    let kept = lesson.kept();
    let top = workbook.path(&kept);
    let mut last = 0;
    if top.is_dir() {
        for entry in fs::read_dir(&top).with_context(|| cannot_keep(&kept))? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let Ok(number) = name.parse::<u32>() else {
                continue;
            };
            last = last.max(number);
            let folder = kept.join(&*name);
            if Files::read(&workbook.path(&folder)).is_ok_and(|files| files == *theirs) {
                return Ok(Kept::Before(folder));
            }
        }
    }
    // Whole or not at all: a folder that could only be half written never gets its number.
    let folder = kept.join((last + 1).to_string());
    let half = workbook.path(kept.join(format!(".{}", last + 1)));
    theirs
        .write(&half)
        .and_then(|_| fs::rename(&half, workbook.path(&folder)))
        .with_context(|| cannot_keep(&kept))?;
    Ok(Kept::Now(folder))
}

fn cannot_keep(kept: &std::path::Path) -> String {
    format!("cannot keep your files in {}", kept.display())
}
