//! HTTP heads as bytes: the request as the browser wrote it, the response as the server did.

use std::io;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header;
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

/// The longest head that is read, in bytes.
const LIMIT: usize = 16 * 1024;
/// How long a server may take over a head: longer than its own limit for a request.
pub const PATIENCE: Duration = Duration::from_secs(12);

/// The request's head for `target` on `host`, everything else as it came.
pub fn request(request: &Request, target: &str, host: &str) -> String {
    let mut head = format!("{} {target} HTTP/1.1\r\n", request.method());
    for (name, value) in request.headers() {
        let value = match name {
            &header::HOST => host.into(),
            _ => String::from_utf8_lossy(value.as_bytes()),
        };
        head.push_str(&format!("{}: {value}\r\n", spelled(name.as_str())));
    }
    head.push_str("\r\n");
    head
}

/// A header's name as browsers write it: hyper keeps it in lower case.
fn spelled(name: &str) -> String {
    if name.starts_with("sec-ch-") {
        return name.to_owned();
    }
    let part = |part: &str| match part {
        "websocket" => "WebSocket".to_owned(),
        part => part[..part.len().min(1)].to_uppercase() + part.get(1..).unwrap_or_default(),
    };
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

/// The head of a response, as lines and as a whole.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    /// Bytes of the head, its blank line counted.
    pub length: usize,
    pub lines: Vec<String>,
}

impl Response {
    /// The head at the start of `received`; `None` asks for more bytes.
    pub fn parse(received: &[u8]) -> io::Result<Option<Self>> {
        let mut lines = [httparse::EMPTY_HEADER; 100];
        let mut head = httparse::Response::new(&mut lines);
        let length = match head.parse(received) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if received.len() < LIMIT => return Ok(None),
            Ok(httparse::Status::Partial) => return Err(io::Error::other("the head is too long")),
            Err(error) => return Err(io::Error::other(format!("this is not HTTP: {error}"))),
        };
        let text = String::from_utf8_lossy(&received[..length]);
        let headers = head.headers.iter();
        Ok(Some(Self {
            status: head.code.unwrap_or_default(),
            headers: headers
                .map(|line| (line.name.to_owned(), line.value.to_vec()))
                .collect(),
            length,
            lines: text.trim_end().lines().map(str::to_owned).collect(),
        }))
    }

    /// Reads a head off `stream`; bytes behind it stay in `received`, and so does the head itself.
    pub async fn read<S>(stream: &mut S, received: &mut BytesMut) -> io::Result<Self>
    where
        S: AsyncRead + Unpin,
    {
        let read = async {
            loop {
                if let Some(head) = Self::parse(received)? {
                    return Ok(head);
                }
                if stream.read_buf(received).await? == 0 {
                    return Err(io::Error::other("the server closed without an answer"));
                }
            }
        };
        timeout(PATIENCE, read)
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the server does not answer")))
    }

    /// How long the body is, where the head says so.
    pub fn content_length(&self) -> Option<usize> {
        let named = |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case("content-length");
        let (_, value) = self.headers.iter().find(named)?;
        std::str::from_utf8(value).ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_as_the_browser_wrote_it() {
        let asked = Request::builder()
            .uri("/_workbook/labs/1/socket/echo/own/ann")
            .header("host", "127.0.0.1:4000")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-ch-ua", "\"Chromium\"")
            .body(axum::body::Body::empty())
            .unwrap();
        assert_eq!(
            request(&asked, "/", "127.0.0.1:3000"),
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-ch-ua: \"Chromium\"\r\n\r\n"
        );
    }

    #[test]
    fn an_answer_that_is_no_http_is_an_error() {
        assert!(Response::parse(b"HTTP/1.1 200 O").unwrap().is_none());
        assert!(Response::parse(b"220 mail ready\r\n").is_err());
        let head = Response::parse(b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\nxx");
        let head = head.unwrap().unwrap();
        assert_eq!((head.status, head.length), (204, 33));
        assert_eq!(head.lines, ["HTTP/1.1 204 No Content", "A: b"]);
    }
}
