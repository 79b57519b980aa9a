//! Lesson 1: HTTP on one connection, and what it costs to ask 'anything new?'.
//!
//! Read book/src/01-polling.md, check with `cargo test -p polling`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

mod connection;
mod events;
mod feed;
mod request;
mod response;
mod serve;

use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::timeout;

pub use connection::Connection;
pub use feed::{Feed, Update, lines};
pub use request::{HeadError, Request};
pub use response::{Response, reason};
pub use serve::serve;

/// The longest head that is read, in bytes, its blank line counted.
pub const HEAD_LIMIT: usize = 8192;
/// How long a head may take, from the moment it is waited for.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a long poll waits for something new.
pub const LONG_POLL: Duration = Duration::from_secs(30);

impl Response {
    /// The response as it goes over the wire (RFC 9112, section 2.1).
    ///
    /// ```text
    /// HTTP/1.1 200 OK              status line: `reason(status)` is the text
    /// Content-Type: text/plain     the headers, in order
    /// Content-Length: 12           the body's length in bytes
    ///                              a blank line, then the body
    /// ```
    ///
    /// Each line of the head ends with `\r\n`. With a status below 200, and with 204, there is
    /// neither a `Content-Length` nor a body (RFC 9110, section 8.6).
    pub fn to_bytes(&self) -> Vec<u8> {
        // Exercise: build the text with `format!` and `push_str`, then `into_bytes`.
        todo!("Response::to_bytes()")
    }
}

/// Takes the first head off `received`, and leaves every byte after it.
///
/// `None`: the head is not complete yet, and nothing is taken. A head of more than [`HEAD_LIMIT`]
/// bytes is [`HeadError::TooLong`], complete or not; one of exactly so many that is not complete
/// may be told so now or later. After an error nobody reads on, so what is left of `received` does
/// not matter.
pub fn take_head(received: &mut BytesMut) -> Result<Option<Request>, HeadError> {
    // Exercise: `Request::parse` gives the request and its length in bytes; `advance` takes them.
    todo!("take_head({received:?})")
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Reads the next head, in however many pieces it arrives, for as long as it takes.
    ///
    /// `None`: the peer closed before this head's first byte. A close within it is
    /// [`HeadError::Cut`].
    pub async fn receive_head(&mut self) -> Result<Option<Request>, HeadError> {
        // Exercise: try `take_head` before you read. `read_buf` appends; 0 bytes mean the end.
        todo!("Connection::receive_head()")
    }

    /// Reads the next head within [`HEAD_TIMEOUT`], counted from this call and not from each piece.
    ///
    /// After that time, a head that has begun is [`HeadError::TooSlow`]; silence is `None`.
    pub async fn read_head(&mut self) -> Result<Option<Request>, HeadError> {
        // Exercise: what is in `received` when the time is up?
        todo!("Connection::read_head()")
    }
}

/// Whether the connection stays open for another request (RFC 9112, section 9.3).
///
/// HTTP/1.1 stays open unless a `Connection` header lists `close`; HTTP/1.0 closes, whatever it
/// asks for.
pub fn keeps_alive(request: &Request) -> bool {
    // Exercise: `headers_named` gives each line's value, a comma-separated list in any case.
    todo!("keeps_alive({request:?})")
}

/// Answers a poll: 200 with the updates after number `since`, or 204 where there are none.
///
/// `to_bytes` adds `Content-Length`, and `serve` adds `Cache-Control` and `Connection`.
pub fn short_poll(feed: &Feed, since: u64) -> Response {
    // Exercise: `feed.since`, `lines`, `Response::text` and `Response::new`.
    todo!("short_poll({feed:?}, {since:?})")
}

/// Answers as [`short_poll`] does, but waits up to [`LONG_POLL`] for something new.
///
/// A reader that is behind is answered at once, and one that is ahead of the feed waits like any
/// other. `feed.latest()` is the newest number, to watch.
pub async fn long_poll(feed: &Feed, since: u64) -> Response {
    // Exercise: put `timeout` around the wait. Whichever way it ends, `short_poll` has the answer.
    todo!("long_poll({feed:?}, {since:?})")
}
