//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate acks_solution as acks;

#[path = "../../../lessons/06-acks/tests/acks/main.rs"]
mod lesson;
