//! A way to try a lesson: cargo's, or what a test puts in its place.

use crate::run::{self, Step, Stop, Tried};
use crate::workspace::{Lesson, Workbook};

pub trait Attempt: Send + Sync + 'static {
    /// Ends soon after `stop` says so.
    fn run(
        &self,
        workbook: &Workbook,
        lesson: &Lesson,
        stop: &Stop,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Tried;
}

pub struct WithCargo;

impl Attempt for WithCargo {
    fn run(
        &self,
        workbook: &Workbook,
        lesson: &Lesson,
        stop: &Stop,
        tell: &mut dyn FnMut(Step<'_>),
    ) -> Tried {
        run::lesson(workbook, lesson, Some(stop), tell)
    }
}
