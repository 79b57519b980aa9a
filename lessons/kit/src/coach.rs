//! Advice first: how a failing test speaks to the learner, and how a hanging one ends.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::path::{Component, Path, PathBuf};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

/// Wall-clock time that a test may take. Tests take milliseconds: more means a loop.
const LIMIT: Duration = Duration::from_secs(5);

/// What the panic hook needs to know about the test that runs on this thread.
struct Case {
    advice: String,
    clues: Vec<(String, String)>,
    missing: Vec<(String, String)>,
    comparison: Option<(String, String)>,
    transcript: Option<Box<dyn Fn() -> String>>,
    /// The line of the test that failed, where it is not the one that panicked.
    place: Option<&'static Location<'static>>,
    /// The first panic, as it was reported. What fails after it is a consequence, and stays silent.
    failed: Option<String>,
    /// The last of those consequences.
    after: String,
}

thread_local! {
    static CASE: RefCell<Option<Case>> = const { RefCell::new(None) };
}

/// Runs `test`; when it fails, prints `advice` first.
///
/// A test that takes over 5 s of wall-clock time fails: its code loops or blocks the thread.
#[track_caller]
pub fn coach(advice: &str, test: impl FnOnce() + Send + 'static) {
    coach_boxed(advice, Box::new(test));
}

/// [`coach`], compiled with the kit and not again with each test.
#[track_caller]
pub(crate) fn coach_boxed(advice: &str, test: Box<dyn FnOnce() + Send>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| report(info, &default)));
    });

    let name = thread::current().name().unwrap_or("test").to_owned();
    let (done, finished) = mpsc::channel();
    let advice = advice.to_owned();
    let case = {
        let advice = advice.clone();
        move || {
            enter(advice);
            let result = panic::catch_unwind(AssertUnwindSafe(test));
            // A panic in a task that nobody awaited fails the test too.
            let failed = leave();
            let result = match result {
                Ok(()) if failed => Err(Box::new("a task panicked") as Box<dyn Any + Send>),
                result => result,
            };
            _ = done.send(result);
        }
    };
    thread::Builder::new()
        .name(name.clone())
        .spawn(case)
        .expect("the system can start a thread");
    match finished.recv_timeout(LIMIT) {
        Ok(Ok(())) => {}
        // Reported where it happened; a second message would only be noise.
        Ok(Err(panic)) => panic::resume_unwind(panic),
        Err(_) => {
            // What the advice speaks of may be right: the loop is what is wrong.
            enter(format!(
                "This test did not end within {} s. Your code loops without awaiting anything, or \
                 blocks the thread (std::thread::sleep, a std channel, a std Mutex held twice).",
                LIMIT.as_secs()
            ));
            panic!("The advice of {name}: {advice}");
        }
    }
}

/// Recognises a typical mistake: if the wrong value contains `text`, and the right one does not,
/// the failure prints `explanation` in place of the general advice. Where there is no value to
/// compare, `text` is looked for in the panic's message and in the transcript.
pub fn clue(text: &str, explanation: &str) {
    with_case(|case| case.clues.push((text.to_owned(), explanation.to_owned())));
}

/// As [`clue`], for a wrong value that lacks `text` though the right one has it.
pub fn missing(text: &str, explanation: &str) {
    with_case(|case| case.missing.push((text.to_owned(), explanation.to_owned())));
}

/// Fails the test with `message`, unless a panic was reported already: then quietly.
#[track_caller]
pub fn fail(message: &str) -> ! {
    fail_at(Location::caller(), message)
}

/// [`fail`] for a line of the test that an asynchronous function was called from.
pub(crate) fn fail_at(at: &'static Location<'static>, message: &str) -> ! {
    if with_case(|case| case.failed.is_some()) == Some(true) {
        panic::resume_unwind(Box::new("the server panicked"));
    }
    with_case(|case| case.place = Some(at));
    panic!("{message}")
}

/// Lets a failure show what has crossed the wire so far.
pub(crate) fn show_transcript(transcript: impl Fn() -> String + 'static) {
    with_case(|case| case.transcript = Some(Box::new(transcript)));
}

#[doc(hidden)]
#[track_caller]
pub fn compare(value: String, expected: &str, assert: &dyn Fn(&str)) {
    compare_with(value, expected, insta::Settings::clone_current(), assert);
}

/// [`compare`] with what is in the file of `name`'s snapshot.
#[doc(hidden)]
#[track_caller]
pub fn compare_with_file(
    value: String,
    (manifest_dir, test_file): (&str, &str),
    name: &str,
    assert: &dyn Fn(&str),
) {
    let mut settings = insta::Settings::clone_current();
    let folder = snapshots(manifest_dir, test_file);
    let expected = folder.as_ref().map(|folder| expected_in(folder, name));
    if let Some(folder) = folder {
        settings.set_snapshot_path(folder);
    }
    compare_with(value, &expected.unwrap_or_default(), settings, assert);
}

#[track_caller]
fn compare_with(
    value: String,
    expected: &str,
    mut settings: insta::Settings,
    assert: &dyn Fn(&str),
) {
    let at = Location::caller();
    with_case(|case| {
        case.comparison = Some((dedent(expected), value.clone()));
        case.place = Some(at);
    });
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| assert(&value));
    with_case(|case| {
        case.comparison = None;
        case.place = None;
        case.clues.clear();
        case.missing.clear();
    });
}

/// The folder `tests/snapshots` of the package whose tests `test_file` belongs to, however deep it
/// lies there.
fn snapshots(manifest_dir: &str, test_file: &str) -> Option<PathBuf> {
    // `file!()` is relative to the workspace's root, which is an ancestor of every package.
    let file = Path::new(manifest_dir)
        .ancestors()
        .map(|root| root.join(test_file))
        .find(|file| file.is_file())?;
    let tests = file.ancestors().find(|folder| folder.ends_with("tests"))?;
    Some(tests.join("snapshots"))
}

/// The contents of `NAME.snap` in `folder`; empty if there is none yet.
fn expected_in(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(format!("{name}.snap")))
        .ok()
        .map(|text| {
            let text = text.replace("\r\n", "\n");
            match text.splitn(3, "---\n").nth(2) {
                Some(contents) => contents.to_owned(),
                None => text,
            }
        })
        .unwrap_or_default()
}

fn enter(advice: String) {
    CASE.set(Some(Case {
        advice,
        clues: Vec::new(),
        missing: Vec::new(),
        comparison: None,
        transcript: None,
        place: None,
        failed: None,
        after: String::new(),
    }));
}

fn leave() -> bool {
    CASE.take().is_some_and(|case| case.failed.is_some())
}

fn with_case<T>(use_case: impl FnOnce(&mut Case) -> T) -> Option<T> {
    CASE.with_borrow_mut(|case| case.as_mut().map(use_case))
}

/// The panic hook: what a learner reads when a test is red.
fn report(info: &PanicHookInfo<'_>, default: &dyn Fn(&PanicHookInfo<'_>)) {
    let text = CASE.with(|case| {
        // Borrowed while this thread is inside `with_case`: a panic in the kit itself.
        let mut case = case.try_borrow_mut().ok()?;
        let case = case.as_mut()?;
        if let Some(first) = &case.failed {
            if message(info) == IN_CLEANUP {
                last_words(&case.after, first);
            }
            case.after = format!(
                "{}\n{}",
                message(info),
                panicked_at(info).unwrap_or_default()
            );
            return Some(String::new());
        }
        let text = describe(case, info);
        case.failed = Some(text.clone());
        Some(text)
    });
    match text {
        Some(text) if text.is_empty() => {}
        Some(text) => eprintln!("{text}"),
        None => default(info),
    }
}

/// What the standard library says when a `drop` panics while a panic unwinds: it aborts.
const IN_CLEANUP: &str = "panic in a destructor during cleanup";

/// Says why the whole program ends. What tests print is lost then, so this is not printed.
fn last_words(in_drop: &str, first: &str) {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    let text = format!(
        "\n{name}: a `drop` panicked while the test was failing, and that ends all tests.\n\
         A `drop` must not panic. It said:\n\n{in_drop}\n\nThe test had failed with:\n\n{first}\n\n"
    );
    _ = std::io::stderr().write_all(text.as_bytes());
}

fn describe(case: &Case, info: &PanicHookInfo<'_>) -> String {
    let message = message(info);
    let place = case.place.map(place).or_else(|| panicked_at(info));
    let place = place.unwrap_or_default();
    let mut text = String::new();

    if message.starts_with("not yet implemented") {
        _ = write!(
            text,
            "{}\nWrite it at {place}; its comments say how.",
            short(message)
        );
        if let Some(earlier) = earlier_lesson(&place) {
            _ = write!(
                text,
                "\nThis is an earlier lesson: solve it first, or `cargo workbook catch-up {earlier}`."
            );
        }
    } else if let Some((expected, yours)) = &case.comparison {
        let advice = advice(case, yours, expected);
        _ = write!(text, "{advice}\n\n{}\n{place}", diff(expected, yours));
    } else {
        let mut what = match sides(message) {
            Some((words, yours, expected)) => {
                format!("{words}{}\n{place}", diff(expected, yours))
            }
            None => format!("{message}\n{place}"),
        };
        let transcript = case.transcript.as_ref().map(|transcript| transcript());
        if let Some(transcript) = transcript.filter(|transcript| !transcript.is_empty()) {
            let transcript = without_middle(&transcript);
            _ = write!(what, "\n\nwhat crossed the wire until then:\n{transcript}");
        }
        _ = write!(text, "{}\n\n{what}", advice(case, &what, ""));
    }
    // Many have it set to 1 for good, and would not find the advice among the frames.
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value == "full") {
        _ = write!(text, "\n\n{}", Backtrace::force_capture());
    }
    text
}

fn message<'a>(info: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = info.payload();
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "a panic without a message",
    }
}

/// The parts of `assert_eq!`'s message: its own words, the value under test, and the right one.
fn sides(message: &str) -> Option<(String, &str, &str)> {
    let rest = message.strip_prefix("assertion `left == right` failed")?;
    let (words, values) = rest.split_once("\n  left: ")?;
    let (yours, expected) = values.split_once("\n right: ")?;
    let words = match words.strip_prefix(": ") {
        Some(words) => format!("{words}\n\n"),
        None => String::new(),
    };
    Some((words, yours, expected))
}

/// Where the code of a lesson or of its tests panicked.
///
/// A panic inside a library is placed at the line that called it; one of the kit's own lines says
/// nothing to anybody.
fn panicked_at(info: &PanicHookInfo<'_>) -> Option<String> {
    let location = info.location()?;
    let is_ours = |file: &str| {
        let of_a_library = Path::new(file).is_absolute() || file.starts_with("/rustc/");
        !of_a_library && !file.replace('\\', "/").contains("kit/src/")
    };
    if is_ours(location.file()) {
        return Some(place(location));
    }
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
    let root = package.ancestors().nth(2)?;
    let frames = Backtrace::force_capture().to_string();
    let lines = frames
        .lines()
        .filter_map(|line| line.trim().strip_prefix("at "));
    lines
        .filter_map(|line| {
            let (file_and_line, _column) = line.rsplit_once(':')?;
            let (file, line) = file_and_line.rsplit_once(':')?;
            // The working directory of a test, its package, is written as a dot.
            let file = plain(&package.join(file));
            let file = file.strip_prefix(root).ok()?.display().to_string();
            Some(format!("{}:{line}", file.replace('\\', "/")))
        })
        .find(|place| is_ours(place))
}

/// The topic of the lesson that `place` is in, if it is not the lesson under test.
fn earlier_lesson(place: &str) -> Option<&str> {
    let (stem, _) = place.strip_prefix("lessons/")?.split_once("/src/")?;
    let package = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let (_, topic) = stem.split_once('-')?;
    (Path::new(&package).file_name()? != stem).then_some(topic)
}

/// A message that names an input of thousands of bytes, cut.
fn short(message: &str) -> String {
    let count = message.chars().count();
    if count <= 400 {
        return message.to_owned();
    }
    let start: String = message.chars().take(200).collect();
    format!("{start}… ({count} characters)")
}

/// The explanation of the first clue that the wrong value shows, or else the general advice.
fn advice<'a>(case: &'a Case, yours: &str, expected: &str) -> &'a str {
    let only_in = |one: &str, other: &str, text: &str| one.contains(text) && !other.contains(text);
    let mut clues = case.clues.iter();
    let mut missing = case.missing.iter();
    clues
        .find(|(text, _)| only_in(yours, expected, text))
        .or_else(|| missing.find(|(text, _)| only_in(expected, yours, text)))
        .map_or(&case.advice, |(_, explanation)| explanation)
}

/// More lines are a flood: the first difference counts.
const LONGEST_DIFF: usize = 200;

/// The whole of both texts, so that either can be read off the result; only the neighbourhood of
/// the first difference if that is too long to read.
fn diff(expected: &str, yours: &str) -> String {
    // Lines are compared with their ends: the last one gets its own, wherever it stands.
    let lines = |text: &str| match text.trim_end() {
        "" => String::new(),
        text => format!("{text}\n"),
    };
    let (expected, yours) = (lines(expected), lines(yours));
    let diff = TextDiff::from_lines(&expected, &yours);
    let changes: Vec<_> = diff.iter_all_changes().collect();
    let (from, to) = if changes.len() <= LONGEST_DIFF {
        (0, changes.len())
    } else {
        let differs = |change: &similar::Change<_>| change.tag() != ChangeTag::Equal;
        let first = changes.iter().position(differs).unwrap_or(0);
        (first.saturating_sub(10), (first + 30).min(changes.len()))
    };
    let mut text = String::from("expected (-) and yours (+):\n");
    for change in &changes[from..to] {
        let sign = match change.tag() {
            ChangeTag::Equal => ' ',
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        _ = writeln!(text, "{sign} {}", change.value().trim_end_matches('\n'));
    }
    if to - from < changes.len() {
        let left = changes.len() - (to - from);
        _ = writeln!(text, "… and {left} more lines");
    }
    text
}

/// How a long conversation began, and how it came to its end.
fn without_middle(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    if lines.len() <= LONGEST_DIFF {
        return text.to_owned();
    }
    let (begin, end) = (&lines[..20], &lines[lines.len() - 40..]);
    let left = lines.len() - begin.len() - end.len();
    format!("{}\n… {left} lines …\n{}", begin.join("\n"), end.join("\n"))
}

/// `file:line`, without the detour that a shared test module brings into a path.
fn place(location: &Location<'_>) -> String {
    let path = plain(Path::new(location.file())).display().to_string();
    format!("{}:{}", path.replace('\\', "/"), location.line())
}

/// `a/../b` as `b`, and no dots.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if plain.file_name().is_some() => _ = plain.pop(),
            Component::CurDir => {}
            component => plain.push(component),
        }
    }
    plain
}

/// Takes the indentation of the source off a multi-line inline snapshot, as `insta` does.
fn dedent(text: &str) -> String {
    let indent = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<_> = text
        .lines()
        .map(|line| line.get(indent..).unwrap_or("").trim_end())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
