//! A folder's files as a value: read, compared, written back.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use crate::leftovers::is_leftover;

/// The files below a folder, by path relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// Reads every file below `dir`, leftovers left out. A folder that does not exist has none; a
    /// link is an error.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        if !dir.exists() {
            return Ok(files);
        }
        for path in walk(dir) {
            let path = path?;
            // Through a link, a file elsewhere would be read here, and later removed or changed.
            if path.is_symlink() {
                let message = format!("{} is a symbolic link", path.display());
                return Err(io::Error::other(message));
            }
            let bytes = match fs::read(&path) {
                // An editor has just put another in its place.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                bytes => bytes?,
            };
            if let Ok(relative) = path.strip_prefix(dir) {
                files.0.insert(relative.to_path_buf(), bytes);
            }
        }
        Ok(files)
    }

    /// Makes `dir` hold these files and, leftovers apart, no others. Files that are right already stay untouched,
    /// so that cargo rebuilds nothing for them. Returns the paths that changed.
    pub fn write(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        let mut changed = Vec::new();
        for old in Self::read(dir)?
            .keys()
            .filter(|old| !self.0.contains_key(*old))
        {
            fs::remove_file(dir.join(old))?;
            changed.push(old.clone());
        }
        remove_empty_folders(dir)?;
        for (path, bytes) in &self.0 {
            let path_there = dir.join(path);
            if fs::read(&path_there).is_ok_and(|there| there == *bytes) {
                continue;
            }
            if let Some(parent) = path_there.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path_there, bytes)?;
            changed.push(path.clone());
        }
        Ok(changed)
    }

    /// Whether both hold the same text, as [`same_text`] has it.
    pub fn same_text(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(path, bytes)| {
                let theirs = other.0.get(path);
                theirs.is_some_and(|theirs| same_text(theirs, bytes))
            })
    }
}

/// The files and folders below `dir`, a folder before what is in it. Leftovers are left out, and
/// links that lead nowhere.
pub fn entries(dir: &Path) -> impl Iterator<Item = io::Result<DirEntry>> {
    let counts = |entry: &DirEntry| {
        let is_top = entry.depth() == 0;
        is_top || !is_leftover(&entry.file_name().to_string_lossy())
    };
    let walk = WalkDir::new(dir).sort_by_file_name().into_iter();
    walk.filter_entry(counts).filter_map(|entry| match entry {
        Ok(entry) if entry.depth() == 0 => None,
        Ok(entry) if entry.path_is_symlink() && !entry.path().exists() => None,
        entry => Some(entry.map_err(io::Error::from)),
    })
}

/// The files below `dir`, and links: one to a folder is not followed.
pub fn walk(dir: &Path) -> impl Iterator<Item = io::Result<PathBuf>> {
    entries(dir).filter_map(|entry| match entry {
        Ok(entry) if entry.file_type().is_dir() => None,
        entry => Some(entry.map(DirEntry::into_path)),
    })
}

/// Whether both are the same text; an editor may have changed the line ends, or added a mark of
/// the byte order.
pub fn same_text(one: &[u8], other: &[u8]) -> bool {
    fn text(bytes: &[u8]) -> impl Iterator<Item = u8> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let ends_a_line = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        let kept = (0..bytes.len()).filter(move |&at| !ends_a_line(at));
        kept.map(|at| bytes[at])
    }
    text(one).eq(text(other))
}

fn remove_empty_folders(dir: &Path) -> io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    let entries = entries(dir).collect::<io::Result<Vec<_>>>()?;
    let folders = entries.iter().filter(|entry| entry.file_type().is_dir());
    for folder in folders.rev() {
        if fs::read_dir(folder.path())?.next().is_none() {
            fs::remove_dir(folder.path())?;
        }
    }
    Ok(())
}

impl Deref for Files {
    type Target = BTreeMap<PathBuf, Vec<u8>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Files {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leftovers::tests::LEFTOVERS;

    fn files(list: &[(&str, &str)]) -> Files {
        let list = list
            .iter()
            .map(|(path, text)| (path.into(), text.as_bytes().to_vec()));
        Files(list.collect())
    }

    #[test]
    fn a_folder_comes_to_hold_these_files_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let src = dir.path().join("src");
        files(&[("lib.rs", "a"), ("old/x.rs", "b"), ("same.rs", "c")])
            .write(&src)
            .unwrap();
        let new = files(&[("lib.rs", "A"), ("new/y.rs", "d"), ("same.rs", "c")]);
        let changed = new.write(&src).unwrap();
        let changed: Vec<_> = changed
            .iter()
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .collect();
        assert_eq!(changed, ["old/x.rs", "lib.rs", "new/y.rs"]);
        assert_eq!(Files::read(&src).unwrap(), new);
        assert!(!src.join("old").exists());
    }

    #[test]
    fn line_ends_make_no_difference() {
        assert!(files(&[("a", "x\r\ny\n")]).same_text(&files(&[("a", "x\ny\r\n")])));
        assert!(!files(&[("a", "x\ry")]).same_text(&files(&[("a", "xy")])));
        assert!(!files(&[("a", "x")]).same_text(&files(&[("b", "x")])));
        assert!(!files(&[("a", "x")]).same_text(&files(&[("a", "x"), ("b", "")])));
    }

    #[test]
    fn a_mark_of_the_byte_order_makes_no_difference() {
        let marked = files(&[("lib.rs", "\u{feff}//! x\r\n")]);
        assert!(marked.same_text(&files(&[("lib.rs", "//! x\n")])));
        assert!(!marked.same_text(&files(&[("lib.rs", "//! y\n")])));
    }

    #[test]
    fn leftovers_are_not_read_and_stay_where_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let src = dir.path().join("src");
        let answer = files(&[("lib.rs", "a"), ("x/y.rs", "b")]);
        answer.write(&src).unwrap();
        for name in LEFTOVERS {
            fs::write(src.join(name), "left").unwrap();
            fs::write(src.join("x").join(name), "left").unwrap();
        }
        fs::create_dir_all(src.join(".git/refs")).unwrap();
        assert_eq!(Files::read(&src).unwrap(), answer);
        let new = files(&[("lib.rs", "A")]);
        new.write(&src).unwrap();
        assert_eq!(Files::read(&src).unwrap(), new);
        assert!(LEFTOVERS.iter().all(|name| src.join(name).exists()));
        assert!(src.join(".git/refs").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_stops_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let src = dir.path().join("src");
        let answer = files(&[("lib.rs", "a")]);
        answer.write(&src).unwrap();
        // An editor's lock, and any other.
        for name in [".#lib.rs", "lib.rs.lock"] {
            std::os::unix::fs::symlink("ann@host.4242", src.join(name)).unwrap();
        }
        assert_eq!(Files::read(&src).unwrap(), answer);
        answer.write(&src).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", dir.path().join("lib.rs")).unwrap();
        let error = Files::read(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("lib.rs is a symbolic link"), "{error}");
    }
}
