//! What two updates cost, by each way of getting them. Lesson 4 adds a row of its own.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kit::transcript::duration;
use kit::{Client, Net, Traffic, wire};
use polling::{Feed, serve};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

// ANCHOR: scene
/// The updates, and when each is published.
pub const UPDATES: [(Duration, &str); 2] = [
    (Duration::from_millis(2500), "kick-off"),
    (Duration::from_millis(7100), "goal"),
];
/// How long the readers read.
pub const SCENE: Duration = Duration::from_secs(10);
// ANCHOR_END: scene

/// What one way costs its reader.
pub struct Row {
    pub way: &'static str,
    pub requests: usize,
    pub traffic: Traffic,
    /// From the publication of each update to the moment at which the reader has it.
    pub delays: Vec<Duration>,
}

/// The rows as a table.
pub fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<22}{:>10}{:>10}{:>12}   delay of each update\n",
        "", "requests", "bytes up", "bytes down"
    );
    for row in rows {
        let Traffic { up, down } = row.traffic;
        let delays: Vec<_> = row.delays.iter().map(|delay| duration(*delay)).collect();
        let delays = delays.join(", ");
        let (way, requests) = (row.way, row.requests);
        _ = writeln!(
            table,
            "{way:<22}{requests:>10}{up:>10}{down:>12}   {delays}"
        );
    }
    table
}

/// Publishes the updates, each in its time.
pub async fn publish(feed: Feed) {
    let start = Instant::now();
    for (at, text) in UPDATES {
        sleep_until(start + at).await;
        feed.publish(text);
    }
}

/// The rows of this lesson: three readers of one feed, at the same time.
pub fn over_http() -> Vec<Row> {
    let rows = Arc::new(Mutex::new(Vec::new()));
    let result = rows.clone();
    wire(
        "First let the other tests pass: this one adds them up.",
        async move |net: Net| {
            // Room for a few answers, so that one who answers for ever soon waits.
            net.with_capacity(1024);
            let feed = Feed::default();
            let served = feed.clone();
            net.serve(move |stream| serve(stream, served.clone()));
            tokio::spawn(publish(feed));
            let (polls, long_polls, events) =
                tokio::join!(poll(&net), long_poll(&net), events(&net));
            *rows.lock().unwrap() = vec![polls, long_polls, events];
        },
    );
    std::mem::take(&mut *result.lock().unwrap())
}

/// Asks for `target` with as few bytes as HTTP/1.1 allows, and returns the updates in the answer.
async fn get(client: &mut Client, target: &str, since: u64) -> usize {
    let request = format!("GET {target}?since={since} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n");
    client.send(request).await;
    let response = client.response().await;
    response.body.iter().filter(|byte| **byte == b'\n').count()
}

/// Asks every second.
async fn poll(net: &Net) -> Row {
    let mut row = Row::new("polling every second");
    let mut client = net.connect("poll").await;
    for _ in 0..SCENE.as_secs() {
        row.requests += 1;
        let new = get(&mut client, "/updates", row.known()).await;
        row.learn(new, net.now());
        sleep(Duration::from_secs(1)).await;
    }
    row.traffic = net.traffic("poll");
    row
}

/// Asks again as soon as there is an answer.
async fn long_poll(net: &Net) -> Row {
    let mut row = Row::new("long polling");
    let mut client = net.connect("long poll").await;
    let end = Instant::now() + SCENE;
    // Who is answered at once has no end of questions in ten seconds.
    while row.requests < 100 {
        row.requests += 1;
        match timeout_at(end, get(&mut client, "/updates/wait", row.known())).await {
            Ok(new) => row.learn(new, net.now()),
            Err(_) => break,
        }
    }
    row.traffic = net.traffic("long poll");
    row
}

/// Asks once.
async fn events(net: &Net) -> Row {
    let mut row = Row::new("server-sent events");
    let mut client = net.connect("events").await;
    let end = Instant::now() + SCENE;
    row.requests += 1;
    client
        .send("GET /events HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\r\n")
        .await;
    client.response().await;
    while let Ok(bytes) = timeout_at(end, client.some_bytes()).await {
        let events = bytes.windows(2).filter(|pair| pair == b"\n\n").count();
        row.learn(events, net.now());
    }
    row.traffic = net.traffic("events");
    row
}

impl Row {
    pub fn new(way: &'static str) -> Self {
        let (requests, traffic, delays) = (0, Traffic::default(), Vec::new());
        Row {
            way,
            requests,
            traffic,
            delays,
        }
    }

    /// How many updates the reader has: the number of the last.
    fn known(&self) -> u64 {
        self.delays.len() as u64
    }

    /// Notes that the reader has `new` more updates, now.
    pub fn learn(&mut self, new: usize, now: Duration) {
        for _ in 0..new {
            // More updates than there were have no delay.
            let published = UPDATES.get(self.delays.len());
            let published = published.map_or(now, |(published, _)| *published);
            self.delays.push(now.saturating_sub(published));
        }
    }
}
