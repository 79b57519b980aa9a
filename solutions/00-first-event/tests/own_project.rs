//! The project of the chapter's section 'In your own project', made from the text of the page.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kit::tungstenite::{Message, WebSocket, client};

const CHAPTER: &str = include_str!("../../../book/src/00-first-event.md");
const PAGE: &str = include_str!("../src/page.html");

/// The block of the section that begins with `fence`.
fn block(fence: &str) -> String {
    let (_, section) = CHAPTER.split_once("\n## In your own project\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (_, block) = section.split_once(&format!("\n```{fence}\n")).unwrap();
    let (block, rest) = block.split_once("```\n").unwrap();
    assert!(
        !rest.contains(&format!("\n```{fence}\n")),
        "two blocks of {fence}"
    );
    block.to_owned()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}

/// Makes and builds the project in `folder`, as the page says, and returns its program.
fn build(folder: &Path) -> PathBuf {
    // With the versions of the workspace, which are on this machine already.
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        let flags = ("RUSTFLAGS", "--deny warnings");
        cargo.env("CARGO_NET_OFFLINE", "true").env(flags.0, flags.1);
        cargo
    };
    let new = block("sh").lines().next().unwrap().to_owned();
    let words: Vec<_> = new.split(' ').collect();
    let ["cargo", "new", name] = words[..] else {
        panic!("not a `cargo new`: {new}")
    };
    run(cargo()
        .args(["new", "--quiet", "--vcs", "none", name])
        .current_dir(folder));
    let project = folder.join(name);
    let manifest = project.join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest).unwrap();
    assert!(text.ends_with("[dependencies]\n"), "{text}");
    text += &block("toml");
    fs::write(&manifest, text).unwrap();
    fs::write(project.join("src/main.rs"), block("rust")).unwrap();
    fs::write(project.join("src/page.html"), PAGE).unwrap();
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock");
    fs::copy(lock, project.join("Cargo.lock")).unwrap();

    run(cargo().args(["fmt", "--check"]).current_dir(&project));
    let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/own-project");
    run(cargo()
        .args(["build", "--target-dir", target])
        .current_dir(&project));
    let program = format!("debug/{name}{}", std::env::consts::EXE_SUFFIX);
    Path::new(target).join(program)
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

fn next(socket: &mut WebSocket<TcpStream>) -> String {
    socket.read().unwrap().into_text().unwrap().to_string()
}

#[test]
#[ignore = "builds a project of its own: .ci/run runs it"]
fn the_project_of_the_page_is_built_and_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Command::new(build(folder.path()));
    program.arg("127.0.0.1:0").stdout(Stdio::piped());
    let mut server = Server(program.spawn().unwrap());
    let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap();
    let address = address.strip_prefix("http://").unwrap();

    let mut clients = Vec::new();
    for _ in 0..2 {
        let stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let (socket, _) = client(format!("ws://{address}/chat"), stream).unwrap();
        let connected = lines.next().unwrap().unwrap();
        assert!(connected.starts_with("a user connected: "), "{connected}");
        clients.push(socket);
    }
    let [ann, bob] = &mut clients[..] else {
        unreachable!()
    };

    ann.send(Message::text(r#"["ferret","tobi"]"#)).unwrap();
    assert_eq!(next(ann), r#"["woot","tobi"]"#);
    ann.send(Message::text(r#"["join","ann"]"#)).unwrap();
    assert_eq!(next(ann), r#"["joined","ann"]"#);
    assert_eq!(next(bob), r#"["joined","ann"]"#);
    ann.send(Message::text(r#"["chat","hello"]"#)).unwrap();
    assert_eq!(next(bob), r#"["chat","hello"]"#);
    ann.send(Message::text(r#"["hello","ann"]"#)).unwrap();
    assert_eq!(next(ann), r#"["hi","ann"]"#);
}
