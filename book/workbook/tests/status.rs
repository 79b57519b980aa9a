//! The commands of a learner in a terminal, on a miniature workbook.

mod miniature;

use std::path::Path;
use std::process::{Command, Stdio};

use miniature::Miniature;

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workbook"));
    command
        .args(arguments)
        .current_dir(dir)
        .env_remove("CARGO_TARGET_DIR");
    command
}

/// Nobody reads what is printed, as after `| head -1`.
fn unread(mini: &Miniature, arguments: &[&str]) {
    let mut command = command(&mini.path(""), arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

#[test]
fn a_closed_pipe_stops_no_work() {
    let mini = Miniature::new();
    let src = "lessons/01-numbers/src/lib.rs";
    let read = || std::fs::read_to_string(mini.path(src)).unwrap();
    let starter = read();
    unread(&mini, &["catch-up", "numbers"]);
    assert!(!read().contains("todo!"));
    unread(&mini, &["status"]);
    unread(&mini, &["compare"]);
    mini.fails(&["reset", "numbers", "nobody"], "no lesson `nobody`");
    assert!(!read().contains("todo!"));
    unread(&mini, &["reset", "numbers"]);
    assert_eq!(read(), starter);
}

#[test]
fn a_relative_target_directory_is_meant_from_where_one_stands() {
    let mini = Miniature::new();
    mini.ok(&["catch-up", "numbers"]);
    let mut status = command(&mini.path("lessons/01-numbers"), &["status"]);
    let status = status.env("CARGO_TARGET_DIR", "built").output().unwrap();
    assert!(status.status.success(), "{}", miniature::text(&status));
    assert!(mini.path("lessons/01-numbers/built/debug").is_dir());
    assert!(!mini.path("built").exists());
}

#[test]
fn leftovers_begin_no_lesson() {
    let mini = Miniature::new();
    for name in [".DS_Store", "lib.rs~", "lib.rs.orig"] {
        mini.write(&format!("lessons/01-numbers/src/{name}"), "left");
    }
    mini.change(
        "lessons/01-numbers/src/lib.rs",
        "//! Numbers.",
        "\u{feff}//! Numbers.",
    );
    let said = mini.ok(&["status"]);
    assert!(said.contains("not started, 4 tests"), "{said}");
    let said = mini.ok(&["compare"]);
    assert!(!said.contains("0/4") && !said.contains("Wrong"), "{said}");
}
