//! The lesson's own tests, on the reference. `cargo workbook starters` generates this file.

extern crate emit_vs_broadcast_solution as emit_vs_broadcast;

#[path = "../../../lessons/05-emit-vs-broadcast/tests/emit_vs_broadcast/main.rs"]
mod lesson;
