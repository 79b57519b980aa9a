//! Runs the lesson's tests against the solution.

extern crate emit_vs_broadcast_solution as emit_vs_broadcast;

#[path = "../../../lessons/05-emit-vs-broadcast/tests/emit_vs_broadcast/main.rs"]
mod lesson;
