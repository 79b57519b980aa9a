//! One learner's marks, for the reporter of GitHub Classroom: one for each core exercise.
//!
//! Its form: <https://github.com/classroom-resources/autograding-grading-reporter>, `src/helpers`.

use serde_json::{Value, json};

use crate::compare::Compared;
use crate::compare::row::{Judged, Row, Standing};

pub fn classroom(compared: &Compared) -> Value {
    let mut tests = Vec::new();
    for learner in &compared.learners {
        tests.extend(
            learner
                .problem
                .iter()
                .map(|problem| error(&learner.name, problem)),
        );
        for row in &learner.lessons {
            let core = row.exercises.iter().filter(|exercise| !exercise.optional);
            tests.extend(core.map(|exercise| mark(row, exercise)));
        }
    }
    let is = |test: &Value, status: &str| test["status"] == status;
    let all_pass = tests.iter().all(|test| is(test, "pass"));
    json!({
        "version": 1,
        "status": if all_pass { "pass" } else { "fail" },
        "max_score": tests.len(),
        "tests": tests,
    })
}

fn mark(row: &Row, exercise: &Judged) -> Value {
    let name = format!("{} {}", row.lesson, exercise.name);
    let (status, name) = match exercise.state {
        Standing::Passed => ("pass", name),
        Standing::Wrong => ("fail", format!("{name}: wrong")),
        Standing::Waiting => (
            "fail",
            format!("{name}: waits for one that is wrong or open"),
        ),
        Standing::Open => ("fail", format!("{name}: open")),
        Standing::Untouched => ("fail", format!("{name}: untouched")),
        Standing::NotRun => {
            let why = row
                .note
                .as_deref()
                .unwrap_or("its tests came to no verdict");
            return error(&name, why);
        }
    };
    test(&name, status, "")
}

fn error(name: &str, why: &str) -> Value {
    test(name, "error", &format!("{name}: {why}"))
}

fn test(name: &str, status: &str, message: &str) -> Value {
    json!({
        "name": name,
        "status": status,
        "score": u8::from(status == "pass"),
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    })
}
