//! The lesson's own tests, run on the reference.

extern crate frames_solution as frames;

#[path = "../../../lessons/03-frames/tests/frames/main.rs"]
mod lesson;
