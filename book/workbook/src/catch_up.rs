//! `cargo workbook catch-up` and `reset`: other files in a lesson, the learner's own kept aside.

use anstream::println;
use anyhow::Result;

use crate::answers;
use crate::files::Files;
use crate::kept::{Kept, Replacement};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

/// Puts the reference into the lessons.
pub fn catch_up(workbook: &Workbook, called: &[String]) -> Result<()> {
    let reference = |lesson: &Lesson| starter::reference(workbook, lesson);
    for lesson in put(workbook, called, "the reference", reference)? {
        for below in workbook.stands_on(lesson)? {
            let Ok((open, all)) = open(workbook, below) else {
                continue;
            };
            if open > 0 {
                println!(
                    "{} stands on {}, where {open} of {all} exercises are open: \
                     `cargo workbook catch-up {}`.",
                    lesson.stem, below.stem, below.topic
                );
            }
        }
    }
    Ok(())
}

/// Puts the starter back into the lessons.
pub fn reset(workbook: &Workbook, called: &[String]) -> Result<()> {
    let starter = |lesson: &Lesson| Ok(starter::starter(workbook, lesson)?.0);
    put(workbook, called, "the starter", starter)?;
    Ok(())
}

/// How many of a lesson's exercises are open, and how many there are.
fn open(workbook: &Workbook, lesson: &Lesson) -> Result<(usize, usize)> {
    let exercises = starter::exercises(workbook, lesson)?;
    let theirs = Files::read(&workbook.path(lesson.src()))?;
    Ok((answers::open(&theirs, &exercises).len(), exercises.len()))
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

/// Puts files into the lessons. Whatever can fail before a change has not failed in any of them.
fn put<'w>(
    workbook: &'w Workbook,
    called: &[String],
    what: &str,
    files: impl Fn(&Lesson) -> Result<Files>,
) -> Result<Vec<&'w Lesson>> {
    let lessons = chosen(workbook, called)?;
    let all: Vec<_> = lessons
        .iter()
        .map(|lesson| Replacement::new(workbook, lesson, files(lesson)?))
        .collect::<Result<_>>()?;
    for replacement in &all {
        let kept = replacement.make()?;
        let place = replacement.lesson.src().display().to_string();
        match kept {
            Kept::Nothing if replacement.is_there() => println!("{place} holds {what} already."),
            Kept::Nothing => {
                println!("{place} holds {what} now. There was nothing of yours to keep.")
            }
            Kept::Now(folder) => println!(
                "{place} holds {what} now. Your files are in {}.",
                folder.display()
            ),
            Kept::Before(folder) => println!(
                "{place} holds {what} now. Your files were kept before, in {}.",
                folder.display()
            ),
        }
    }
    Ok(lessons)
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
    fn leftovers_are_no_answer_and_stay() {
        let (_dir, workbook) = miniature();
        for name in [".DS_Store", "lib.rs~", "lib.rs.orig"] {
            write(&workbook, &format!("src/{name}"), "left");
        }
        let starter = read(&workbook, "src/lib.rs");
        write(&workbook, "src/lib.rs", &format!("\u{feff}{starter}"));
        catch_up(&workbook, &called()).unwrap();
        assert_eq!(read(&workbook, "src/lib.rs"), REFERENCE);
        assert_eq!(read(&workbook, "src/lib.rs~"), "left");
        assert!(!workbook.path("lessons/02-handshake/mine").exists());
    }

    /// A link out of the second lesson stops the first too.
    #[cfg(unix)]
    #[test]
    fn what_cannot_be_done_changes_nothing() {
        let (_dir, workbook) = miniature();
        for folder in ["lessons/03-frames/src", "solutions/03-frames/src"] {
            fs::create_dir_all(workbook.path(folder)).unwrap();
        }
        fs::write(workbook.path("lessons/03-frames/Cargo.toml"), "").unwrap();
        let manifest = "[package]\nname = \"frames-solution\"\n";
        fs::write(workbook.path("solutions/03-frames/Cargo.toml"), manifest).unwrap();
        fs::write(workbook.path("solutions/03-frames/src/lib.rs"), SOLUTION).unwrap();
        let link = workbook.path("lessons/03-frames/src/lib.rs");
        std::os::unix::fs::symlink("/etc/hostname", link).unwrap();
        let workbook = Workbook::at(&workbook.root).unwrap();
        write(&workbook, "src/lib.rs", "mine");
        let error = catch_up(&workbook, &["2".into(), "3".into()]).unwrap_err();
        assert!(
            format!("{error:#}").contains("is a symbolic link"),
            "{error:#}"
        );
        assert_eq!(read(&workbook, "src/lib.rs"), "mine");

        // One that leads nowhere, in a lesson below, is nothing to stop for.
        fs::remove_file(workbook.path("lessons/03-frames/src/lib.rs")).unwrap();
        let needs = "[dependencies]\nhandshake.workspace = true\n";
        fs::write(workbook.path("lessons/03-frames/Cargo.toml"), needs).unwrap();
        let lock = workbook.path("lessons/02-handshake/src/.#lib.rs");
        std::os::unix::fs::symlink("ann@host.4242", lock).unwrap();
        catch_up(&workbook, &["3".into()]).unwrap();
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
