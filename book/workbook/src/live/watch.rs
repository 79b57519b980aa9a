//! Says which lessons' files have changed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::{RecursiveMode, Watcher};

/// A save is several events; it is over when they have stopped for this long.
const QUIET: Duration = Duration::from_millis(25);
/// A save is taken to be over at the latest this long after its first event.
const PATIENCE: Duration = Duration::from_millis(200);

/// What has changed in one go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The folders in lessons/ whose code or tests changed, the last one at the end.
    pub lessons: Vec<String>,
    /// The kit, or the versions of the dependencies.
    pub rest: bool,
}

impl Changes {
    fn add(&mut self, path: &Path) {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        if parts.last().is_some_and(|name| is_passing(name)) {
            return;
        }
        match parts[..] {
            ["lessons", "kit", "src" | "Cargo.toml", ..] => self.rest = true,
            ["lessons", lesson, "src" | "tests" | "Cargo.toml", ..] => {
                self.lessons.retain(|known| known != lesson);
                self.lessons.push(lesson.to_owned());
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
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

/// Watches until it is dropped.
pub struct Watch {
    events: Receiver<PathBuf>,
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    pub fn new(root: &Path) -> Result<Self> {
        let root = root.canonicalize()?;
        let (sender, events) = channel();
        let top = root.clone();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let Ok(event) = event else { return };
                // Building reads the sources, which must not count as a change.
                if event.kind.is_access() {
                    return;
                }
                for path in &event.paths {
                    if let Ok(path) = path.strip_prefix(&top) {
                        _ = sender.send(path.to_path_buf());
                    }
                }
            })?;
        watcher
            .watch(&root.join("lessons"), RecursiveMode::Recursive)
            .context("cannot watch lessons")?;
        Ok(Self {
            events,
            _watcher: watcher,
        })
    }

    /// Waits for a save to be over. `None` when there is nothing left to wait for.
    pub fn wait(&self) -> Option<Changes> {
        let mut changes = Changes::default();
        while changes.is_empty() {
            changes.add(&self.events.recv().ok()?);
        }
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            match self.events.recv_timeout(QUIET) {
                Ok(path) => changes.add(&path),
                Err(_) => break,
            }
        }
        Some(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::tests::{put, workbook};

    #[test]
    fn knows_whose_files_they_are() {
        let mut changes = Changes::default();
        for path in [
            "lessons/02-two/src/lib.rs",
            "lessons/01-one/tests/snapshots/x.snap",
            "lessons/02-two/src/.lib.rs.swp",
            "lessons/02-two/src/lib.rs~",
            "lessons/02-two/src/4913",
            "lessons/02-two/mine/1/lib.rs",
            "lessons/AGENTS.md",
        ] {
            changes.add(Path::new(path));
        }
        assert_eq!(changes.lessons, ["02-two", "01-one"]);
        assert!(!changes.rest);
        changes.add(Path::new("lessons/02-two/src/lib.rs"));
        changes.add(Path::new("lessons/kit/src/net.rs"));
        assert_eq!(changes.lessons, ["01-one", "02-two"]);
        assert!(changes.rest);
    }

    #[test]
    fn a_save_is_heard_in_all_the_ways_that_editors_save() {
        let (dir, workbook) = workbook();
        let watch = Watch::new(&workbook.root).unwrap();
        put(&dir, "lessons/01-one/src/lib.rs", "written in place");
        assert_eq!(watch.wait().unwrap().lessons, ["01-one"]);
        put(&dir, "lessons/02-two/src/.lib.rs.tmp", "renamed over it");
        let folder = dir.path().join("lessons/02-two/src");
        std::fs::rename(folder.join(".lib.rs.tmp"), folder.join("lib.rs")).unwrap();
        assert_eq!(watch.wait().unwrap().lessons, ["02-two"]);
    }
}
