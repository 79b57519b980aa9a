//! What was found, for the terminal, for a browser, and for other programs.

mod html;
mod junit;
mod table;

use std::collections::BTreeMap;

use super::Learner;
use super::row::{Row, State};

pub use html::html;
pub use junit::junit;
pub use table::table;

pub fn cell(row: &Row) -> String {
    let cell = match row.state {
        State::Passed => "✓".to_owned(),
        State::Failed => format!("{}/{}", row.passed.len(), row.tests),
        State::NotCompiled => "build".to_owned(),
        State::TimedOut => "time".to_owned(),
        State::EndedEarly => "exit".to_owned(),
        State::NotStarted => "·".to_owned(),
        State::Unreadable => "?".to_owned(),
    };
    match row.consequence {
        true => format!("{cell} ↑"),
        false => cell,
    }
}

pub fn lessons(learners: &[Learner]) -> Vec<String> {
    let mut lessons: Vec<_> = rows(learners).map(|(_, row)| row.lesson.clone()).collect();
    lessons.sort();
    lessons.dedup();
    lessons
}

pub fn rows(learners: &[Learner]) -> impl Iterator<Item = (&Learner, &Row)> {
    learners
        .iter()
        .flat_map(|learner| learner.lessons.iter().map(move |row| (learner, row)))
}

/// A lesson and what is counted in it, with who it is about.
pub type Counts = Vec<((String, String), Vec<String>)>;

/// Who made which mistake.
pub fn mistakes(learners: &[Learner]) -> Counts {
    counts(learners, |row| {
        row.mistakes.iter().map(|made| made.name.clone()).collect()
    })
}

/// Who has which exercise open or red, where that is no consequence of earlier lessons.
pub fn exercises(learners: &[Learner]) -> Counts {
    counts(learners, |row| match row.consequence {
        true => Vec::new(),
        false => row.red().into_iter().map(str::to_owned).collect(),
    })
}

/// Which functions the reference calls in an exercise, and whose answer does not.
pub fn not_called(learners: &[Learner]) -> Counts {
    counts(learners, |row| {
        let all = row.not_called.iter();
        all.map(|not_called| {
            let functions = not_called.functions.join(", ");
            format!("{functions} (in {})", not_called.exercise)
        })
        .collect()
    })
}

/// The most frequent first.
fn counts(learners: &[Learner], of: impl Fn(&Row) -> Vec<String>) -> Counts {
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (learner, row) in rows(learners) {
        for what in of(row) {
            let key = (row.lesson.clone(), what);
            found.entry(key).or_default().push(learner.name.clone());
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, who)| std::cmp::Reverse(who.len()));
    found
}

/// XML has no word for most control characters, and HTML no use for them.
fn printable(text: &str) -> String {
    let is_odd =
        |c: char| c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.replace(is_odd, "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::difference::Difference;
    use crate::compare::likeness::NotCalled;
    use crate::compare::row::{Failing, Made};

    fn row(lesson: &str, state: State) -> Row {
        Row {
            lesson: lesson.into(),
            state,
            passed: vec!["f::ok".into()],
            tests: 3,
            failing: vec![Failing {
                test: "f::t".into(),
                says: "<b>\u{1b}[31m".into(),
            }],
            not_run: vec!["f::u".into()],
            open: vec![],
            mistakes: vec![Made {
                name: "the sender included".into(),
                why: "It has it already.".into(),
            }],
            consequence: state == State::NotCompiled,
            changed: vec![],
            uses: vec![],
            differences: vec![Difference {
                exercise: "f".into(),
                diff: "-a\n+b".into(),
            }],
            same: vec!["g".into()],
            not_called: vec![NotCalled {
                exercise: "f".into(),
                functions: vec!["mask".into()],
            }],
            hidden: vec![],
            note: None,
        }
    }

    fn class_of_three() -> Vec<Learner> {
        let learner = |name: &str, problem: Option<&str>, lessons| Learner {
            name: name.into(),
            dir: name.into(),
            problem: problem.map(str::to_owned),
            lessons,
        };
        let mut passed = row("01-one", State::Passed);
        passed.failing.clear();
        passed.not_run.clear();
        passed.mistakes.clear();
        vec![
            learner("ann", None, vec![passed, row("02-two", State::Failed)]),
            learner("bob<script>", None, vec![row("02-two", State::NotCompiled)]),
            learner("cat", Some("not a directory"), vec![]),
        ]
    }

    #[test]
    fn the_table_has_a_line_for_each_learner_and_each_mistake() {
        let text = table(&class_of_three());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "             01-one   02-two");
        assert_eq!(lines[1], "ann          ✓        1/3");
        assert_eq!(lines[2], "bob<script>           build ↑");
        assert_eq!(lines[3], "cat          not a directory");
        assert!(
            text.contains("  2  02-two: the sender included (ann, bob<script>)"),
            "{text}"
        );
        assert!(
            text.contains("  2  02-two: mask (in f) (ann, bob<script>)"),
            "{text}"
        );
    }

    #[test]
    fn a_learners_text_stays_text() {
        for text in [html(&class_of_three()), junit(&class_of_three())] {
            assert!(!text.contains("<script>"), "{text}");
            assert!(text.contains("bob&lt;script&gt;"), "{text}");
            assert!(text.contains("&lt;b&gt;\u{fffd}[31m"), "{text}");
        }
    }

    #[test]
    fn junit_counts_what_it_lists() {
        let xml = junit(&class_of_three());
        assert_eq!(xml.matches("<testcase ").count(), 1 + 3 + 4 + 1);
        assert!(
            xml.contains("name=\"ann: 02-two\" tests=\"3\" failures=\"1\" errors=\"0\""),
            "{xml}"
        );
        assert_eq!(xml.matches("<error ").count(), 2);
    }
}
