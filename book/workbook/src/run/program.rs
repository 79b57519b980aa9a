//! Runs a test program within limits of time, memory and output.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::cargo::Program;
use super::libtest::{MOST_OUTPUT, Reader, Run, Verdict};
use super::stop::Stop;

/// A program's address space in KiB. Each of its threads reserves some 64 MiB for its allocations.
const MOST_MEMORY: u64 = 4 * 1024 * 1024;

/// Runs a test program of the workspace at `root`; `arguments` are libtest's. It ends soon after
/// `stop` says so. `each` hears of each test as it ends.
pub fn run(
    root: &Path,
    program: &Program,
    arguments: &[&str],
    limit: Duration,
    stop: Option<&Stop>,
    mut each: impl FnMut(&str, Verdict),
) -> Result<Run> {
    let started = Instant::now();
    let mut child = bounded(&program.path)
        // Only with several threads does libtest print a test's line in one go.
        .args(["--test-threads=4", "--color=never"])
        .args(arguments)
        .current_dir(&program.package)
        .envs(program.environment.iter().cloned())
        .env("CARGO_MANIFEST_DIR", &program.package)
        .env("INSTA_WORKSPACE_ROOT", root)
        // Nothing in the environment may make a wrong answer pass, or write a snapshot.
        .env("INSTA_UPDATE", "no")
        .env_remove("INSTA_FORCE_PASS")
        .env_remove("INSTA_FORCE_UPDATE")
        .env_remove("RUST_TEST_NOCAPTURE")
        .env_remove("RUST_TEST_TIME_UNIT")
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.path.display()))?;
    let stdout = child.stdout.take().context("a program has no stdout")?;
    let stderr = child.stderr.take().context("a program has no stderr")?;
    // A program that prints faster than it is read waits.
    let (line, lines) = mpsc::sync_channel(1000);
    thread::spawn(move || {
        let mut stdout = BufReader::new(stdout);
        loop {
            let mut bytes = Vec::new();
            let mut piece = stdout.by_ref().take(64 * 1024);
            match piece.read_until(b'\n', &mut bytes) {
                Ok(1..) if line.send(bytes).is_ok() => {}
                _ => break,
            }
        }
    });
    let errors = thread::spawn(move || {
        let mut kept = Vec::new();
        let mut stderr = BufReader::new(stderr);
        _ = stderr
            .by_ref()
            .take(MOST_OUTPUT as u64)
            .read_to_end(&mut kept);
        _ = std::io::copy(&mut stderr, &mut std::io::sink());
        String::from_utf8_lossy(&kept).into_owned()
    });

    let mut reader = Reader::default();
    let is_over = || stop.is_some_and(Stop::is_stopped) || started.elapsed() >= limit;
    let mut stopped = false;
    loop {
        let left = limit.saturating_sub(started.elapsed());
        match lines.recv_timeout(left.min(Duration::from_millis(50))) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                if let Some((test, verdict)) = reader.line(&text) {
                    each(&test, verdict);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if is_over() {
            stopped = true;
            _ = child.kill();
            break;
        }
    }
    // A program may close its output and live on.
    let status = loop {
        if let Some(status) = child.try_wait().context("a program did not end well")? {
            break status;
        }
        if is_over() {
            stopped = true;
            _ = child.kill();
        }
        thread::sleep(Duration::from_millis(1));
    };
    // What the program started may hold its output open: do not wait for that.
    let rest = match stopped {
        true => String::new(),
        false => errors.join().unwrap_or_default(),
    };
    Ok(reader.end(stopped, status.success(), rest, started.elapsed()))
}

/// A command for a program that may not fill the memory: libtest keeps all that a test prints, and
/// a loop prints a gigabyte in a second. Only Linux keeps to the limit.
fn bounded(program: &Path) -> Command {
    if cfg!(windows) {
        return Command::new(program);
    }
    let mut command = Command::new("sh");
    let limited = format!("ulimit -v {MOST_MEMORY} 2>/dev/null; exec \"$0\" \"$@\"");
    command.args(["-c", &limited]).arg(program);
    command
}

#[cfg(all(test, unix))]
mod tests {
    use super::super::libtest::End;
    use super::*;

    #[test]
    fn a_program_without_end_is_ended() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("endless");
        std::fs::write(&path, "#!/bin/sh\nwhile :; do echo x; done\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        let program = Program {
            package: dir.path().into(),
            target: String::new(),
            path,
            environment: Vec::new(),
        };
        let limit = Duration::from_millis(50);
        let run = run(dir.path(), &program, &[], limit, None, |_, _| {});
        let run = run.unwrap();
        assert_eq!(run.end, End::Stopped);
        assert!(run.took < Duration::from_secs(5));
        assert!(run.rest.len() < 2 * MOST_OUTPUT);
    }
}
