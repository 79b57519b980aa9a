//! `cargo workbook` and the programs behind its labs: real processes, in a miniature workbook.

mod miniature;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream as Std;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use miniature::{Miniature, SOLUTION, TESTS};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Holds every connection for as long as it runs, and leaves its address where the test finds it.
const PROGRAM: &str = r#"fn main() {
    let address = std::env::args().nth(1).unwrap();
    let listener = std::net::TcpListener::bind(address).unwrap();
    let address = listener.local_addr().unwrap();
    std::fs::write("address", address.to_string()).unwrap();
    println!("http://{address}");
    let _held: Vec<_> = listener.incoming().collect();
}
"#;

/// A miniature with a second lesson, whose program is behind the lab `console`.
fn with_echo() -> Miniature {
    let mini = Miniature::new();
    for (dir, name) in [
        ("lessons/04-echo", "echo"),
        ("solutions/04-echo", "echo-solution"),
    ] {
        mini.write(
            &format!("{dir}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[lib]\ntest = false\ndoctest = false\n"),
        );
    }
    mini.write("solutions/04-echo/src/lib.rs", SOLUTION);
    mini.write("solutions/04-echo/src/main.rs", PROGRAM);
    mini.write(
        "lessons/04-echo/tests/echo/main.rs",
        &TESTS.replace("numbers::", "echo::"),
    );
    mini.write(
        "solutions/04-echo/tests/echo.rs",
        "#[path = \"../../../lessons/04-echo/tests/echo/main.rs\"]\nmod lesson;\n",
    );
    mini.ok(&["starters"]);
    mini
}

struct Workbook {
    child: Child,
    authority: String,
}

impl Workbook {
    fn start(mini: &Miniature) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_workbook"))
            .args(["--port", "0", "--no-open"])
            .current_dir(mini.path(""))
            .env_remove("CARGO_TARGET_DIR")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let (_, rest) = line.split_once("http://").unwrap();
        let authority = rest.split(' ').next().unwrap().to_owned();
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, authority }
    }

    /// The answer to a request with no body.
    async fn ask(&self, method: &str, path: &str) -> String {
        let authority = &self.authority;
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// A lab's session, which lasts as long as the WebSocket.
    async fn session(&self) -> (WebSocketStream<TcpStream>, u64) {
        let stream = TcpStream::connect(&self.authority).await.unwrap();
        let url = format!("ws://{}/_workbook/labs/session", self.authority);
        let (mut socket, _) = client_async(url, stream).await.unwrap();
        let report = socket.next().await.unwrap().unwrap();
        let report: Value = serde_json::from_str(report.to_text().unwrap()).unwrap();
        (socket, report["session"]["id"].as_u64().unwrap())
    }

    /// What is wrong with the program behind the lab `console`.
    async fn start_console(&self, session: u64) -> Value {
        let path = format!("/_workbook/labs/{session}/start/console/reference");
        let answer = self.ask("POST", &path).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str::<Value>(body).unwrap()["problem"].clone()
    }
}

impl Drop for Workbook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A connection to the program behind the lab.
fn connected(mini: &Miniature) -> Std {
    let address = fs::read_to_string(mini.path("address")).unwrap();
    let stream = Std::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    stream
}

/// The other end is gone: it has closed, or its process has ended.
fn ends(mut stream: Std) {
    match stream.read(&mut [0]) {
        Ok(read) => assert_eq!(read, 0),
        Err(error) => {
            use std::io::ErrorKind::{TimedOut, WouldBlock};
            let waits = matches!(error.kind(), TimedOut | WouldBlock);
            assert!(!waits, "the program still runs");
        }
    }
}

#[tokio::test]
async fn a_broken_solution_costs_its_own_lab_a_sentence_and_nothing_else() {
    let mini = with_echo();
    mini.change("solutions/04-echo/src/lib.rs", "n + n", "\"two\"");
    let workbook = Workbook::start(&mini);
    let (_session, id) = workbook.session().await;
    let problem = workbook.start_console(id).await;
    assert_eq!(
        problem,
        "the reference cannot be started (error[E0308]: mismatched types); \
         `cargo run -p echo-solution` says more"
    );
    let page = workbook.ask("GET", "/01-numbers.html").await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    mini.ok(&["starters"]);
    mini.ok(&["check", "numbers", "--only", "solutions"]);
    mini.fails(
        &["check", "echo", "--only", "solutions"],
        "mismatched types",
    );
    // Put right, it starts.
    mini.change("solutions/04-echo/src/lib.rs", "\"two\"", "n + n");
    assert_eq!(workbook.start_console(id).await, Value::Null);
}

#[tokio::test]
async fn a_program_ends_with_its_session_and_with_a_workbook_that_is_killed() {
    let mini = with_echo();
    let mut workbook = Workbook::start(&mini);
    let (session, id) = workbook.session().await;
    assert_eq!(workbook.start_console(id).await, Value::Null);
    let program = connected(&mini);
    drop(session);
    ends(program);

    let (_session, id) = workbook.session().await;
    assert_eq!(workbook.start_console(id).await, Value::Null);
    let program = connected(&mini);
    // Nothing of its own runs at its end.
    workbook.child.kill().unwrap();
    ends(program);
}
