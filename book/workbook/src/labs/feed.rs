//! The cost meter: one feed, four ways to follow it, every byte counted.
//!
//! Lesson 01's server answers in this process. What it is asked is what the browser asked, all
//! headers included; what is counted is what crossed the stream to it and back.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use frames::{Limits, Message, WebSocket};
use futures_util::stream;
use polling::Feed;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::head;
use super::servers::Streams;
use super::session::{Report, Session, Sessions};

/// What the feed says, over and over.
const TEXTS: [&str; 4] = ["kick-off", "corner", "free kick", "goal"];
/// How the intervals differ, in percent: updates do not come by the clock.
const RHYTHM: [u32; 5] = [60, 140, 90, 30, 180];
/// The shortest interval that a page may ask for.
const SHORTEST: Duration = Duration::from_millis(200);
/// How many updates a session has at most.
const UPDATES: usize = 1000;
/// What a stream holds, in bytes.
const ROOM: usize = 16 * 1024;
/// How long a server takes over a long poll, and a little.
const PATIENCE: Duration = Duration::from_secs(40);

/// A session's feed, and what it has cost so far.
#[derive(Default)]
pub struct Meter {
    pub feed: Feed,
    /// When each update was published.
    published: Mutex<Vec<Instant>>,
    costs: Mutex<BTreeMap<&'static str, Cost>>,
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

impl Meter {
    /// Publishes updates from now on, at an average interval.
    pub fn publish(session: &Arc<Session>, every: Duration) {
        let meter = &session.meter;
        let every = match every {
            Duration::ZERO => every,
            every => every.max(SHORTEST),
        };
        meter.every.send_replace(every);
        if !meter.publishing.swap(true, Relaxed) {
            let session = session.clone();
            let over = session.over();
            tokio::spawn(async move {
                tokio::select! {
                    () = publish(&session) => {}
                    () = over => {}
                }
            });
        }
    }

    /// Adds to what a way has cost, and tells the page.
    pub fn count(
        &self,
        session: &Session,
        way: &'static str,
        requests: u64,
        up: u64,
        down: u64,
        arrived: &[u64],
    ) {
        let cost = {
            let mut costs = lock(&self.costs);
            let cost = costs.entry(way).or_default();
            cost.requests += requests;
            cost.up += up;
            cost.down += down;
            *cost
        };
        let delays = {
            let published = lock(&self.published);
            let since = |number: &u64| {
                let index = usize::try_from(*number).ok()?.checked_sub(1)?;
                u64::try_from(published.get(index)?.elapsed().as_millis()).ok()
            };
            arrived.iter().filter_map(since).collect()
        };
        let Cost { requests, up, down } = cost;
        session.report(&Report::Cost {
            way,
            requests,
            up,
            down,
            delays,
        });
    }
}

/// A panic elsewhere leaves what is locked whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn publish(session: &Session) {
    let meter = &session.meter;
    let mut every = meter.every.subscribe();
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
        lock(&meter.published).push(Instant::now());
        meter.feed.publish(TEXTS[(number - 1) % TEXTS.len()]);
        let number = number as u64;
        session.report(&Report::Published { number });
    }
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Way {
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
}

/// Asks lesson 01's server what the browser asked.
pub async fn get(
    State(sessions): State<Sessions>,
    Path((session, way)): Path<(u64, Way)>,
    request: Request,
) -> Response {
    let Some(session) = sessions.get(session) else {
        return (StatusCode::GONE, "this session is over\n").into_response();
    };
    let path = match way {
        Way::Polling => "/updates",
        Way::Long => "/updates/wait",
        Way::Events => "/events",
    };
    let target = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let question = head::request(&request, &target, "reference");
    match ask(&session, way, &question).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error}\n")).into_response(),
    }
}

async fn ask(session: &Arc<Session>, way: Way, question: &str) -> io::Result<Response> {
    let (mut stream, theirs) = duplex(ROOM);
    let over = session.over();
    let feed = session.meter.feed.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = polling::serve(theirs, feed) => {}
            () = over => {}
        }
    });
    let count = |requests, up: usize, down: usize, arrived: &[u64]| {
        let meter = &session.meter;
        meter.count(
            session,
            way.name(),
            requests,
            up as u64,
            down as u64,
            arrived,
        );
    };
    count(1, question.len(), 0, &[]);
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
        // These two are about the stream to the reference, and not about the browser's connection.
        if name != header::CONNECTION && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value);
        }
    }
    if way == Way::Events && answer.status == 200 {
        count(0, 0, answer.length + body.len(), &numbers(&body));
        *response.body_mut() = events(session.clone(), stream, body.freeze());
        return Ok(response);
    }
    let missing = answer.content_length().unwrap_or(0).min(ROOM);
    while body.len() < missing && stream.read_buf(&mut body).await? > 0 {}
    count(0, 0, answer.length + body.len(), &numbers(&body));
    *response.body_mut() = body.freeze().into();
    Ok(response)
}

/// The events as they come, for as long as the browser listens.
fn events(session: Arc<Session>, stream: DuplexStream, first: Bytes) -> Body {
    let begin = (session, stream, first);
    Body::from_stream(stream::unfold(
        begin,
        async |(session, mut stream, first)| {
            if !first.is_empty() {
                return Some((io::Result::Ok(first), (session, stream, Bytes::new())));
            }
            let mut chunk = BytesMut::with_capacity(1024);
            let over = session.over();
            let read = tokio::select! {
                read = stream.read_buf(&mut chunk) => read.unwrap_or(0),
                () = over => 0,
            };
            if read == 0 {
                return None;
            }
            let meter = &session.meter;
            meter.count(&session, "events", 0, 0, read as u64, &numbers(&chunk));
            Some((Ok(chunk.freeze()), (session, stream, first)))
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

/// The feed over WebSockets, with the handshake of lesson 02 and the frames of lesson 03.
pub async fn over_websockets(mut streams: Streams, feed: Feed) {
    let mut tasks = JoinSet::new();
    loop {
        let (stream, feed) = (streams.next().await, feed.clone());
        tasks.spawn(async move {
            if let Ok(upgraded) = handshake::accept(stream, &[]).await {
                let limits = Limits::default();
                let socket = WebSocket::new(upgraded.stream, upgraded.early, limits);
                let _ = follow(socket, &feed).await;
            }
        });
        while tasks.try_join_next().is_some() {}
    }
}

async fn follow(mut socket: WebSocket<DuplexStream>, feed: &Feed) -> io::Result<()> {
    let mut latest = feed.latest();
    let mut since = 0;
    loop {
        let message = tokio::select! {
            _ = latest.wait_for(|number| *number > since) => None,
            message = socket.receive() => Some(message?),
        };
        match message {
            None => {
                for update in feed.since(since) {
                    since = update.number;
                    let text = format!("{} {}", update.number, update.text);
                    socket.send(Message::Text(text.into())).await?;
                }
            }
            Some(None) => return Ok(()),
            Some(Some(Message::Close(frame))) => return socket.close(frame).await,
            Some(Some(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_numbers_of_updates() {
        assert_eq!(numbers(b"1 kick-off\n2 goal\n"), [1, 2]);
        assert_eq!(numbers(b"id: 3\ndata: 4 goals\n\n:\n\n"), [3]);
    }
}
