//! The built book in memory: nothing outside of it can be served, and nothing is left behind.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use axum::body::Bytes;

use crate::book::render::render;
use crate::files::walk;
use crate::problem::Problem;

/// The files of a built book, by URL path without the leading slash.
pub struct Site {
    files: BTreeMap<String, Bytes>,
    /// Tells one content from another, also after a restart.
    pub version: String,
}

impl Site {
    /// Builds the book.
    pub fn build(root: &Path) -> Result<Self, Vec<Problem>> {
        let failed = |error: io::Error| vec![Problem::new("book", None, error.to_string())];
        let output = tempfile::tempdir().map_err(failed)?;
        let problems = render(root, output.path());
        if !problems.is_empty() {
            return Err(problems);
        }
        Self::read(output.path()).map_err(failed)
    }

    fn read(dir: &Path) -> io::Result<Self> {
        let mut files: BTreeMap<String, Bytes> = BTreeMap::new();
        for path in walk(dir) {
            let path = path?;
            if let Ok(relative) = path.strip_prefix(dir) {
                let name = relative.to_string_lossy().replace('\\', "/");
                files.insert(name, fs::read(&path)?.into());
            }
        }
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        let version = format!("{:016x}", hasher.finish());
        for (name, contents) in &mut files {
            if name.ends_with(".html") && name != "toc.html" {
                *contents = with_script(contents, &version);
            }
        }
        Ok(Self { files, version })
    }

    /// The file at a URL's path, and its media type.
    pub fn get(&self, path: &str) -> Option<(Bytes, &'static str)> {
        let mut name = path.trim_start_matches('/').to_owned();
        if name.is_empty() || name.ends_with('/') {
            name += "index.html";
        }
        let contents = self.files.get(&name)?;
        Some((contents.clone(), media_type(&name)))
    }
}

/// The page with the script that keeps it current.
fn with_script(page: &[u8], version: &str) -> Bytes {
    let page = String::from_utf8_lossy(page);
    let script = format!(
        "<link rel=\"stylesheet\" href=\"/assets/panel.css\"><script src=\"/assets/panel.js\" defer></script>\
         <script src=\"/assets/live.js\" data-version=\"{version}\" defer></script>"
    );
    match page.rfind("</body>") {
        Some(end) => format!("{}{script}{}", &page[..end], &page[end..]).into(),
        None => page.into_owned().into(),
    }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{miniature, put};

    #[test]
    fn holds_the_book_and_nothing_else() {
        let dir = miniature("# One\n");
        let site = Site::build(dir.path()).ok().unwrap();
        let (page, media) = site.get("/").unwrap();
        assert_eq!(media, "text/html; charset=utf-8");
        let page = String::from_utf8_lossy(&page).into_owned();
        assert!(
            page.contains(&format!(
                "data-version=\"{}\" defer></script></body>",
                site.version
            )),
            "{page}"
        );
        assert!(site.get("/one.html").is_some());
        for path in ["/two.html", "/../book.toml", "//etc/passwd", "/one.md"] {
            assert!(site.get(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_version_is_the_contents() {
        let dir = miniature("# One\n");
        let version = || Site::build(dir.path()).ok().unwrap().version;
        let first = version();
        assert_eq!(version(), first);
        put(&dir, "book/src/one.md", "# Two\n");
        assert_ne!(version(), first);
    }
}
