//! The feed on several threads: no reader that waits, and no publisher, keeps another from going on.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use polling_solution::{Feed, LONG_POLL, lines, long_poll};
use tokio::runtime::Builder;
use tokio::time::timeout;

const UPDATES: u64 = 20_000;

/// Keeps the number's guard while it takes the updates, as a `match` around the wait does.
async fn polls_within_a_match(feed: &Feed, since: u64) -> String {
    let mut latest = feed.latest();
    match timeout(LONG_POLL, latest.wait_for(|number| *number > since)).await {
        Ok(_) => lines(&feed.since(since)),
        Err(_) => String::new(),
    }
}

/// Reads with `poll` until the last update has come.
async fn reads<F: Future<Output = String>>(poll: impl Fn(u64) -> F) -> u64 {
    let mut since = 0;
    while since < UPDATES {
        let body = poll(since).await;
        for line in body.lines() {
            let number: u64 = line.split(' ').next().unwrap().parse().unwrap();
            assert!(number > since, "{number} after {since}");
            since = number;
        }
    }
    since
}

#[test]
fn readers_and_publishers_do_not_wait_for_each_other_for_ever() {
    let feed = Feed::default();
    let (done, dones) = mpsc::channel();
    let start = Arc::new(Barrier::new(6));
    for reader in 0..4 {
        let (feed, done, start) = (feed.clone(), done.clone(), start.clone());
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_time().build().unwrap();
            start.wait();
            let last = match reader % 2 {
                0 => runtime.block_on(reads(|since| polls_within_a_match(&feed, since))),
                _ => runtime.block_on(reads(async |since| long_poll(&feed, since).await.body)),
            };
            done.send(last).unwrap();
        });
    }
    for _ in 0..2 {
        let (feed, start) = (feed.clone(), start.clone());
        thread::spawn(move || {
            start.wait();
            (0..UPDATES / 2).for_each(|_| feed.publish("shot"));
        });
    }
    for _ in 0..4 {
        let last = dones.recv_timeout(Duration::from_secs(20));
        assert_eq!(
            last,
            Ok(UPDATES),
            "readers and publishers wait for each other"
        );
    }
}
