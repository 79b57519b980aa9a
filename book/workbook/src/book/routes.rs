//! Ways through the lessons, each with its minutes.

use serde::Deserialize;

use super::block::{Block, Expanded};
use crate::course::Course;
use crate::problem::Problem;
use crate::workspace::Workbook;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Routes {
    route: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    name: String,
    /// Titles, of lessons to come too. All lessons, if there are none.
    #[serde(default)]
    lessons: Vec<String>,
    /// What it is good for.
    why: String,
}

/// Lists the routes that the block has in TOML.
pub fn expand(block: &Block<'_>) -> Expanded {
    let routes: Routes =
        toml::from_str(block.body).map_err(|error| block.problem(error.message()))?;
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let course = Course::read(&workbook)?;
    let lines = routes.route.iter().map(|route| line(block, &course, route));
    let lines: Vec<_> = lines.collect::<Result<_, Problem>>()?;
    Ok(lines.concat())
}

fn line(block: &Block<'_>, course: &Course, route: &Route) -> Result<String, Problem> {
    let mut minutes = 0;
    let mut names = Vec::new();
    let mut is_whole = true;
    for title in &route.lessons {
        if let Some((lesson, about)) = course.lessons.iter().find(|(_, a)| a.title == *title) {
            minutes += about.minutes();
            names.push(format!("[{title}]({}.md)", lesson.stem));
        } else if course.planned.iter().any(|(_, planned)| planned == title) {
            is_whole = false;
            names.push(format!("{title} (not written yet)"));
        } else {
            let message = format!("no lesson has the title `{title}`");
            return Err(block.problem(message));
        }
    }
    if names.is_empty() {
        minutes = course
            .lessons
            .iter()
            .map(|(_, about)| about.minutes())
            .sum();
        is_whole = course.planned.is_empty();
        names.push("all lessons, in their order".to_owned());
    }
    let so_far = if is_whole { "" } else { " so far" };
    Ok(format!(
        "- **{}** ({}{so_far}): {}. {}\n",
        route.name,
        time(minutes),
        names.join(", "),
        route.why
    ))
}

/// `50 min`, `3 h`, `5 h 20 min`.
fn time(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::book::preprocess::expand;
    use crate::course::tests::workbook;
    use crate::problem::list;

    fn drawn(body: &str) -> String {
        let (dir, _) = workbook(&[("01-one", "One"), ("02-two", "Two")]);
        let block = format!("```routes\n{body}```\n");
        expand(dir.path(), Path::new("book/src/x.md"), &block)
            .unwrap_or_else(|problems| list(&problems))
    }

    #[test]
    fn each_has_the_minutes_of_its_lessons() {
        let body = "[[route]]\nname = \"Short\"\nlessons = [\"Two\", \"Four\"]\nwhy = \"Quick.\"\n\
                    [[route]]\nname = \"Everything\"\nwhy = \"Whole.\"\n";
        assert_eq!(
            drawn(body),
            "- **Short** (1 h 5 min so far): [Two](02-two.md), Four (not written yet). Quick.\n\
             - **Everything** (2 h 10 min so far): all lessons, in their order. Whole.\n\n"
        );
        assert_eq!(
            drawn(&body.replace("Two", "Tow")),
            "book/src/x.md:1: no lesson has the title `Tow`"
        );
    }
}
