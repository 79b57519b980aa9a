//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate rooms_solution as rooms;

#[path = "../../../lessons/07-rooms/tests/rooms/main.rs"]
mod lesson;
