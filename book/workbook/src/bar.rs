//! Says how far a long job is: a bar on a terminal, a line now and then elsewhere.

use anstream::eprintln;
use indicatif::{ProgressBar, ProgressStyle};

pub struct Bar {
    bar: ProgressBar,
    what: &'static str,
}

impl Bar {
    /// `what` has a verb in front: `building test programs`.
    pub fn new(what: &'static str, all: usize) -> Self {
        let bar = ProgressBar::new(all as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar, what }
    }

    pub fn step(&self) {
        self.bar.inc(1);
        let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
        if self.bar.is_hidden() && (done % 20 == 0 || done == all) {
            eprintln!("{}: {done} of {all}", self.what);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
