//! A folder's files as a value: read, compared, written back.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};

/// The files below a folder, by path relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// Reads every file below `dir`. A folder that does not exist has none; a link is an error.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let mut files = Self::default();
        if dir.exists() {
            files.add(dir, dir)?;
        }
        Ok(files)
    }

    fn add(&mut self, top: &Path, dir: &Path) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            // Through a link, a file elsewhere would be read here, and later removed or changed.
            if path.is_symlink() {
                let message = format!("{} is a symbolic link", path.display());
                return Err(io::Error::other(message));
            }
            if path.is_dir() {
                self.add(top, &path)?;
            } else if let Ok(relative) = path.strip_prefix(top) {
                self.0.insert(relative.to_path_buf(), fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// Makes `dir` hold these files and no others. Files that are right already stay untouched,
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

    /// Whether both hold the same text; an editor may have changed the line ends.
    pub fn same_text(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().all(|(path, bytes)| {
                other
                    .0
                    .get(path)
                    .is_some_and(|theirs| unix(theirs) == unix(bytes))
            })
    }
}

/// Editors' backups and swap files; vim's probe for a writable directory; insta's leavings.
pub fn is_passing(name: &str) -> bool {
    name.starts_with('.')
        || name.ends_with('~')
        || name.ends_with(".snap.new")
        || name.ends_with(".pending-snap")
        || name == "4913"
}

fn unix(bytes: &[u8]) -> Vec<u8> {
    let ends_a_line = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
    (0..bytes.len())
        .filter(|&at| !ends_a_line(at))
        .map(|at| bytes[at])
        .collect()
}

fn remove_empty_folders(dir: &Path) -> io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty_folders(&path)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
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

    #[cfg(unix)]
    #[test]
    fn a_link_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/", dir.path().join("lib.rs")).unwrap();
        let error = Files::read(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("lib.rs is a symbolic link"), "{error}");
    }
}
