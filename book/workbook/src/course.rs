//! The lessons together: what they say of themselves, those to come, and the lists of them in
//! README.md and SUMMARY.md, which are generated.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::about::{About, about};
use crate::problem::Problem;
use crate::workspace::{Lesson, Workbook};

const README: &str = "README.md";
const SUMMARY: &str = "book/src/SUMMARY.md";

/// Around the list in README.md.
const BEGIN: &str = "<!-- `cargo workbook starters` writes this list. -->\n";
const END: &str = "<!-- The end of the list. -->\n";

/// Above the lessons in SUMMARY.md. Lesson `n` has the n-th place of the list below it; a lesson 00
/// stands above it, with the introduction.
const PART: &str = "# Lessons\n\n";

pub struct Course {
    /// In the order of their numbers.
    pub lessons: Vec<(Lesson, About)>,
    /// The lessons to come, by number: the links without a page in SUMMARY.md.
    pub planned: Vec<(u32, String)>,
}

impl Course {
    pub fn read(workbook: &Workbook) -> Result<Self, Problem> {
        let lessons = workbook.lessons.iter();
        let lessons: Vec<_> = lessons
            .map(|lesson| Ok((lesson.clone(), about(workbook, lesson)?)))
            .collect::<Result<_, Problem>>()?;
        let summary = workbook.read(SUMMARY).unwrap_or_default();
        let entries = split(&summary).map_or_else(Vec::new, |(_, entries, _)| entries);
        let planned = (1u32..).zip(&entries).filter_map(|(number, entry)| {
            let title = entry.strip_prefix("- [")?.trim_end().strip_suffix("]()")?;
            let is_there = lessons.iter().any(|(lesson, _)| lesson.number == number);
            (!is_there).then(|| (number, title.to_owned()))
        });
        Ok(Self {
            planned: planned.collect(),
            lessons,
        })
    }

    /// `Lessons 07 to 12, which lead there, are not written yet.` Empty when all are.
    fn not_written(&self) -> String {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for (number, _) in &self.planned {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == *number => *last = *number,
                _ => runs.push((*number, *number)),
            }
        }
        let runs: Vec<_> = runs
            .iter()
            .map(|(first, last)| match last - first {
                0 => format!("{first:02}"),
                1 => format!("{first:02} and {last:02}"),
                _ => format!("{first:02} to {last:02}"),
            })
            .collect();
        match self.planned.len() {
            0 => String::new(),
            1 => format!(
                "\nLesson {}, which leads there, is not written yet.\n",
                runs[0]
            ),
            _ => format!(
                "\nLessons {}, which lead there, are not written yet.\n",
                runs.join(", ")
            ),
        }
    }

    fn readme(&self) -> String {
        let mut text = "| topic | chapter | crate |\n|---|---|---|\n".to_owned();
        for (lesson, about) in &self.lessons {
            text += &format!(
                "| {} | [{}]({}) | [`{}`](lessons/{}) |\n",
                about.about,
                about.title,
                slashes(&lesson.chapter()),
                lesson.topic,
                lesson.stem,
            );
        }
        text + &self.not_written()
    }

    /// SUMMARY.md with each written lesson at its place.
    fn summary(&self, workbook: &Workbook, summary: &str) -> Result<String, Problem> {
        let Some((above, mut entries, below)) = split(summary) else {
            return Ok(summary.to_owned());
        };
        let mut above = above.to_owned();
        for (lesson, about) in &self.lessons {
            if !workbook.path(lesson.chapter()).is_file() {
                continue;
            }
            let (title, stem) = (&about.title, &lesson.stem);
            let has_page = workbook.path(lesson.solution_page()).is_file();
            let solution = match has_page {
                true => format!("[Solution](solutions/{stem}.md)\n"),
                false => String::new(),
            };
            if lesson.number == 0 {
                // Prefix chapters are in no list, and cannot nest.
                let is_other = |line: &&str| !line.contains(&format!("{stem}.md)"));
                let kept = above.split_inclusive('\n').filter(is_other);
                let kept: String = kept.collect();
                let kept = kept.trim_end();
                above = format!("{kept}\n[{title}]({stem}.md)\n{solution}\n");
                continue;
            }
            let below = if has_page { "  - " } else { "" };
            let entry = format!("- [{title}]({stem}.md)\n{below}{solution}");
            let (place, places) = (lesson.number as usize - 1, entries.len());
            match entries.get_mut(place) {
                Some(there) => *there = entry,
                None if place == places => entries.push(entry),
                None => {
                    let message = format!(
                        "lesson {stem} has no place under `# Lessons`: write a line `- [Title]()` \
                         for each lesson before it"
                    );
                    return Err(Problem::new(SUMMARY, None, message));
                }
            }
        }
        Ok(format!("{above}{PART}{}{below}", entries.concat()))
    }
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// SUMMARY.md above its lessons, its lessons, and below them.
fn split(summary: &str) -> Option<(&str, Vec<String>, &str)> {
    let (above, rest) = summary.split_once(PART)?;
    let mut entries: Vec<String> = Vec::new();
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        match (line.starts_with("- "), entries.last_mut()) {
            (true, _) => entries.push(line.to_owned()),
            (false, Some(entry)) if line.starts_with("  ") => *entry += line,
            _ => break,
        }
        end += line.len();
    }
    Some((above, entries, &rest[end..]))
}

/// What README.md and SUMMARY.md are to be. A file without the list's place has no list.
fn generated(workbook: &Workbook) -> Result<Vec<(PathBuf, String, String)>, Problem> {
    let mut files = Vec::new();
    let readme = workbook.read(README).unwrap_or_default();
    let summary = workbook.read(SUMMARY).unwrap_or_default();
    let list = readme.split_once(BEGIN).and_then(|(above, rest)| {
        let (_, below) = rest.split_once(END)?;
        Some((above, below))
    });
    if list.is_none() && split(&summary).is_none() {
        return Ok(files);
    }
    let course = Course::read(workbook)?;
    if let Some((above, below)) = list {
        let new = format!("{above}{BEGIN}{}{END}{below}", course.readme());
        files.push((README.into(), readme.clone(), new));
    }
    let new = course.summary(workbook, &summary)?;
    files.push((SUMMARY.into(), summary, new));
    Ok(files)
}

/// Writes the lists. Returns the files that changed.
pub fn write(workbook: &Workbook) -> Result<Vec<PathBuf>> {
    let files = generated(workbook).map_err(|problem| anyhow::anyhow!("{problem}"))?;
    let mut changed = Vec::new();
    for (path, _, new) in files.into_iter().filter(|(_, old, new)| old != new) {
        std::fs::write(workbook.path(&path), new)
            .with_context(|| format!("cannot write {}", path.display()))?;
        changed.push(path);
    }
    Ok(changed)
}

/// Where the lists, or a chapter's heading, do not say what the lessons say.
pub fn problems(workbook: &Workbook) -> Vec<Problem> {
    let files = match generated(workbook) {
        Ok(files) => files,
        Err(problem) => return vec![problem],
    };
    let stale = files.into_iter().filter(|(_, old, new)| old != new);
    let stale = stale.map(|(path, old, new)| {
        let same = old.lines().zip(new.lines()).take_while(|(a, b)| a == b);
        let message = "is not what the lessons say: run `cargo workbook starters`";
        Problem::new(path, same.count() + 1, message)
    });
    let mut problems: Vec<_> = stale.collect();
    for lesson in &workbook.lessons {
        let Ok(page) = workbook.read(lesson.chapter()) else {
            continue;
        };
        match about(workbook, lesson) {
            Err(problem) => problems.push(problem),
            Ok(about) if page.lines().next() != Some(&format!("# {}", about.title)) => {
                let message = format!(
                    "the heading is not `# {}`, the title in {}",
                    about.title,
                    slashes(&lesson.solution_manifest())
                );
                problems.push(Problem::new(lesson.chapter(), 1, message));
            }
            Ok(_) => {}
        }
    }
    problems
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use std::fs;

    /// A workbook with the lessons named, each with a chapter.
    pub fn workbook(lessons: &[(&str, &str)]) -> (tempfile::TempDir, Workbook) {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("lessons/kit/Cargo.toml", "");
        for (stem, title) in lessons {
            put(&format!("lessons/{stem}/Cargo.toml"), "");
            put(&format!("book/src/solutions/{stem}.md"), "# Solution\n");
            put(&format!("book/src/{stem}.md"), &format!("# {title}\n"));
            put(
                &format!("solutions/{stem}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"x\"\n[package.metadata.workbook]\ntitle = \"{title}\"\n\
                     about = \"what {title} is\"\nshow = 20\nhalf-day = \"show\"\nday = \"core\"\n\
                     [package.metadata.workbook.core]\nf = 30\n\
                     [package.metadata.workbook.optional]\ng = 15\n"
                ),
            );
        }
        put(
            SUMMARY,
            "# Summary\n\n[Introduction](introduction.md)\n\n# Lessons\n\n- [Uno]()\n- [Two]()\n- [Three]()\n- [Four]()\n\n---\n\n[End](end.md)\n",
        );
        put(README, &format!("# A\n\n{BEGIN}{END}\nMore.\n"));
        let workbook = Workbook::at(dir.path()).unwrap();
        (dir, workbook)
    }

    fn found(workbook: &Workbook) -> String {
        let problems = problems(workbook);
        let lines = problems.iter().map(Problem::to_string);
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_lists_are_written_once_and_then_current() {
        let (_dir, workbook) = workbook(&[("01-one", "One"), ("03-three", "Three")]);
        assert_eq!(
            found(&workbook),
            "README.md:4: is not what the lessons say: run `cargo workbook starters`\n\
             book/src/SUMMARY.md:7: is not what the lessons say: run `cargo workbook starters`"
        );
        assert_eq!(write(&workbook).unwrap().len(), 2);
        assert_eq!(
            workbook.read(README).unwrap(),
            format!(
                "# A\n\n{BEGIN}| topic | chapter | crate |\n|---|---|---|\n\
                 | what One is | [One](book/src/01-one.md) | [`one`](lessons/01-one) |\n\
                 | what Three is | [Three](book/src/03-three.md) | [`three`](lessons/03-three) |\n\n\
                 Lessons 02, 04, which lead there, are not written yet.\n{END}\nMore.\n"
            )
        );
        assert_eq!(
            workbook.read(SUMMARY).unwrap(),
            "# Summary\n\n[Introduction](introduction.md)\n\n# Lessons\n\n- [One](01-one.md)\n  - [Solution](solutions/01-one.md)\n- [Two]()\n- [Three](03-three.md)\n  - [Solution](solutions/03-three.md)\n- [Four]()\n\n---\n\n[End](end.md)\n"
        );
        assert_eq!(found(&workbook), "");
        assert!(write(&workbook).unwrap().is_empty());
    }

    #[test]
    fn lesson_00_stands_above_the_list() {
        let (_dir, workbook) = workbook(&[("00-zero", "Zero"), ("01-one", "One")]);
        write(&workbook).unwrap();
        let summary = workbook.read(SUMMARY).unwrap();
        let above = "[Introduction](introduction.md)\n[Zero](00-zero.md)\n[Solution](solutions/00-zero.md)\n\n# Lessons\n\n- [One]";
        assert!(summary.contains(above), "{summary}");
        assert_eq!(found(&workbook), "");
        let readme = workbook.read(README).unwrap();
        assert!(readme.contains("Lessons 02 to 04, which"), "{readme}");
    }

    #[test]
    fn what_disagrees_is_named() {
        let (dir, workbook) = workbook(&[("01-one", "One")]);
        write(&workbook).unwrap();
        fs::write(dir.path().join("book/src/01-one.md"), "# Uno\n").unwrap();
        assert_eq!(
            found(&workbook),
            "book/src/01-one.md:1: the heading is not `# One`, the title in solutions/01-one/Cargo.toml"
        );
        let (_dir, workbook) = self::workbook(&[("06-six", "Six")]);
        assert!(
            found(&workbook).starts_with("book/src/SUMMARY.md: lesson 06-six has no place"),
            "{}",
            found(&workbook)
        );
    }
}
