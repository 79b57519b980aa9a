//! Server-sent events: one response that does not end (HTML standard, section 9.2).

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use crate::{Connection, Feed, Update};

// ANCHOR: events
/// The head. With no `Content-Length`, the body lasts as long as the connection.
const HEAD: &str = "HTTP/1.1 200 OK\r\n\
    Content-Type: text/event-stream\r\n\
    Cache-Control: no-store\r\n\
    Connection: close\r\n\r\n";

/// An update as an event. A browser that lost the connection sends the last id.
fn event(update: &Update) -> String {
    format!("id: {}\ndata: {}\n\n", update.number, update.text)
}
// ANCHOR_END: events

/// How often a comment is sent where nothing happens: it tells a quiet feed from a lost reader.
const COMMENT_EVERY: Duration = Duration::from_secs(15);

/// Sends the updates after number `since`, then each new one, until the reader is gone.
pub async fn send<S>(mut reader: Connection<S>, feed: &Feed, mut since: u64) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut latest = feed.latest();
    reader.write_bytes(HEAD.as_bytes()).await?;
    loop {
        let _ = timeout(COMMENT_EVERY, latest.wait_for(|number| *number > since)).await;
        let updates = feed.since(since);
        since = updates.last().map_or(since, |update| update.number);
        let text = if updates.is_empty() {
            ":\n\n".to_owned()
        } else {
            updates.iter().map(event).collect()
        };
        reader.write_bytes(text.as_bytes()).await?;
    }
}
