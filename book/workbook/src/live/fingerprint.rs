//! What a lesson's result depends on, as one number: when a file changes, so does the number.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files::walk;
use crate::workspace::{Lesson, Workbook};

/// Stands for the contents of the lesson's code and tests, of the lessons that it stands on, of
/// the kit, and of the versions of everything else.
pub fn of(workbook: &Workbook, lesson: &Lesson) -> Result<String> {
    let mut lessons = workbook.stands_on(lesson)?;
    lessons.push(lesson);
    let mut paths: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock", ".config/insta.yaml"]
        .iter()
        .map(PathBuf::from)
        .collect();
    let folders = lessons.iter().map(|lesson| lesson.dir());
    for folder in folders.chain([PathBuf::from("lessons/kit")]) {
        paths.extend(["Cargo.toml", "build.rs", "src", "tests"].map(|name| folder.join(name)));
    }
    let mut files = BTreeMap::new();
    for path in paths {
        add(&mut files, &workbook.root, &path)
            .with_context(|| format!("cannot read {}", path.display()))?;
    }
    let mut hasher = DefaultHasher::new();
    lesson.stem.hash(&mut hasher);
    files.hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// A file, or all files below a folder, or nothing. Leftovers count for nothing.
fn add(files: &mut BTreeMap<PathBuf, Vec<u8>>, root: &Path, path: &Path) -> io::Result<()> {
    let there = root.join(path);
    if !there.exists() {
        return Ok(());
    }
    for file in walk(&there).chain([Ok(there.clone())]) {
        let file = file?;
        if file.is_file()
            && let Ok(path) = file.strip_prefix(root)
        {
            files.insert(path.to_path_buf(), fs::read(&file)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{put, workbook};

    #[test]
    fn follows_the_contents_of_all_that_a_result_depends_on() {
        let (dir, workbook) = workbook();
        let two = workbook.lesson("two").unwrap();
        let now = || of(&workbook, two).unwrap();
        let first = now();
        assert_eq!(now(), first);
        for path in [
            "lessons/02-two/src/lib.rs",
            "lessons/02-two/src/deeper/x.rs",
            "lessons/02-two/tests/two/main.rs",
            "lessons/02-two/tests/snapshots/x.snap",
            "lessons/02-two/Cargo.toml",
            "lessons/01-one/src/lib.rs",
            "lessons/kit/src/lib.rs",
            "Cargo.lock",
            "Cargo.toml",
        ] {
            let path_there = dir.path().join(path);
            let before = fs::read(&path_there);
            put(&dir, path, "[dependencies]\none = 1\n# other contents\n");
            assert_ne!(now(), first, "{path}");
            match before {
                Ok(before) => fs::write(path_there, before).unwrap(),
                Err(_) => fs::remove_file(path_there).unwrap(),
            }
            assert_eq!(now(), first, "{path}");
        }
    }

    #[test]
    fn other_lessons_and_backups_make_no_difference() {
        let (dir, workbook) = workbook();
        let one = workbook.lesson("one").unwrap();
        let first = of(&workbook, one).unwrap();
        put(&dir, "lessons/02-two/src/lib.rs", "changed");
        put(&dir, "lessons/01-one/src/.lib.rs.swp", "swap");
        put(&dir, "lessons/01-one/src/lib.rs~", "backup");
        put(&dir, "lessons/01-one/src/.DS_Store", "system");
        put(&dir, "lessons/01-one/src/lib.rs.orig", "merge");
        put(&dir, "lessons/01-one/mine/1/lib.rs", "kept");
        assert_eq!(of(&workbook, one).unwrap(), first);
        assert_ne!(
            of(&workbook, workbook.lesson("two").unwrap()).unwrap(),
            first
        );
    }
}
