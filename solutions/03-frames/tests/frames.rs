//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate frames_solution as frames;

#[path = "../../../lessons/03-frames/tests/frames/main.rs"]
mod lesson;
