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
    /// Reads every file below `dir`. A folder that does not exist has none.
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
        if path.is_dir() && !path.is_symlink() {
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
