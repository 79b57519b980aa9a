//! What was found, for the terminal, for a browser, and for other programs.

mod classroom;
mod html;
mod junit;
mod table;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::row::{Likeness, Row, Standing, State};
use super::{Compared, Learner};

pub use classroom::classroom;
pub use html::{class, pages};
pub use junit::junit;
pub use table::table;

pub fn cell(row: &Row) -> String {
    let mut cell = match row.state {
        State::Passed => "✓".to_owned(),
        State::Wrong | State::Open => format!("{}/{}", row.passed.len(), row.tests),
        State::NotCompiled => "build".to_owned(),
        State::TimedOut => "time".to_owned(),
        State::EndedEarly => "exit".to_owned(),
        State::Untouched => "·".to_owned(),
        State::Unreadable => "?".to_owned(),
    };
    if matches!(row.state, State::Wrong | State::Open) {
        for (mark, state) in [('✗', Standing::Wrong), ('○', Standing::Open)] {
            let count = row.exercises_in(state).len();
            if count > 0 {
                cell += &format!(" {mark}{count}");
            }
        }
    }
    cell += match row.likeness {
        Some(Likeness::Reference) => " =",
        Some(Likeness::ButForNames) => " ≈",
        None => "",
    };
    match row.consequence {
        true => format!("{cell} ↑"),
        false => cell,
    }
}

/// What the signs of a cell mean.
pub const SIGNS: [(&str, &str); 11] = [
    ("✓", "all tests pass"),
    ("n/m", "n of m tests pass"),
    ("✗n", "n exercises are wrong"),
    ("○n", "n exercises are open"),
    ("·", "untouched"),
    ("=", "the reference itself, as catch-up puts it there"),
    ("≈", "the reference but for names, which alone says nothing"),
    (
        "↑",
        "passes on the reference's earlier lessons: the cause lies in them",
    ),
    ("build", "does not compile"),
    ("time", "did not end"),
    ("exit", "ended before its tests did"),
];

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

/// What is counted in a lesson, and who it is about.
pub struct Count {
    pub lesson: String,
    pub what: String,
    pub who: Vec<String>,
}

/// A heading, and what is counted under it.
pub type Counts = (&'static str, Vec<Count>);

/// All that is counted in a class.
pub fn counted(learners: &[Learner]) -> Vec<Counts> {
    let untouched = |row: &Row| match row.state {
        State::Untouched => vec![(0, String::new())],
        _ => Vec::new(),
    };
    let mistakes = |row: &Row| {
        let made = row.mistakes.iter();
        made.map(|made| (made.place, format!("{} (in {})", made.name, made.exercise)))
            .collect()
    };
    let not_called = |row: &Row| {
        let all = row.not_called.iter().enumerate();
        all.map(|(place, not_called)| {
            let functions = not_called.functions.join(", ");
            (place, format!("{functions} (in {})", not_called.exercise))
        })
        .collect()
    };
    let all = [
        (
            "Wrong",
            counts(learners, |row| exercises(row, Standing::Wrong)),
        ),
        (
            "Open",
            counts(learners, |row| exercises(row, Standing::Open)),
        ),
        (
            "Written, and waiting for one that is wrong or open",
            counts(learners, |row| exercises(row, Standing::Waiting)),
        ),
        ("Untouched", counts(learners, untouched)),
        ("Typical mistakes", counts(learners, mistakes)),
        (
            "What the reference calls and an answer does not",
            counts(learners, not_called),
        ),
        (
            "Equal but for names, which is a hint and no verdict",
            alike(learners),
        ),
    ];
    let all = all.into_iter().filter(|(_, counts)| !counts.is_empty());
    all.collect()
}

/// The exercises in this state, each with its place in the lesson.
fn exercises(row: &Row, state: Standing) -> Vec<(usize, String)> {
    let exercises = row.exercises.iter().enumerate();
    let exercises = exercises.filter(|(_, exercise)| exercise.state == state);
    exercises
        .map(|(place, e)| (place, e.name.clone()))
        .collect()
}

/// The most frequent first, and then in the order of the course.
fn counts(learners: &[Learner], of: impl Fn(&Row) -> Vec<(usize, String)>) -> Vec<Count> {
    let mut found: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (learner, row) in rows(learners) {
        for (place, what) in of(row) {
            let key = (row.lesson.clone(), place, what);
            found.entry(key).or_default().push(learner.name.clone());
        }
    }
    let counts = found
        .into_iter()
        .map(|((lesson, _, what), who)| Count { lesson, what, who });
    let mut counts: Vec<_> = counts.collect();
    counts.sort_by_key(|count| Reverse(count.who.len()));
    counts
}

/// Groups of learners with the same answers.
fn alike(learners: &[Learner]) -> Vec<Count> {
    let mut groups: BTreeMap<_, Count> = BTreeMap::new();
    for (learner, row) in rows(learners).filter(|(_, row)| !row.alike.is_empty()) {
        let exercises = row.own_text.iter().map(|(name, _)| name.as_str());
        let exercises: Vec<_> = exercises.collect();
        let group = groups.entry((&row.lesson, &row.own_text)).or_insert(Count {
            lesson: row.lesson.clone(),
            what: exercises.join(", "),
            who: Vec::new(),
        });
        group.who.push(learner.name.clone());
    }
    groups.into_values().collect()
}

/// `Wed, 25 Nov 2026 17:39:07 GMT, workbook at 05c987b4a1`
pub fn stamp(compared: &Compared) -> String {
    match &compared.commit {
        Some(commit) => format!("{}, workbook at {commit}", compared.date),
        None => compared.date.clone(),
    }
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
    use crate::compare::discussed::Discussed;
    use crate::compare::likeness::NotCalled;
    use crate::compare::row::{Failing, Judged, Made};

    fn judged(name: &str, state: Standing) -> Judged {
        Judged {
            name: name.into(),
            state,
            optional: name == "o",
        }
    }

    fn row(lesson: &str, state: State) -> Row {
        Row {
            lesson: lesson.into(),
            state,
            exercises: vec![
                judged("f", Standing::Wrong),
                judged("g", Standing::Passed),
                judged("h", Standing::Open),
                judged("o", Standing::Open),
            ],
            passed: vec!["g::ok".into()],
            tests: 5,
            failing: vec![Failing {
                test: "f::t".into(),
                says: "<b>\u{1b}[31m".into(),
            }],
            waiting: vec!["h::one".into(), "whole::waits".into()],
            not_run: vec!["f::u".into()],
            mistakes: vec![Made {
                exercise: "f".into(),
                name: "the sender included".into(),
                why: "It has it already.".into(),
                place: 1,
            }],
            consequence: state == State::NotCompiled,
            likeness: None,
            alike: vec![],
            changed: vec![],
            uses: vec![],
            differences: vec![Difference {
                exercise: "f".into(),
                diff: "-a\n+b".into(),
                discussed: vec![Discussed {
                    title: "Ids first".into(),
                    page: "solutions/01-one.html#why-ids-first".into(),
                }],
            }],
            same: vec!["g".into()],
            not_called: vec![NotCalled {
                exercise: "f".into(),
                functions: vec!["mask".into()],
            }],
            hidden: vec![],
            note: None,
            own_text: vec![("f".into(), vec![])],
        }
    }

    fn class_of_three() -> Compared {
        let learner = |name: &str, problem: Option<&str>, lessons| Learner {
            name: name.into(),
            dir: name.into(),
            commit: Some("0123456789".into()),
            problem: problem.map(str::to_owned),
            lessons,
        };
        let mut passed = row("01-one", State::Passed);
        for list in [&mut passed.waiting, &mut passed.not_run] {
            list.clear();
        }
        passed.failing.clear();
        passed.mistakes.clear();
        passed.differences.clear();
        for exercise in &mut passed.exercises {
            exercise.state = Standing::Passed;
        }
        passed.likeness = Some(Likeness::Reference);
        let mut untouched = row("01-one", State::Untouched);
        untouched.exercises.clear();
        untouched.passed.clear();
        untouched.waiting.clear();
        untouched.failing.clear();
        untouched.mistakes.clear();
        untouched.not_called.clear();
        let mut wrong = row("02-two", State::Wrong);
        wrong.alike = vec!["bob<script>".into()];
        let mut built = row("02-two", State::NotCompiled);
        built.alike = vec!["ann".into()];
        // As many as the other, and earlier in the lesson's list.
        built.mistakes.push(Made {
            exercise: "f".into(),
            name: "unnoticed, though earlier in the list".into(),
            why: "Why.".into(),
            place: 0,
        });
        wrong.mistakes.insert(0, built.mistakes[1].clone());
        Compared {
            date: "Wed, 25 Nov 2026 17:39:07 GMT".into(),
            commit: Some("abcdef0123".into()),
            learners: vec![
                learner("ann", None, vec![passed, wrong]),
                learner("bob<script>", None, vec![untouched, built]),
                learner("cat", Some("not a directory"), vec![]),
            ],
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_learner_and_each_count() {
        let text = table(&class_of_three());
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "             01-one  02-two");
        assert_eq!(lines[1], "ann          ✓ =     1/5 ✗1 ○2");
        assert_eq!(lines[2], "bob<script>  ·       build ↑");
        assert_eq!(lines[3], "cat          not a directory");
        let counts = "\
Wrong
  2  02-two: f (ann, bob<script>)

Open
  2  02-two: h (ann, bob<script>)
  2  02-two: o (ann, bob<script>)

Untouched
  1  01-one (bob<script>)

Typical mistakes
  2  02-two: unnoticed, though earlier in the list (in f) (ann, bob<script>)
  2  02-two: the sender included (in f) (ann, bob<script>)
";
        assert!(text.contains(counts), "{text}");
        let alike = "Equal but for names, which is a hint and no verdict\n  2  02-two: f (ann, bob<script>)";
        assert!(text.contains(alike), "{text}");
        assert!(
            text.ends_with("\nCompared Wed, 25 Nov 2026 17:39:07 GMT, workbook at abcdef0123\n")
        );
    }

    #[test]
    fn a_learners_text_stays_text() {
        for text in [class(&class_of_three()), junit(&class_of_three())] {
            assert!(!text.contains("<script>"), "{text}");
            assert!(text.contains("bob&lt;script&gt;"), "{text}");
            assert!(text.contains("&lt;b&gt;\u{fffd}[31m"), "{text}");
        }
    }

    #[test]
    fn a_page_for_one_is_about_nobody_else_and_one_to_be_shown_names_nobody() {
        let pages = pages(&class_of_three());
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "projector.html",
                "learner-ann.html",
                "learner-bob-script-.html",
                "learner-cat.html"
            ]
        );
        for (name, page) in &pages {
            assert!(
                page.contains("17:39:07 GMT, workbook at abcdef0123"),
                "{name}: {page}"
            );
            let is_own = |who: &str| name.contains(who);
            for (who, shown) in [("ann", ">ann"), ("bob", "bob&lt;"), ("cat", ">cat")] {
                assert_eq!(page.contains(shown), is_own(who), "{name}, {who}: {page}");
            }
        }
        assert!(
            pages[0].1.contains("<b>2 × the sender included (in f)</b>"),
            "{}",
            pages[0].1
        );
        // The answer to what is wrong is not in it, and what is known of others neither.
        let ann = &pages[1].1;
        assert!(!ann.contains("+b") && !ann.contains("no verdict"), "{ann}");
        let class = class(&class_of_three());
        assert!(
            class.contains("href=\"http://127.0.0.1:4000/solutions/01-one.html#why-ids-first\"")
        );
    }

    #[test]
    fn junit_counts_what_it_lists() {
        let xml = junit(&class_of_three());
        // Passed; one wrong, one right, two open, one that waits and one not run, twice, with an
        // error; untouched; no checkout.
        assert_eq!(xml.matches("<testcase ").count(), 1 + 6 + 1 + 7 + 1);
        let suite = "name=\"ann: 02-two\" tests=\"6\" failures=\"1\" errors=\"0\" skipped=\"4\"";
        assert!(xml.contains(suite), "{xml}");
        assert_eq!(xml.matches("<error ").count(), 2);
        assert!(
            xml.contains("name=\"h\"><skipped message=\"open: not written yet\"/>"),
            "{xml}"
        );
        assert!(!xml.contains("h::one"), "{xml}");
        assert!(
            xml.contains("name=\"01-one\"><skipped message=\"untouched\"/>"),
            "{xml}"
        );
    }

    #[test]
    fn marks_are_those_of_the_core_exercises() {
        let mut compared = class_of_three();
        compared.learners.truncate(1);
        let marks = classroom(&compared);
        assert_eq!(marks["max_score"], 6);
        assert_eq!(marks["status"], "fail");
        let tests = marks["tests"].as_array().unwrap();
        let line = |test: &serde_json::Value| {
            format!("{} {}", test["name"].as_str().unwrap(), test["score"])
        };
        let lines: Vec<_> = tests.iter().map(line).collect();
        assert_eq!(
            lines,
            [
                "01-one f 1",
                "01-one g 1",
                "01-one h 1",
                "02-two f: wrong 0",
                "02-two g 1",
                "02-two h: open 0"
            ]
        );
    }

    #[test]
    fn an_optional_exercise_may_be_open() {
        let mut row = row("02-two", State::Open);
        assert!(!row.is_done());
        row.exercises[0].state = Standing::Passed;
        row.exercises[2].state = Standing::Passed;
        assert!(row.is_done());
        row.state = State::Wrong;
        assert!(!row.is_done());
    }
}
