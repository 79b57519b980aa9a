//! The reader's code in the page: a save runs the lesson's tests, and the chapter's panel shows
//! them as they end.
//!
//! | module | knows |
//! |---|---|
//! | `queue` | what runs next, and what a newer save stops |
//! | `fingerprint` | what a result depends on |
//! | `record` | the last result of each lesson, on disk |
//! | `report` | the form of a failing test's output |
//! | `difference` | expected against yours, drawn |
//! | `panel` | the HTML |

mod difference;
mod fingerprint;
mod panel;
mod queue;
mod record;
mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use tokio::sync;

use crate::lesson_tests;
use crate::run::{self, LIMIT, NotRun, Step, Stop, Tried, Verdict};
use crate::starter;
use crate::status;
use crate::workspace::{Lesson, Workbook};
use queue::Queue;
use record::Record;

/// Tests end faster than a page can show: it hears of them this often.
const PACE: Duration = Duration::from_millis(30);

/// What has changed in one go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The folders in lessons/ whose code or tests changed, the last one at the end.
    pub lessons: Vec<String>,
    /// The kit, which all of them are tested with.
    pub kit: bool,
}

/// A way to try a lesson.
pub trait Attempt: Send + Sync + 'static {
    /// Ends soon after `stop` says so.
    fn run(
        &self,
        workbook: &Workbook,
        lesson: &Lesson,
        stop: &Stop,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Tried;
}

struct WithCargo;

impl Attempt for WithCargo {
    fn run(
        &self,
        workbook: &Workbook,
        lesson: &Lesson,
        stop: &Stop,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Tried {
        run::lesson(workbook, lesson, Some(stop), tell)
    }
}

/// The lessons' state, shared by the pages, the watcher and the one thread that runs tests.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    workbook: Workbook,
    attempt: Box<dyn Attempt>,
    limit: Duration,
    state: Mutex<State>,
    wake: Condvar,
    /// Counts the changes that a page would want to know of.
    told: sync::watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    queue: Queue,
    lessons: BTreeMap<String, Known>,
    ended: bool,
}

/// What is known of a lesson.
struct Known {
    lesson: Lesson,
    /// The lessons it stands on.
    below: Vec<String>,
    /// Its exercises, its tests, and the last result; or why they cannot be read.
    state: Result<status::State, String>,
    record: Option<Record>,
    /// The record is about the files as they are.
    current: bool,
    /// The files changed while the tests ran, and nothing was saved: cargo wrote its lock file.
    again: bool,
    phase: Phase,
    so_far: BTreeMap<String, Verdict>,
    /// What each failing test says, in HTML.
    reports: BTreeMap<String, panel::Said>,
    /// Where the next exercise is.
    place: Option<String>,
    html: Arc<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Another lesson runs first, or an older run is being stopped.
    Waiting,
    Building,
    Testing,
}

impl Live {
    /// Runs the lessons' tests in a thread of its own.
    pub fn start(workbook: Workbook) -> Self {
        let live = Self::new(workbook, Box::new(WithCargo), LIMIT);
        let worker = live.clone();
        thread::spawn(move || {
            worker.load();
            worker.resume();
            worker.work();
        });
        live
    }

    fn new(workbook: Workbook, attempt: Box<dyn Attempt>, limit: Duration) -> Self {
        let known = |lesson: &Lesson| {
            let below = workbook.stands_on(lesson).unwrap_or_default();
            let mut known = Known {
                lesson: lesson.clone(),
                below: below.iter().map(|lesson| lesson.stem.clone()).collect(),
                state: Err(String::new()),
                record: None,
                current: false,
                again: false,
                phase: Phase::Idle,
                so_far: BTreeMap::new(),
                reports: BTreeMap::new(),
                place: None,
                html: "".into(),
            };
            known.html = panel::draw(&known).into();
            (lesson.stem.clone(), known)
        };
        let lessons = workbook.lessons.iter().map(known).collect();
        Self(Arc::new(Shared {
            workbook,
            attempt,
            limit,
            state: Mutex::new(State {
                lessons,
                ..State::default()
            }),
            wake: Condvar::new(),
            told: sync::watch::Sender::new(0),
        }))
    }

    /// Wakes up whenever a panel or the progress has changed.
    pub fn told(&self) -> sync::watch::Receiver<u64> {
        self.0.told.subscribe()
    }

    /// The panel of a lesson, by the name of its folder.
    pub fn panel(&self, stem: &str) -> Option<Arc<str>> {
        self.state()
            .lessons
            .get(stem)
            .map(|known| known.html.clone())
    }

    /// Each lesson that was run: how many of its tests pass, and whether that is current.
    pub fn progress(&self) -> serde_json::Value {
        let state = self.state();
        let lessons = state.lessons.iter().filter_map(|(stem, known)| {
            let state = known.state.as_ref().ok()?;
            let passed = state.tests.iter().filter(|test| state.passed(test)).count();
            let kind = match (known.current, state.is_done()) {
                (true, true) => "done",
                (true, false) => "part",
                (false, true) => "old",
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
        let mut state = self.state();
        if !state.lessons.contains_key(stem) {
            return None;
        }
        state.queue.opened(stem);
        self.want(&mut state, stem);
        drop(state);
        Some(Open {
            live: self.clone(),
            stem: stem.to_owned(),
        })
    }

    /// Runs the lesson's tests now: it was saved, or a reader asks for it.
    pub fn run(&self, stem: &str) {
        let mut state = self.state();
        let Some(known) = state.lessons.get_mut(stem) else {
            return;
        };
        if known.phase == Phase::Idle {
            known.phase = Phase::Waiting;
        }
        state.queue.saved(stem);
        self.draw(&mut state, stem);
        self.0.wake.notify_all();
    }

    /// Stops what runs. To be called before the program ends.
    pub fn end(&self) {
        let mut state = self.state();
        state.ended = true;
        state.queue.stop();
        self.0.wake.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let lock = self.0.state.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the lesson's tests run, unless the last result is current.
    fn want(&self, state: &mut State, stem: &str) {
        let known = state.lessons.get_mut(stem);
        if let Some(known) = known
            && !known.current
        {
            if known.phase == Phase::Idle {
                known.phase = Phase::Waiting;
            }
            state.queue.wanted(stem);
            self.draw(state, stem);
            self.0.wake.notify_all();
        }
    }

    fn draw(&self, state: &mut State, stem: &str) {
        if let Some(known) = state.lessons.get_mut(stem) {
            known.html = panel::draw(known).into();
            self.0.told.send_modify(|count| *count += 1);
        }
    }

    /// Reads what is on disk: each lesson's tests, and its last result.
    fn load(&self) {
        let workbook = &self.0.workbook;
        for lesson in &workbook.lessons {
            let outline = outline(workbook, lesson);
            let record = record::load(workbook, lesson);
            let now = fingerprint::of(workbook, lesson).ok();
            let mut state = self.state();
            let Some(known) = state.lessons.get_mut(&lesson.stem) else {
                continue;
            };
            known.state = outline;
            known.current =
                record.is_some() && record.as_ref().map(|r| &r.fingerprint) == now.as_ref();
            if let Some(record) = record {
                known.learn(workbook, record);
            }
            // A page may have opened the chapter already, and have it queued.
            self.draw(&mut state, &lesson.stem);
        }
    }

    /// Runs the lesson that was edited last, if it was edited since.
    fn resume(&self) {
        let state = self.state();
        let edited = |known: &Known| last_change(&self.0.workbook.path(known.lesson.src()));
        let last = state
            .lessons
            .values()
            .filter(|known| known.record.is_some())
            .max_by_key(|known| edited(known))
            .filter(|known| !known.current && known.phase == Phase::Idle)
            .map(|known| known.lesson.stem.clone());
        drop(state);
        if let Some(last) = last {
            self.run(&last);
        }
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
            let outline = itself.then(|| outline(workbook, lesson));
            let now = fingerprint::of(workbook, lesson).ok();
            let mut state = self.state();
            let Some(known) = state.lessons.get_mut(&lesson.stem) else {
                continue;
            };
            if !itself && !changes.kit && !known.below.iter().any(changed) {
                continue;
            }
            let recorded = known.record.as_ref().map(|record| &record.fingerprint);
            known.current = recorded.is_some() && recorded == now.as_ref();
            if let Some(outline) = outline {
                known.renew(outline);
            }
            self.draw(&mut state, &lesson.stem);
            if state.queue.is_shown(&lesson.stem) && changes.lessons.last() != Some(&lesson.stem) {
                self.want(&mut state, &lesson.stem);
            }
        }
    }

    /// Runs what the queue gives out, one lesson at a time.
    fn work(&self) {
        while let Some((stem, stop)) = self.wait() {
            self.try_lesson(&stem, &stop);
        }
    }

    fn wait(&self) -> Option<(String, Stop)> {
        let mut state = self.state();
        loop {
            if state.ended {
                return None;
            }
            if let Some((stem, stop)) = state.queue.next() {
                if let Some(known) = state.lessons.get_mut(&stem) {
                    known.phase = Phase::Building;
                    known.so_far.clear();
                }
                self.draw(&mut state, &stem);
                return Some((stem, stop));
            }
            // What was queued and is not wanted any more waits for nothing.
            let waiting = |known: &&mut Known| known.phase == Phase::Waiting;
            let mut changed = false;
            for known in state.lessons.values_mut().filter(waiting) {
                known.phase = Phase::Idle;
                known.html = panel::draw(known).into();
                changed = true;
            }
            if changed {
                self.0.told.send_modify(|count| *count += 1);
            }
            let wait = self.0.wake.wait(state);
            state = wait.unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn try_lesson(&self, stem: &str, stop: &Stop) {
        let shared = &self.0;
        let Ok(lesson) = shared.workbook.lesson(stem) else {
            self.state().queue.ended();
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
            let mut state = self.state();
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
            self.draw(&mut state, stem);
        };
        let tried = shared
            .attempt
            .run(&shared.workbook, lesson, stop, &mut tell);
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
        let mut state = self.state();
        state.queue.ended();
        let waits = state.queue.waits(stem);
        if let Some(known) = state.lessons.get_mut(stem) {
            known.phase = match waits {
                true => Phase::Waiting,
                false => Phase::Idle,
            };
            if let Some((result, fingerprint)) = result {
                let record = Record {
                    fingerprint: fingerprint.clone().unwrap_or_default(),
                    result,
                };
                known.current = fingerprint.is_some() && fingerprint == now;
                if fingerprint.is_some() {
                    record::save(&shared.workbook, lesson, &record);
                }
                known.learn(&shared.workbook, record);
                // Once more, not without end.
                let again = fingerprint.is_some() && !known.current && !known.again;
                known.again = again;
                if again {
                    self.want(&mut state, stem);
                }
            }
        }
        self.draw(&mut state, stem);
    }
}

/// A page that shows a lesson's chapter.
pub struct Open {
    live: Live,
    stem: String,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.live.state().queue.closed(&self.stem);
    }
}

impl Known {
    /// Takes in a result.
    fn learn(&mut self, workbook: &Workbook, record: Record) {
        self.reports = match &record.result {
            Ok(run) => panel::reports(run),
            Err(_) => BTreeMap::new(),
        };
        if let Ok(state) = &mut self.state {
            state.tried = Some(record.result.clone());
            let next = state.next();
            self.place =
                next.and_then(|module| status::place(workbook, &self.lesson, state, module));
        }
        self.record = Some(record);
    }

    /// Takes in the list of tests after a change to them; the last result stays.
    fn renew(&mut self, outline: Result<status::State, String>) {
        let old = std::mem::replace(&mut self.state, outline);
        if let (Ok(state), Ok(old)) = (&mut self.state, old) {
            state.tried = old.tried;
        }
    }
}

fn outline(workbook: &Workbook, lesson: &Lesson) -> Result<status::State, String> {
    let exercises = starter::exercises(workbook, lesson).map_err(|error| format!("{error:#}"))?;
    let tests = lesson_tests::tests(workbook, lesson).map_err(|problem| problem.to_string())?;
    Ok(status::State {
        exercises,
        tests,
        tried: None,
    })
}

/// When a file below a folder was last changed.
fn last_change(folder: &PathBuf) -> Option<SystemTime> {
    let entries = std::fs::read_dir(folder).ok()?;
    let changed = |path: PathBuf| match path.is_dir() {
        true => last_change(&path),
        false => path.metadata().and_then(|meta| meta.modified()).ok(),
    };
    entries
        .flatten()
        .filter_map(|entry| changed(entry.path()))
        .max()
}

/// Lessons that nothing runs.
#[cfg(test)]
pub fn idle(workbook: Workbook) -> Live {
    struct Nothing;

    impl Attempt for Nothing {
        fn run(&self, _: &Workbook, _: &Lesson, _: &Stop, _: &mut dyn FnMut(Step<'_>)) -> Tried {
            Err(NotRun::CannotStart("nothing runs".into()))
        }
    }

    Live::new(workbook, Box::new(Nothing), LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{CompileError, End};
    use std::sync::mpsc;
    use tempfile::TempDir;

    use crate::fixtures::{passing, put, ran, workbook};

    /// An attempt that waits for the test's word, and stops when it is told to.
    struct Scripted {
        started: mpsc::SyncSender<String>,
        results: Mutex<mpsc::Receiver<Tried>>,
    }

    impl Attempt for Scripted {
        fn run(
            &self,
            _: &Workbook,
            lesson: &Lesson,
            stop: &Stop,
            tell: &mut dyn FnMut(Step<'_>),
        ) -> Tried {
            self.started.send(lesson.stem.clone()).unwrap();
            tell(Step::Testing);
            tell(Step::Ended("f::answers_the_first", Verdict::Passed));
            let results = self.results.lock().unwrap();
            while !stop.is_stopped() {
                if let Ok(result) = results.recv_timeout(Duration::from_millis(1)) {
                    return result;
                }
            }
            Err(NotRun::Blocked("stopped".into()))
        }
    }

    struct Stage {
        dir: TempDir,
        live: Live,
        started: mpsc::Receiver<String>,
        results: mpsc::Sender<Tried>,
        told: sync::watch::Receiver<u64>,
    }

    impl Stage {
        fn new() -> Self {
            let (dir, workbook) = workbook();
            Self::on(dir, workbook, LIMIT)
        }

        fn on(dir: TempDir, workbook: Workbook, limit: Duration) -> Self {
            let (started, starts) = mpsc::sync_channel(8);
            let (results, received) = mpsc::channel();
            let attempt = Scripted {
                started,
                results: Mutex::new(received),
            };
            let live = Live::new(workbook, Box::new(attempt), limit);
            live.load();
            let worker = live.clone();
            thread::spawn(move || worker.work());
            let told = live.told();
            Self {
                dir,
                live,
                started: starts,
                results,
                told,
            }
        }

        fn next_start(&self) -> String {
            let wait = Duration::from_secs(20);
            self.started.recv_timeout(wait).expect("no run began")
        }

        /// The panel once it holds `text`.
        fn panel_with(&mut self, stem: &str, text: &str) -> String {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            runtime.block_on(async {
                loop {
                    let panel = self.live.panel(stem).unwrap().to_string();
                    if panel.contains(text) {
                        return panel;
                    }
                    let changed =
                        tokio::time::timeout(Duration::from_secs(20), self.told.changed());
                    let Ok(Ok(())) = changed.await else {
                        panic!("no {text:?} in {panel}");
                    };
                }
            })
        }

        fn restarted(self) -> Self {
            self.live.end();
            let workbook = self.live.0.workbook.clone();
            Self::on(self.dir, workbook, LIMIT)
        }
    }

    const ALL: [&str; 3] = ["f::answers_the_first", "f::answers_the_second", "g::counts"];

    #[test]
    fn a_save_turns_the_panel_red_and_green() {
        let mut stage = Stage::new();
        stage.live.run("01-one");
        assert_eq!(stage.next_start(), "01-one");
        stage.panel_with("01-one", "data-phase=\"testing\"");
        let red = [
            (ALL[0], Verdict::Passed, ""),
            (
                ALL[1],
                Verdict::Failed,
                "Look there.\n\nexpected (-) and yours (+):\n- <b>\n+ <i>\n\nlessons/x.rs:7",
            ),
            (
                ALL[2],
                Verdict::Failed,
                "not yet implemented: g()\nWrite it at lessons/01-one/src/lib.rs:5; its comments say how.",
            ),
        ];
        stage.results.send(Ok(ran(&red, End::Complete))).unwrap();
        let panel = stage.panel_with("01-one", "Look there.");
        assert!(panel.contains("<b>1</b> of 3 tests pass"), "{panel}");
        assert!(
            panel.contains("Next: <code>f</code> in <code>lessons/01-one/src/lib.rs:1</code>.")
        );
        assert!(
            panel.contains("&lt;<mark>b</mark>&gt;") && !panel.contains("<b></"),
            "{panel}"
        );
        assert!(panel.contains("is-open") && panel.contains("<code>g()</code>"));
        assert_eq!(stage.live.progress()["01-one"]["state"], "part");

        stage.live.run("01-one");
        stage.next_start();
        stage.results.send(Ok(passing(&ALL))).unwrap();
        stage.panel_with("01-one", "All tests pass.");
        assert_eq!(stage.live.progress()["01-one"]["state"], "done");
    }

    #[test]
    fn progress_survives_a_restart_and_an_old_result_is_none() {
        let mut stage = Stage::new();
        for stem in ["01-one", "02-two"] {
            stage.live.run(stem);
            stage.next_start();
            stage.results.send(Ok(passing(&ALL))).unwrap();
            stage.panel_with(stem, "All tests pass.");
        }
        let mut stage = stage.restarted();
        assert!(
            stage
                .live
                .panel("02-two")
                .unwrap()
                .contains("All tests pass.")
        );
        assert_eq!(stage.live.progress()["02-two"]["state"], "done");

        // While the server is away, the code that lesson two stands on changes.
        put(&stage.dir, "lessons/01-one/src/lib.rs", "// changed");
        stage = stage.restarted();
        assert_eq!(stage.live.progress()["02-two"]["state"], "old");
        let panel = stage.live.panel("02-two").unwrap();
        assert!(panel.contains("The files have changed since"), "{panel}");
        // Opening the chapter runs it, and nothing else.
        let _open = stage.live.open("02-two");
        assert_eq!(stage.next_start(), "02-two");
        stage.results.send(Ok(passing(&ALL))).unwrap();
        stage.panel_with("02-two", "All tests pass.");
        assert!(stage.started.try_recv().is_err());
    }

    #[test]
    fn a_newer_save_stops_the_older_run() {
        let mut stage = Stage::new();
        stage.live.run("01-one");
        stage.next_start();
        stage.live.run("01-one");
        // The first run ends without a result: it heard of the stop.
        stage.next_start();
        stage.results.send(Ok(passing(&ALL))).unwrap();
        stage.panel_with("01-one", "All tests pass.");
        assert!(stage.started.try_recv().is_err());
    }

    #[test]
    fn a_result_of_files_that_changed_meanwhile_is_not_current() {
        let mut stage = Stage::new();
        stage.live.run("01-one");
        stage.next_start();
        put(
            &stage.dir,
            "lessons/01-one/src/lib.rs",
            "// saved meanwhile",
        );
        stage.results.send(Ok(passing(&ALL))).unwrap();
        let panel = stage.panel_with("01-one", "data-phase=\"old\"");
        assert!(!panel.contains("All tests pass."), "{panel}");
        assert_eq!(stage.live.progress()["01-one"]["state"], "old");
    }

    #[test]
    fn a_change_marks_what_stands_on_it_and_runs_what_is_shown() {
        let mut stage = Stage::new();
        for stem in ["01-one", "02-two"] {
            stage.live.run(stem);
            stage.next_start();
            stage.results.send(Ok(passing(&ALL))).unwrap();
            stage.panel_with(stem, "All tests pass.");
        }
        let _open = stage.live.open("02-two");
        put(&stage.dir, "lessons/01-one/src/lib.rs", "// changed");
        let mut changes = Changes::default();
        changes.lessons.push("01-one".into());
        stage.live.changed(&changes);
        for stem in ["01-one", "02-two"] {
            assert_eq!(stage.next_start(), stem);
            stage.results.send(Ok(passing(&ALL))).unwrap();
        }
        stage.panel_with("02-two", "data-phase=\"done\"");
    }

    #[test]
    fn a_run_that_takes_too_long_is_ended_and_said() {
        let (dir, workbook) = workbook();
        let mut stage = Stage::on(dir, workbook, Duration::from_millis(20));
        stage.live.run("01-one");
        stage.next_start();
        stage.panel_with("01-one", "was ended; what is built is kept");
    }

    #[test]
    fn a_run_that_cannot_start_says_why() {
        let mut stage = Stage::new();
        stage.live.run("01-one");
        stage.next_start();
        let error = "cannot start cargo; is Rust installed?".into();
        stage.results.send(Err(NotRun::CannotStart(error))).unwrap();
        stage.panel_with(
            "01-one",
            "The tests did not run: cannot start cargo; is Rust installed?",
        );
        assert!(
            !stage
                .dir
                .path()
                .join(".workbook/results/01-one.json")
                .exists()
        );
    }

    #[test]
    fn what_the_compiler_says_is_shown_as_text() {
        let mut stage = Stage::new();
        stage.live.run("01-one");
        stage.next_start();
        let error = CompileError {
            message: "expected `Vec<u8>`".into(),
            place: Some(("lessons/01-one/src/lib.rs".into(), 1)),
            printed: "error: expected `Vec<u8>`\n  --> lessons/01-one/src/lib.rs:1".into(),
        };
        let result = Err(NotRun::DoesNotCompile(error));
        stage.results.send(result).unwrap();
        let panel = stage.panel_with("01-one", "It does not compile.");
        assert!(
            panel.contains("expected `Vec&lt;u8&gt;`\n  --&gt; lessons"),
            "{panel}"
        );
        assert!(panel.contains("not compiled"));
    }

    #[test]
    fn a_page_of_no_lesson_opens_nothing() {
        let stage = Stage::new();
        assert!(stage.live.open("../../etc").is_none());
        assert!(stage.live.panel("none").is_none());
        stage.live.run("none");
        assert!(stage.started.try_recv().is_err());
    }
}
