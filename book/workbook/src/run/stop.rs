//! Ends what another thread has started: a build, or a test program.

use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A way to end a run before it is complete. Clones end the same run.
#[derive(Clone, Default)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    stopped: bool,
    /// The process that runs now, which leads a group of its own.
    leader: Option<u32>,
}

impl Stop {
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        if let Some(leader) = state.leader {
            end_group(leader);
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Makes `command` the leader of a group: what it starts will end with it.
    pub fn prepare(command: &mut Command) {
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        #[cfg(not(unix))]
        let _ = command;
    }

    /// From here on, [`Stop::stop`] ends `child`.
    pub fn watch(&self, child: &Child) {
        let mut state = self.state();
        state.leader = Some(child.id());
        if state.stopped {
            end_group(child.id());
        }
    }

    /// To be called before the child is waited for: its number may then be given to another.
    pub fn forget(&self) {
        self.state().leader = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Cargo's compilers must end too: two of them would write the same files.
fn end_group(leader: u32) {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/T", "/F", "/PID", &leader.to_string()]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("kill -TERM -{leader}")]);
        command
    };
    _ = command.output();
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read;
    use std::process::Stdio;

    fn started(script: &str) -> Child {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        Stop::prepare(&mut command);
        command.spawn().unwrap()
    }

    #[test]
    fn what_the_child_has_started_ends_too() {
        let mut child = started("sleep 600 & echo started; wait");
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 8]).unwrap();
        let stop = Stop::default();
        stop.watch(&child);
        stop.stop();
        // The sleeper holds the output open as long as it lives.
        assert_eq!(out.read_to_string(&mut String::new()).unwrap(), 0);
        stop.forget();
        assert!(!child.wait().unwrap().success());
        assert!(stop.is_stopped());
    }

    #[test]
    fn a_child_that_starts_too_late_ends_at_once() {
        let stop = Stop::default();
        stop.stop();
        let mut child = started("sleep 600");
        stop.watch(&child);
        stop.forget();
        assert!(!child.wait().unwrap().success());
    }
}
