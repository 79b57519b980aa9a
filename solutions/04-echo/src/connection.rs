//! One connection, from its handshake to its end.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use polling::Connection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

use crate::{converse, websocket};

/// How long a peer may take to accept what is written: time for 1 MiB at 35 KiB a second.
pub const SEND_TIMEOUT: Duration = Duration::from_secs(30);

// ANCHOR: in_time
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
// ANCHOR_END: in_time

/// Serves one connection until it ends, or the server does; says how it ended.
pub(crate) async fn serve<S>(stream: S, stop: impl Future<Output = ()>) -> String
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stop = pin!(stop);
    let upgraded = tokio::select! {
        upgraded = handshake::accept(stream, &[]) => upgraded,
        () = &mut stop => return "the server stopped before the handshake".to_owned(),
    };
    let mut socket = match upgraded {
        Ok(upgraded) => websocket(upgraded).await,
        Err(error) => return error.to_string(),
    };
    let result = converse(&mut socket, stop).await;
    // Lesson 1 has the reason: dropped with bytes unread, it could take the last frame with it.
    let _ = Connection::new(socket.into_inner()).close().await;
    match result {
        Ok(()) => "closed".to_owned(),
        Err(error) => error.to_string(),
    }
}
