//! The server's half of the handshake, on any stream.

use std::{error, fmt, io};

use bytes::BytesMut;
use polling::{Connection, HeadError, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Refusal, upgrade};

/// A stream on which the handshake is done: from here on it carries frames.
#[derive(Debug)]
pub struct Upgraded<S> {
    pub stream: S,
    /// Bytes that arrived after the request: the start of the first frames.
    pub early: BytesMut,
    pub subprotocol: Option<String>,
    pub request: Request,
    pub response: Response,
}

/// Why a connection did not become a WebSocket.
#[derive(Debug)]
pub enum Error {
    /// The client closed before it asked for anything.
    NoRequest,
    /// What came is not a request. It was answered where that is possible.
    Head(HeadError),
    /// The request does not open a WebSocket. It was answered.
    Refused(Refusal),
    /// The stream failed.
    Io(io::Error),
}

/// Reads a request from `stream`, and answers it: with 101, or with what is wrong and an end.
pub async fn accept<S>(stream: S, supported: &[&str]) -> Result<Upgraded<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut connection = Connection::new(stream);
    let request = match connection.read_head().await {
        Ok(Some(request)) => request,
        Ok(None) => return Err(Error::NoRequest),
        Err(error) => {
            if let Some(response) = error.response() {
                refuse(connection, response.with("Connection", "close")).await?;
            }
            return Err(Error::Head(error));
        }
    };
    upgrade(connection, request, supported).await
}

/// Writes the last response on a connection, and closes it.
pub(crate) async fn refuse<S>(mut connection: Connection<S>, response: Response) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    connection.write(&response).await?;
    connection.close().await
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoRequest => f.write_str("the client closed without a request"),
            Error::Head(error) => error.fmt(f),
            Error::Refused(refusal) => {
                let response = refusal.response();
                write!(
                    f,
                    "refused with {}: {}",
                    response.status,
                    response.body.trim_end()
                )
            }
            Error::Io(error) => write!(f, "the connection failed: {error}"),
        }
    }
}

impl error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Error::Io(error)
    }
}
