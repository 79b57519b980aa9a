//! The feed: numbered updates that readers want to know about.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// How many updates are kept. A reader that is further behind misses the oldest.
const KEPT: usize = 1000;

/// One update: its number, counted from 1, and a line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub number: u64,
    pub text: String,
}

/// The updates, in order. Clones share them.
///
/// The numbers begin at 1 again when the server starts again: a reader from before would wait for
/// a number that is long in coming. The lesson on heartbeats deals with that.
#[derive(Clone, Default)]
pub struct Feed {
    updates: Arc<Mutex<VecDeque<Update>>>,
    latest: watch::Sender<u64>,
}

impl Feed {
    /// Adds an update and wakes who waits for it.
    pub fn publish(&self, text: &str) {
        // One line each: readers tell updates apart by their line ends.
        let text = text.replace(['\r', '\n'], " ");
        let mut updates = self.lock();
        let number = updates.back().map_or(0, |last| last.number) + 1;
        if updates.len() == KEPT {
            updates.pop_front();
        }
        updates.push_back(Update { number, text });
        // A reader may keep the number while it takes the updates: never hold both.
        drop(updates);
        self.latest.send_if_modified(|latest| {
            // Another publisher may have been faster.
            let is_newer = number > *latest;
            *latest = number.max(*latest);
            is_newer
        });
    }

    /// The updates after number `since`.
    pub fn since(&self, since: u64) -> Vec<Update> {
        let updates = self.lock();
        let new = updates.iter().filter(|update| update.number > since);
        new.cloned().collect()
    }

    /// The number of the newest update, to watch: 0 before the first.
    pub fn latest(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Update>> {
        // A panic elsewhere leaves the updates whole.
        self.updates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many updates there are; an unsolved exercise shows its feed so.
impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut feed = f.debug_struct("Feed");
        feed.field("updates", &self.lock().len()).finish()
    }
}

/// The updates as text, a line each: `2 goal`.
pub fn lines(updates: &[Update]) -> String {
    let lines = updates.iter();
    lines
        .map(|update| format!("{} {}\n", update.number, update.text))
        .collect()
}
