//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate first_event_solution as first_event;

#[path = "../../../lessons/00-first-event/tests/first_event/main.rs"]
mod lesson;
