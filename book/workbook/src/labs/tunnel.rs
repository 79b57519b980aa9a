//! A browser's WebSocket, byte for byte through to a server, and every frame reported.
//!
//! Nothing is read into or out of it: keys, masks and fragments are the browser's and the server's.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::head;
use super::programs::connect;
use super::session::{Line, Session};
use super::splitter::{Seen, Splitter};

/// Who a connection may belong to: the participants that have a colour, and the cost meter.
const NAMES: [&str; 6] = ["ann", "bob", "cat", "dan", "eve", "feed"];
/// How many bytes are read at once.
const CHUNK: usize = 4096;
/// How many chunks are on their way to a client, where it has a delay.
const ON_THE_WAY: usize = 64;
/// How long one side may stay when the other has ended the stream.
const LINGER: Duration = Duration::from_secs(15);

/// Hears how many bytes a tunnel carries.
pub trait Count: Send + Sync + 'static {
    /// The bytes of the request's head, and of the answer's.
    fn heads(&self, up: usize, down: usize);
    /// Bytes one way, and the frames that are complete with them.
    fn bytes(&self, up: bool, length: usize, frames: &[Seen]);
}

/// Counts nothing.
impl Count for () {
    fn heads(&self, _up: usize, _down: usize) {}
    fn bytes(&self, _up: bool, _length: usize, _frames: &[Seen]) {}
}

/// Where a tunnel leads.
pub struct Way {
    pub address: SocketAddr,
    pub target: &'static str,
    /// How many bytes may lie at this end, as a wish.
    pub buffer: Option<u32>,
}

/// What the page hears of a tunnel.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Report {
    Head {
        who: String,
        up: bool,
        lines: Vec<String>,
    },
    Frame {
        who: String,
        up: bool,
        /// The first bytes.
        hex: String,
        /// All bytes.
        length: u64,
    },
    /// Bytes that are no frame.
    Noise {
        who: String,
        up: bool,
        hex: String,
        why: String,
    },
    /// One side has ended the stream.
    End { who: String, up: bool },
    /// The page has cut the line.
    Cut { who: String },
    /// There is no WebSocket: nobody accepts, or whoever did gave no answer.
    Failed {
        who: String,
        connected: bool,
        why: String,
    },
}

/// Opens a tunnel: the server's answer is the browser's.
pub async fn open(
    session: Arc<Session>,
    way: &Way,
    who: String,
    count: impl Count,
    mut request: Request,
) -> Response {
    if !NAMES.contains(&who.as_str()) {
        return (StatusCode::NOT_FOUND, "nobody has that name\n").into_response();
    }
    let Ok(place) = session.places.clone().try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many connections\n").into_response();
    };
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let count = Box::new(count);
    let tunnel = Tunnel {
        session,
        who,
        count,
    };
    let head = head::request(&request, way.target, &way.address.to_string());
    match tunnel.begin(way, &head).await {
        Ok((head, received, stream)) => tunnel.answer(head, received, stream, upgrade, place).await,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response(),
    }
}

struct Tunnel {
    session: Arc<Session>,
    who: String,
    count: Box<dyn Count>,
}

impl Tunnel {
    /// Connects, and hands on the request: the answer's head, and all that was received.
    async fn begin(
        &self,
        way: &Way,
        head: &str,
    ) -> io::Result<(head::Response, BytesMut, TcpStream)> {
        let mut connected = false;
        let begun = self.ask(way, head, &mut connected).await;
        if let Err(error) = &begun {
            self.session.reports.send(&Report::Failed {
                who: self.who.clone(),
                connected,
                why: error.to_string(),
            });
        }
        begun
    }

    async fn ask(
        &self,
        way: &Way,
        head: &str,
        connected: &mut bool,
    ) -> io::Result<(head::Response, BytesMut, TcpStream)> {
        self.report_head(true, head.trim_end().lines().map(str::to_owned).collect());
        let mut stream = connect(way.address, way.buffer).await?;
        *connected = true;
        stream.write_all(head.as_bytes()).await?;
        let mut received = BytesMut::new();
        let answer = head::Response::read(&mut stream, &mut received).await?;
        self.report_head(false, answer.lines.clone());
        self.count.heads(head.len(), answer.length);
        Ok((answer, received, stream))
    }

    async fn answer(
        self,
        head: head::Response,
        mut received: BytesMut,
        mut stream: TcpStream,
        upgrade: Option<OnUpgrade>,
        place: OwnedSemaphorePermit,
    ) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(head.status).unwrap_or(StatusCode::BAD_GATEWAY);
        for (name, value) in &head.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                response.headers_mut().append(name, value);
            }
        }
        let early = received.split_off(head.length).freeze();
        match upgrade {
            Some(upgrade) if head.status == 101 => {
                tokio::spawn(async move {
                    if let Ok(upgraded) = upgrade.await {
                        self.run(TokioIo::new(upgraded), stream, early).await;
                    }
                    drop(place);
                });
            }
            _ => {
                let mut body = early.to_vec();
                let missing = head.content_length().unwrap_or(0).min(CHUNK);
                let rest = async {
                    while body.len() < missing && stream.read_buf(&mut body).await? > 0 {}
                    io::Result::Ok(())
                };
                let _ = timeout(head::PATIENCE, rest).await;
                *response.body_mut() = body.into();
            }
        }
        response
    }

    /// Carries bytes both ways, until both have ended, the page cuts the line, or is gone.
    async fn run(self, client: TokioIo<Upgraded>, server: TcpStream, early: Bytes) {
        let mut lines = self.session.lines.subscribe();
        let wanted = |lines: &std::collections::BTreeMap<String, Line>| {
            lines.get(&self.who).cloned().unwrap_or_default()
        };
        let cuts = wanted(&lines.borrow()).cuts;
        let (line_in, line) = watch::channel(wanted(&lines.borrow()));
        let (from_client, to_client) = split(client);
        let (from_server, to_server) = split(server);
        let both = async {
            let up = self.up(from_client, to_server);
            let down = self.down(from_server, to_client, early, line);
            tokio::pin!(up, down);
            // Whoever ends first leaves the other a while to do the same.
            tokio::select! {
                () = &mut up => { let _ = timeout(LINGER, down).await; }
                () = &mut down => { let _ = timeout(LINGER, up).await; }
            }
        };
        let cut = async {
            while lines.changed().await.is_ok() {
                let line = wanted(&lines.borrow_and_update());
                if line.cuts != cuts {
                    return;
                }
                line_in.send_replace(line);
            }
        };
        tokio::select! {
            () = both => {}
            () = cut => {
                let who = self.who.clone();
                self.session.reports.send(&Report::Cut { who });
            }
            () = self.session.over() => {}
        }
    }

    async fn up<R, W>(&self, mut from: ReadHalf<R>, mut to: WriteHalf<W>)
    where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let mut splitter = Splitter::default();
        let mut bytes = BytesMut::with_capacity(CHUNK);
        while let Ok(1..) = from.read_buf(&mut bytes).await {
            self.report(true, &mut splitter, &bytes);
            if to.write_all(&bytes).await.is_err() {
                break;
            }
            bytes.clear();
        }
        self.end(true);
        let _ = to.shutdown().await;
    }

    async fn down<R, W>(
        &self,
        mut from: ReadHalf<R>,
        mut to: WriteHalf<W>,
        early: Bytes,
        mut line: watch::Receiver<Line>,
    ) where
        R: AsyncRead,
        W: AsyncWrite,
    {
        let (sender, mut chunks) = mpsc::channel::<(Instant, Bytes)>(ON_THE_WAY);
        let write = async {
            while let Some((due, chunk)) = chunks.recv().await {
                sleep_until(due).await;
                if to.write_all(&chunk).await.is_err() || to.flush().await.is_err() {
                    break;
                }
            }
            // What is still in the channel has no reader.
            chunks.close();
            let _ = to.shutdown().await;
        };
        let mut splitter = Splitter::default();
        let read = async {
            let mut chunk = early;
            loop {
                if !chunk.is_empty() {
                    let Ok(delay) = line
                        .wait_for(|line| !line.paused)
                        .await
                        .map(|line| line.delay)
                    else {
                        break;
                    };
                    self.report(false, &mut splitter, &chunk);
                    if sender.send((Instant::now() + delay, chunk)).await.is_err() {
                        break;
                    }
                }
                let mut bytes = BytesMut::with_capacity(CHUNK);
                match from.read_buf(&mut bytes).await {
                    Ok(1..) => chunk = bytes.freeze(),
                    _ => break,
                }
            }
            self.end(false);
            drop(sender);
        };
        tokio::join!(read, write);
    }

    fn report_head(&self, up: bool, lines: Vec<String>) {
        let who = self.who.clone();
        self.session.reports.send(&Report::Head { who, up, lines });
    }

    fn report(&self, up: bool, splitter: &mut Splitter, bytes: &[u8]) {
        let seen = splitter.push(bytes);
        for seen in &seen {
            let who = self.who.clone();
            self.session.reports.send(&match seen {
                Seen::Frame { shown, length } => Report::Frame {
                    who,
                    up,
                    hex: hex(shown),
                    length: *length,
                },
                Seen::NoFrame { shown, why } => Report::Noise {
                    who,
                    up,
                    hex: hex(shown),
                    why: why.clone(),
                },
            });
        }
        self.count.bytes(up, bytes.len(), &seen);
    }

    fn end(&self, up: bool) {
        let who = self.who.clone();
        self.session.reports.send(&Report::End { who, up });
    }
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
