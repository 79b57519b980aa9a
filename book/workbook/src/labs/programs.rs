//! The references behind the labs: the solutions' own programs, built when they are first wanted.
//!
//! They are built by cargo into a directory of their own, with a low priority. In the learner's
//! `target`, each build would lock the directory, and a test would wait for a server that nobody
//! has asked for. The price is that what both need is compiled twice.

use std::collections::BTreeMap;
use std::env;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Command;
use tokio::sync::{Mutex, OnceCell};
use tokio::time::timeout;

use super::lab::{OWN, Program, Server};
use crate::run::{cargo, hold};

/// How long a program may take to be built and to say its address.
const BUILD_LIMIT: Duration = Duration::from_secs(300);
/// How long a server may take to accept.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much of what a program says about its failure is read, in bytes.
const SAID: u64 = 64 * 1024;

/// A program that runs. It ends when this is dropped.
pub struct Running {
    pub address: SocketAddr,
    /// Its standard input. When that ends, the program does.
    input: Mutex<Box<dyn AsyncWrite + Send + Unpin>>,
}

impl Running {
    pub fn new(address: SocketAddr, input: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        let input = Mutex::new(Box::new(input) as Box<dyn AsyncWrite + Send + Unpin>);
        Self { address, input }
    }

    /// Writes a line to its standard input.
    pub async fn say(&self, line: &str) -> io::Result<()> {
        let mut input = self.input.lock().await;
        input.write_all(format!("{line}\n").as_bytes()).await?;
        input.flush().await
    }
}

pub type Starting<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// A way to start programs.
pub trait Start: Send + Sync + 'static {
    /// Builds the program, so that it starts at once when it is wanted.
    fn build(&self, program: Program) -> Starting<'_, ()>;
    fn start(&self, program: Program) -> Starting<'_, Running>;
}

/// Starts programs with cargo.
pub struct WithCargo {
    root: PathBuf,
    target: PathBuf,
}

impl WithCargo {
    pub fn new(root: &Path) -> Self {
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(target) => root.join(target),
            None => root.join("target"),
        };
        Self {
            root: root.to_path_buf(),
            target: target.join("labs"),
        }
    }

    fn command(&self, verb: &str, program: Program) -> io::Result<Command> {
        let mut command = Command::from(hold::command(cargo::cargo().get_program())?);
        command
            .args([verb, "--quiet", "--color=never", "-p", program.package])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }
}

impl Start for WithCargo {
    fn build(&self, program: Program) -> Starting<'_, ()> {
        Box::pin(async move {
            let mut child = self.command("build", program)?.spawn()?;
            let _input = child.stdin.take();
            let output = timeout(BUILD_LIMIT, child.wait_with_output()).await??;
            match output.status.success() {
                true => Ok(()),
                false => Err(failure(program, &output.stderr)),
            }
        })
    }

    fn start(&self, program: Program) -> Starting<'_, Running> {
        Box::pin(async move {
            let mut command = self.command("run", program)?;
            command.args(["--", "127.0.0.1:0"]).args(program.arguments);
            let mut child = command.spawn()?;
            let missing = || io::Error::other("a program has no pipes");
            let input = child.stdin.take().ok_or_else(missing)?;
            let output = child.stdout.take().ok_or_else(missing)?;
            let mut errors = child.stderr.take().ok_or_else(missing)?;
            let said = tokio::spawn(async move {
                let mut said = Vec::new();
                let _ = (&mut errors).take(SAID).read_to_end(&mut said).await;
                let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
                said
            });
            let mut lines = BufReader::new(output).lines();
            let find = async {
                while let Some(line) = lines.next_line().await? {
                    if let Some(address) = address(&line) {
                        return Ok(Some(address));
                    }
                }
                io::Result::Ok(None)
            };
            match timeout(BUILD_LIMIT, find).await?? {
                Some(address) => {
                    // A pipe that nobody reads would stop the program one day.
                    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                    Ok(Running::new(address, input))
                }
                None => Err(failure(program, &said.await.unwrap_or_default())),
            }
        })
    }
}

/// The address in `http://127.0.0.1:3000` or `new WebSocket('ws://127.0.0.1:3000/')`.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("://")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// One sentence, for the page.
fn failure(Program { package, .. }: Program, said: &[u8]) -> io::Error {
    let said = String::from_utf8_lossy(said);
    let mut errors = said.lines().filter(|line| line.starts_with("error"));
    let why = errors.next().unwrap_or("it ended without a word");
    io::Error::other(format!(
        "the reference cannot be started ({why}); `cargo run -p {package}` says more"
    ))
}

/// The programs of one session: what other pages do is not heard here.
pub struct Programs {
    start: Arc<dyn Start>,
    running: StdMutex<BTreeMap<Program, Arc<OnceCell<Arc<Running>>>>>,
}

impl Programs {
    pub fn new(start: Arc<dyn Start>) -> Self {
        let running = StdMutex::default();
        Self { start, running }
    }

    /// The program, which is started for whoever wants it first.
    pub async fn get(&self, program: Program) -> io::Result<Arc<Running>> {
        let cell = {
            // A panic elsewhere leaves the map whole.
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.entry(program).or_default().clone()
        };
        let start = async || self.start.start(program).await.map(Arc::new);
        cell.get_or_try_init(start).await.cloned()
    }

    pub async fn address(&self, server: Server) -> io::Result<SocketAddr> {
        match server {
            Server::Own => Ok(OWN),
            Server::Reference(program) => Ok(self.get(program).await?.address),
        }
    }
}

/// Connects to a server, with a receive buffer of this many bytes or so.
pub async fn connect(address: SocketAddr, buffer: Option<u32>) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    let stream = timeout(PATIENCE, socket.connect(address)).await;
    let stream = stream
        .unwrap_or_else(|late| Err(late.into()))
        .map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("nobody answers on {address}: {error}"),
            )
        })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_in_what_each_program_says() {
        let port = |line| address(line).map(|address| address.port());
        assert_eq!(port("http://127.0.0.1:3001"), Some(3001));
        assert_eq!(port("new WebSocket('ws://127.0.0.1:3002/')"), Some(3002));
        let feed = "serving a feed: curl -i 'http://127.0.0.1:3003/updates?since=0'";
        assert_eq!(port(feed), Some(3003));
        assert_eq!(port("see https://doc.rust-lang.org"), None);
    }

    #[test]
    fn a_failure_is_one_sentence() {
        let program = Program {
            name: "reference",
            package: "echo-solution",
            arguments: &[],
        };
        let said = b"warning: unused\nerror[E0308]: mismatched types\n --> src/lib.rs:1\nerror: could not compile\n";
        assert_eq!(
            failure(program, said).to_string(),
            "the reference cannot be started (error[E0308]: mismatched types); `cargo run -p echo-solution` says more"
        );
    }
}
