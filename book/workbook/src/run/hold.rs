//! A program that ends with the one that started it, however that one ends.
//!
//! Nothing runs at the end of a process that is killed, but its pipes are closed. So this program
//! stands between: it runs another, hands on its standard input, and ends the other with it.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitCode, Stdio, exit};
use std::sync::mpsc;
use std::thread;

use anyhow::{Context, Result};

use super::Stop;

/// `program`, held by this program: it ends when its standard input does. It has a low priority,
/// and does not hear Ctrl-C.
pub fn command(program: &OsStr) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["hold", "--"]).arg(program);
    Stop::prepare(&mut command);
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        const BELOW_NORMAL_PRIORITY_CLASS: u32 = 0x4000;
        command.creation_flags(CREATE_NEW_PROCESS_GROUP | BELOW_NORMAL_PRIORITY_CLASS);
    }
    Ok(command)
}

/// Runs a command until it ends, or standard input does.
pub fn run(command: &[OsString]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no program is named")?;
    let mut command = match cfg!(unix) {
        true => {
            let mut nice = Command::new("nice");
            nice.args(["-n", "10"]).arg(program);
            nice
        }
        false => Command::new(program),
    };
    command.args(arguments).stdin(Stdio::piped());
    Stop::prepare(&mut command);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let mut input = child.stdin.take().context("the program has no input")?;
    let stop = Stop::default();
    stop.watch(&child);
    let (ended, end) = mpsc::channel();
    thread::spawn({
        let ended = ended.clone();
        move || {
            let mut bytes = [0; 1024];
            let mut stdin = io::stdin().lock();
            while let Ok(read @ 1..) = stdin.read(&mut bytes) {
                // A program that reads no input is as good as any.
                let _ = input.write_all(&bytes[..read]);
            }
            let _ = ended.send(None);
        }
    });
    thread::spawn(move || {
        let _ = ended.send(Some(code(&mut child)));
    });
    match end.recv()? {
        Some(code) => exit(code),
        None => {
            stop.stop();
            // Now the program ends, if it has not.
            let _ = end.recv();
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn code(child: &mut Child) -> i32 {
    let status = child.wait().ok();
    status.and_then(|status| status.code()).unwrap_or(1)
}
