//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate handshake_solution as handshake;

#[path = "../../../lessons/02-handshake/tests/handshake/main.rs"]
mod lesson;
