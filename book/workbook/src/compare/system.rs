//! What a learner's library uses of the system, and the reference does not.
//!
//! This informs; it holds nobody back: code can be written so that no name shows.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::files::Files;
use crate::source;

const USES: [(&str, &[&str]); 3] = [
    (
        "opens sockets",
        &[
            "TcpListener",
            "TcpSocket",
            "TcpStream",
            "UdpSocket",
            "UnixDatagram",
            "UnixListener",
            "UnixStream",
        ],
    ),
    ("starts or ends processes", &["Command", "process"]),
    ("uses files", &["File", "OpenOptions", "fs"]),
];

/// Each use with its first place: ``opens sockets: `TcpStream` in src/lib.rs:12``.
pub fn uses(theirs: &Files, reference: &Files) -> Vec<String> {
    let mut known = BTreeSet::new();
    for (_, text) in library(reference) {
        names(text, &mut |name, _| _ = known.insert(name.to_owned()));
    }
    let mut found: Vec<(&str, String)> = Vec::new();
    for (path, text) in library(theirs) {
        names(text, &mut |name, line| {
            let used = USES.iter().find(|(_, names)| names.contains(&name));
            if let Some((what, _)) = used
                && !known.contains(name)
                && !found.iter().any(|(known, _)| known == what)
            {
                let place = path.display();
                found.push((what, format!("{what}: `{name}` in src/{place}:{line}")));
            }
        });
    }
    found.into_iter().map(|(_, text)| text).collect()
}

/// The files of the library, which the tests run.
fn library(files: &Files) -> impl Iterator<Item = (&Path, &str)> {
    let library = files
        .iter()
        .filter(|(path, _)| *path != Path::new("main.rs"));
    library.filter_map(|(path, bytes)| Some((path.as_path(), source::rust(path, bytes)?)))
}

/// Tells `each` of every name in a Rust text, with its line.
fn names(text: &str, each: &mut dyn FnMut(&str, usize)) {
    fn walk(tokens: TokenStream, each: &mut dyn FnMut(&str, usize)) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => each(&name.to_string(), name.span().start().line),
                TokenTree::Group(group) => walk(group.stream(), each),
                _ => {}
            }
        }
    }
    if let Ok(tokens) = text.parse() {
        walk(tokens, each);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Files {
        let mut files = Files::default();
        for (path, text) in texts {
            files.insert(path.into(), text.as_bytes().to_vec());
        }
        files
    }

    #[test]
    fn names_each_use_that_the_reference_has_not_once() {
        let reference = files(&[("lib.rs", "use tokio::net::TcpListener;")]);
        let theirs = files(&[
            (
                "lib.rs",
                "// File\nfn f() {\n    g!(fs::read(\"TcpStream\"));\n    std::fs::File::open(x);\n}",
            ),
            ("net.rs", "use tokio::net::{TcpListener, TcpStream};"),
            ("main.rs", "std::process::exit(1)"),
            ("not-rust.rs", "}"),
        ]);
        assert_eq!(
            uses(&theirs, &reference),
            [
                "uses files: `fs` in src/lib.rs:3",
                "opens sockets: `TcpStream` in src/net.rs:1"
            ]
        );
    }
}
