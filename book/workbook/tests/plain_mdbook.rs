//! Plain `mdbook build book` gives the same book as `cargo workbook build`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use mdbook_driver::MDBook;
use mdbook_driver::config::Config;

const PROGRAM: &str = env!("CARGO_BIN_EXE_workbook");

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn files(top: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![top.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(top).unwrap().display().to_string();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn both_ways_to_build_give_the_same_files() {
    let workbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path();
    fs::create_dir(root.join("book")).unwrap();
    for part in ["book/book.toml", "book/src", "lessons", "solutions"] {
        copy(&workbook.join(part), &root.join(part));
    }
    let mut build = Command::new(PROGRAM);
    let built = build.arg("build").current_dir(root).output().unwrap();
    let error = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{error}");

    // What the program `mdbook` does, with the command of book.toml built already.
    let mut config = Config::from_disk(root.join("book/book.toml")).unwrap();
    let command: Option<String> = config.get("preprocessor.workbook.command").unwrap();
    let expected = "cargo run --quiet --package workbook -- preprocess";
    assert_eq!(command.as_deref(), Some(expected));
    let program = format!("'{PROGRAM}' preprocess");
    config
        .set("preprocessor.workbook.command", program)
        .unwrap();
    config.build.build_dir = root.join("plain");
    let book = MDBook::load_with_config(root.join("book"), config).unwrap();
    book.build().unwrap();

    let ours = files(&root.join("book/book"));
    let plain = files(&root.join("plain"));
    assert!(ours.contains_key("introduction.html"));
    assert!(ours.keys().eq(plain.keys()));
    for (name, contents) in &ours {
        assert!(contents == &plain[name], "{name} differs");
    }
}
