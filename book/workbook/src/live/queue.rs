//! Which lesson runs next. One runs at a time; the newest save goes first.

use std::collections::{BTreeMap, VecDeque};

use crate::run::Stop;

/// Why a lesson is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its files were saved, or the reader asked for it.
    Saved,
    /// Its chapter was opened.
    Opened,
}

#[derive(Default)]
pub struct Queue {
    running: Option<Running>,
    waiting: VecDeque<(String, Why)>,
    /// How many pages show each lesson's chapter.
    shown: BTreeMap<String, usize>,
}

struct Running {
    lesson: String,
    why: Why,
    stop: Stop,
}

impl Queue {
    /// The lesson runs next. What runs now is stopped, and tried again later if it is another.
    pub fn saved(&mut self, lesson: &str) {
        self.waiting.retain(|(waiting, _)| waiting != lesson);
        if let Some(running) = &self.running
            && !running.stop.is_stopped()
        {
            running.stop.stop();
            if running.lesson != lesson {
                self.waiting
                    .push_front((running.lesson.clone(), running.why));
            }
        }
        self.waiting.push_front((lesson.to_owned(), Why::Saved));
    }

    /// The lesson runs when its turn comes, if a page still shows its chapter.
    pub fn wanted(&mut self, lesson: &str) {
        if self.waits(lesson) || self.runs(lesson) {
            return;
        }
        // Nobody waits any more for what runs now: it makes room.
        if let Some(running) = &self.running
            && running.why == Why::Opened
            && !self.is_shown(&running.lesson)
        {
            running.stop.stop();
        }
        self.waiting.push_back((lesson.to_owned(), Why::Opened));
    }

    pub fn opened(&mut self, lesson: &str) {
        *self.shown.entry(lesson.to_owned()).or_default() += 1;
    }

    pub fn closed(&mut self, lesson: &str) {
        if let Some(pages) = self.shown.get_mut(lesson) {
            *pages = pages.saturating_sub(1);
        }
    }

    pub fn is_shown(&self, lesson: &str) -> bool {
        self.shown.get(lesson).is_some_and(|pages| *pages > 0)
    }

    /// Whether the lesson runs, and is to run to its end.
    pub fn runs(&self, lesson: &str) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|running| running.lesson == lesson && !running.stop.is_stopped())
    }

    pub fn waits(&self, lesson: &str) -> bool {
        self.waiting.iter().any(|(waiting, _)| waiting == lesson)
    }

    /// The lesson to run now, and what stops it.
    pub fn next(&mut self) -> Option<(String, Stop)> {
        if self.running.is_some() {
            return None;
        }
        while let Some((lesson, why)) = self.waiting.pop_front() {
            if why == Why::Opened && !self.is_shown(&lesson) {
                continue;
            }
            let stop = Stop::default();
            self.running = Some(Running {
                lesson: lesson.clone(),
                why,
                stop: stop.clone(),
            });
            return Some((lesson, stop));
        }
        None
    }

    /// What [`Queue::next`] gave out is over.
    pub fn ended(&mut self) {
        self.running = None;
    }

    /// Nothing runs any more.
    pub fn stop(&mut self) {
        self.waiting.clear();
        if let Some(running) = &self.running {
            running.stop.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(queue: &mut Queue) -> (String, Stop) {
        queue.next().expect("a lesson to run")
    }

    #[test]
    fn a_newer_save_stops_the_older_run_and_only_one_runs() {
        let mut queue = Queue::default();
        queue.saved("one");
        let (lesson, first) = next(&mut queue);
        assert_eq!(lesson, "one");
        queue.saved("one");
        assert!(first.is_stopped());
        assert!(queue.next().is_none(), "the first has not ended yet");
        queue.saved("one");
        queue.ended();
        let (_, second) = next(&mut queue);
        assert!(!second.is_stopped());
        queue.ended();
        assert!(queue.next().is_none(), "three saves, two runs");
    }

    #[test]
    fn a_save_elsewhere_goes_first_and_the_other_follows() {
        let mut queue = Queue::default();
        queue.saved("one");
        next(&mut queue);
        queue.saved("two");
        queue.saved("two");
        queue.ended();
        assert_eq!(next(&mut queue).0, "two");
        queue.ended();
        assert_eq!(next(&mut queue).0, "one");
        queue.ended();
        assert!(queue.next().is_none());
    }

    #[test]
    fn a_chapter_that_was_closed_again_is_not_run() {
        let mut queue = Queue::default();
        for lesson in ["one", "two", "three"] {
            queue.opened(lesson);
            queue.wanted(lesson);
        }
        let (_, one) = next(&mut queue);
        queue.closed("two");
        // `one` is still shown: it goes on.
        assert!(!one.is_stopped());
        queue.ended();
        assert_eq!(next(&mut queue).0, "three");
    }

    #[test]
    fn a_run_that_nobody_waits_for_makes_room() {
        let mut queue = Queue::default();
        queue.opened("one");
        queue.wanted("one");
        let (_, one) = next(&mut queue);
        queue.closed("one");
        queue.opened("two");
        queue.wanted("two");
        queue.wanted("two");
        assert!(one.is_stopped());
        queue.ended();
        assert_eq!(next(&mut queue).0, "two");
        queue.ended();
        assert!(queue.next().is_none());
    }

    #[test]
    fn a_save_is_run_with_no_page_open() {
        let mut queue = Queue::default();
        queue.saved("one");
        let (_, one) = next(&mut queue);
        queue.opened("two");
        queue.wanted("two");
        assert!(!one.is_stopped());
    }

    #[test]
    fn two_pages_of_one_chapter_count_as_two() {
        let mut queue = Queue::default();
        queue.opened("one");
        queue.opened("one");
        queue.closed("one");
        assert!(queue.is_shown("one"));
        queue.closed("one");
        queue.closed("one");
        assert!(!queue.is_shown("one"));
    }
}
