//! Says when a file that the book is made of has changed.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use notify::{RecursiveMode, Watcher};

/// A save is several events; the next build begins when they have stopped for this long.
const QUIET: Duration = Duration::from_millis(40);
/// A build begins at the latest this long after the first of them.
const PATIENCE: Duration = Duration::from_millis(300);

/// Watches until it is dropped.
pub struct Watch {
    events: Receiver<()>,
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
                let concerns =
                    |path: &std::path::PathBuf| path.strip_prefix(&top).is_ok_and(is_source);
                // Building reads the sources, which must not count as a change.
                if !event.kind.is_access() && event.paths.iter().any(concerns) {
                    let _ = sender.send(());
                }
            })?;
        watcher.watch(&root.join("book"), RecursiveMode::NonRecursive)?;
        for dir in [
            "book/src",
            "book/assets",
            "book/theme",
            "lessons",
            "solutions",
        ] {
            let dir = root.join(dir);
            if dir.is_dir() {
                watcher
                    .watch(&dir, RecursiveMode::Recursive)
                    .with_context(|| format!("cannot watch {}", dir.display()))?;
            }
        }
        Ok(Self {
            events,
            _watcher: watcher,
        })
    }

    /// Waits for a change, and for the end of a burst of changes.
    pub fn wait(&self) {
        if self.events.recv().is_err() {
            return;
        }
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if self.events.recv_timeout(QUIET) == Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }
}

/// Whether the book is made of this file, named relative to the root.
fn is_source(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let name = parts.last().copied().unwrap_or_default();
    // Editors' backups and swap files; vim's probe for a writable directory.
    if name.starts_with('.') || name.ends_with('~') || name.ends_with(".snap.new") || name == "4913"
    {
        return false;
    }
    matches!(
        parts[..],
        ["book", "book.toml"]
            | ["book", "src" | "assets" | "theme", ..]
            | ["lessons", "kit", ..]
            | ["lessons", _, "tests" | "Cargo.toml", ..]
            | ["lessons", _]
            | ["solutions", ..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_the_book_is_made_of() {
        for path in [
            "book/book.toml",
            "book/src/01-polling.md",
            "book/assets/workbook.css",
            "lessons/01-polling/tests/snapshots/poll.snap",
            "solutions/01-polling/mistakes.toml",
        ] {
            assert!(is_source(Path::new(path)), "{path}");
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
            assert!(!is_source(Path::new(path)), "{path}");
        }
    }
}
