//! One connection of the echo server.
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use crate::{Limits, WebSocket, echo};
/// stub
pub async fn serve<S>(stream: S) -> io::Result<()> where S: AsyncRead + AsyncWrite + Unpin {
    echo(&mut WebSocket::new(stream, Vec::new(), Limits::default())).await
}
