//! The last result of each lesson, on disk: progress that survives a restart.
//!
//! A record says which contents it is about; it counts only while the files are still those.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use anstream::eprintln;
use serde::{Deserialize, Serialize};

use crate::run::{Run, Tried};
use crate::workspace::{Lesson, Workbook};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub fingerprint: String,
    pub result: Tried,
    /// If nothing ran: the last tests that did.
    #[serde(default)]
    pub before: Option<Run>,
    /// The modules of which a test has failed once, or all have passed.
    #[serde(default)]
    pub failed: BTreeSet<String>,
}

impl Record {
    /// The last results that there are.
    pub fn results(&self) -> Option<&Run> {
        self.result.as_ref().ok().or(self.before.as_ref())
    }

    pub fn into_results(self) -> Option<Run> {
        self.result.ok().or(self.before)
    }
}

fn file(workbook: &Workbook, lesson: &Lesson) -> PathBuf {
    workbook
        .path(".workbook/results")
        .join(format!("{}.json", lesson.stem))
}

/// The last record; none if there was no run yet, or if it cannot be read.
pub fn load(workbook: &Workbook, lesson: &Lesson) -> Option<Record> {
    let text = fs::read_to_string(file(workbook, lesson)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Keeps a record. A disk that is full costs only the memory of a result.
pub fn save(workbook: &Workbook, lesson: &Lesson, record: &Record) {
    let file = file(workbook, lesson);
    let half = file.with_extension("half");
    let write = || -> std::io::Result<()> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&half, serde_json::to_string(record)?)?;
        fs::rename(&half, &file)
    };
    if let Err(error) = write() {
        eprintln!("cannot keep the result of {}: {error}", lesson.stem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{passing, put, workbook};

    #[test]
    fn a_record_survives_and_damage_is_no_record() {
        let (dir, workbook) = workbook();
        let lesson = workbook.lesson("one").unwrap();
        assert_eq!(load(&workbook, lesson), None);
        let record = Record {
            fingerprint: "00".into(),
            result: Ok(passing(&["a::t"])),
            before: None,
            failed: BTreeSet::new(),
        };
        save(&workbook, lesson, &record);
        assert_eq!(load(&workbook, lesson), Some(record));
        put(&dir, ".workbook/results/01-one.json", "{\"fingerprint\":");
        assert_eq!(load(&workbook, lesson), None);
    }
}
