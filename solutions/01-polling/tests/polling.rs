//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate polling_solution as polling;

#[path = "../../../lessons/01-polling/tests/polling/main.rs"]
mod lesson;
