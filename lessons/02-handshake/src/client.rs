//! The client's half of the handshake: ask, read the answer, check it.

use std::{error, fmt, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Buf, BytesMut};
use polling::HEAD_LIMIT;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::check_answer;

/// The head of the server's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

/// Why an answer does not open the WebSocket that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    Status(u16),
    Upgrade,
    Connection,
    /// The answer belongs to another request, or the server does not know the rule.
    Accept,
    Extension,
    Subprotocol,
}

impl Answer {
    /// Parses the head at the start of `received`; gives its length too. `None`: more to come.
    pub fn parse(received: &[u8]) -> Result<Option<(Answer, usize)>, httparse::Error> {
        let mut lines = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut lines);
        let httparse::Status::Complete(length) = head.parse(received)? else {
            return Ok(None);
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = head.headers.iter();
        let answer = Answer {
            status: head.code.unwrap_or_default(),
            headers: headers
                .map(|line| (line.name.to_owned(), text(line.value)))
                .collect(),
        };
        Ok(Some((answer, length)))
    }

    /// The value of each line with this name, in order. Names compare without regard to case.
    pub fn headers_named(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.headers.iter();
        lines
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A fresh `Sec-WebSocket-Key`: 16 bytes of the caller's randomness, in base64.
pub fn new_key(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// Asks for a WebSocket, and checks the answer.
///
/// Returns the stream, the bytes that came after the answer, and the subprotocol. The wait is
/// not bounded here: put a `timeout` around it.
pub async fn connect<S>(
    mut stream: S,
    host: &str,
    target: &str,
    key: &str,
    offered: &[&str],
) -> io::Result<(S, BytesMut, Option<String>)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut request = format!(
        "GET {target} HTTP/1.1\r\n\
         Host: {host}\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: {key}\r\n\
         Sec-WebSocket-Version: 13\r\n"
    );
    if !offered.is_empty() {
        request += &format!("Sec-WebSocket-Protocol: {}\r\n", offered.join(", "));
    }
    request += "\r\n";
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut received = BytesMut::new();
    let (answer, length) = loop {
        match Answer::parse(&received).map_err(invalid)? {
            Some(parsed) => break parsed,
            None if received.len() >= HEAD_LIMIT => return Err(invalid("the head is too long")),
            None => {}
        }
        if stream.read_buf(&mut received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    received.advance(length);
    let subprotocol = check_answer(&answer, key, offered).map_err(invalid)?;
    Ok((stream, received, subprotocol))
}

fn invalid(error: impl Into<Box<dyn error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Status(status) => write!(f, "the server answered {status}, not 101"),
            Mismatch::Upgrade => f.write_str("the answer's Upgrade is not websocket"),
            Mismatch::Connection => f.write_str("the answer's Connection does not list Upgrade"),
            Mismatch::Accept => f.write_str("Sec-WebSocket-Accept does not answer this key"),
            Mismatch::Extension => f.write_str("the server uses an extension nobody offered"),
            Mismatch::Subprotocol => f.write_str("the server chose a subprotocol nobody offered"),
        }
    }
}

impl error::Error for Mismatch {}
