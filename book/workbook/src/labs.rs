//! What stands behind the labs: the solutions' own programs, and a tap on every wire.
//!
//! A page opens a session, whose WebSocket reports what crosses the wires. Beside it the page
//! opens the connections that the lab is about. Each runs through a tunnel to a reference server,
//! which knows nothing of it, or to the learner's own on 127.0.0.1:3000, and to no other address.
//!
//! A lab is a row of [`ALL`] and a script, `book/src/assets/labs/NAME.js`. One that does more than talk
//! over WebSockets has a module: it serves what the script asks for.
//!
//! | path below `/_workbook/labs` | does |
//! |---|---|
//! | `/build/{lab}` | builds the references of a lab that comes into view |
//! | `/session` | the reports, and the page's controls: [`session`] |
//! | `/{session}/start/{lab}/{server}` | starts a reference: [`programs`] |
//! | `/{session}/socket/{lab}/{server}/{who}` | a WebSocket through a tunnel: [`tunnel`] |
//! | `/{session}/cost/..` | the feed of the cost meter: [`cost`] |
//! | `/{session}/handshake/{server}` | one request as it was typed: [`handshake`] |

mod cost;
mod handshake;
mod head;
mod lab;
mod programs;
mod session;
mod splitter;
mod tunnel;

use std::io;
use std::path::Path;

use axum::Router;
use axum::extract::{Path as Place, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};

use lab::Program;
pub use lab::{Lab, Recorded};
use programs::{Start, WithCargo};
use session::Sessions;

/// All labs, in the order of the book.
pub const ALL: [Lab; 8] = [
    Lab {
        name: "first-event",
        title: "Who hears it",
        programs: &[Program {
            name: "reference",
            package: "first-event-solution",
            arguments: &[],
        }],
        target: "/chat",
        ..Lab::ALONE
    },
    cost::LAB,
    handshake::LAB,
    Lab {
        name: "frame",
        title: "Every bit of a frame",
        ..Lab::ALONE
    },
    Lab {
        name: "console",
        title: "The browser's view and the wire's",
        programs: &[Program {
            name: "reference",
            package: "echo-solution",
            arguments: &[],
        }],
        ..Lab::ALONE
    },
    Lab {
        name: "emit",
        title: "Who receives it",
        // Little room everywhere, so that a queue is full soon.
        programs: &[
            Program {
                name: "reference",
                package: "emit-vs-broadcast-solution",
                arguments: &["--queue", "8", "--small-buffers"],
            },
            Program {
                name: "lossy",
                package: "emit-vs-broadcast-solution",
                arguments: &["--queue", "8", "--small-buffers", "--drop-packets"],
            },
        ],
        target: "/chat",
        buffer: Some(4096),
        ..Lab::ALONE
    },
    Lab {
        name: "acks",
        title: "Calls that wait for an answer",
        programs: &[Program {
            name: "reference",
            package: "acks-solution",
            arguments: &[],
        }],
        target: "/chat",
        ..Lab::ALONE
    },
    Lab {
        name: "rooms",
        title: "Who is in the room",
        programs: &[Program {
            name: "reference",
            package: "rooms-solution",
            arguments: &[],
        }],
        target: "/chat",
        ..Lab::ALONE
    },
];

/// Everything below `/_workbook/labs`, for the workbook in `root`. `serve` checks `Host` and
/// `Origin` in front of it.
pub fn router<S: Clone + Send + Sync + 'static>(root: &Path) -> Router<S> {
    routes(WithCargo::new(root))
}

fn routes<S: Clone + Send + Sync + 'static>(start: impl Start) -> Router<S> {
    Router::new()
        .route("/build/{lab}", post(build))
        .route("/session", any(session::open))
        .route("/{session}/start/{lab}/{server}", post(start_program))
        .route("/{session}/socket/{lab}/{server}/{who}", any(socket))
        .merge(cost::routes())
        .merge(handshake::routes())
        .with_state(Sessions::new(start))
}

fn lab(name: &str) -> Option<&'static Lab> {
    ALL.iter().find(|lab| lab.name == name)
}

/// Nothing is wrong, or one sentence that says what is.
fn problem(result: io::Result<()>) -> Response {
    let problem = result.err().map(|error| error.to_string());
    let json = serde_json::json!({ "problem": problem }).to_string();
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

fn unknown() -> Response {
    (StatusCode::NOT_FOUND, "there is no such lab or server\n").into_response()
}

/// Begins to build what a lab will want. Nobody waits for it: a failure is told at the start.
async fn build(State(sessions): State<Sessions>, Place(name): Place<String>) -> Response {
    let Some(lab) = lab(&name) else {
        return unknown();
    };
    let start = sessions.start();
    tokio::spawn(async move {
        let mut built = Vec::new();
        for program in lab.programs {
            if !built.contains(&program.package) {
                built.push(program.package);
                let _ = start.build(*program).await;
            }
        }
    });
    problem(Ok(()))
}

/// Starts a reference; of the learner's own server nothing is asked before it is talked to.
async fn start_program(
    State(sessions): State<Sessions>,
    Place((session, name, server)): Place<(u64, String, String)>,
) -> Response {
    let Some(session) = sessions.get(session) else {
        return (StatusCode::GONE, "this session is over\n").into_response();
    };
    let Some(server) = lab(&name).and_then(|lab| lab.server(&server)) else {
        return unknown();
    };
    problem(session.programs.address(server).await.map(drop))
}

async fn socket(
    State(sessions): State<Sessions>,
    Place((session, name, server, who)): Place<(u64, String, String, String)>,
    request: Request,
) -> Response {
    let Some(session) = sessions.get(session) else {
        return (StatusCode::GONE, "this session is over\n").into_response();
    };
    let named = lab(&name).and_then(|lab| Some((lab, lab.server(&server)?)));
    let Some((lab, server)) = named else {
        return unknown();
    };
    match session.programs.address(server).await {
        Ok(address) => {
            let way = tunnel::Way {
                address,
                target: lab.target,
                buffer: lab.buffer,
            };
            tunnel::open(session, &way, who, (), request).await
        }
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::net::SocketAddr;
    use std::time::Duration;

    use futures_util::{SinkExt, StreamExt};
    use serde_json::Value;
    use tokio::io::{
        AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex,
    };
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;
    use tokio_tungstenite::tungstenite::{Error, Message};
    use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

    use super::lab::Program;
    use super::programs::{Running, Start, Starting};

    /// Programs in this process: an echo, a feed of the lines it is told, one that hangs up, and one
    /// that is broken.
    struct Fakes;

    impl Start for Fakes {
        fn build(&self, _: Program) -> Starting<'_, ()> {
            Box::pin(async { Ok(()) })
        }

        fn start(&self, program: Program) -> Starting<'_, Running> {
            Box::pin(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let address = listener.local_addr()?;
                let (input, lines) = duplex(1024);
                match program.package {
                    "echo-solution" => tokio::spawn(echo(listener)),
                    "polling-solution" => tokio::spawn(feed(listener, lines)),
                    "handshake-solution" => tokio::spawn(hang_up(listener)),
                    _ => return Err(io::Error::other("it does not compile")),
                };
                Ok(Running::new(address, input))
            })
        }
    }

    async fn echo(listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if socket.send(message).await.is_err() {
                        return;
                    }
                }
            });
        }
    }

    /// Reads a request, and closes.
    async fn hang_up(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
        }
    }

    /// Answers each request with the next line as an event, and then is silent.
    async fn feed(listener: TcpListener, lines: DuplexStream) {
        let mut lines = BufReader::new(lines).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        while let Ok((mut stream, _)) = listener.accept().await {
            let line = line.clone();
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let read = stream.read(&mut request).await.unwrap();
                let request = String::from_utf8_lossy(&request[..read]);
                let answer = match request.starts_with("GET /events ") {
                    true => format!("HTTP/1.1 200 OK\r\n\r\nid: 1\ndata: {line}\n\n"),
                    false => format!("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n1 {line}\n"),
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
                std::future::pending::<()>().await;
            });
        }
    }

    /// The labs on a free port.
    async fn labs() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, super::routes(Fakes)).await });
        address
    }

    /// The body of the answer to a POST.
    async fn post(labs: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(labs).await.unwrap();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    struct Socket(WebSocketStream<TcpStream>);

    impl Socket {
        async fn try_open(labs: SocketAddr, path: &str) -> Result<Self, Error> {
            let stream = TcpStream::connect(labs).await?;
            let (socket, _) = client_async(format!("ws://{labs}{path}"), stream).await?;
            Ok(Self(socket))
        }

        async fn open(labs: SocketAddr, path: &str) -> Self {
            Self::try_open(labs, path).await.unwrap()
        }

        async fn next(&mut self) -> Message {
            let message = timeout(Duration::from_secs(10), self.0.next()).await;
            message.expect("a message").unwrap().unwrap()
        }

        /// The contents of the next report of this kind.
        async fn report(&mut self, kind: &str) -> Value {
            loop {
                let report: Value =
                    serde_json::from_str(&self.next().await.into_text().unwrap()).unwrap();
                if !report[kind].is_null() {
                    return report[kind].clone();
                }
            }
        }

        async fn say(&mut self, text: &str) {
            self.0.send(Message::text(text)).await.unwrap();
        }
    }

    /// The status of a refused WebSocket.
    async fn refused(labs: SocketAddr, path: &str) -> u16 {
        match Socket::try_open(labs, path).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
            Ok(_) => 101,
        }
    }

    async fn session(labs: SocketAddr) -> (Socket, u64) {
        let mut session = Socket::open(labs, "/session").await;
        let id = session.report("session").await["id"].as_u64().unwrap();
        (session, id)
    }

    #[tokio::test]
    async fn a_tunnel_changes_nothing_and_reports_everything() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let path = format!("/{id}/socket/console/reference/ann");
        let mut ann = Socket::open(labs, &path).await;
        let head = session.report("head").await;
        assert_eq!((&head["who"], &head["up"]), (&"ann".into(), &true.into()));
        assert_eq!(
            session.report("head").await["lines"][0],
            "HTTP/1.1 101 Switching Protocols"
        );
        ann.say("hello").await;
        assert_eq!(ann.next().await, Message::text("hello"));
        // Masked on its way up: 2 bytes, a key of 4, and 5 of payload.
        let up = session.report("frame").await;
        assert_eq!((&up["up"], &up["length"]), (&true.into(), &11.into()));
        let down = session.report("frame").await;
        assert_eq!(down["hex"], "81 05 68 65 6c 6c 6f");
    }

    #[tokio::test]
    async fn a_line_can_be_stopped_and_cut() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let mut ann = Socket::open(labs, &format!("/{id}/socket/console/reference/ann")).await;
        session.say(r#"{"line":{"who":"ann","paused":true}}"#).await;
        // A session answers nothing; but it reads in order, and cutting bob is the second word.
        let mut bob = Socket::open(labs, &format!("/{id}/socket/console/reference/bob")).await;
        session.say(r#"{"cut":{"who":"bob"}}"#).await;
        while let Some(Ok(_)) = bob.0.next().await {}
        assert_eq!(session.report("cut").await["who"], "bob");
        ann.say("held back").await;
        let silence = timeout(Duration::from_millis(300), ann.0.next()).await;
        assert!(silence.is_err());
        session.say(r#"{"line":{"who":"ann"}}"#).await;
        assert_eq!(ann.next().await, Message::text("held back"));
    }

    #[tokio::test]
    async fn a_server_that_hangs_up_is_told_from_one_that_is_not_there() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let path = format!("/{id}/socket/handshake/reference/ann");
        assert_eq!(refused(labs, &path).await, 502);
        let failed = session.report("failed").await;
        assert_eq!(
            (&failed["connected"], &failed["why"]),
            (&true.into(), &"the server closed without an answer".into())
        );
    }

    #[tokio::test]
    async fn everything_ends_with_the_session() {
        let labs = labs().await;
        let (session, id) = session(labs).await;
        let path = format!("/{id}/socket/console/reference/ann");
        let mut ann = Socket::open(labs, &path).await;
        drop(session);
        let end = timeout(Duration::from_secs(10), async {
            while let Some(Ok(_)) = ann.0.next().await {}
        });
        end.await.expect("the tunnel should end");
        assert_eq!(refused(labs, &path).await, 410);
    }

    #[tokio::test]
    async fn refuses_what_is_too_much_or_unknown() {
        let labs = labs().await;
        let (mut talkative, id) = session(labs).await;
        for (path, status) in [
            ("/0/socket/console/reference/ann", 410),
            (&*format!("/{id}/socket/console/reference/eve1"), 404),
            (&*format!("/{id}/socket/chess/reference/ann"), 404),
            (&*format!("/{id}/socket/console/127.0.0.1:22/ann"), 404),
            (&*format!("/{id}/socket/acks/reference/ann"), 502),
        ] {
            assert_eq!(refused(labs, path).await, status, "{path}");
        }
        let path = format!("/{id}/socket/console/reference/ann");
        let mut open = Vec::new();
        for _ in 0..8 {
            open.push(Socket::open(labs, &path).await);
        }
        assert_eq!(refused(labs, &path).await, 503);
        // What a session does not understand ends it.
        talkative
            .say(r#"{"line":{"who":"ann","colour":"red"}}"#)
            .await;
        while let Some(Ok(_)) = talkative.0.next().await {}
        assert_eq!(refused(labs, &path).await, 410);

        let mut sessions = Vec::new();
        for _ in 0..32 {
            sessions.push(session(labs).await);
        }
        assert_eq!(refused(labs, "/session").await, 503);
    }

    #[tokio::test]
    async fn the_feed_costs_what_it_costs() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let path = format!("/{id}/cost/reference");
        assert_eq!(
            post(labs, &format!("{path}/publish/200")).await,
            r#"{"problem":null}"#
        );
        let mut feed = Socket::open(labs, &format!("{path}/websocket")).await;
        assert_eq!(feed.next().await, Message::text("1 kick-off"));
        let mut stream = TcpStream::connect(labs).await.unwrap();
        let head = format!("GET {path}/polling?since=0 HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..read]).contains("1 kick-off"));
        loop {
            let cost = session.report("cost").await;
            if cost["way"] == "polling" && cost["down"] != 0 {
                // The request as the reference saw it.
                let asked = "GET /updates?since=0 HTTP/1.1\r\nHost: 127.0.0.1:12345\r\n\r\n";
                assert_eq!(
                    (&cost["requests"], &cost["up"]),
                    (&1.into(), &asked.len().into())
                );
                break;
            }
        }
    }

    /// A solution that does not compile stops neither this program nor its build.
    #[test]
    fn the_workbook_links_no_solution() {
        assert!(!include_str!("../Cargo.toml").contains("solution"));
    }

    #[tokio::test]
    async fn a_program_that_does_not_start_costs_its_own_lab_a_sentence() {
        let labs = labs().await;
        let (_session, id) = session(labs).await;
        assert_eq!(
            post(labs, &format!("/{id}/start/acks/reference")).await,
            r#"{"problem":"it does not compile"}"#
        );
        assert_eq!(
            post(labs, &format!("/{id}/start/console/reference")).await,
            r#"{"problem":null}"#
        );
    }
}
