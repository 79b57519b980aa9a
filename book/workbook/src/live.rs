//! The reader's code in the page: a save runs the lesson's tests, and the chapter's panel shows
//! them as they end.
//!
//! | module | knows |
//! |---|---|
//! | `attempt` | how a lesson is tried |
//! | `queue` | what runs next, and what a newer save stops |
//! | `worker` | the thread that runs it |
//! | `state` | what the threads share |
//! | `known` | a lesson's tests, and how they stand |
//! | `fingerprint` | what a result depends on |
//! | `record` | the last result of each lesson, on disk |
//! | `report` | the form of a failing test's output |
//! | `said` | a failing test's output, drawn |
//! | `difference` | expected against yours, drawn |
//! | `panel` | the HTML |

mod attempt;
mod difference;
mod fingerprint;
mod known;
mod panel;
mod queue;
mod record;
mod report;
mod said;
mod state;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::sync;

use crate::run::LIMIT;
use crate::workspace::Workbook;
use attempt::{Attempt, WithCargo};
use known::Phase;
pub use panel::Drawn;
use state::Shared;

/// The lessons' state, for the pages and the watcher.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

/// What has changed in one go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The folders in lessons/ whose code or tests changed, the last one at the end.
    pub lessons: Vec<String>,
    /// The kit, which all of them are tested with.
    pub kit: bool,
}

impl Live {
    /// Runs the lessons' tests in a thread of its own.
    pub fn start(workbook: Workbook) -> Self {
        let live = Self::new(workbook, Box::new(WithCargo), LIMIT);
        let worker = live.clone();
        thread::spawn(move || {
            worker::load(&worker.0);
            if let Some(last) = worker::to_resume(&worker.0) {
                worker.run(&last);
            }
            worker::work(&worker.0);
        });
        live
    }

    fn new(workbook: Workbook, attempt: Box<dyn Attempt>, limit: Duration) -> Self {
        Self(Arc::new(Shared::new(workbook, attempt, limit)))
    }

    /// Wakes up whenever a panel or the progress has changed.
    pub fn told(&self) -> sync::watch::Receiver<u64> {
        self.0.told.subscribe()
    }

    /// How a lesson stands, by the name of its folder.
    pub fn drawn(&self, stem: &str) -> Option<Arc<Drawn>> {
        self.0.state().drawn.get(stem).cloned()
    }

    /// Each lesson that was run: how many of its tests pass, and whether that is current.
    pub fn progress(&self) -> serde_json::Value {
        let state = self.0.state();
        let lessons = state.lessons.iter().filter_map(|(stem, known)| {
            let state = known.state.as_ref().ok()?;
            let passed = state.tests.iter().filter(|test| state.passed(test)).count();
            let ran = known.record.as_ref().is_some_and(|r| r.result.is_ok());
            let kind = match (known.current, state.is_done()) {
                (true, true) if ran => "done",
                (true, false) => "part",
                (_, true) => "old",
                (false, false) => return None,
            };
            let counts = serde_json::json!({
                "state": kind, "passed": passed, "all": state.tests.len(),
            });
            Some((stem.clone(), counts))
        });
        serde_json::Value::Object(lessons.collect())
    }

    /// A page shows the lesson's chapter, until what is returned is dropped.
    pub fn open(&self, stem: &str) -> Option<Open> {
        let workbook = &self.0.workbook;
        let lesson = workbook.lessons.iter().find(|l| l.stem == stem)?;
        // Not each change is heard of: not one on a network's disk, or through mapped memory.
        let now = fingerprint::of(workbook, lesson).ok();
        let mut state = self.0.state();
        state.queue.opened(stem);
        let known = state.lessons.get_mut(stem)?;
        let was_current = known.current;
        known.compare(now.as_ref());
        if was_current && !known.current {
            known.renew(known::outline(workbook, lesson));
        }
        self.0.want(&mut state, stem);
        drop(state);
        Some(Open {
            live: self.clone(),
            stem: stem.to_owned(),
        })
    }

    /// Runs the lesson's tests now: it was saved, or a reader asks for it.
    pub fn run(&self, stem: &str) {
        let mut state = self.0.state();
        let Some(known) = state.lessons.get_mut(stem) else {
            return;
        };
        if known.phase == Phase::Idle {
            known.phase = Phase::Waiting;
        }
        state.queue.saved(stem);
        self.0.draw(&mut state, stem);
        self.0.wake.notify_all();
    }

    /// Files were saved: runs what was edited last, and what a page shows.
    pub fn changed(&self, changes: &Changes) {
        let workbook = &self.0.workbook;
        if let Some(last) = changes.lessons.last() {
            self.run(last);
        }
        // What the pages show runs after it; anything else when its chapter is opened.
        for lesson in &workbook.lessons {
            let changed = |stem: &String| changes.lessons.contains(stem);
            let itself = changed(&lesson.stem);
            let outline = itself.then(|| known::outline(workbook, lesson));
            let now = fingerprint::of(workbook, lesson).ok();
            let mut state = self.0.state();
            let Some(known) = state.lessons.get_mut(&lesson.stem) else {
                continue;
            };
            if !itself && !changes.kit && !known.below.iter().any(changed) {
                continue;
            }
            known.compare(now.as_ref());
            if let Some(outline) = outline {
                known.renew(outline);
            }
            self.0.draw(&mut state, &lesson.stem);
            if state.queue.is_shown(&lesson.stem) && changes.lessons.last() != Some(&lesson.stem) {
                self.0.want(&mut state, &lesson.stem);
            }
        }
    }

    /// Stops what runs. To be called before the program ends.
    pub fn end(&self) {
        let mut state = self.0.state();
        state.ended = true;
        state.queue.stop();
        self.0.wake.notify_all();
    }
}

/// A page that shows a lesson's chapter.
pub struct Open {
    live: Live,
    stem: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.live.0.state().queue.closed(&self.stem);
    }
}

/// Lessons that nothing runs.
#[cfg(test)]
pub fn idle(workbook: Workbook) -> Live {
    Live::new(workbook, Box::new(tests::Nothing), LIMIT)
}
