//! The instructor's table of lessons and their minutes, with its sums.

use super::block::{Block, Expanded};
use crate::about::{About, Part};
use crate::course::Course;
use crate::workspace::Workbook;

/// Draws the table. Each line of the block, `name: 20, 30, 60`, is a row that is no lesson: minutes
/// in half a day, a day and two days.
pub fn expand(block: &Block<'_>) -> Expanded {
    let workbook = Workbook::at(block.root).map_err(|error| block.problem(format!("{error:#}")))?;
    let course = Course::read(&workbook)?;
    let mut table = String::from(
        "| lesson | stands on | show | solve | half a day | a day | two days |\n\
         |---|---|---|---|---|---|---|\n",
    );
    let mut sums = [0; 5];
    for (lesson, about) in &course.lessons {
        let below = workbook
            .stands_on(lesson)
            .map_err(|error| block.problem(format!("{error:#}")))?;
        let below: Vec<_> = below.iter().map(|l| format!("{:02}", l.number)).collect();
        let parts = [about.half_day, about.day, about.two_days];
        let plans = parts.map(|part| part.map(|part| about.minutes_of(part)));
        table += &format!(
            "| [{:02} {}]({}.md) | {} | {} | {} | {} |\n",
            lesson.number,
            about.title,
            lesson.stem,
            below.join(", "),
            about.show,
            about.solve(),
            parts.map(|part| planned(part, about)).join(" | "),
        );
        add(&mut sums[..2], &[Some(about.show), Some(about.solve())]);
        add(&mut sums[2..], &plans);
    }
    for row in block.body.lines().filter(|line| !line.trim().is_empty()) {
        let read = || {
            let (name, minutes) = row.split_once(':')?;
            let minutes = minutes.split(',').map(|n| n.trim().parse().ok());
            let minutes: [Option<u32>; 3] = minutes.collect::<Vec<_>>().try_into().ok()?;
            minutes
                .iter()
                .all(Option::is_some)
                .then_some((name, minutes))
        };
        let Some((name, minutes)) = read() else {
            return Err(block.problem(format!("a row is `name: 20, 30, 60`, not `{row}`")));
        };
        let cells = minutes.map(|n| n.unwrap_or_default().to_string());
        table += &format!("| {} | | | | {} |\n", name.trim(), cells.join(" | "));
        add(&mut sums[2..], &minutes);
    }
    let sums = sums.map(|sum| sum.to_string());
    table += &format!("| together | | {} |\n", sums.join(" | "));
    Ok(table)
}

fn add(sums: &mut [u32], minutes: &[Option<u32>]) {
    for (sum, minutes) in sums.iter_mut().zip(minutes) {
        *sum += minutes.unwrap_or_default();
    }
}

fn planned(part: Option<Part>, about: &About) -> String {
    let Some(part) = part else {
        return "—".to_owned();
    };
    let minutes = about.minutes_of(part);
    match part {
        Part::Show => format!("{minutes}, show only"),
        Part::Core if !about.optional.is_empty() => format!("{minutes}, core"),
        Part::Core | Part::All => minutes.to_string(),
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
        let block = format!("```syllabus\n{body}```\n");
        expand(dir.path(), Path::new("book/src/x.md"), &block)
            .unwrap_or_else(|problems| list(&problems))
    }

    #[test]
    fn the_minutes_are_summed() {
        assert_eq!(
            drawn("discuss: 20, 30, 60\n"),
            "| lesson | stands on | show | solve | half a day | a day | two days |\n\
             |---|---|---|---|---|---|---|\n\
             | [01 One](01-one.md) |  | 20 | 45 | 20, show only | 50, core | — |\n\
             | [02 Two](02-two.md) |  | 20 | 45 | 20, show only | 50, core | — |\n\
             | discuss | | | | 20 | 30 | 60 |\n\
             | together | | 40 | 90 | 60 | 130 | 60 |\n\n"
        );
        assert_eq!(
            drawn("discuss: 20, x, 60\n"),
            "book/src/x.md:1: a row is `name: 20, 30, 60`, not `discuss: 20, x, 60`"
        );
    }
}
