//! Runs the lesson's tests against the solution.

extern crate echo_solution as echo;

#[path = "../../../lessons/04-echo/tests/echo/main.rs"]
mod lesson;
