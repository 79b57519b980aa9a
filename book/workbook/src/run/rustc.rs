//! Stands between cargo and rustc where learners' code is compiled, so that each compilation ends.
//!
//! Cargo calls this program as its `RUSTC_WORKSPACE_WRAPPER`, with rustc and its arguments.

use std::env;
use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::{Context, Result};
use wait_timeout::ChildExt;

/// The limit, in seconds. Where it is set, this program is called as a wrapper.
const LIMIT: &str = "WORKBOOK_RUSTC_SECONDS";

/// Makes `cargo` give each crate of its workspace `limit` to compile.
pub fn limit(cargo: &mut Command, limit: Duration) -> Result<()> {
    let program = env::current_exe().context("cannot find the workbook's own program")?;
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", program)
        .env(LIMIT, limit.as_secs().to_string());
    Ok(())
}

/// The limit in seconds and rustc's command line, if this program was called as a wrapper.
pub fn wrapped() -> Option<(u64, Vec<OsString>)> {
    let seconds = env::var(LIMIT).ok()?.parse().ok()?;
    Some((seconds, env::args_os().skip(1).collect()))
}

/// Runs rustc; past the limit it is ended, and an error in rustc's own form says so.
pub fn run(seconds: u64, command: &[OsString]) -> Result<ExitCode> {
    let (rustc, arguments) = command.split_first().context("no compiler is named")?;
    let mut child = Command::new(rustc)
        .args(arguments)
        .spawn()
        .with_context(|| format!("cannot start {}", rustc.display()))?;
    let status = match child.wait_timeout(Duration::from_secs(seconds))? {
        Some(status) => status,
        None => {
            child.kill()?;
            child.wait()?;
            let message = format!("not compiled after {seconds} s");
            let error = serde_json::json!({
                "$message_type": "diagnostic",
                "message": message,
                "level": "error",
                "code": null,
                "spans": [],
                "children": [],
                "rendered": format!("error: {message}\n"),
            });
            eprintln!("{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
