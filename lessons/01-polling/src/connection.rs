//! A connection: a stream, and the bytes that were read before anybody wanted them.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::Response;

/// How long a peer may take to accept what is written.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a peer may take to close after the last answer.
const LINGER: Duration = Duration::from_secs(2);

/// A stream, and the bytes that were read from it and not used yet.
#[derive(Debug)]
pub struct Connection<S> {
    pub(crate) stream: S,
    pub(crate) received: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A connection on which nothing has been read.
    pub fn new(stream: S) -> Self {
        // Room for a browser's head. It grows up to the limit where it must.
        let received = BytesMut::with_capacity(1024);
        Self { stream, received }
    }

    /// Writes one response.
    pub async fn write(&mut self, response: &Response) -> io::Result<()> {
        self.write_bytes(&response.to_bytes()).await
    }

    pub(crate) async fn write_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        timeout(WRITE_TIMEOUT, self.stream.write_all(bytes)).await??;
        self.stream.flush().await
    }

    /// The stream, and the bytes that arrived after the last head.
    pub fn into_parts(self) -> (S, BytesMut) {
        (self.stream, self.received)
    }

    /// Says that nothing more comes, and waits a moment for the peer to do the same.
    ///
    /// Closed with bytes unread, a TCP connection is reset, and the peer may lose the last answer
    /// (RFC 9112, section 9.6). So read on, and throw away.
    pub async fn close(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let rest = async {
            let mut thrown_away = [0; 1024];
            while self.stream.read(&mut thrown_away).await? > 0 {}
            Ok(())
        };
        timeout(LINGER, rest).await.unwrap_or(Ok(()))
    }
}
