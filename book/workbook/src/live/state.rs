//! The lessons' state, which the pages, the watcher and the one thread that runs tests share.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync;

use super::attempt::Attempt;
use super::known::{Known, Phase};
use super::panel::{self, Drawn};
use super::queue::Queue;
use crate::workspace::Workbook;

pub struct Shared {
    pub workbook: Workbook,
    pub attempt: Box<dyn Attempt>,
    /// Building and running a lesson's tests takes no longer than this, all in all.
    pub limit: Duration,
    state: Mutex<State>,
    /// There is something to run, or nothing any more.
    pub wake: Condvar,
    /// Counts the changes that a page would want to know of.
    pub told: sync::watch::Sender<u64>,
}

#[derive(Default)]
pub struct State {
    pub queue: Queue,
    pub lessons: BTreeMap<String, Known>,
    /// The lessons, as they were drawn last.
    pub drawn: BTreeMap<String, Arc<Drawn>>,
    pub ended: bool,
}

impl Shared {
    pub fn new(workbook: Workbook, attempt: Box<dyn Attempt>, limit: Duration) -> Self {
        let mut state = State::default();
        for lesson in &workbook.lessons {
            let known = Known::new(&workbook, lesson);
            let drawn = panel::draw(&known).into();
            state.drawn.insert(lesson.stem.clone(), drawn);
            state.lessons.insert(lesson.stem.clone(), known);
        }
        Self {
            workbook,
            attempt,
            limit,
            state: Mutex::new(state),
            wake: Condvar::new(),
            told: sync::watch::Sender::new(0),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the lesson's tests run, unless the last result is current.
    pub fn want(&self, state: &mut State, stem: &str) {
        let known = state.lessons.get_mut(stem);
        if let Some(known) = known
            && !known.current
        {
            if known.phase == Phase::Idle {
                known.phase = Phase::Waiting;
            }
            state.queue.wanted(stem);
            self.draw(state, stem);
            self.wake.notify_all();
        }
    }

    pub fn draw(&self, state: &mut State, stem: &str) {
        if let Some(known) = state.lessons.get(stem) {
            let drawn = panel::draw(known).into();
            state.drawn.insert(stem.to_owned(), drawn);
            self.told.send_modify(|count| *count += 1);
        }
    }
}
