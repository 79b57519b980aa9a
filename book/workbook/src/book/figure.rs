//! What all figures share: a caption, and one colour per participant.

use super::html::escape;

/// The participants who have a colour of their own in every figure; `book/src/assets/workbook.css`
/// defines it as `--server`, `--ann` and so on.
const COLOURED: [&str; 6] = ["server", "ann", "bob", "cat", "dan", "eve"];

/// The colour of each of `names`. A name that has none takes one that is free.
pub fn colours<'a>(names: &[&'a str]) -> Vec<(&'a str, &'static str)> {
    let own = |name: &str| COLOURED.into_iter().find(|colour| *colour == name);
    let mut taken: Vec<_> = names.iter().filter_map(|name| own(name)).collect();
    let mut colours = Vec::new();
    for name in names {
        let colour = own(name).unwrap_or_else(|| {
            let free = COLOURED.into_iter().skip(1).find(|c| !taken.contains(c));
            let colour = free.unwrap_or("server");
            taken.push(colour);
            colour
        });
        colours.push((*name, colour));
    }
    colours
}

/// `<figure>` in one line.
pub fn figure(class: &str, style: &str, title: &str, body: &str) -> String {
    let style = match style {
        "" => String::new(),
        style => format!(" style=\"{style}\""),
    };
    format!(
        "<figure class=\"{class}\"{style}><figcaption>{}</figcaption>{body}</figure>",
        escape(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_name_keeps_its_colour_and_others_take_free_ones() {
        assert_eq!(
            colours(&["redis", "ann", "server", "bo"]),
            [
                ("redis", "bob"),
                ("ann", "ann"),
                ("server", "server"),
                ("bo", "cat")
            ]
        );
    }
}
