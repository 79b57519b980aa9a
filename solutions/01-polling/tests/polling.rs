//! Runs the lesson's tests against the solution.

extern crate polling_solution as polling;

#[path = "../../../lessons/01-polling/tests/polling/main.rs"]
mod lesson;
