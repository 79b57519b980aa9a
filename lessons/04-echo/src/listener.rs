//! Where connections come from: TCP, or a test's network in memory.

use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// A source of connections. axum's trait of this name, in lesson 5, has the same shape.
pub trait Listener: Send {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Waits for the next connection: its stream, and the peer's name for the log.
    fn accept(&mut self) -> impl Future<Output = (Self::Stream, String)> + Send;
}

/// How long to wait when the system accepts nothing: most often it is out of file descriptors.
const RETRY: Duration = Duration::from_secs(1);

impl Listener for TcpListener {
    type Stream = TcpStream;

    async fn accept(&mut self) -> (TcpStream, String) {
        loop {
            match TcpListener::accept(self).await {
                Ok((stream, peer)) => {
                    // An answer goes out at once, not when the one before it is acknowledged.
                    let _ = stream.set_nodelay(true);
                    return (stream, peer.to_string());
                }
                Err(_) => sleep(RETRY).await,
            }
        }
    }
}
