//! What a lesson is, said once: `[package.metadata.workbook]` in its solution's manifest.

use serde::Deserialize;

use crate::problem::{Problem, line_at};
use crate::workspace::{Lesson, Workbook};

/// Title, line and minutes of a lesson.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct About {
    /// The heading of its chapter.
    pub title: String,
    /// What is built in it, in a line.
    pub about: String,
    /// Minutes: the instructor at the projector, or a learner with the chapter.
    pub show: u32,
    /// Minutes for the exercises.
    pub solve: u32,
    /// Minutes in a class of half a day; `None` where its plan leaves the lesson out.
    pub half_day: Option<u32>,
    pub day: Option<u32>,
    pub two_days: Option<u32>,
    /// For [`crate::manifest`]: what the lesson's tests use, where that is not the kit as the
    /// solution has it.
    #[serde(default, rename = "dev-dependencies")]
    _dev_dependencies: toml::Table,
}

impl About {
    pub fn minutes(&self) -> u32 {
        self.show + self.solve
    }
}

#[derive(Deserialize)]
struct Manifest {
    package: Package,
}

#[derive(Deserialize)]
struct Package {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    workbook: Option<About>,
}

/// Reads what the lesson's solution says of it.
pub fn about(workbook: &Workbook, lesson: &Lesson) -> Result<About, Problem> {
    let file = lesson.solution_manifest();
    let text = workbook
        .read(&file)
        .map_err(|error| Problem::new(&file, None, format!("{error:#}")))?;
    let manifest: Manifest = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| line_at(&text, span.start));
        Problem::new(&file, line, error.message())
    })?;
    let said = manifest.package.metadata.and_then(|m| m.workbook);
    said.ok_or_else(|| {
        let message = "says nothing of the lesson: add [package.metadata.workbook] with title, \
                       about, and the minutes to show and to solve";
        Problem::new(&file, None, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(manifest: &str) -> Result<About, String> {
        let dir = tempfile::tempdir().unwrap();
        for part in ["book", "lessons", "solutions/01-one"] {
            fs::create_dir_all(dir.path().join(part)).unwrap();
        }
        fs::write(dir.path().join("solutions/01-one/Cargo.toml"), manifest).unwrap();
        let workbook = Workbook::at(dir.path()).unwrap();
        about(&workbook, &workbook.lessons[0]).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_lesson_is_known_by_its_solution() {
        let manifest = "[package]\nname = \"one-solution\"\n\n[package.metadata.workbook]\n\
                        title = \"One\"\nabout = \"the first\"\nshow = 20\nsolve = 40\nhalf-day = 15\n";
        let about = read(manifest).unwrap();
        assert_eq!((about.title.as_str(), about.minutes()), ("One", 60));
        assert_eq!((about.half_day, about.day), (Some(15), None));
        let flaws = [
            ("title", "titel", "Cargo.toml:5: unknown field `titel`"),
            ("solve = 40\n", "", "Cargo.toml:4: missing field `solve`"),
            (
                "metadata",
                "other",
                "Cargo.toml: says nothing of the lesson",
            ),
        ];
        for (find, replace, says) in flaws {
            let said = read(&manifest.replace(find, replace)).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }
}
