//! Lesson 1, as a specification. Each module is named after the exercise that it checks.

mod cost;

mod to_bytes;
mod take_head;
mod receive_head;
mod read_head;
mod keeps_alive;
mod short_poll;
mod long_poll;
mod whole;
mod given;

use std::time::Duration;

use bytes::BytesMut;
use kit::transcript::visible;
use kit::{Broken, Net, assert_snapshot, clue, coach, wire};
use polling::{Connection, Feed, HeadError, Request, Response};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};

/// A whole request. Its head is all of it.
const HEAD: &str = "GET /updates?since=0 HTTP/1.1\r\nHost: server.example.com\r\n\r\n";

const APPENDED_TOO_MUCH: &str =
    "You appended the whole buffer. Only the first n bytes of it are new: `&buffer[..n]`.";

/// A head of exactly `length` bytes.
fn head_of(length: usize) -> String {
    let (start, end) = ("GET / HTTP/1.1\r\nHost: a\r\nCookie: ", "\r\n\r\n");
    let filling = "x".repeat(length - start.len() - end.len());
    format!("{start}{filling}{end}")
}

/// A feed with these updates.
fn feed(updates: &[&str]) -> Feed {
    let feed = Feed::default();
    updates.iter().for_each(|text| feed.publish(text));
    feed
}

/// What the learner's function made of the bytes, in a line.
fn head(result: Result<Option<Request>, HeadError>) -> String {
    match result {
        Ok(Some(request)) => format!("{} {}", request.method, request.target),
        Ok(None) => "None".to_owned(),
        Err(error) => format!("Err({})", visible(&error.to_string())),
    }
}

/// Bytes that were not used, cut where they are many.
fn rest(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".to_owned(),
        1..100 => visible(&String::from_utf8_lossy(bytes)),
        length => format!("{length} bytes"),
    }
}

/// An answer to a poll, in a line.
fn answer(response: &Response) -> String {
    format!("{} {}", response.status, visible(&response.body))
}
