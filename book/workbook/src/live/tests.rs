//! The lessons live, with an attempt that the test directs.

use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::fixtures::{passing, put, ran, workbook};
use crate::run::{CompileError, End, NotRun, Step, Stop, Tried, Verdict};
use crate::workspace::Lesson;

pub struct Nothing;

impl Attempt for Nothing {
    fn run(&self, _: &Workbook, _: &Lesson, _: &Stop, _: &mut dyn FnMut(Step<'_>)) -> Tried {
        Err(NotRun::CannotStart("nothing runs".into()))
    }
}

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
        worker::load(&live.0);
        let worker = live.clone();
        thread::spawn(move || worker::work(&worker.0));
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

    /// The panel and the cards' tests.
    fn page(&self, stem: &str) -> String {
        let drawn = self.live.drawn(stem).unwrap();
        let cards: String = drawn.cards.values().map(String::as_str).collect();
        format!("{}{cards}", drawn.panel)
    }

    /// The panel and the cards' tests once they hold `text`.
    fn panel_with(&mut self, stem: &str, text: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            loop {
                let panel = self.page(stem);
                if panel.contains(text) {
                    return panel;
                }
                let changed = tokio::time::timeout(Duration::from_secs(20), self.told.changed());
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
    assert!(panel.contains("Next: <a href=\"#exercise-f\"><code>f</code></a>."));
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
fn a_card_has_its_tests_and_keeps_mistakes_until_one_has_failed() {
    let later = |stage: &Stage, module: &str| {
        let card = &stage.live.drawn("01-one").unwrap().cards[module];
        card.contains("Typical mistakes open here once")
    };
    let unwritten = (
        ALL[2],
        Verdict::Failed,
        "not yet implemented: g()\nWrite it at lessons/01-one/src/lib.rs:5; its comments say how.",
    );
    let mut stage = Stage::new();
    let run = |stage: &mut Stage, run, text| {
        stage.live.run("01-one");
        stage.next_start();
        stage.results.send(run).unwrap();
        stage.panel_with("01-one", text);
    };
    let first = [
        (ALL[0], Verdict::Passed, ""),
        (ALL[1], Verdict::Failed, "Look there."),
        unwritten,
    ];
    run(&mut stage, Ok(ran(&first, End::Complete)), "Look there.");
    let drawn = stage.live.drawn("01-one").unwrap();
    assert!(
        drawn
            .panel
            .contains("Next: <a href=\"#exercise-f\"><code>f</code></a>.")
    );
    assert!(!drawn.panel.contains("Look there."), "{}", drawn.panel);
    let card = &drawn.cards["f"];
    assert!(card.starts_with(
        "<div class=\"card-tests\" data-module=\"f\"><details class=\"is-failed\" open"
    ));
    assert!(
        card.contains("1 of 2 tests pass") && card.contains("Look there."),
        "{card}"
    );
    assert!(!later(&stage, "f") && later(&stage, "g"));

    // Once is enough: after an edit, and after a restart.
    let again = [
        (ALL[0], Verdict::Failed, unwritten.2),
        (ALL[1], Verdict::Failed, unwritten.2),
        unwritten,
    ];
    run(&mut stage, Ok(ran(&again, End::Complete)), "<b>0</b> of 3");
    assert!(!later(&stage, "f") && later(&stage, "g"));
    let mut stage = stage.restarted();
    assert!(!later(&stage, "f") && later(&stage, "g"));

    // Not Rust: the cards keep their results, and lead to the compiler's words.
    let error = CompileError {
        message: "no".into(),
        place: None,
        printed: "error: no".into(),
    };
    run(
        &mut stage,
        Err(NotRun::DoesNotCompile(error)),
        "It does not compile.",
    );
    let card = stage.live.drawn("01-one").unwrap().cards["f"].clone();
    assert!(
        card.contains("<a href=\"#your-code\">what the compiler says</a>"),
        "{card}"
    );

    run(&mut stage, Ok(passing(&ALL)), "All tests pass.");
    assert!(!later(&stage, "f") && !later(&stage, "g"));
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
    assert!(stage.page("02-two").contains("All tests pass."));
    assert_eq!(stage.live.progress()["02-two"]["state"], "done");

    // While the server is away, the code that lesson two stands on changes.
    put(&stage.dir, "lessons/01-one/src/lib.rs", "// changed");
    stage = stage.restarted();
    assert_eq!(stage.live.progress()["02-two"]["state"], "old");
    let panel = stage.page("02-two");
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
    assert!(stage.live.drawn("none").is_none());
    stage.live.run("none");
    assert!(stage.started.try_recv().is_err());
}

fn does_not_compile(file: &str) -> Tried {
    Err(NotRun::DoesNotCompile(CompileError {
        message: "expected `u8`".into(),
        place: Some((file.into(), 7)),
        printed: "error: expected `u8`".into(),
    }))
}

#[test]
fn a_compile_error_keeps_the_last_results_and_names_the_file() {
    let mut stage = Stage::new();
    stage.live.run("02-two");
    stage.next_start();
    let half = [
        (ALL[0], Verdict::Passed, ""),
        (ALL[1], Verdict::Passed, ""),
        (ALL[2], Verdict::Failed, "Count on."),
    ];
    stage.results.send(Ok(ran(&half, End::Complete))).unwrap();
    stage.panel_with("02-two", "Count on.");
    for (file, says) in [
        (
            "lessons/02-two/src/lib.rs",
            "Look at <code>lessons/02-two/src/lib.rs:7</code>. Below are",
        ),
        (
            "lessons/01-one/src/lib.rs",
            "Look at <code>lessons/01-one/src/lib.rs:7</code>, which this lesson needs. Below are",
        ),
    ] {
        stage.live.run("02-two");
        stage.next_start();
        stage.results.send(does_not_compile(file)).unwrap();
        let panel = stage.panel_with("02-two", says);
        assert!(panel.contains("data-phase=\"kept\""), "{panel}");
        assert!(panel.contains("<b>2</b> of 3 tests passed"), "{panel}");
        assert!(panel.contains("Count on."), "{panel}");
        // The exercise that was next is next again.
        let state = stage.live.0.state();
        let two = state.lessons["02-two"].state.as_ref().unwrap();
        assert_eq!(two.next(), Some("g"));
        drop(state);
        assert_eq!(stage.live.progress()["02-two"]["passed"], 2);
    }
    let stage = stage.restarted();
    let panel = stage.page("02-two");
    assert!(panel.contains("<b>2</b> of 3 tests passed"), "{panel}");
}

#[test]
fn a_lesson_that_was_done_and_does_not_compile_is_not_done() {
    let mut stage = Stage::new();
    stage.live.run("01-one");
    stage.next_start();
    stage.results.send(Ok(passing(&ALL))).unwrap();
    stage.panel_with("01-one", "All tests pass.");
    stage.live.run("01-one");
    stage.next_start();
    let result = does_not_compile("lessons/01-one/src/lib.rs");
    stage.results.send(result).unwrap();
    let panel = stage.panel_with("01-one", "It does not compile.");
    assert!(!panel.contains("All tests pass."), "{panel}");
    assert_eq!(stage.live.progress()["01-one"]["state"], "old");
}

#[test]
fn opening_a_page_sees_a_change_that_nobody_heard_of() {
    let mut stage = Stage::new();
    stage.live.run("01-one");
    stage.next_start();
    stage.results.send(Ok(passing(&ALL))).unwrap();
    stage.panel_with("01-one", "All tests pass.");
    let open = stage.live.open("01-one");
    assert!(stage.started.try_recv().is_err(), "nothing has changed");
    drop(open);

    put(&stage.dir, "lessons/01-one/src/lib.rs", "// changed");
    let _open = stage.live.open("01-one");
    assert_ne!(stage.live.progress()["01-one"]["state"], "done");
    assert_eq!(stage.next_start(), "01-one");
}
