//! One connection, from its handshake to its end.

use std::future::Future;
use std::pin::pin;

use polling::Connection;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::last_words::LastWords;
use crate::{converse, websocket};

/// Serves one connection until it ends, or the server does; says how it ended.
pub(crate) async fn serve<S>(stream: S, stop: impl Future<Output = ()>) -> String
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stop = pin!(stop);
    let upgraded = tokio::select! {
        upgraded = handshake::accept(LastWords::new(stream), &[]) => upgraded,
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
