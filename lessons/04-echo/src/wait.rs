//! Waits for a peer, and how they end.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// How long a peer may take to accept what is written: time for 1 MiB at 35 KiB a second.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// The result of `write`, or an error after [`SEND_TIMEOUT`].
pub(crate) async fn in_time<F>(write: F) -> Result<(), Error>
where
    F: Future<Output = Result<(), Error>>,
{
    let mut write = pin!(write);
    // Most writes are done at once, and need no timer.
    match write.as_mut().now_or_never() {
        Some(result) => result,
        None => timeout(SEND_TIMEOUT, write)
            .await
            .map_err(io::Error::from)?,
    }
}

/// The next message, or `None` at the end of the stream. While there is none, what is in the queue
/// is sent, and that in time. The wait for a message has no end: who is silent may stay.
pub(crate) async fn next_message<S>(
    socket: &mut WebSocketStream<S>,
) -> Option<Result<Message, Error>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut limit = None;
    // One poll for both: each one that reads clears tungstenite's read buffer first.
    poll_fn(|cx| {
        let next = socket.poll_next_unpin(cx);
        if next.is_ready() {
            return next;
        }
        match socket.poll_flush_unpin(cx) {
            Poll::Ready(Ok(())) => limit = None,
            Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
            Poll::Pending => {
                let limit = limit.get_or_insert_with(|| Box::pin(sleep(SEND_TIMEOUT)));
                if limit.as_mut().poll(cx).is_ready() {
                    let error = io::Error::from(io::ErrorKind::TimedOut);
                    return Poll::Ready(Some(Err(error.into())));
                }
            }
        }
        Poll::Pending
    })
    .await
}
