//! `cargo workbook`: the book, the learner's progress, and the maintainers' checks in one program.

mod about;
mod answers;
mod bar;
mod book;
mod catch_up;
mod check;
mod compare;
mod course;
mod contract;
mod exercise;
mod files;
#[cfg(test)]
mod fixtures;
mod functions;
mod kept;
mod leftovers;
mod labs;
mod lesson_tests;
mod live;
mod manifest;
mod mistakes;
mod new;
mod problem;
mod reach;
mod run;
mod serve;
mod source;
mod starter;
mod starters;
mod status;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use anstream::eprintln;
use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::workspace::Workbook;

/// Reads the WebSocket Workbook with you: serves the book, runs your lessons, checks the whole.
#[derive(Parser)]
#[command(name = "cargo workbook", bin_name = "cargo workbook", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Args)]
struct Serve {
    /// The port on 127.0.0.1 to serve the book on.
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Answer to this name too: the one your browser shows when the port is forwarded to you.
    #[arg(long = "host", value_name = "NAME[:PORT]", value_parser = serve::name)]
    hosts: Vec<String>,
    /// Do not open a browser.
    #[arg(long)]
    no_open: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book, serve it, open the browser, watch for changes (the default).
    Serve(Serve),
    /// Build the static book into book/book, for hosting.
    Build,
    /// Show your lessons, test by test, and what comes next.
    Status {
        /// `handshake`, `02` or `02-handshake`; all lessons if none is named.
        lessons: Vec<String>,
    },
    /// Put the reference into a lesson; your own files are kept in the lesson's folder `mine`.
    CatchUp {
        /// `handshake`, `02` or `02-handshake`.
        #[arg(required = true)]
        lessons: Vec<String>,
    },
    /// Put the starter back into a lesson; your own files are kept in the lesson's folder `mine`.
    Reset {
        /// `handshake`, `02` or `02-handshake`.
        #[arg(required = true)]
        lessons: Vec<String>,
    },
    /// Compare lessons with the reference: your own, or those of the checkouts named.
    Compare(compare::Options),
    /// For maintainers: prove that starters, solutions, tests, mistakes and book agree.
    Check {
        /// `handshake`, `02` or `02-handshake`; all lessons, and the book, if none is named.
        lessons: Vec<String>,
        /// Run this check only; may be given several times.
        #[arg(long, value_enum, value_name = "CHECK")]
        only: Vec<check::Check>,
    },
    /// For maintainers: generate the lessons' src and manifests, and what says what they are, from
    /// the solutions.
    Starters {
        /// `handshake`, `02` or `02-handshake`; all lessons if none is named.
        lessons: Vec<String>,
    },
    /// Run a program for as long as standard input is open: see `run::hold`.
    #[command(hide = true)]
    Hold {
        #[arg(required = true, last = true)]
        command: Vec<OsString>,
    },
    /// For maintainers: lay out a lesson, with one exercise as an example.
    New {
        /// Two digits and a topic, as in `07-rooms`.
        stem: String,
        /// The chapter's heading, as in `Rooms`.
        title: String,
    },
    /// The book's preprocessor, as `mdbook` calls it.
    #[command(hide = true)]
    Preprocess { args: Vec<String> },
}

fn main() -> ExitCode {
    let result = match run::rustc::wrapped() {
        Some((seconds, command)) => run::rustc::run(seconds, &command),
        None => run(Cli::parse()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn exit_code(is_well: bool) -> ExitCode {
    match is_well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(Serve {
            port,
            hosts,
            no_open,
        }) => serve::serve(&Workbook::here()?.root, port, &hosts, !no_open)?,
        Command::Build => book::build(&Workbook::here()?.root)?,
        Command::Status { lessons } => status::run(&Workbook::here()?, &lessons)?,
        Command::CatchUp { lessons } => catch_up::catch_up(&Workbook::here()?, &lessons)?,
        Command::Reset { lessons } => catch_up::reset(&Workbook::here()?, &lessons)?,
        Command::Compare(options) => {
            let is_well = compare::run(&Workbook::here()?, &options)?;
            return Ok(exit_code(is_well));
        }
        Command::Check { lessons, only } => {
            let all_is_well = check::run(&Workbook::here()?, &lessons, &only)?;
            return Ok(exit_code(all_is_well));
        }
        Command::Starters { lessons } => starters::run(&Workbook::here()?, &lessons)?,
        Command::Hold { command } => return run::hold::run(&command),
        Command::New { stem, title } => new::run(&Workbook::here()?, &stem, &title)?,
        // mdBook asks `preprocess supports html` first. The answer is the exit status.
        Command::Preprocess { args } if args.first().is_some_and(|arg| arg == "supports") => {}
        Command::Preprocess { .. } => book::preprocess()?,
    }
    Ok(ExitCode::SUCCESS)
}
