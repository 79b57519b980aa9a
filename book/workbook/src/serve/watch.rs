//! Says what has changed: the book's sources, or lessons' code and tests.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::{RecursiveMode, Watcher};

use crate::leftovers::is_leftover;
use crate::live;

/// A save is several events; it is over when they have stopped for this long.
const QUIET: Duration = Duration::from_millis(25);
/// A save is taken to be over at the latest this long after its first event.
const PATIENCE: Duration = Duration::from_millis(300);

/// What has changed in one go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Something that the pages are made of.
    pub book: bool,
    /// What the lessons' results depend on.
    pub code: live::Changes,
}

impl Changes {
    fn add(&mut self, path: &Path) {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        if parts.iter().any(|name| is_leftover(name)) {
            return;
        }
        self.book |= matches!(
            parts[..],
            ["book", "book.toml"]
                | ["book", "src" | "theme", ..]
                | ["lessons", "kit", ..]
                | ["lessons", _, "tests" | "Cargo.toml", ..]
                | ["lessons", _]
                | ["solutions", ..]
        );
        match parts[..] {
            ["lessons", "kit", "src" | "Cargo.toml", ..] => self.code.kit = true,
            ["lessons", lesson, "src" | "tests" | "Cargo.toml", ..] => {
                self.code.lessons.retain(|known| known != lesson);
                self.code.lessons.push(lesson.to_owned());
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
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
        let mut watch = |dir: &str, mode| {
            watcher
                .watch(&root.join(dir), mode)
                .with_context(|| format!("cannot watch {dir}"))
        };
        // What is built lies in `book` too, and is not watched.
        watch("book", RecursiveMode::NonRecursive)?;
        for dir in ["book/src", "book/theme", "lessons", "solutions"] {
            if root.join(dir).is_dir() {
                watch(dir, RecursiveMode::Recursive)?;
            }
        }
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
    use crate::fixtures::{put, workbook};

    fn changes(paths: &[&str]) -> Changes {
        let mut changes = Changes::default();
        for path in paths {
            changes.add(Path::new(path));
        }
        changes
    }

    #[test]
    fn knows_what_the_book_is_made_of() {
        for path in [
            "book/book.toml",
            "book/src/01-polling.md",
            "book/src/assets/workbook.css",
            "lessons/01-polling/tests/snapshots/poll.snap",
            "solutions/01-polling/mistakes.toml",
        ] {
            assert!(changes(&[path]).book, "{path}");
        }
        for path in [
            "book/book/index.html",
            "book/workbook/src/main.rs",
            "lessons/01-polling/src/lib.rs",
            "lessons/01-polling/mine/lib.rs",
            "book/src/.01-polling.md.swp",
            "book/src/01-polling.md~",
            "lessons/01-polling/tests/snapshots/poll.snap.new",
            "target/debug/workbook",
        ] {
            assert!(!changes(&[path]).book, "{path}");
        }
    }

    #[test]
    fn knows_whose_files_they_are() {
        let paths = [
            "lessons/02-two/src/lib.rs",
            "lessons/01-one/tests/snapshots/x.snap",
            "lessons/02-two/src/.lib.rs.swp",
            "lessons/02-two/src/lib.rs~",
            "lessons/02-two/src/4913",
            "lessons/02-two/src/.DS_Store",
            "lessons/02-two/src/lib.rs.orig",
            "lessons/02-two/src/.svn/entries",
            "lessons/02-two/mine/1/lib.rs",
            "lessons/AGENTS.md",
        ];
        let code = changes(&paths).code;
        assert_eq!(code.lessons, ["02-two", "01-one"]);
        assert!(!code.kit);
        let more = ["lessons/02-two/src/lib.rs", "lessons/kit/src/net.rs"];
        let code = changes(&[&paths[..], &more[..]].concat()).code;
        assert_eq!(code.lessons, ["01-one", "02-two"]);
        assert!(code.kit);
    }

    #[test]
    fn a_save_is_heard_in_all_the_ways_that_editors_save() {
        let (dir, workbook) = workbook();
        let watch = Watch::new(&workbook.root).unwrap();
        put(&dir, "lessons/01-one/src/lib.rs", "written in place");
        assert_eq!(watch.wait().unwrap().code.lessons, ["01-one"]);
        put(&dir, "lessons/02-two/src/.lib.rs.tmp", "renamed over it");
        let folder = dir.path().join("lessons/02-two/src");
        std::fs::rename(folder.join(".lib.rs.tmp"), folder.join("lib.rs")).unwrap();
        assert_eq!(watch.wait().unwrap().code.lessons, ["02-two"]);
    }
}
