//! The server's end of a WebSocket, on any stream.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::{Assembler, CloseFrame, Message, ProtocolError, Role, decode};

/// How many bytes a peer may send before it is refused with 1009.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub frame: usize,
    pub message: usize,
}

impl Default for Limits {
    /// 16 MiB each.
    fn default() -> Self {
        Limits {
            frame: 16 << 20,
            message: 16 << 20,
        }
    }
}

/// Room for one read: for bytes that are on their way, not for those that a header announces.
const READ: usize = 16 * 1024;

/// How long a peer may take to accept a message.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a peer may take to end a connection that we have ended.
const LINGER: Duration = Duration::from_secs(5);

/// The server's end of a WebSocket, after the handshake.
pub struct WebSocket<S> {
    stream: S,
    limits: Limits,
    received: BytesMut,
    assembler: Assembler,
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// `early` are bytes that came right after the handshake.
    pub fn new(stream: S, early: BytesMut, limits: Limits) -> Self {
        WebSocket {
            stream,
            limits,
            received: early,
            assembler: Assembler::new(limits.message),
        }
    }

    /// Waits for the next message; `None` if the peer ends the stream.
    ///
    /// A peer that breaks the protocol is told why in a close frame; then the stream ends.
    /// A silent peer is waited for without end: the lesson on heartbeats finds out whether it is
    /// still there.
    pub async fn receive(&mut self) -> io::Result<Option<Message>> {
        loop {
            match self.next_message() {
                Ok(Some(message)) => return Ok(Some(message)),
                Ok(None) => {}
                Err(error) => {
                    let (code, reason) = (error.close_code(), error.to_string());
                    self.close(Some(CloseFrame { code, reason })).await?;
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            }
            self.received.reserve(READ);
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Takes a message out of the bytes that have arrived; `Ok(None)` asks for more.
    fn next_message(&mut self) -> Result<Option<Message>, ProtocolError> {
        while let Some(frame) = decode(&mut self.received, Role::Server, self.limits.frame)? {
            if let Some(message) = self.assembler.push(frame)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// Sends `message` in one frame, unmasked, as a server does.
    pub async fn send(&mut self, message: Message) -> io::Result<()> {
        let mut out = BytesMut::new();
        message.into_frame().encode(None, &mut out);
        timeout(PATIENCE, self.stream.write_all(&out)).await??;
        self.stream.flush().await
    }

    /// Sends a close frame and ends the stream (section 7.1.1).
    ///
    /// What still arrives is read and dropped: a TCP socket that is closed with bytes unread resets
    /// the connection, and a reset can overtake the close frame.
    pub async fn close(&mut self, frame: Option<CloseFrame>) -> io::Result<()> {
        self.send(Message::Close(frame)).await?;
        self.stream.shutdown().await?;
        let drain = async {
            while self.stream.read(&mut [0; 1024]).await? > 0 {}
            Ok(())
        };
        timeout(LINGER, drain).await.unwrap_or(Ok(()))
    }
}
