//! The reader's code in the page: a save turns the panel red and green, a restart loses nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread, time::Duration};

use tokio::sync::{Mutex, MutexGuard};

use super::chromium::{Chromium, Page};
use super::{Workbook, copy_all};

/// A copy of the workbook of its own: here a lesson's files are changed. One test at a time has it:
/// in a target directory, cargo takes the same package of two copies for one.
pub async fn copy() -> (PathBuf, MutexGuard<'static, ()>) {
    static TAKEN: Mutex<()> = Mutex::const_new(());
    let taken = TAKEN.lock().await;
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("panel");
    _ = fs::remove_dir_all(&copy);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in ["Cargo.toml", "Cargo.lock", "book", "lessons", "solutions"] {
        copy_all(&source.join(name), &copy.join(name));
    }
    (copy, taken)
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// Chromium, and the page, wait less long than a first build may take.
pub fn build(root: &Path, topic: &str) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["test", "--no-run", "-p", topic, "--test", topic])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target())
        .stderr(Stdio::null())
        .status();
    assert!(built.unwrap().success());
}

pub fn workbook(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbook"));
    command
        .args(arguments)
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target());
    command
}

pub fn served(root: &Path, port: &str) -> Workbook {
    Workbook::launch(&mut workbook(root, &["--no-open", "--port", port]))
}

/// Until the panel's sentence holds `text`. A build on a busy machine takes its time.
pub async fn says(page: &mut Page, text: &str) {
    let says = "document.querySelector('.panel-says')?.textContent";
    for _ in 0..1200 {
        let now = page.eval(says).await;
        if now.as_str().is_some_and(|now| now.contains(text)) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let panel = page
        .eval("document.querySelector('.panel').innerText")
        .await;
    panic!("the panel never said {text:?}: {panel}");
}

const MARK: &str =
    "document.querySelector('#mdbook-sidebar a[href$=\"01-polling.html\"] .lesson-mark.is-done')";

#[tokio::test(flavor = "multi_thread")]
async fn a_save_turns_the_panel_red_and_green_and_a_restart_loses_nothing() {
    let (root, _taken) = copy().await;
    build(&root, "polling");

    let served_once = served(&root, "0");
    let authority = served_once.authority.clone();
    let (_, port) = authority.split_once(':').unwrap();
    let chromium = Chromium::start();
    let mut page = chromium.page(&authority).await;
    page.open("01-polling.html").await;

    // The starter: nothing is written, and the first exercise is next.
    says(&mut page, "Next:").await;
    page.until("document.querySelector('#exercise-to_bytes .card-tests .is-open .panel-next')")
        .await;
    let top = "document.querySelector('#exercise-to_bytes').getBoundingClientRect().top + scrollY";
    let before = page.eval(top).await;

    // Not Rust: the compiler's own words, as text.
    let file = root.join("lessons/01-polling/src/lib.rs");
    let starter = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{starter}\nfn <b>not</b> rust\n")).unwrap();
    says(&mut page, "does not compile").await;
    page.until("document.querySelector('.panel pre').textContent.includes('<b>not</b> rust')")
        .await;
    page.until("!document.querySelector('.panel pre b')").await;

    // The reference passes.
    let caught_up = workbook(&root, &["catch-up", "polling"])
        .stdout(Stdio::null())
        .status();
    assert!(caught_up.unwrap().success());
    says(&mut page, "All tests pass.").await;
    page.until("document.querySelector('.panel').dataset.phase === 'done'")
        .await;
    page.until(MARK).await;

    // A wrong answer fails, is shown, and what the reader opened stays open.
    page.eval("document.querySelector('#exercise-take_head .card-tests details').open = true")
        .await;
    let right = fs::read_to_string(&file).unwrap();
    let wrong = right.replace("\"HTTP/1.1 {} {}", "\"HTTP/1.0 {} {}");
    assert_ne!(wrong, right);
    fs::write(&file, wrong).unwrap();
    says(&mut page, "Next:").await;
    page.until("document.querySelector('.panel-report del')")
        .await;
    page.until(&format!("!{MARK}")).await;
    page.until("document.querySelector('#exercise-take_head .card-tests details').open")
        .await;
    assert_eq!(page.eval(top).await, before, "the card moved");

    // And green again.
    fs::write(&file, &right).unwrap();
    says(&mut page, "All tests pass.").await;
    page.until(MARK).await;
    page.is_clean();

    // The server goes away, and comes back on the same port: the page says so, and recovers.
    drop(served_once);
    page.until("document.querySelector('.live').textContent.includes('No connection')")
        .await;
    page.until("document.querySelector('.panel').classList.contains('is-cut-off')")
        .await;
    page.until("document.querySelector('.live button')?.textContent === 'Try now'")
        .await;
    let _again = served(&root, port);
    page.click(".live", "Try now").await;
    page.until("document.querySelector('.live').textContent === ''")
        .await;
    says(&mut page, "All tests pass.").await;
    page.until("!document.querySelector('.panel').classList.contains('is-cut-off')")
        .await;
    page.until(MARK).await;
    // That nobody answered meanwhile is no mistake of the page.
    for problem in page.problems() {
        let expected = ["_workbook/live", "ERR_CONNECTION_REFUSED"];
        assert!(
            expected.iter().any(|text| problem.contains(text)),
            "{problem}"
        );
    }

    // The introduction's stack has filled up.
    page.open("introduction.html").await;
    page.until(
        "document.querySelector('.stack [data-lesson=\"01-polling\"]').dataset.state === 'done'",
    )
    .await;
    page.until(
        "document.querySelector('.stack [data-lesson=\"02-handshake\"]').dataset.state === 'none'",
    )
    .await;
    page.is_clean();
}

/// A page that can be read, and no WebSocket: one notice, and no advice to look at the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_websocket_is_named_once() {
    let workbook = Workbook::start();
    let chromium = Chromium::start();
    let mut page = chromium.page(&workbook.authority).await;
    let blocked = "WebSocket = class extends EventTarget { \
         constructor() { super(); setTimeout(() => this.onclose?.(new CloseEvent('close')), 0); } close() {} }";
    page.before(blocked).await;
    page.open("introduction.html").await;
    page.until("document.querySelector('.live').textContent.includes('cannot open its WebSocket')")
        .await;
    page.until("document.querySelectorAll('.live strong').length === 1")
        .await;
    page.until("!document.querySelector('.live button')").await;
}
