//! Builds and runs a lesson's tests, and tells what became of them.
//!
//! | module | knows |
//! |---|---|
//! | `cargo` | how cargo is called, and what it says |
//! | `program` | how a test program runs, within limits |
//! | `libtest` | what a test program prints |
//! | `stop` | how another thread ends what runs |
//! | `hold` | how a program ends with the one that started it |
//! | `rustc` | how a compilation is kept within a limit |

pub mod cargo;
pub mod hold;
pub mod libtest;
pub mod program;
pub mod rustc;
mod stop;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::workspace::{Lesson, Workbook};

pub use libtest::{End, Run, Verdict};
pub use stop::Stop;

/// Wall-clock time for a lesson's tests. The kit ends a single test after 5 s.
pub const LIMIT: Duration = Duration::from_secs(60);

/// What became of a lesson's tests.
pub type Tried = Result<Run, NotRun>;

/// Why tests did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotRun {
    DoesNotCompile(CompileError),
    /// The compiler was not even called: a manifest is wrong, or a package that this one stands on
    /// has no library. What cargo said.
    Blocked(String),
    /// The build was ended after this time.
    Late(Duration),
    CannotStart(String),
}

/// The compiler's first error in a package, and all that it printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompileError {
    /// In one line.
    pub message: String,
    /// File and line. The file is relative to the workspace: it may be an earlier lesson's.
    pub place: Option<(PathBuf, usize)>,
    /// Every error, as the compiler prints it.
    pub printed: String,
}

impl NotRun {
    /// What the compiler printed, or cargo.
    pub fn printed(&self) -> Option<&str> {
        match self {
            Self::DoesNotCompile(error) => Some(&error.printed),
            Self::Blocked(said) => Some(said),
            Self::Late(_) | Self::CannotStart(_) => None,
        }
    }
}

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoesNotCompile(CompileError { message, place, .. }) => {
                write!(f, "does not compile: {message}")?;
                match place {
                    Some((file, line)) => write!(f, " ({}:{line})", file.display()),
                    None => Ok(()),
                }
            }
            Self::Blocked(said) => write!(f, "was not built: {said}"),
            Self::Late(limit) => write!(
                f,
                "building took over {} s and was ended; what is built is kept, so run them again",
                limit.as_secs()
            ),
            Self::CannotStart(why) => f.write_str(why),
        }
    }
}

/// What a try tells while it goes on.
pub enum Step<'a> {
    /// The tests are built, and run now.
    Testing,
    Ended(&'a str, Verdict),
}

/// Builds and runs a lesson's tests, as `cargo test -p TOPIC --test TOPIC` does. It ends soon after
/// `stop` says so; without one, the interrupt key ends what runs too.
pub fn lesson(
    workbook: &Workbook,
    lesson: &Lesson,
    stop: Option<&Stop>,
    tell: &mut dyn FnMut(Step<'_>),
) -> Tried {
    let root = &workbook.root;
    let (_, target) = workbook.test_target(lesson);
    let arguments = ["test", "--no-run", "-p", &lesson.topic, "--test", &target];
    let failed = |error: anyhow::Error| NotRun::CannotStart(format!("{error:#}"));
    let built = cargo::build(cargo::command(root, None, &arguments), stop, |_| {});
    let built = built.map_err(failed)?;
    let program = built.programs.first().filter(|_| built.success);
    let program = program.ok_or_else(|| built.why_not(|_| true))?;
    tell(Step::Testing);
    let each = |test: &str, verdict| tell(Step::Ended(test, verdict));
    program::run(root, program, &[], LIMIT, stop, each).map_err(failed)
}
