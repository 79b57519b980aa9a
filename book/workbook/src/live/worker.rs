//! The one thread that runs tests: what the queue gives out, a lesson at a time.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::fingerprint;
use super::known::{self, Known, Phase};
use super::record::{self, Record};
use super::state::Shared;
use crate::run::{NotRun, Step, Stop};

/// Tests end faster than a page can show: it hears of them this often.
const PACE: Duration = Duration::from_millis(30);

/// Reads what is on disk: each lesson's tests, and its last result.
pub fn load(shared: &Shared) {
    let workbook = &shared.workbook;
    for lesson in &workbook.lessons {
        let outline = known::outline(workbook, lesson);
        let record = record::load(workbook, lesson);
        let now = fingerprint::of(workbook, lesson).ok();
        let mut state = shared.state();
        let Some(known) = state.lessons.get_mut(&lesson.stem) else {
            continue;
        };
        known.state = outline;
        if let Some(record) = record {
            known.learn(record);
        }
        known.compare(now.as_ref());
        // A page may have opened the chapter already, and have it queued.
        shared.draw(&mut state, &lesson.stem);
    }
}

/// The lesson that was edited last, if it was edited since it ran.
pub fn to_resume(shared: &Shared) -> Option<String> {
    let state = shared.state();
    let edited = |known: &Known| known::last_change(&shared.workbook.path(known.lesson.src()));
    let last = state
        .lessons
        .values()
        .filter(|known| known.record.is_some())
        .max_by_key(|known| edited(known))
        .filter(|known| !known.current && known.phase == Phase::Idle);
    last.map(|known| known.lesson.stem.clone())
}

/// Runs what the queue gives out, until the program ends.
pub fn work(shared: &Shared) {
    while let Some((stem, stop)) = wait(shared) {
        try_lesson(shared, &stem, &stop);
    }
}

fn wait(shared: &Shared) -> Option<(String, Stop)> {
    let mut state = shared.state();
    loop {
        if state.ended {
            return None;
        }
        if let Some((stem, stop)) = state.queue.next() {
            if let Some(known) = state.lessons.get_mut(&stem) {
                known.phase = Phase::Building;
                known.so_far.clear();
            }
            shared.draw(&mut state, &stem);
            return Some((stem, stop));
        }
        // What was queued and is not wanted any more waits for nothing.
        let lessons = state.lessons.values_mut();
        let waiting = lessons.filter(|known| known.phase == Phase::Waiting);
        let mut unwanted = Vec::new();
        for known in waiting {
            known.phase = Phase::Idle;
            unwanted.push(known.lesson.stem.clone());
        }
        for stem in unwanted {
            shared.draw(&mut state, &stem);
        }
        let wait = shared.wake.wait(state);
        state = wait.unwrap_or_else(PoisonError::into_inner);
    }
}

fn try_lesson(shared: &Shared, stem: &str, stop: &Stop) {
    let Ok(lesson) = shared.workbook.lesson(stem) else {
        shared.state().queue.ended();
        return;
    };
    let before = fingerprint::of(&shared.workbook, lesson);
    let (done, over) = channel::<()>();
    let limit = shared.limit;
    let late = stop.clone();
    let timer = thread::spawn(move || {
        let late_now = over.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        if late_now && !late.is_stopped() {
            late.stop();
            return true;
        }
        false
    });
    let mut drawn = Instant::now();
    let mut tell = |step: Step<'_>| {
        let mut state = shared.state();
        let Some(known) = state.lessons.get_mut(stem) else {
            return;
        };
        match step {
            Step::Testing => known.phase = Phase::Testing,
            Step::Ended(test, verdict) => {
                known.so_far.insert(test.to_owned(), verdict);
                if drawn.elapsed() < PACE {
                    return;
                }
            }
        }
        drawn = Instant::now();
        shared.draw(&mut state, stem);
    };
    let attempt = &shared.attempt;
    let tried = attempt.run(&shared.workbook, lesson, stop, &mut tell);
    drop(done);
    let late = timer.join().unwrap_or_default();
    let result = match (tried, before) {
        _ if stop.is_stopped() && !late => None,
        (_, Err(error)) => Some((Err(NotRun::CannotStart(format!("{error:#}"))), None)),
        (Err(why @ NotRun::CannotStart(_)), _) => Some((Err(why), None)),
        (Err(_), Ok(_)) if late => Some((Err(NotRun::Late(limit)), None)),
        (tried, Ok(before)) => Some((tried, Some(before))),
    };
    let now = fingerprint::of(&shared.workbook, lesson).ok();
    let mut state = shared.state();
    state.queue.ended();
    let waits = state.queue.waits(stem);
    if let Some(known) = state.lessons.get_mut(stem) {
        known.phase = match waits {
            true => Phase::Waiting,
            false => Phase::Idle,
        };
        if let Some((result, fingerprint)) = result {
            known.learn(Record {
                fingerprint: fingerprint.clone().unwrap_or_default(),
                result,
                before: None,
                failed: BTreeSet::new(),
            });
            known.current = fingerprint.is_some() && fingerprint == now;
            if let (Some(_), Some(record)) = (&fingerprint, &known.record) {
                record::save(&shared.workbook, lesson, record);
            }
            // Once more, not without end.
            let again = fingerprint.is_some() && !known.current && !known.again;
            known.again = again;
            if again {
                shared.want(&mut state, stem);
            }
        }
    }
    shared.draw(&mut state, stem);
}
