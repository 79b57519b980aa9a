//! Where everything is: the workbook's root, its lessons, and the files of a lesson.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

/// A checkout of the workbook.
#[derive(Debug, Clone)]
pub struct Workbook {
    pub root: PathBuf,
    /// In the order of their numbers.
    pub lessons: Vec<Lesson>,
}

/// One lesson. All its paths are relative to the workbook's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// Number and topic, the name that page, lesson and solution share: `02-handshake`.
    pub stem: String,
    pub number: u32,
    /// Also the lesson's package: `handshake`.
    pub topic: String,
}

impl Workbook {
    /// Finds the workbook that holds the current directory.
    pub fn here() -> Result<Self> {
        let start = std::env::current_dir().context("cannot tell the current directory")?;
        Self::above(&start)
    }

    /// Finds the workbook that holds `start`.
    pub fn above(start: &Path) -> Result<Self> {
        let parts = ["book", "lessons", "solutions"];
        let is_root = |dir: &Path| parts.iter().all(|part| dir.join(part).is_dir());
        let root = start.ancestors().find(|dir| is_root(dir)).ok_or_else(|| {
            anyhow!(
                "this is not the workbook: no book, lessons and solutions in {} or above",
                start.display()
            )
        })?;
        Self::at(root)
    }

    /// Reads the workbook whose root is `root`.
    pub fn at(root: &Path) -> Result<Self> {
        let mut lessons = Vec::new();
        // A lesson is there as soon as its solution is: the rest of it is generated.
        for dir in ["lessons", "solutions"].map(|part| root.join(part)) {
            let entries =
                fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))?;
            for entry in entries {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if let Some(lesson) = Lesson::from_stem(&name)
                    && path.join("Cargo.toml").is_file()
                    && !lessons.contains(&lesson)
                {
                    lessons.push(lesson);
                }
            }
        }
        lessons.sort_by_key(|lesson| lesson.number);
        Ok(Self {
            root: root.to_path_buf(),
            lessons,
        })
    }

    /// The lesson that a person calls `handshake`, `2`, `02`, `02-handshake` or `lessons/02-handshake`.
    pub fn lesson(&self, called: &str) -> Result<&Lesson> {
        let name = called.trim_end_matches(['/', '\\']);
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let number = name.parse::<u32>().ok();
        let found = self.lessons.iter().find(|lesson| {
            lesson.stem == name || lesson.topic == name || number == Some(lesson.number)
        });
        match found {
            Some(lesson) => Ok(lesson),
            None if self.lessons.is_empty() => bail!("there is no lesson in lessons/"),
            None => {
                let stems: Vec<_> = self.lessons.iter().map(|l| l.stem.as_str()).collect();
                bail!("no lesson `{called}`; there are {}", stems.join(", "))
            }
        }
    }

    /// The lessons called so, or all of them if none is named.
    pub fn lessons(&self, called: &[String]) -> Result<Vec<&Lesson>> {
        if called.is_empty() {
            return Ok(self.lessons.iter().collect());
        }
        called.iter().map(|name| self.lesson(name)).collect()
    }

    /// The absolute path of a path relative to the root.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Reads a text file, named relative to the root.
    pub fn read(&self, relative: impl AsRef<Path>) -> Result<String> {
        let relative = relative.as_ref();
        fs::read_to_string(self.path(relative))
            .with_context(|| format!("cannot read {}", relative.display()))
    }

    /// The earlier lessons that `lesson` depends on, itself left out, earliest first.
    pub fn stands_on(&self, lesson: &Lesson) -> Result<Vec<&Lesson>> {
        let mut found: Vec<&Lesson> = Vec::new();
        let mut open = vec![lesson];
        while let Some(next) = open.pop() {
            let path = next.dir().join("Cargo.toml");
            let manifest: toml::Table = self
                .read(&path)?
                .parse()
                .with_context(|| format!("cannot read {}", path.display()))?;
            let Some(dependencies) = manifest.get("dependencies").and_then(|d| d.as_table()) else {
                continue;
            };
            for other in &self.lessons {
                if dependencies.contains_key(&other.topic)
                    && other != lesson
                    && !found.contains(&other)
                {
                    found.push(other);
                    open.push(other);
                }
            }
        }
        found.sort_by_key(|lesson| lesson.number);
        Ok(found)
    }

    /// The root of the lesson's tests and the name of its test target.
    pub fn test_target(&self, lesson: &Lesson) -> (PathBuf, String) {
        let name = lesson.crate_name();
        let folder = lesson.dir().join("tests").join(&name);
        (folder.join("main.rs"), name)
    }
}

impl Lesson {
    /// `02-handshake`: two digits, a hyphen, lower-case words.
    pub fn from_stem(stem: &str) -> Option<Self> {
        let (number, topic) = stem.split_once('-')?;
        let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        let words = !topic.is_empty()
            && topic
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        (digits && words).then(|| Self {
            stem: stem.to_string(),
            number: number.parse().unwrap_or_default(),
            topic: topic.to_string(),
        })
    }

    /// The name of the lesson's library in Rust source.
    pub fn crate_name(&self) -> String {
        self.topic.replace('-', "_")
    }

    /// The package of the reference: `handshake-solution`.
    pub fn solution_package(&self) -> String {
        format!("{}-solution", self.topic)
    }

    pub fn dir(&self) -> PathBuf {
        Path::new("lessons").join(&self.stem)
    }

    pub fn src(&self) -> PathBuf {
        self.dir().join("src")
    }

    /// Where a learner's files are kept when something else takes their place.
    pub fn kept(&self) -> PathBuf {
        self.dir().join("mine")
    }

    pub fn solution(&self) -> PathBuf {
        Path::new("solutions").join(&self.stem)
    }

    /// It says what the lesson is: see [`crate::about`].
    pub fn solution_manifest(&self) -> PathBuf {
        self.solution().join("Cargo.toml")
    }

    pub fn solution_src(&self) -> PathBuf {
        self.solution().join("src")
    }

    pub fn mistakes(&self) -> PathBuf {
        self.solution().join("mistakes.toml")
    }

    pub fn equivalents(&self) -> PathBuf {
        self.solution().join("equivalents.toml")
    }

    pub fn hints(&self) -> PathBuf {
        self.solution().join("hints.toml")
    }

    /// The page that discusses the solution.
    pub fn solution_page(&self) -> PathBuf {
        Path::new("book/src/solutions").join(format!("{}.md", self.stem))
    }

    pub fn chapter(&self) -> PathBuf {
        Path::new("book/src").join(format!("{}.md", self.stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn miniature() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for stem in ["02-handshake", "01-polling", "03-emit-vs-broadcast", "kit"] {
            fs::create_dir_all(root.join("lessons").join(stem)).unwrap();
            let needs = match stem {
                "02-handshake" => "[dependencies]\npolling.workspace = true\n",
                "03-emit-vs-broadcast" => "[dependencies]\nhandshake.workspace = true\n",
                _ => "",
            };
            fs::write(root.join("lessons").join(stem).join("Cargo.toml"), needs).unwrap();
        }
        fs::create_dir_all(root.join("lessons/04-empty")).unwrap();
        fs::create_dir_all(root.join("solutions")).unwrap();
        fs::create_dir_all(root.join("book")).unwrap();
        dir
    }

    #[test]
    fn is_found_from_any_directory_in_it() {
        let dir = miniature();
        let book = Workbook::above(&dir.path().join("lessons/02-handshake")).unwrap();
        assert_eq!(book.root, dir.path());
        let stems: Vec<_> = book.lessons.iter().map(|l| l.stem.as_str()).collect();
        assert_eq!(
            stems,
            ["01-polling", "02-handshake", "03-emit-vs-broadcast"]
        );
    }

    #[test]
    fn a_directory_elsewhere_is_refused_in_one_line() {
        let dir = tempfile::tempdir().unwrap();
        let error = format!("{:#}", Workbook::above(dir.path()).unwrap_err());
        assert!(error.starts_with("this is not the workbook: no book, lessons"));
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn a_lesson_goes_by_number_topic_stem_or_path() {
        let dir = miniature();
        let book = Workbook::at(dir.path()).unwrap();
        for name in [
            "handshake",
            "2",
            "02",
            "02-handshake",
            "lessons/02-handshake/",
        ] {
            assert_eq!(book.lesson(name).unwrap().stem, "02-handshake", "{name}");
        }
        assert_eq!(
            book.lesson("emit-vs-broadcast").unwrap().crate_name(),
            "emit_vs_broadcast"
        );
    }

    #[test]
    fn an_unknown_lesson_lists_those_there_are() {
        let dir = miniature();
        let book = Workbook::at(dir.path()).unwrap();
        for name in ["shake", "", "99", "kit", "04-empty", "/"] {
            let error = book.lesson(name).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "no lesson `{name}`; there are 01-polling, 02-handshake, 03-emit-vs-broadcast"
                )
            );
        }
    }

    #[test]
    fn a_lesson_stands_on_what_its_lessons_stand_on() {
        let dir = miniature();
        let book = Workbook::at(dir.path()).unwrap();
        let below = book.stands_on(book.lesson("3").unwrap()).unwrap();
        let stems: Vec<_> = below.iter().map(|l| l.stem.as_str()).collect();
        assert_eq!(stems, ["01-polling", "02-handshake"]);
    }
}
