//! `cargo workbook catch-up` and `reset`: other files in a lesson, the learner's own kept aside.

use anyhow::Result;

use crate::answers;
use crate::files::Files;
use crate::kept::{self, Kept};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// Puts the reference into the lessons.
pub fn catch_up(workbook: &Workbook, called: &[String]) -> Result<()> {
    for lesson in chosen(workbook, called)? {
        let files = starter::reference(workbook, lesson)?;
        println!("{}", put(workbook, lesson, &files, "the reference")?);
        for below in workbook.stands_on(lesson)? {
            let exercises = starter::exercises(workbook, below)?;
            let theirs = Files::read(&workbook.path(below.src()))?;
            let open = answers::open(&theirs, &exercises).len();
            if open > 0 {
                println!(
                    "It stands on {}, where {open} of {} exercises are open: \
                     `cargo workbook catch-up {}`.",
                    below.stem,
                    exercises.len(),
                    below.topic
                );
            }
        }
    }
    Ok(())
}

/// Puts the starter back into the lessons.
pub fn reset(workbook: &Workbook, called: &[String]) -> Result<()> {
    for lesson in chosen(workbook, called)? {
        let (files, _) = starter::starter(workbook, lesson)?;
        println!("{}", put(workbook, lesson, &files, "the starter")?);
    }
    Ok(())
}

/// All names are looked up before anything is changed. The same lesson twice is one lesson.
fn chosen<'w>(workbook: &'w Workbook, called: &[String]) -> Result<Vec<&'w Lesson>> {
    let mut lessons = Vec::new();
    for name in called {
        let lesson = workbook.lesson(name)?;
        if !lessons.contains(&lesson) {
            lessons.push(lesson);
        }
    }
    Ok(lessons)
}

fn put(workbook: &Workbook, lesson: &Lesson, files: &Files, what: &str) -> Result<String> {
    let src = workbook.path(lesson.src());
    let was_there = Files::read(&src).is_ok_and(|theirs| theirs.same_text(files));
    let kept = kept::replace(workbook, lesson, files)?;
    let place = lesson.src().display().to_string();
    Ok(match kept {
        Kept::Nothing if was_there => format!("{place} holds {what} already."),
        Kept::Nothing => format!("{place} holds {what} now. There was nothing of yours to keep."),
        Kept::Now(folder) => {
            format!(
                "{place} holds {what} now. Your files are in {}.",
                folder.display()
            )
        }
        Kept::Before(folder) => format!(
            "{place} holds {what} now. Your files were kept before, in {}.",
            folder.display()
        ),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SOLUTION: &str = "//! Lesson.\n\n// ANCHOR: f\npub fn f() -> u8 {\n    // Exercise: one.\n    handshake_solution::ONE\n}\n// ANCHOR_END: f\n";
    const REFERENCE: &str =
        "//! Lesson.\n\npub fn f() -> u8 {\n    // Exercise: one.\n    handshake::ONE\n}\n";

    fn miniature() -> (tempfile::TempDir, Workbook) {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in [
            "book",
            "lessons/02-handshake/src",
            "solutions/02-handshake/src",
        ] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("lessons/02-handshake/Cargo.toml"), "").unwrap();
        let manifest = "[package]\nname = \"handshake-solution\"\n";
        fs::write(root.join("solutions/02-handshake/Cargo.toml"), manifest).unwrap();
        fs::write(root.join("solutions/02-handshake/src/lib.rs"), SOLUTION).unwrap();
        let workbook = Workbook::at(root).unwrap();
        reset(&workbook, &["2".into()]).unwrap();
        (dir, workbook)
    }

    fn called() -> Vec<String> {
        vec!["handshake".to_string()]
    }

    fn read(workbook: &Workbook, path: &str) -> String {
        workbook
            .read(format!("lessons/02-handshake/{path}"))
            .unwrap()
    }

    fn write(workbook: &Workbook, path: &str, text: &str) {
        fs::write(workbook.path(format!("lessons/02-handshake/{path}")), text).unwrap();
    }

    #[test]
    fn catching_up_from_a_starter_keeps_nothing() {
        let (_dir, workbook) = miniature();
        assert!(read(&workbook, "src/lib.rs").contains("todo!(\"f()\")"));
        catch_up(&workbook, &called()).unwrap();
        assert_eq!(read(&workbook, "src/lib.rs"), REFERENCE);
        reset(&workbook, &called()).unwrap();
        assert!(!workbook.path("lessons/02-handshake/mine").exists());
    }

    #[test]
    fn work_is_kept_with_its_extra_files_and_once_only() {
        let (_dir, workbook) = miniature();
        write(&workbook, "src/lib.rs", "mine");
        write(&workbook, "src/extra.rs", "more");
        catch_up(&workbook, &called()).unwrap();
        catch_up(&workbook, &called()).unwrap();
        assert_eq!(read(&workbook, "src/lib.rs"), REFERENCE);
        assert_eq!(read(&workbook, "mine/1/lib.rs"), "mine");
        assert_eq!(read(&workbook, "mine/1/extra.rs"), "more");
        assert!(!workbook.path("lessons/02-handshake/src/extra.rs").exists());

        // Put back by hand and replaced again: kept already.
        write(&workbook, "src/lib.rs", "mine");
        write(&workbook, "src/extra.rs", "more");
        reset(&workbook, &called()).unwrap();
        assert!(!workbook.path("lessons/02-handshake/mine/2").exists());

        write(&workbook, "src/lib.rs", "mine, better");
        reset(&workbook, &called()).unwrap();
        assert_eq!(read(&workbook, "mine/1/lib.rs"), "mine");
        assert_eq!(read(&workbook, "mine/2/lib.rs"), "mine, better");
    }

    #[test]
    fn an_unknown_lesson_changes_nothing() {
        let (_dir, workbook) = miniature();
        write(&workbook, "src/lib.rs", "mine");
        let error = reset(&workbook, &["2".into(), "99".into()]).unwrap_err();
        assert_eq!(error.to_string(), "no lesson `99`; there are 02-handshake");
        assert_eq!(read(&workbook, "src/lib.rs"), "mine");
    }

    #[test]
    fn where_nothing_can_be_kept_nothing_is_changed() {
        let (_dir, workbook) = miniature();
        write(&workbook, "src/lib.rs", "mine");
        write(&workbook, "mine", "a file in the way");
        let error = catch_up(&workbook, &called()).unwrap_err().to_string();
        assert!(error.starts_with("cannot keep your files in"), "{error}");
        assert_eq!(read(&workbook, "src/lib.rs"), "mine");
    }

    #[test]
    fn generating_starters_keeps_an_answer_too() {
        let (_dir, workbook) = miniature();
        write(&workbook, "src/lib.rs", REFERENCE);
        crate::starters::run(&workbook, &[]).unwrap();
        assert!(read(&workbook, "src/lib.rs").contains("todo!"));
        assert_eq!(read(&workbook, "mine/1/lib.rs"), REFERENCE);
        // A starter that is out of date is nobody's work.
        let old = read(&workbook, "src/lib.rs").replace("Lesson", "Old lesson");
        write(&workbook, "src/lib.rs", &old);
        crate::starters::run(&workbook, &[]).unwrap();
        assert!(!workbook.path("lessons/02-handshake/mine/2").exists());
    }
}
