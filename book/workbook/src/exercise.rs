//! An exercise: a function that the learner writes.

use std::path::PathBuf;

/// A function that the learner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    pub name: String,
    /// The type whose method it is.
    pub owner: Option<String>,
    /// Relative to the workbook's root, in the solution.
    pub file: PathBuf,
    /// The line of its hint.
    pub line: usize,
    /// In one line.
    pub hint: String,
}

impl Exercise {
    /// The test module that owns the exercise when another exercise has the same name.
    pub fn long_name(&self) -> String {
        let mut long = String::new();
        for c in self.owner.as_deref().unwrap_or_default().chars() {
            if c.is_uppercase() && !long.is_empty() {
                long.push('_');
            }
            long.extend(c.to_lowercase());
        }
        match long.is_empty() {
            true => self.name.clone(),
            false => format!("{long}_{}", self.name),
        }
    }
}
