//! Calls cargo to build test programs, and reads what it says about them.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::stop::Stop;
use super::{CompileError, NotRun};

/// How many bytes of the compiler's errors are kept.
const MOST_PRINTED: usize = 40_000;

/// What a call of cargo built.
#[derive(Debug, Clone, Default)]
pub struct Built {
    pub programs: Vec<Program>,
    pub diagnostics: Vec<Diagnostic>,
    /// Everything that was asked for was built.
    pub success: bool,
    /// What cargo itself said, apart from the compiler: a manifest that is wrong, a missing crate.
    pub said: String,
}

/// A test program that is ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The package's folder.
    pub package: PathBuf,
    pub target: String,
    pub path: PathBuf,
    /// What it needs in its environment.
    pub environment: Vec<(String, String)>,
}

/// An error or a warning of the compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The package's folder.
    pub package: PathBuf,
    pub is_error: bool,
    /// In one line.
    pub message: String,
    /// Relative to the directory that cargo ran in, and the line.
    pub place: Option<(PathBuf, usize)>,
    /// Every place that it speaks of: its own first, then those of its notes.
    pub places: Vec<(PathBuf, usize)>,
    /// As the compiler prints it.
    pub rendered: String,
}

impl Built {
    pub fn program(&self, package: &Path) -> Option<&Program> {
        self.programs.iter().find(|p| p.package == package)
    }

    /// Why there is no program: the compiler's errors in the packages that count, or else cargo's
    /// own.
    pub fn why_not(&self, counts: impl Fn(&Path) -> bool) -> NotRun {
        let errors = self.diagnostics.iter();
        let errors: Vec<_> = errors
            .filter(|d| d.is_error && counts(&d.package))
            .collect();
        match errors.first() {
            None => NotRun::Blocked(cut(self.said.trim_end(), MOST_PRINTED)),
            Some(first) => {
                let printed: Vec<_> = errors.iter().map(|d| d.rendered.trim_end()).collect();
                NotRun::DoesNotCompile(CompileError {
                    message: first.message.clone(),
                    place: first.place.clone(),
                    printed: cut(&printed.join("\n\n"), MOST_PRINTED),
                })
            }
        }
    }
}

/// At most `most` bytes of a text, and a word if that is not all.
pub fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut ends = text.char_indices().map(|(at, _)| at);
    let end = ends.by_ref().take_while(|at| *at <= most).last();
    let kept = &text[..end.unwrap_or_default()];
    format!("{kept}\n… and more; `cargo test` shows it.")
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    executable: Option<PathBuf>,
    message: Option<Compiler>,
    success: Option<bool>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Compiler {
    level: String,
    message: String,
    rendered: Option<String>,
    spans: Vec<CompilerSpan>,
    #[serde(default)]
    children: Vec<Compiler>,
}

impl Compiler {
    fn places(&self) -> Vec<(PathBuf, usize)> {
        let (own, others): (Vec<_>, Vec<_>) = self.spans.iter().partition(|s| s.is_primary);
        let spans = own.into_iter().chain(others);
        let mut places: Vec<_> = spans.flat_map(CompilerSpan::places).collect();
        places.extend(self.children.iter().flat_map(Compiler::places));
        places
    }
}

#[derive(Deserialize)]
struct CompilerSpan {
    file_name: PathBuf,
    line_start: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

/// The call of the macro that a place is in.
#[derive(Deserialize)]
struct Expansion {
    span: CompilerSpan,
}

impl CompilerSpan {
    fn places(&self) -> Vec<(PathBuf, usize)> {
        let mut places = vec![(self.file_name.clone(), self.line_start)];
        places.extend(self.expansion.iter().flat_map(|e| e.span.places()));
        places
    }
}

/// The cargo that runs us, or the one in the path.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Cargo with `arguments`, `test --no-run` or `build`, in `root`: a command for [`build`].
pub fn command(root: &Path, target_dir: Option<&Path>, arguments: &[&str]) -> Command {
    let mut command = cargo();
    command
        .current_dir(root)
        .args(arguments)
        .args(["--message-format=json", "--color=never"]);
    // A relative path is meant from where we were called.
    if let Some(dir) = target_dir
        .map(Path::to_path_buf)
        .or_else(target_by_environment)
    {
        command.env("CARGO_TARGET_DIR", dir);
    }
    command
}

/// Where cargo builds, if the environment says so.
pub fn target_by_environment() -> Option<PathBuf> {
    let dir = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"]
        .iter()
        .find_map(|name| std::env::var_os(name).filter(|dir| !dir.is_empty()))?;
    std::path::absolute(dir).ok()
}

/// Runs a [`command`], and tells `progress` of each test program built. It ends, without success,
/// when `stop` says so.
pub fn build(
    mut command: Command,
    stop: Option<&Stop>,
    mut progress: impl FnMut(&Program),
) -> Result<Built> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if stop.is_some() {
        Stop::prepare(&mut command);
    }
    let mut child = command
        .spawn()
        .context("cannot start cargo; is Rust installed?")?;
    if let Some(stop) = stop {
        stop.watch(&child);
    }
    let mut stderr = child.stderr.take().context("cargo has no stderr")?;
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        _ = stderr.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let mut built = Built::default();
    for line in BufReader::new(stdout).lines() {
        let Ok(line) = line else { break };
        if let Some(program) = read(&line, &mut built) {
            progress(&program);
            built.programs.push(program);
        }
    }
    if let Some(stop) = stop {
        stop.forget();
    }
    let status = child.wait().context("cargo did not end well")?;
    built.success &= status.success();
    built.said = said.join().unwrap_or_default();
    Ok(built)
}

/// Takes in one line of cargo's messages; a test program is handed back.
fn read(line: &str, built: &mut Built) -> Option<Program> {
    let message: Message = serde_json::from_str(line).ok()?;
    let package = || {
        message
            .manifest_path
            .as_deref()?
            .parent()
            .map(Path::to_path_buf)
    };
    match message.reason.as_str() {
        "build-finished" => built.success = message.success == Some(true),
        "compiler-artifact" => {
            let target = message.target.as_ref()?;
            if target.kind.iter().any(|kind| kind == "test") {
                return Some(Program {
                    package: package()?,
                    target: target.name.clone(),
                    path: message.executable.clone()?,
                    environment: Vec::new(),
                });
            }
        }
        "compiler-message" => {
            let compiler = message.message.as_ref()?;
            // 'aborting due to 2 previous errors' and '1 warning emitted' have no place.
            let place = compiler.spans.iter().find(|span| span.is_primary);
            let is_error = compiler.level.starts_with("error");
            if is_error && place.is_none() && compiler.message.starts_with("aborting due to") {
                return None;
            }
            if is_error || (compiler.level == "warning" && !compiler.message.ends_with("emitted")) {
                let diagnostic = Diagnostic {
                    package: package()?,
                    is_error,
                    message: compiler.message.clone(),
                    place: place.map(|span| (span.file_name.clone(), span.line_start)),
                    places: compiler.places(),
                    rendered: compiler.rendered.clone().unwrap_or_default(),
                };
                // The library is compiled for the tests and for the program: once is enough.
                if !built.diagnostics.contains(&diagnostic) {
                    built.diagnostics.push(diagnostic);
                }
            }
        }
        _ => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_errors_and_warnings_are_read() {
        let mut built = Built::default();
        let artifact = r#"{"reason":"compiler-artifact","manifest_path":"/w/a/Cargo.toml","target":{"name":"a","kind":["test"]},"executable":"/t/a-1"}"#;
        let program = read(artifact, &mut built).unwrap();
        assert_eq!(program.package, Path::new("/w/a"));
        assert_eq!(program.path, Path::new("/t/a-1"));
        let library = artifact.replace("[\"test\"]", "[\"lib\"]");
        assert_eq!(read(&library, &mut built), None);

        let error = r#"{"reason":"compiler-message","manifest_path":"/w/a/Cargo.toml","message":{"level":"error","message":"expected `u8`","rendered":"error: expected\n","spans":[{"file_name":"src/lib.rs","line_start":7,"is_primary":true}]}}"#;
        read(error, &mut built);
        read(error, &mut built);
        read(&error.replace("\"error\"", "\"warning\""), &mut built);
        read(
            r#"{"reason":"compiler-message","manifest_path":"/w/a/Cargo.toml","message":{"level":"error","message":"aborting due to 1 previous error","spans":[]}}"#,
            &mut built,
        );
        read(r#"{"reason":"build-finished","success":false}"#, &mut built);
        read("what a build script prints", &mut built);
        assert_eq!(built.diagnostics.len(), 2);
        assert_eq!(built.diagnostics[0].place, Some(("src/lib.rs".into(), 7)));
        let NotRun::DoesNotCompile(error) = built.why_not(|_| true) else {
            panic!("an error counts")
        };
        assert_eq!(error.printed, "error: expected");
        assert_eq!(error.message, "expected `u8`");
        assert_eq!(error.place, Some(("src/lib.rs".into(), 7)));
        assert!(!built.success);
    }

    #[test]
    fn without_the_compiler_cargo_speaks() {
        let built = Built {
            said: "error: no such package\n".into(),
            ..Built::default()
        };
        let said = NotRun::Blocked("error: no such package".into());
        assert_eq!(built.why_not(|_| true), said);
    }
}
