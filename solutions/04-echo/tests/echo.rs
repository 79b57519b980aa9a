//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate echo_solution as echo;

#[path = "../../../lessons/04-echo/tests/echo/main.rs"]
mod lesson;
