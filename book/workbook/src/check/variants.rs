//! A lesson's variants, the solution with each mistake and each equivalent, and their packages.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::files::Files;
use crate::run::cargo::Diagnostic;
use crate::starter;
use crate::workspace::Lesson;

use super::schemata::Schema;
use super::subject::Subject;

pub struct Variants {
    pub lesson: Lesson,
    /// The package of those that are built as one.
    pub dir: PathBuf,
    pub schema: Schema,
    /// The numbers of those that are not in the schema.
    pub alone: BTreeSet<usize>,
    reference: Files,
    /// Each with the package that it has if it is built alone; numbered from 0.
    all: Vec<(PathBuf, Files)>,
}

impl Variants {
    /// The variants of the lists that can be made. Of the others, the checks say why not.
    pub fn new(subject: &Subject, reference: Files) -> Self {
        let lesson = &subject.lesson;
        let mut all = Vec::new();
        for (index, mistake) in subject.mistakes.iter().flatten().enumerate() {
            if let Ok(files) = mistake.apply(&subject.solution, &lesson.mistakes()) {
                all.push((subject.mistake_package(index), files));
            }
        }
        for (index, equivalent) in subject.equivalents.iter().flatten().enumerate() {
            if let Ok(files) = equivalent.apply(&subject.solution, &lesson.equivalents()) {
                all.push((subject.equivalent_package(index), files));
            }
        }
        for (_, files) in &mut all {
            starter::adapt(files, lesson);
        }
        let mut variants = Self {
            lesson: lesson.clone(),
            dir: subject.variants_package(),
            schema: Schema::default(),
            alone: BTreeSet::new(),
            reference,
            all,
        };
        variants.take_out(&BTreeSet::new());
        variants
    }

    /// Builds these alone from now on.
    pub fn take_out(&mut self, numbers: &BTreeSet<usize>) {
        self.alone.extend(numbers);
        let all = self.all.iter().map(|(_, files)| files).enumerate();
        let together = all.filter(|(number, _)| !self.alone.contains(number));
        self.schema = Schema::new(&self.reference, &together.collect());
        let together = self.schema.numbers();
        self.alone = (0..self.all.len())
            .filter(|n| !together.contains(n))
            .collect();
    }

    /// What is to be built: a folder and a library's sources.
    pub fn packages(&self) -> impl Iterator<Item = (&Path, &Files)> {
        let together = (self.alone.len() < self.all.len()).then_some(&self.schema.files);
        let together = together.map(|files| (self.dir.as_path(), files));
        let alone = self.alone.iter().map(|number| &self.all[*number]);
        together
            .into_iter()
            .chain(alone.map(|(dir, files)| (dir.as_path(), files)))
    }

    /// The number in the schema of the variant whose own package would be `dir`.
    pub fn number(&self, dir: &Path) -> Option<usize> {
        let number = self.all.iter().position(|(own, _)| own == dir)?;
        (!self.alone.contains(&number)).then_some(number)
    }

    /// The variants in the schema that the compiler's errors are about: all of them, if it does not
    /// say which.
    pub fn guilty(&self, root: &Path, diagnostics: &[Diagnostic]) -> BTreeSet<usize> {
        let errors = diagnostics
            .iter()
            .filter(|d| d.is_error && d.package == root.join(&self.dir));
        let src = self.dir.join("src");
        let mut guilty = BTreeSet::new();
        let mut in_library = false;
        for error in errors {
            let places = error.places.iter();
            let places = places.filter_map(|(file, line)| {
                Some((file.strip_prefix(&src).ok()?.to_path_buf(), *line))
            });
            let places: Vec<_> = places.collect();
            in_library |= !places.is_empty();
            guilty.extend(self.schema.at(&places));
        }
        match guilty.is_empty() && in_library {
            true => self.schema.numbers(),
            false => guilty,
        }
    }
}
