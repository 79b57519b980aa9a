//! A copy of the workbook in the target directory, in which lessons hold other sources.
//!
//! `lessons/NN-topic` holds the reference, `lessons/starter-NN` the starter, and `lessons/variants-NN`
//! the solution's variants, one with each mistake and one for each equivalent. A variant that does
//! not fit in there has a package of its own: `lessons/mistake-NN-KK`, `lessons/equivalent-NN-KK`.
//! Every package has the lesson's name for its library and the lesson's tests, and stands on the
//! references of the earlier lessons. One call of cargo builds them all, so that no core waits.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::panic;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anstream::eprintln;
use anyhow::{Context, Result, anyhow};
use fs4::{FileExt, TryLockError};

use crate::bar::Bar;
use crate::files::Files;
use crate::run::cargo::{self, Built, Program};
use crate::run::{self, NotRun, Tried, program, rustc};
use crate::starter;
use crate::workspace::{Lesson, Workbook};

use super::Check;
use super::schemata;
use super::subject::Subject;
use super::variants::Variants;

pub struct Scratch<'w> {
    workbook: &'w Workbook,
    pub root: PathBuf,
    variants: Vec<Variants>,
    built: Built,
    /// Wall-clock time for each compilation and each test program that is not ours.
    limit: Option<Duration>,
    /// The folder is ours until it is dropped.
    _lock: fs::File,
}

/// Makes `root` ours alone: two runs that write the same packages would judge each other's code.
fn lock(root: &Path) -> io::Result<fs::File> {
    fs::create_dir_all(root)?;
    let file = fs::File::create(root.join(".lock"))?;
    match FileExt::try_lock(&file) {
        Err(TryLockError::WouldBlock) => {
            eprintln!("another run is in {}: waiting for its end", root.display());
            FileExt::lock(&file)?;
        }
        // Some network file systems have no locks, and cargo does without them too.
        Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
            return Err(error);
        }
        _ => {}
    }
    Ok(file)
}

impl<'w> Scratch<'w> {
    pub fn new(workbook: &'w Workbook) -> Result<Self> {
        Self::at(workbook, "check", None)
    }

    /// A copy in a folder of its own, for code that may not end.
    pub fn limited(workbook: &'w Workbook, folder: &str, limit: Duration) -> Result<Self> {
        Self::at(workbook, folder, Some(limit))
    }

    fn at(workbook: &'w Workbook, folder: &str, limit: Option<Duration>) -> Result<Self> {
        let target = cargo::target_by_environment().unwrap_or_else(|| workbook.path("target"));
        let root = target.join(folder);
        let lock = lock(&root).with_context(|| format!("cannot lock {}", root.display()))?;
        // Cargo names a package by its real path, so a target directory behind a link would be
        // another one. (Windows has its own form of real paths, which cargo does not use.)
        let real = match cfg!(windows) {
            true => None,
            false => root.canonicalize().ok(),
        };
        Ok(Self {
            workbook,
            root: real.unwrap_or(root),
            variants: Vec::new(),
            built: Built::default(),
            limit,
            _lock: lock,
        })
    }

    /// Writes the packages. Files that did not change keep their times: cargo builds nothing twice.
    pub fn lay_out(&mut self, subjects: &[Subject]) -> Result<()> {
        let mut variants = Vec::new();
        for subject in subjects.iter().filter(|s| self.has_tests(&s.lesson)) {
            let reference = starter::reference(self.workbook, &subject.lesson)?;
            if !reference.is_empty() {
                variants.push(Variants::new(subject, reference));
            }
        }
        let root = &self.root;
        self.remove_old_packages(subjects, &variants)
            .and_then(|()| self.write_workspace())
            .with_context(|| format!("cannot write {}", root.display()))?;
        let kit = Files::read(&self.workbook.path("lessons/kit")).context("cannot read the kit")?;
        let lessons = self.workbook.lessons.iter().filter(|l| self.has_tests(l));
        let manifests: Result<Vec<_>> = lessons.map(|lesson| self.manifest(lesson)).collect();
        with_every_feature(kit, &manifests?)?.write(&root.join("lessons/kit"))?;
        for lesson in &self.workbook.lessons {
            let reference = starter::reference(self.workbook, lesson)?;
            // A lesson that is being begun: the checks say what it lacks.
            if self.has_tests(lesson) && !reference.is_empty() {
                self.package(lesson, &lesson.dir(), &lesson.topic, &reference, &[])?;
            }
        }
        for subject in subjects.iter().filter(|s| self.has_tests(&s.lesson)) {
            if let Ok(files) = &subject.starter {
                let dir = subject.starter_package();
                self.package(&subject.lesson, &dir, &name(&dir), files, &[])?;
            }
        }
        for variants in &variants {
            for (dir, files) in variants.packages() {
                self.package(&variants.lesson, dir, &name(dir), files, &[])?;
            }
        }
        self.variants = variants;
        Ok(())
    }

    fn has_tests(&self, lesson: &Lesson) -> bool {
        let (tests, _) = self.workbook.test_target(lesson);
        self.workbook.path(tests).is_file()
    }

    /// Removes packages of lessons and of variants that are no more; the others stay built.
    fn remove_old_packages(&self, subjects: &[Subject], variants: &[Variants]) -> Result<()> {
        let mut current = BTreeSet::from([PathBuf::from("lessons/kit")]);
        let lessons = self.workbook.lessons.iter().filter(|l| self.has_tests(l));
        current.extend(lessons.clone().map(Lesson::dir));
        let starters = subjects
            .iter()
            .filter(|s| s.starter.is_ok() && self.has_tests(&s.lesson));
        current.extend(starters.map(Subject::starter_package));
        let packages = variants.iter().flat_map(Variants::packages);
        current.extend(packages.map(|(dir, _)| dir.to_path_buf()));
        let folder = Path::new("lessons");
        fs::create_dir_all(self.root.join(folder))?;
        for entry in fs::read_dir(self.root.join(folder))? {
            let entry = entry?;
            let dir = folder.join(entry.file_name());
            // `starter-02` and `variants-02` are left alone while another lesson is checked.
            let number = name(&dir).split('-').nth(1).and_then(|n| n.parse().ok());
            let is_of_another = lessons.clone().any(|lesson| {
                Some(lesson.number) == number && subjects.iter().all(|s| s.lesson != *lesson)
            });
            if !current.contains(&dir) && !is_of_another {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    fn write_workspace(&self) -> Result<()> {
        let mut manifest: toml::Table = self.workbook.read("Cargo.toml")?.parse()?;
        let workspace = manifest
            .get_mut("workspace")
            .and_then(|w| w.as_table_mut())
            .ok_or_else(|| anyhow!("Cargo.toml has no [workspace]"))?;
        workspace.insert("members".into(), vec!["lessons/*"].into());
        workspace.remove("default-members");
        // Nobody debugs these programs, each is built once, and all cores are busy anyway.
        manifest.insert(
            "profile".into(),
            toml::toml! {
                [dev]
                debug = false
                incremental = false
                codegen-units = 1
            }
            .into(),
        );
        let mut files = vec![("Cargo.toml", manifest.to_string())];
        for name in ["Cargo.lock", ".config/insta.yaml"] {
            files.extend(self.workbook.read(name).ok().map(|text| (name, text)));
        }
        for (name, text) in files {
            let path = self.root.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                fs::write(path, text)?;
            }
        }
        Ok(())
    }

    fn manifest(&self, lesson: &Lesson) -> Result<toml::Table> {
        let path = lesson.dir().join("Cargo.toml");
        let text = self.workbook.read(&path)?;
        let manifest = text.parse();
        manifest.with_context(|| format!("cannot read {}", path.display()))
    }

    /// Writes a package with the lesson's library name and tests, and `src` for its source.
    ///
    /// It stands on the references of earlier lessons, but for those in `stack`: a topic, and the
    /// package that takes its place.
    pub fn package(
        &self,
        lesson: &Lesson,
        dir: &Path,
        name: &str,
        src: &Files,
        stack: &[(&str, String)],
    ) -> Result<()> {
        let to = self.root.join(dir);
        let mut manifest = self.manifest(lesson)?;
        let (tests, _) = self.workbook.test_target(lesson);
        let tests = tests.strip_prefix(lesson.dir()).unwrap_or(&tests);
        if let Some(package) = manifest.get_mut("package").and_then(|p| p.as_table_mut()) {
            package.insert("name".into(), name.into());
            for auto in ["autobins", "autotests", "autobenches", "autoexamples"] {
                package.insert(auto.into(), false.into());
            }
        }
        for targets in ["bin", "test", "bench", "example"] {
            manifest.remove(targets);
        }
        for (topic, package) in stack {
            let of = manifest.get_mut("dependencies");
            let of = of.and_then(|d| d.as_table_mut());
            if let Some(dependency) = of.and_then(|d| d.get_mut(*topic)) {
                *dependency = table([
                    ("package", package.as_str().into()),
                    ("path", format!("../{package}").into()),
                ]);
            }
        }
        let library = lesson.crate_name();
        manifest.insert(
            "lib".into(),
            table([
                ("name", library.into()),
                ("test", false.into()),
                ("doctest", false.into()),
            ]),
        );
        let test = table([
            ("name", "lesson".into()),
            ("path", tests.display().to_string().into()),
        ]);
        manifest.insert("test".into(), vec![test].into());
        // The program of a reference and of a starter must compile too, without a warning. Of the
        // others, the library is what counts.
        let is_ours = name == lesson.topic || name.starts_with("starter-");
        if is_ours && src.contains_key(Path::new("main.rs")) {
            let bin = table([
                ("name", name.into()),
                ("path", "src/main.rs".into()),
                ("test", false.into()),
            ]);
            manifest.insert("bin".into(), vec![bin].into());
        }
        let mut files = Files::default();
        files.insert("Cargo.toml".into(), manifest.to_string().into_bytes());
        for (path, bytes) in src.iter() {
            files.insert(Path::new("src").join(path), bytes.clone());
        }
        let tests = Files::read(&self.workbook.path(lesson.dir().join("tests")))?;
        for (path, bytes) in tests.iter() {
            files.insert(Path::new("tests").join(path), bytes.clone());
        }
        files
            .write(&to)
            .with_context(|| format!("cannot write {}", to.display()))?;
        Ok(())
    }

    /// Builds the packages that the wanted checks need. Returns the number of programs, and of
    /// variants that are built alone.
    ///
    /// A variant that does not compile would hide the others of its lesson: it gets a package of its
    /// own, and all is built again.
    pub fn build(
        &mut self,
        subjects: &[Subject],
        wanted: impl Fn(Check) -> bool,
    ) -> Result<(usize, usize)> {
        let with_variants = wanted(Check::Mistakes) || wanted(Check::Equivalents);
        loop {
            let mut packages = Vec::new();
            for subject in subjects.iter().filter(|s| self.has_tests(&s.lesson)) {
                // Variants tell from it whether it is they that do not compile.
                if wanted(Check::Solutions) || with_variants {
                    packages.push((subject.reference_package(), subject.lesson.topic.clone()));
                }
                if wanted(Check::Starters) {
                    let dir = subject.starter_package();
                    packages.push((dir.clone(), name(&dir)));
                }
            }
            let variants = self.variants.iter().filter(|_| with_variants);
            let dirs = variants.clone().flat_map(Variants::packages);
            packages.extend(dirs.map(|(dir, _)| (dir.to_path_buf(), name(dir))));
            packages.retain(|(dir, _)| self.root.join(dir).join("Cargo.toml").is_file());
            if packages.is_empty() {
                return Ok((0, 0));
            }
            let alone = variants.map(|variants| variants.alone.len()).sum();
            let names: Vec<_> = packages.into_iter().map(|(_, name)| name).collect();
            self.built = Built::default();
            self.build_packages(&names)?;
            if !self.take_out_what_does_not_compile()? {
                return Ok((self.built.programs.len(), alone));
            }
        }
    }

    /// Gives variants that do not compile among the others packages of their own. Tells whether
    /// there are any.
    fn take_out_what_does_not_compile(&mut self) -> Result<bool> {
        let mut variants = std::mem::take(&mut self.variants);
        let mut found = false;
        for variants in &mut variants {
            let built = |dir: &Path| self.built.program(&self.root.join(dir)).is_some();
            if built(&variants.dir) || !built(&variants.lesson.dir()) {
                continue;
            }
            let guilty = variants.guilty(&self.root, &self.built.diagnostics);
            if guilty.is_empty() {
                continue;
            }
            found = true;
            variants.take_out(&guilty);
            if variants.schema.numbers().is_empty() {
                fs::remove_dir_all(self.root.join(&variants.dir))?;
            }
            for (dir, files) in variants.packages() {
                self.package(&variants.lesson, dir, &name(dir), files, &[])?;
            }
        }
        self.variants = variants;
        Ok(found)
    }

    /// Builds these packages' test programs.
    pub fn build_packages(&mut self, packages: &[String]) -> Result<()> {
        eprintln!("building in {}", self.root.display());
        let mut arguments = vec!["build", "--keep-going", "--test", "lesson"];
        for package in packages {
            arguments.extend(["-p", package]);
        }
        let target = self.root.join("target");
        let mut command = cargo::command(&self.root, Some(&target), &arguments);
        if let Some(limit) = self.limit {
            rustc::limit(&mut command, limit)?;
        }
        let bar = Bar::new("building test programs", packages.len());
        let built = cargo::build(command, None, |_| bar.step())?;
        self.built.programs.extend(built.programs);
        self.built.diagnostics.extend(built.diagnostics);
        self.built.said = built.said;
        Ok(())
    }

    /// The test program of the package at `dir`, or of the variant that could be there.
    fn program(&self, dir: &Path) -> Result<Program, NotRun> {
        let built = |dir: &Path| self.built.program(&self.root.join(dir)).cloned();
        let shared = self.variants.iter().find_map(|variants| {
            let number = variants.number(dir)?;
            Some((variants, number))
        });
        let Some((variants, number)) = shared else {
            return built(dir).ok_or_else(|| self.not_built(dir));
        };
        match built(&variants.dir) {
            Some(mut program) => {
                let choice = (schemata::CHOICE.to_string(), number.to_string());
                program.environment.push(choice);
                Ok(program)
            }
            None if built(&variants.lesson.dir()).is_none() => {
                Err(self.not_built(&variants.lesson.dir()))
            }
            None => Err(self.not_built(&variants.dir)),
        }
    }

    /// Why the package at `dir` has no program. The place is relative to `dir`.
    fn not_built(&self, dir: &Path) -> NotRun {
        let package = self.root.join(dir);
        let mut why = self.built.why_not(|counts| counts == package);
        match &mut why {
            NotRun::DoesNotCompile(error) => {
                if let Some((file, _)) = &mut error.place
                    && let Ok(in_package) = file.strip_prefix(dir)
                {
                    *file = in_package.to_path_buf();
                }
            }
            NotRun::Blocked(said) => {
                let lines: Vec<_> = said.lines().map(str::trim).collect();
                let error = lines.iter().position(|line| line.starts_with("error"));
                let lines = &lines[error.unwrap_or(0)..];
                *said = lines[..lines.len().min(6)].join(" ");
            }
            _ => {}
        }
        why
    }

    /// The compiler's warnings in the package at `dir`, with places relative to `dir`.
    pub fn warnings(&self, dir: &Path) -> Vec<(PathBuf, usize, String)> {
        let package = self.root.join(dir);
        let warnings = self.built.diagnostics.iter();
        warnings
            .filter(|d| !d.is_error && d.package == package)
            .map(|d| {
                let (file, line) = d.place.clone().unwrap_or_default();
                let file = plain(&file);
                let file = file.strip_prefix(dir).unwrap_or(&file).to_path_buf();
                (file, line, d.message.clone())
            })
            .collect()
    }

    /// Runs these packages' tests, all, or the one named, on all cores.
    pub fn run_all(&self, tests: &[(PathBuf, Option<String>)]) -> Vec<Tried> {
        let limit = self.limit.unwrap_or(run::LIMIT);
        let bar = Bar::new("running test programs", tests.len());
        let run = |(dir, test): &(PathBuf, Option<String>)| {
            let program = self.program(dir)?;
            let arguments: Vec<_> = test.iter().flat_map(|test| ["--exact", test]).collect();
            let run = program::run(&self.root, &program, &arguments, limit, None, |_, _| {});
            bar.step();
            run.map_err(|error| NotRun::CannotStart(format!("{error:#}")))
        };
        let next = AtomicUsize::new(0);
        let work = || {
            let mut runs = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(test) = tests.get(index) else {
                    return runs;
                };
                runs.push((index, run(test)));
            }
        };
        let mut runs = thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(2, |n| n.get());
            // A test that hangs computes nothing for the kit's 5 s: others run meanwhile.
            let of_one_test = tests.iter().all(|(_, test)| test.is_some());
            let threads = if of_one_test { 2 * cores } else { cores };
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let runs = workers.into_iter().flat_map(|worker| match worker.join() {
                Ok(runs) => runs,
                Err(panic) => panic::resume_unwind(panic),
            });
            runs.collect::<Vec<_>>()
        });
        runs.sort_by_key(|(index, _)| *index);
        runs.into_iter().map(|(_, run)| run).collect()
    }
}

fn table<const N: usize>(pairs: [(&str, toml::Value); N]) -> toml::Value {
    let pairs = pairs.map(|(key, value)| (key.to_string(), value));
    toml::Table::from_iter(pairs).into()
}

/// The kit with all its features, and with all that lessons ask for of what it depends on: then
/// everything below the lessons is the same whatever lessons are built, and `check 02` builds on
/// what `check` has built.
fn with_every_feature(mut kit: Files, lessons: &[toml::Table]) -> Result<Files> {
    let Some(manifest) = kit.get_mut(Path::new("Cargo.toml")) else {
        return Ok(kit);
    };
    let mut table: toml::Table = String::from_utf8_lossy(manifest).parse()?;
    if let Some(features) = table.get_mut("features").and_then(|f| f.as_table_mut()) {
        let all: Vec<_> = features.keys().cloned().map(toml::Value::from).collect();
        features.insert("default".into(), all.into());
    }
    let dependencies = table.get_mut("dependencies").and_then(|d| d.as_table_mut());
    for (name, dependency) in dependencies.into_iter().flatten() {
        if let Some(version) = dependency.as_str() {
            *dependency = self::table([("version", version.to_owned().into())]);
        }
        let asked = lessons.iter().filter_map(|lesson| {
            let dependency = lesson.get("dependencies")?.get(name)?;
            dependency.get("features")?.as_array()
        });
        let own = dependency.get("features").and_then(|f| f.as_array());
        let all = own.into_iter().chain(asked).flatten();
        let all: BTreeSet<_> = all.filter_map(|f| f.as_str().map(str::to_owned)).collect();
        if let Some(dependency) = dependency.as_table_mut() {
            let all: Vec<_> = all.into_iter().map(toml::Value::from).collect();
            dependency.insert("features".into(), all.into());
        }
    }
    *manifest = table.to_string().into_bytes();
    Ok(kit)
}

/// `a/b/../c` as `a/c`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if plain.file_name().is_some() => _ = plain.pop(),
            part => plain.push(part),
        }
    }
    plain
}

fn name(dir: &Path) -> String {
    let name = dir.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
