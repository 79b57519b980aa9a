//! Text in HTML: escaped, in one line, with code in backticks.
//!
//! Figures stand in Markdown as one line each, because a blank line would end the HTML.

/// Escapes text for an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push(' '),
            // mdBook reads directives in HTML too.
            '{' => escaped.push_str("&#123;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Prose with `code` in backticks.
pub fn prose(text: &str) -> String {
    let mut html = String::new();
    for (n, part) in text.split('`').enumerate() {
        match n % 2 {
            0 => html.push_str(&escape(part)),
            _ => html.push_str(&format!("<code>{}</code>", escape(part))),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_html_or_mdbook_would_read() {
        assert_eq!(
            escape("<a href=\"x\">&\n{{#include x}}"),
            "&lt;a href=&quot;x&quot;&gt;&amp; &#123;&#123;#include x}}"
        );
    }

    #[test]
    fn backticks_are_code() {
        assert_eq!(prose("an `a<b` and"), "an <code>a&lt;b</code> and");
    }
}
