//! What a learner reads when a test fails. Each sample fails, in a process of its own.

use std::process::Command;
use std::time::{Duration, Instant};

/// Runs one of `samples` and returns its section of the output.
fn output_of(sample: &str) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", &format!("samples::{sample}")])
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    assert!(!output.status.success(), "{sample} must fail");
    let text = String::from_utf8(output.stdout).unwrap();
    let start = format!("---- samples::{sample} stdout ----\n");
    let (_, text) = text.split_once(&start).expect("a section for the sample");
    let (text, _) = text.split_once("\nfailures:").unwrap();
    text.trim_end().to_owned()
}

/// Replaces `file:line` of this file, which changes with every edit.
fn without_lines(text: &str) -> String {
    let mut clean = String::new();
    for line in text.lines() {
        match line.split_once("advice.rs:") {
            Some((before, after)) => {
                let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
                clean += &format!("{before}advice.rs:LINE{rest}\n");
            }
            None => clean += &format!("{line}\n"),
        }
    }
    clean
}

macro_rules! assert_output {
    ($sample:literal, $expected:literal) => {
        let output = without_lines(&output_of($sample));
        assert_eq!(output.trim_end(), $expected.trim(), "\n{output}");
    };
}

#[test]
fn an_exercise_that_is_not_written_says_only_that() {
    assert_output!(
        "unsolved",
        r#"
not yet implemented: accept_key("abc")
Write it at lessons/kit/tests/advice.rs:LINE; its comments say how."#
    );
}

#[test]
fn advice_stands_above_the_difference() {
    assert_output!(
        "wrong",
        "
28 characters encode 20 bytes.

expected (-) and yours (+):
- right
+ wrong

lessons/kit/tests/advice.rs:LINE"
    );
}

#[test]
fn a_clue_replaces_the_advice() {
    assert_output!(
        "recognised",
        "
You took the wrong turn.

expected (-) and yours (+):
  one
- right
+ wrong

lessons/kit/tests/advice.rs:LINE"
    );
}

#[test]
fn what_is_missing_is_recognised_too() {
    assert!(output_of("lacks").starts_with("You forgot the second line."));
}

#[test]
fn a_flood_is_cut_at_the_first_difference() {
    let output = output_of("floods");
    assert!(output.contains("\n- 100\n+ 100 and\n"), "{output}");
    assert!(output.contains("\n… and "), "{output}");
    assert!(output.lines().count() < 60, "{output}");
}

#[test]
fn a_missing_answer_is_reported_at_once_with_what_was_said() {
    let started = Instant::now();
    assert_output!(
        "silent",
        "
Answer each line.

ann waited for an answer. None came within 600 s.
lessons/kit/tests/advice.rs:LINE

what crossed the wire until then:
ann → server   data hello"
    );
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_long_conversation_is_cut_in_the_middle() {
    let output = output_of("talks");
    assert!(
        output.contains("until then:\nann → server   data 0\n"),
        "{output}"
    );
    assert!(
        output.contains("data 19\n… 940 lines …\nann → server   data 960"),
        "{output}"
    );
    assert!(output.ends_with("data 999"), "{output}");
}

#[test]
fn an_early_end_shows_what_the_server_returned() {
    assert_output!(
        "early_end",
        r#"
Answer each line.

ann waited for an HTTP response. The server closed the connection. The server's function returned Err("no").
lessons/kit/tests/advice.rs:LINE

what crossed the wire until then:
ann → server   data hello
server         closes the connection to ann"#
    );
}

#[test]
fn a_panic_in_the_server_is_all_that_is_reported() {
    assert_output!(
        "server_panics",
        "
Answer each line.

cannot answer
lessons/kit/tests/advice.rs:LINE

what crossed the wire until then:
ann → server   data hello"
    );
}

#[test]
fn a_panic_inside_a_library_is_placed_where_it_was_called() {
    let output = without_lines(&output_of("in_library"));
    assert!(output.starts_with("Characters have borders."), "{output}");
    assert!(
        output.contains("lessons/kit/tests/advice.rs:LINE"),
        "{output}"
    );
}

#[test]
fn both_sides_of_an_assertion_are_named() {
    assert_output!(
        "unequal",
        "
Count both.

the sum

expected (-) and yours (+):
- 3
+ 2

lessons/kit/tests/advice.rs:LINE"
    );
}

#[test]
fn a_panic_in_a_drop_has_last_words() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "samples::panics_in_drop"])
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let said = without_lines(&String::from_utf8_lossy(&output.stderr));
    let expected = "
samples::panics_in_drop: a `drop` panicked while the test was failing, and that ends all tests.
A `drop` must not panic. It said:

nobody is there
lessons/kit/tests/advice.rs:LINE

The test had failed with:

Stay calm.

it fails
lessons/kit/tests/advice.rs:LINE
";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_panic_in_a_forgotten_task_fails_the_test() {
    assert!(output_of("forgotten_task").contains("nobody awaits this"));
}

#[test]
fn a_read_loop_that_ignores_the_end_is_named() {
    assert!(output_of("reads_past_the_end").contains("treat 0 bytes as the end"));
}

#[test]
fn a_loop_is_ended_by_the_watchdog_and_named() {
    let started = Instant::now();
    let output = output_of("loops");
    assert!(
        output.starts_with("This test did not end within 5 s."),
        "{output}"
    );
    assert!(
        output.contains("The advice of samples::loops: Count to ten."),
        "{output}"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn noise_where_silence_was_due_is_named() {
    assert!(output_of("noisy").contains("ann should hear nothing, but heard something."));
}

#[test]
fn nothing_invites_to_accept_a_wrong_answer() {
    for sample in ["wrong", "wrong_file"] {
        let output = output_of(sample);
        assert!(!output.contains("insta"), "{output}");
        assert!(!output.contains("snap.new"), "{output}");
    }
    let snapshots = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    for entry in std::fs::read_dir(snapshots).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(!name.to_string_lossy().ends_with(".new"), "{name:?}");
    }
}

#[test]
fn a_snapshot_file_is_compared_whole() {
    assert_output!(
        "wrong_file",
        "
Say it in this order.

expected (-) and yours (+):
+ second
  first
  
- second
  last

lessons/kit/tests/advice.rs:LINE"
    );
}

mod samples {
    use std::time::Duration;

    use kit::{Net, Stream, assert_snapshot, clue, coach, wire};
    use tokio::io::AsyncReadExt;

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn unsolved() {
        fn accept_key(key: &str) -> String {
            todo!("accept_key({key:?})")
        }
        coach("Not shown.", || assert_snapshot!(accept_key("abc"), @""));
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn wrong() {
        coach("28 characters encode 20 bytes.", || {
            clue("left", "Not this one.");
            assert_snapshot!("wrong", @"right");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn recognised() {
        coach("General advice.", || {
            clue("one", "Not this one: the right value has it too.");
            clue("wrong", "You took the wrong turn.");
            assert_snapshot!("one\nwrong", @r"
            one
            right
            ");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn lacks() {
        coach("General advice.", || {
            kit::missing("one", "Not this one: both have it.");
            kit::missing("two", "You forgot the second line.");
            assert_snapshot!("one", @r"
            one
            two
            ");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn floods() {
        coach("", || {
            let lines = (0..1000).map(|n| format!("{n}\n")).collect::<String>();
            kit::compare(
                lines.replace("\n100\n", "\n100 and\n"),
                &lines,
                &|_| panic!(),
            );
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn wrong_file() {
        coach("Say it in this order.", || {
            assert_snapshot!("order", "second\nfirst\n\nlast");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn silent() {
        wire("Answer each line.", async |net: Net| {
            net.serve(|stream| async move {
                tokio::time::sleep(Duration::from_secs(1_000_000)).await;
                drop(stream);
            });
            let mut ann = net.connect("ann").await;
            ann.send("hello").await;
            ann.some_bytes().await;
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn talks() {
        wire("", async |net: Net| {
            let (mut ann, _server) = net.pair("ann");
            for n in 0..1000 {
                ann.send(n.to_string()).await;
                net.settle().await;
            }
            ann.some_bytes().await;
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn early_end() {
        wire("Answer each line.", async |net: Net| {
            net.serve(async |mut stream: Stream| {
                _ = stream.read(&mut [0; 8]).await;
                Err::<(), _>("no")
            });
            let mut ann = net.connect("ann").await;
            ann.send("hello").await;
            ann.response().await;
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn server_panics() {
        wire("Answer each line.", async |net: Net| {
            net.serve(async |mut stream: Stream| {
                _ = stream.read(&mut [0; 8]).await;
                panic!("cannot answer");
            });
            let mut ann = net.connect("ann").await;
            ann.send("hello").await;
            ann.some_bytes().await;
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn in_library() {
        coach("Characters have borders.", || {
            let (text, middle) = std::hint::black_box(("\u{e9}", 1));
            assert_eq!(text.split_at(middle).0, "");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn unequal() {
        coach("Count both.", || assert_eq!(1 + 1, 3, "the sum"));
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn panics_in_drop() {
        struct Guard;
        impl Drop for Guard {
            fn drop(&mut self) {
                panic!("nobody is there");
            }
        }
        coach("Stay calm.", || {
            let _guard = Guard;
            panic!("it fails");
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn forgotten_task() {
        wire("", async |net: Net| {
            tokio::spawn(async { panic!("nobody awaits this") });
            net.settle().await;
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn reads_past_the_end() {
        wire("", async |net: Net| {
            let (ann, mut stream) = net.pair("ann");
            drop(ann);
            while stream.read(&mut [0; 8]).await.is_ok() {}
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn loops() {
        coach("Count to ten.", || {
            loop {
                std::hint::spin_loop();
            }
        });
    }

    #[test]
    #[ignore = "fails, so that its output can be tested"]
    fn noisy() {
        wire("", async |net: Net| {
            let (mut ann, mut stream) = net.pair("ann");
            tokio::io::AsyncWriteExt::write_all(&mut stream, b"x")
                .await
                .unwrap();
            ann.hears_nothing_for(Duration::from_secs(1)).await;
        });
    }
}
