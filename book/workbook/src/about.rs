//! What a lesson is, said once: `[package.metadata.workbook]` in its solution's manifest.

use std::collections::BTreeMap;

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
    /// What a class of half a day has time for; `None` where its plan leaves the lesson out.
    pub half_day: Option<Part>,
    pub day: Option<Part>,
    pub two_days: Option<Part>,
    /// Minutes for each exercise that the lesson cannot do without.
    #[serde(default)]
    pub core: BTreeMap<String, u32>,
    /// Minutes for each of the others: nothing later needs them.
    #[serde(default)]
    pub optional: BTreeMap<String, u32>,
    /// For [`crate::manifest`]: what the lesson's tests use, where that is not the kit as the
    /// solution has it.
    #[serde(default, rename = "dev-dependencies")]
    _dev_dependencies: toml::Table,
}

/// How much of a lesson a class does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The chapter, at the projector.
    Show,
    /// And the core exercises.
    Core,
    /// And the optional ones.
    All,
}

impl About {
    /// Minutes for all exercises.
    pub fn solve(&self) -> u32 {
        self.core.values().chain(self.optional.values()).sum()
    }

    pub fn minutes(&self) -> u32 {
        self.minutes_of(Part::All)
    }

    pub fn minutes_of(&self, part: Part) -> u32 {
        let core: u32 = self.core.values().sum();
        match part {
            Part::Show => self.show,
            Part::Core => self.show + core,
            Part::All => self.show + self.solve(),
        }
    }

    /// An exercise's minutes, and whether it is optional.
    pub fn exercise(&self, name: &str) -> Option<(u32, bool)> {
        let core = self.core.get(name).map(|minutes| (*minutes, false));
        core.or_else(|| self.optional.get(name).map(|minutes| (*minutes, true)))
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
                       about, the minutes to show, and those of each exercise";
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
                        title = \"One\"\nabout = \"the first\"\nshow = 20\nhalf-day = \"core\"\n\
                        [package.metadata.workbook.core]\nf = 25\n\
                        [package.metadata.workbook.optional]\ng = 15\n";
        let about = read(manifest).unwrap();
        assert_eq!((about.title.as_str(), about.minutes()), ("One", 60));
        assert_eq!((about.half_day, about.day), (Some(Part::Core), None));
        assert_eq!((about.minutes_of(Part::Core), about.solve()), (45, 40));
        assert_eq!(about.exercise("g"), Some((15, true)));
        let flaws = [
            ("title", "titel", "Cargo.toml:5: unknown field `titel`"),
            ("show = 20\n", "", "Cargo.toml:4: missing field `show`"),
            (
                "\"core\"",
                "\"some\"",
                "Cargo.toml:8: unknown variant `some`",
            ),
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
