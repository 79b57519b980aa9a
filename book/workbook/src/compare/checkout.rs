//! What is taken from a learner's checkout: text, in bounds, and nothing from outside of it.

use std::fs;
use std::path::Path;

use crate::files::{Files, entries};
use crate::workspace::Lesson;

/// More than any lesson needs. A checkout is somebody else's.
const MOST_FILES: usize = 200;
const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// Why `dir` cannot be compared at all.
pub fn problem(dir: &Path) -> Option<String> {
    if !dir.is_dir() {
        return Some("there is no such directory".into());
    }
    if dir.join("lessons").is_dir() {
        return None;
    }
    // A lesson of a checkout, or the folder with all of them.
    let full = fs::canonicalize(dir).unwrap_or(dir.to_path_buf());
    let lessons = full.ancestors().find(|dir| dir.ends_with("lessons"));
    Some(match lessons.and_then(Path::parent) {
        Some(checkout) if full.ancestors().take(2).any(|dir| dir.ends_with("lessons")) => format!(
            "a part of a checkout, not the whole: name {}",
            checkout.display()
        ),
        _ => "not a workbook: it has no lessons".into(),
    })
}

/// A short name for each checkout: its folder's, with as much of the path before it as tells it from
/// the others.
pub fn names(dirs: &[String]) -> Vec<String> {
    let parts = |dir: &String| -> Vec<String> {
        let full = fs::canonicalize(dir).unwrap_or(dir.into());
        let parts = full.components().map(|part| part.as_os_str());
        parts.map(|part| part.to_string_lossy().into()).collect()
    };
    let all: Vec<_> = dirs.iter().map(parts).collect();
    let name = |own: &Vec<String>| {
        let others = || all.iter().filter(|other| *other != own);
        let end = |length: usize| &own[own.len().saturating_sub(length)..];
        let tells = |length: &usize| !others().any(|other| other.ends_with(end(*length)));
        let length = (1..own.len()).find(tells);
        end(length.unwrap_or(own.len())).join("/")
    };
    all.iter().map(name).collect()
}

/// The sources of a learner's lesson, or why they cannot be taken.
pub fn src(dir: &Path, lesson: &Lesson) -> Result<Files, String> {
    let src = dir.join(lesson.src());
    if !src.is_dir() {
        return Err(format!("the checkout has no {}", lesson.src().display()));
    }
    let inside = match (fs::canonicalize(dir), fs::canonicalize(&src)) {
        (Ok(dir), Ok(src)) => src.starts_with(dir),
        _ => false,
    };
    if !inside {
        return Err(format!(
            "{} leads out of the checkout",
            lesson.src().display()
        ));
    }
    measure(&src)?;
    let files = Files::read(&src).map_err(|error| error.to_string())?;
    if !files.contains_key(Path::new("lib.rs")) {
        return Err("no src/lib.rs".into());
    }
    for (path, bytes) in files.iter() {
        if path.extension().is_some_and(|e| e == "rs")
            && let Err(error) = std::str::from_utf8(bytes)
        {
            let at = error.valid_up_to();
            return Err(format!("src/{} is not UTF-8 at byte {at}", path.display()));
        }
    }
    Ok(files)
}

/// Counts files, folders and bytes before anything is read. A pipe would never end.
fn measure(src: &Path) -> Result<(), String> {
    let (mut files, mut bytes) = (0, 0);
    for entry in entries(src) {
        let unreadable = |error: std::io::Error| format!("cannot read {}: {error}", src.display());
        let entry = entry.map_err(unreadable)?;
        let about = entry.metadata().map_err(|error| unreadable(error.into()))?;
        if !about.is_dir() && !about.is_file() {
            let name = entry.file_name().to_string_lossy();
            return Err(format!("{name} is a link or a device, not a file"));
        }
        files += 1;
        bytes += about.len();
        if files > MOST_FILES || bytes > MOST_BYTES {
            return Err(format!(
                "more than {MOST_FILES} files or {MOST_BYTES} bytes in src"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson() -> Lesson {
        Lesson::from_stem("01-one").unwrap()
    }

    fn checkout(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, bytes) in files {
            let path = dir.path().join("lessons/01-one/src").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        dir
    }

    fn error(files: &[(&str, &[u8])]) -> String {
        src(checkout(files).path(), &lesson()).unwrap_err()
    }

    #[test]
    fn takes_the_sources_and_nothing_else() {
        let dir = checkout(&[("lib.rs", b"a"), ("x/y.rs", b"b")]);
        fs::write(dir.path().join("lessons/01-one/build.rs"), "evil").unwrap();
        let files = src(dir.path(), &lesson()).unwrap();
        let names: Vec<_> = files
            .keys()
            .map(|path| path.display().to_string())
            .collect();
        assert_eq!(names.len(), 2);
        assert!(names.iter().all(|name| !name.contains("build")));
        assert_eq!(problem(dir.path()), None);
    }

    #[test]
    fn says_why_a_lesson_cannot_be_taken() {
        assert_eq!(error(&[]), "the checkout has no lessons/01-one/src");
        assert_eq!(error(&[("x.rs", b"a")]), "no src/lib.rs");
        assert_eq!(
            error(&[("lib.rs", b"ab\xff")]),
            "src/lib.rs is not UTF-8 at byte 2"
        );
        let long = vec![b' '; MOST_BYTES as usize + 1];
        assert_eq!(
            error(&[("lib.rs", &long)]),
            "more than 200 files or 2097152 bytes in src"
        );
        let nested: Vec<_> = (0..=MOST_FILES).map(|n| format!("a/{n}.rs")).collect();
        let many: Vec<(&str, &[u8])> = nested.iter().map(|n| (n.as_str(), &b""[..])).collect();
        assert_eq!(error(&many), "more than 200 files or 2097152 bytes in src");
        // Folders share the limit.
        let half = vec![b' '; MOST_BYTES as usize / 2];
        let spread = [
            ("lib.rs", &b""[..]),
            ("a/x.rs", &half),
            ("b/y.rs", &half),
            ("c/z.rs", &half),
        ];
        assert_eq!(
            error(&spread),
            "more than 200 files or 2097152 bytes in src"
        );
    }

    #[test]
    fn leftovers_are_not_taken() {
        let left = [
            ("lib.rs", &b"a"[..]),
            (".DS_Store", b"\xff"),
            ("lib.rs.orig", b"b"),
        ];
        let files = src(checkout(&left).path(), &lesson()).unwrap();
        assert_eq!(files.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn follows_no_link_out_of_the_checkout() {
        use std::os::unix::fs::symlink;
        let outside = checkout(&[("lib.rs", b"secret")]);
        let dir = checkout(&[("lib.rs", b"a")]);
        let link = dir.path().join("lessons/01-one/src/secret.rs");
        symlink("/etc/hostname", &link).unwrap();
        let why = src(dir.path(), &lesson()).unwrap_err();
        assert_eq!(why, "secret.rs is a link or a device, not a file");

        // An editor's lock leads nowhere, and is nothing.
        fs::remove_file(&link).unwrap();
        symlink("ann@host.4242", link.with_file_name(".#lib.rs")).unwrap();
        symlink("ann@host.4242", link.with_file_name("lock")).unwrap();
        assert_eq!(src(dir.path(), &lesson()).unwrap().len(), 1);

        let dir = tempfile::tempdir().unwrap();
        symlink(outside.path().join("lessons"), dir.path().join("lessons")).unwrap();
        let why = src(dir.path(), &lesson()).unwrap_err();
        assert_eq!(why, "lessons/01-one/src leads out of the checkout");
    }

    #[test]
    fn names_are_short_and_differ() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let dir = dir.path().join(name);
            fs::create_dir_all(&dir).unwrap();
            dir.to_string_lossy().into_owned()
        };
        let all = [
            make("ann"),
            make("bob/workbook"),
            make("cat/workbook"),
            make("dan/x/wb"),
            make("eva/x/wb"),
        ];
        assert_eq!(
            names(&all),
            [
                "ann",
                "bob/workbook",
                "cat/workbook",
                "dan/x/wb",
                "eva/x/wb"
            ]
        );
        let lesson = make("ann/lessons/01-one");
        let checkout = fs::canonicalize(&all[0]).unwrap();
        let part = format!(
            "a part of a checkout, not the whole: name {}",
            checkout.display()
        );
        assert_eq!(problem(Path::new(&lesson)), Some(part));
        fs::remove_dir_all(checkout.join("lessons")).unwrap();
        assert_eq!(
            problem(Path::new(&all[0])).unwrap(),
            "not a workbook: it has no lessons"
        );
        assert_eq!(
            problem(&dir.path().join("gone")).unwrap(),
            "there is no such directory"
        );
    }
}
