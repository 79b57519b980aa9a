//! The cost meter: one feed, four ways to follow it, every byte counted.
//!
//! What lesson 01's server is asked is what the browser asked, all headers included; what is counted
//! is what crossed the connection to it and back. That server speaks no WebSocket, so the fourth way
//! leads to one of this program's own, which follows the same feed.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OnceCell, watch};
use tokio::time::{Instant, timeout};

use super::head;
use super::lab::{Lab, Program, Recorded, Server};
use super::problem;
use super::programs::{Running, connect};
use super::session::{Reports, Session, Sessions};
use super::splitter::{Seen, header as frame_header};
use super::tunnel::{self, Count};

pub const LAB: Lab = Lab {
    name: "cost",
    title: "What each update costs",
    recorded: Recorded::Table,
    programs: &[Program {
        name: "reference",
        package: "polling-solution",
        arguments: &["--stdin"],
    }],
    ..Lab::ALONE
};

/// What the reference's feed says, over and over.
const TEXTS: [&str; 4] = ["kick-off", "corner", "free kick", "goal"];
/// How the intervals differ, in percent: updates do not come by the clock.
const RHYTHM: [u32; 5] = [60, 140, 90, 30, 180];
/// The shortest interval that a page may ask for.
const SHORTEST: Duration = Duration::from_millis(200);
/// How many updates a session has at most.
const UPDATES: usize = 1000;
/// The longest body that is read, in bytes.
const LONGEST: usize = 16 * 1024;
/// How long a server takes over a long poll, and a little.
const PATIENCE: Duration = Duration::from_secs(40);

pub fn routes() -> Router<Sessions> {
    Router::new()
        .route("/{session}/cost/{server}/publish/{every}", post(publish))
        .route("/{session}/cost/{server}/websocket", any(websocket))
        .route("/{session}/cost/{server}/{way}", get(ask))
}

/// What the page hears.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Report {
    Published {
        number: u64,
    },
    Cost {
        way: &'static str,
        requests: u64,
        up: u64,
        down: u64,
        /// Since each update that arrived was published, in milliseconds.
        delays: Vec<u64>,
    },
}

/// One page's feed, and what it has cost so far.
#[derive(Default)]
struct Meter {
    /// When each update was first heard of, on any way: on this machine that is when it was published.
    heard: Mutex<BTreeMap<u64, Instant>>,
    costs: Mutex<BTreeMap<&'static str, Cost>>,
    /// What the WebSocket says.
    updates: watch::Sender<Vec<String>>,
    /// Where it is.
    websocket: OnceCell<SocketAddr>,
    /// The average interval; zero: nothing is published.
    every: watch::Sender<Duration>,
    publishing: AtomicBool,
}

#[derive(Clone, Copy, Default)]
struct Cost {
    requests: u64,
    up: u64,
    down: u64,
}

/// A way to follow the feed, and the bytes of it.
struct Counted {
    meter: Arc<Meter>,
    reports: Reports,
    way: &'static str,
}

impl Counted {
    fn new(session: &Session, way: &'static str) -> Self {
        Self {
            meter: session.kept(),
            reports: session.reports.clone(),
            way,
        }
    }

    /// Adds to what a way has cost, and tells the page.
    fn add(&self, requests: u64, up: usize, down: usize, arrived: &[u64]) {
        let Cost { requests, up, down } = {
            let mut costs = lock(&self.meter.costs);
            let cost = costs.entry(self.way).or_default();
            cost.requests += requests;
            cost.up += up as u64;
            cost.down += down as u64;
            *cost
        };
        let delay = |number: &u64| {
            let delay = self.meter.hear(*number, &self.reports);
            u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)
        };
        self.reports.send(&Report::Cost {
            way: self.way,
            requests,
            up,
            down,
            delays: arrived.iter().map(delay).collect(),
        });
    }
}

impl Count for Counted {
    fn heads(&self, up: usize, down: usize) {
        self.add(1, up, down, &[]);
    }

    fn bytes(&self, up: bool, length: usize, frames: &[Seen]) {
        let number = |seen: &Seen| match seen {
            Seen::Frame { shown, .. } if !up => number(shown),
            _ => None,
        };
        let arrived: Vec<_> = frames.iter().filter_map(number).collect();
        let (sent, received) = if up { (length, 0) } else { (0, length) };
        self.add(0, sent, received, &arrived);
    }
}

impl Meter {
    /// Hears of an update, and returns for how long it has been known.
    fn hear(&self, number: u64, reports: &Reports) -> Duration {
        let mut heard = lock(&self.heard);
        if let Some(at) = heard.get(&number) {
            return at.elapsed();
        }
        if heard.len() < UPDATES {
            heard.insert(number, Instant::now());
            reports.send(&Report::Published { number });
        }
        Duration::ZERO
    }
}

/// A panic elsewhere leaves what is locked whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The session and the server that a path names.
fn named(sessions: &Sessions, id: u64, server: &str) -> Result<(Arc<Session>, Server), Refused> {
    let session = sessions.get(id);
    let session = session.ok_or((StatusCode::GONE, "this session is over\n"))?;
    let server = LAB.server(server);
    let server = server.ok_or((StatusCode::NOT_FOUND, "there is no such server\n"))?;
    Ok((session, server))
}

type Refused = (StatusCode, &'static str);

/// Follows the feed, and has the reference publish in it, at an average interval in milliseconds.
async fn publish(
    State(sessions): State<Sessions>,
    Path((id, server, every)): Path<(u64, String, u64)>,
) -> Response {
    let (session, server) = match named(&sessions, id, &server) {
        Ok(named) => named,
        Err(refused) => return refused.into_response(),
    };
    let meter = session.kept::<Meter>();
    let every = match Duration::from_millis(every) {
        Duration::ZERO => Duration::ZERO,
        every => every.max(SHORTEST),
    };
    meter.every.send_replace(every);
    problem(begin(&session, &meter, server).await)
}

async fn begin(session: &Session, meter: &Arc<Meter>, server: Server) -> io::Result<()> {
    let start = async || follow(session, meter, server).await;
    meter.websocket.get_or_try_init(start).await?;
    if let Server::Reference(program) = server
        && !meter.publishing.swap(true, Relaxed)
    {
        let running = session.programs.get(program).await?;
        until_over(session, keep_publishing(running, meter.every.subscribe()));
    }
    Ok(())
}

/// Runs a task for as long as the page is there.
fn until_over(session: &Session, task: impl Future<Output = ()> + Send + 'static) {
    let over = session.over();
    tokio::spawn(async move {
        tokio::select! {
            () = task => {}
            () = over => {}
        }
    });
}

async fn keep_publishing(running: Arc<Running>, mut every: watch::Receiver<Duration>) {
    for number in 1..=UPDATES {
        loop {
            let interval = *every.borrow_and_update() * RHYTHM[number % RHYTHM.len()] / 100;
            let changed = every.changed();
            if interval.is_zero() {
                let _ = changed.await;
            } else if timeout(interval, changed).await.is_err() {
                break;
            }
        }
        let text = TEXTS[(number - 1) % TEXTS.len()];
        if running.say(text).await.is_err() {
            return;
        }
    }
}

/// Listens to the server's events, and serves them as a WebSocket: returns where.
async fn follow(session: &Session, meter: &Arc<Meter>, server: Server) -> io::Result<SocketAddr> {
    let address = session.programs.address(server).await?;
    let mut stream = connect(address, None).await?;
    let question = format!("GET /events HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(question.as_bytes()).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let websocket = listener.local_addr()?;
    let updates = meter.updates.subscribe();
    let serve = move |upgrade: WebSocketUpgrade| {
        let updates = updates.clone();
        async { upgrade.on_upgrade(|socket| say(socket, updates)) }
    };
    let app = Router::new().route("/", any(serve));
    until_over(session, async {
        let _ = axum::serve(listener, app).await;
    });
    let (meter, reports) = (meter.clone(), session.reports.clone());
    until_over(session, async move {
        let _ = listen(stream, &meter, &reports).await;
    });
    Ok(websocket)
}

/// Reads events: `id: 12`, `data: goal`, an empty line.
async fn listen(stream: TcpStream, meter: &Meter, reports: &Reports) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let mut number = None;
    while let Some(line) = lines.next_line().await? {
        if let Some(id) = line.strip_prefix("id: ") {
            number = id.parse().ok();
        } else if let Some(text) = line.strip_prefix("data: ")
            && let Some(number) = number.take()
        {
            meter.hear(number, reports);
            meter.updates.send_modify(|updates| {
                if updates.len() < UPDATES {
                    updates.push(format!("{number} {text}"));
                }
            });
        }
    }
    Ok(())
}

/// The feed over one WebSocket.
async fn say(mut socket: WebSocket, mut updates: watch::Receiver<Vec<String>>) {
    let mut said = 0;
    loop {
        let new = tokio::select! {
            updates = updates.wait_for(|updates| updates.len() > said) => match updates {
                Ok(updates) => updates[said..].to_vec(),
                Err(_) => return,
            },
            message = socket.recv() => match message {
                Some(Ok(_)) => Vec::new(),
                _ => return,
            },
        };
        for update in new {
            said += 1;
            if socket.send(Message::text(update)).await.is_err() {
                return;
            }
        }
    }
}

async fn websocket(
    State(sessions): State<Sessions>,
    Path((id, server)): Path<(u64, String)>,
    request: Request,
) -> Response {
    let session = match named(&sessions, id, &server) {
        Ok((session, _)) => session,
        Err(refused) => return refused.into_response(),
    };
    let Some(address) = session.kept::<Meter>().websocket.get().copied() else {
        return (StatusCode::CONFLICT, "nothing is published yet\n").into_response();
    };
    let way = tunnel::Way {
        address,
        target: LAB.target,
        buffer: LAB.buffer,
    };
    let count = Counted::new(&session, "websocket");
    tunnel::open(session, &way, "feed".to_owned(), count, request).await
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Way {
    Polling,
    Long,
    Events,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Polling => "polling",
            Way::Long => "long",
            Way::Events => "events",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Way::Polling => "/updates",
            Way::Long => "/updates/wait",
            Way::Events => "/events",
        }
    }
}

/// Asks lesson 01's server what the browser asked.
async fn ask(
    State(sessions): State<Sessions>,
    Path((id, server, way)): Path<(u64, String, Way)>,
    request: Request,
) -> Response {
    let (session, server) = match named(&sessions, id, &server) {
        Ok(named) => named,
        Err(refused) => return refused.into_response(),
    };
    let target = match request.uri().query() {
        Some(query) => format!("{}?{query}", way.path()),
        None => way.path().to_owned(),
    };
    let answer = match session.programs.address(server).await {
        Ok(address) => {
            let question = head::request(&request, &target, &address.to_string());
            hand_on(&session, way, address, &question).await
        }
        Err(error) => Err(error),
    };
    match answer {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response(),
    }
}

async fn hand_on(
    session: &Session,
    way: Way,
    address: SocketAddr,
    question: &str,
) -> io::Result<Response> {
    let count = Counted::new(session, way.name());
    let mut stream = connect(address, LAB.buffer).await?;
    count.add(1, question.len(), 0, &[]);
    stream.write_all(question.as_bytes()).await?;
    let mut received = BytesMut::new();
    // The head of a long poll's answer comes with the answer.
    let answer = timeout(PATIENCE, async {
        loop {
            if let Some(answer) = head::Response::parse(&received)? {
                return Ok(answer);
            }
            if stream.read_buf(&mut received).await? == 0 {
                return Err(io::Error::other("the server closed without an answer"));
            }
        }
    })
    .await??;
    let mut body = received.split_off(answer.length);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(io::Error::other)?;
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
        let value = HeaderValue::from_bytes(value).map_err(io::Error::other)?;
        // These two are about the connection to the server, and not about the browser's.
        if name != header::CONNECTION && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value);
        }
    }
    if way == Way::Events && answer.status == 200 {
        count.add(0, 0, answer.length + body.len(), &numbers(&body));
        *response.body_mut() = events(session, count, stream, body.freeze());
        return Ok(response);
    }
    let missing = answer.content_length().unwrap_or(0).min(LONGEST);
    while body.len() < missing && stream.read_buf(&mut body).await? > 0 {}
    count.add(0, 0, answer.length + body.len(), &numbers(&body));
    *response.body_mut() = body.freeze().into();
    Ok(response)
}

/// The events as they come, for as long as the browser listens.
fn events(session: &Session, count: Counted, stream: TcpStream, first: Bytes) -> Body {
    let over = Box::pin(session.over());
    let begin = (over, count, stream, first);
    Body::from_stream(stream::unfold(
        begin,
        async |(mut over, count, mut stream, first)| {
            if !first.is_empty() {
                return Some((io::Result::Ok(first), (over, count, stream, Bytes::new())));
            }
            let mut chunk = BytesMut::with_capacity(1024);
            let read = tokio::select! {
                read = stream.read_buf(&mut chunk) => read.unwrap_or(0),
                () = &mut over => 0,
            };
            if read == 0 {
                return None;
            }
            count.add(0, 0, read, &numbers(&chunk));
            Some((Ok(chunk.freeze()), (over, count, stream, first)))
        },
    ))
}

/// The numbers of the updates in a body: lines of `12 goal`, or events with `id: 12`.
fn numbers(body: &[u8]) -> Vec<u64> {
    let text = String::from_utf8_lossy(body);
    let number = |line: &str| {
        let line = line.strip_prefix("id: ").unwrap_or(line);
        line.split(' ').next()?.parse().ok()
    };
    text.lines().filter_map(number).collect()
}

/// The number of the update in a frame: `12 goal`.
fn number(frame: &[u8]) -> Option<u64> {
    let (size, _) = frame_header(frame).ok()??;
    let text = std::str::from_utf8(frame.get(size..)?).ok()?;
    text.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_numbers_of_updates() {
        assert_eq!(numbers(b"1 kick-off\n2 goal\n"), [1, 2]);
        assert_eq!(numbers(b"id: 3\ndata: 4 goals\n\n:\n\n"), [3]);
        assert_eq!(number(b"\x81\x0712 goal"), Some(12));
    }
}
