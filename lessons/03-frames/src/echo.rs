//! An echo server's side of one connection: lessons 01, 02 and 03, and no WebSocket library.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Limits, Message, WebSocket};

/// Accepts a WebSocket at any path, and echoes until it ends.
pub async fn serve<S>(stream: S) -> Result<(), handshake::Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let upgraded = handshake::accept(stream, &[]).await?;
    let mut socket = WebSocket::new(upgraded.stream, upgraded.early, Limits::default());
    Ok(echo(&mut socket).await?)
}

/// Sends back every text and binary message, until the peer closes.
pub async fn echo<S>(socket: &mut WebSocket<S>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = socket.receive().await? {
        match message {
            Message::Text(_) | Message::Binary(_) => socket.send(message).await?,
            Message::Ping(payload) => socket.send(Message::Pong(payload)).await?,
            Message::Pong(_) => {}
            Message::Close(frame) => return socket.close(frame).await,
        }
    }
    Ok(())
}
