//! One request, byte for byte as the reader typed it; the answer, and the rule that refused it.

use std::time::Duration;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::timeout;

use super::head;
use super::servers::{Server, Stream, own};

/// The longest request that is sent on: twice as long as the reference reads.
const LONGEST: usize = 16 * 1024;
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a request may take to be accepted.
const PATIENCE: Duration = Duration::from_secs(2);
/// The subprotocols that the reference pretends to speak.
const SUPPORTED: &[&str] = &["chat", "superchat"];

#[derive(Serialize)]
struct Exchange {
    /// What came back, bytes that are not UTF-8 as U+FFFD.
    answer: String,
    ended: Ended,
    /// The rule that the reference applies: the name of a `Refusal`, `Head`, or nothing.
    rule: Option<String>,
    /// What there is to say about the server, where it did not answer.
    note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Ended {
    /// The connection is a WebSocket.
    Open,
    /// The server answered, and closed or kept the connection as HTTP.
    Answered,
    /// The server closed without a complete answer.
    Closed,
    /// Nothing came for as long as anybody waits.
    Silent,
    /// Nobody listens.
    Unreachable,
}

/// Sends the body of the request, and returns what comes back.
pub async fn send(Path(server): Path<Server>, request: Bytes) -> Response {
    if request.len() > LONGEST {
        return (StatusCode::PAYLOAD_TOO_LARGE, "16 KiB at most\n").into_response();
    }
    let rule = rule(&request);
    let (answer, ended, note) = match server {
        Server::Reference => {
            let (ours, theirs) = duplex(LONGEST);
            let reference = tokio::spawn(async move {
                // The stream of an accepted WebSocket is dropped: there is nothing to say on it.
                drop(handshake::accept(theirs, SUPPORTED).await);
            });
            let (answer, ended) = exchange(ours, &request).await;
            reference.abort();
            (answer, ended, String::new())
        }
        Server::Own => match own().await {
            Ok(stream) => {
                let (answer, ended) = exchange(stream, &request).await;
                (answer, ended, String::new())
            }
            Err(error) => (String::new(), Ended::Unreachable, error.to_string()),
        },
    };
    let exchange = Exchange {
        answer,
        ended,
        rule,
        note,
    };
    match serde_json::to_string(&exchange) {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn exchange(mut stream: impl Stream, request: &[u8]) -> (String, Ended) {
    let mut received = BytesMut::new();
    let talk = async {
        if timeout(PATIENCE, stream.write_all(request)).await.is_err() {
            return Ended::Silent;
        }
        loop {
            match head::Response::parse(&received) {
                Err(_) => return Ended::Closed,
                Ok(Some(head)) if head.status == 101 => return Ended::Open,
                Ok(Some(head)) => {
                    let whole = head.length + head.content_length().unwrap_or(0);
                    if received.len() >= whole.min(LONGEST_ANSWER) {
                        return Ended::Answered;
                    }
                }
                Ok(None) => {}
            }
            match stream.read_buf(&mut received).await {
                Ok(1..) => {}
                _ => return Ended::Closed,
            }
        }
    };
    let ended = timeout(head::PATIENCE, talk).await.unwrap_or(Ended::Silent);
    received.truncate(LONGEST_ANSWER);
    (String::from_utf8_lossy(&received).into_owned(), ended)
}

/// The rule of lesson 02 that refuses the request, if one does.
fn rule(request: &[u8]) -> Option<String> {
    match polling::take_head(&mut BytesMut::from(request)) {
        Ok(Some(head)) => {
            let refusal = handshake::check_request(&head).err()?;
            Some(format!("{refusal:?}"))
        }
        _ => Some("Head".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    #[test]
    fn names_the_rule() {
        assert_eq!(rule(REQUEST.as_bytes()), None);
        let cases = [
            ("GET", "POST", "Method"),
            ("HTTP/1.1", "HTTP/1.0", "HttpVersion"),
            ("Host", "Hose", "Host"),
            ("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n", "Body"),
            ("websocket", "h2c", "NotAnUpgrade"),
            (
                "Connection: Upgrade",
                "Connection: no-upgrade-please",
                "Connection",
            ),
            ("Version", "Vision", "VersionLine"),
            ("13", "12", "Version"),
            ("dGhl", "abc", "Key"),
            ("\r\n\r\n", "\r\n", "Head"),
            ("GET /chat", "GET chat chat", "Head"),
        ];
        for (from, to, expected) in cases {
            let request = REQUEST.replacen(from, to, 1);
            assert_eq!(
                rule(request.as_bytes()).as_deref(),
                Some(expected),
                "{request}"
            );
        }
    }

    #[test]
    fn the_page_knows_every_rule() {
        let script = include_str!("../../../src/assets/labs/handshake.js");
        for name in [
            "Head",
            "Method",
            "HttpVersion",
            "Host",
            "Body",
            "NotAnUpgrade",
            "Connection",
            "VersionLine",
            "Version",
            "Key",
        ] {
            assert!(script.contains(&format!("name: \"{name}\"")), "{name}");
        }
    }

    #[tokio::test]
    async fn the_reference_answers() {
        let (ours, theirs) = duplex(LONGEST);
        let serve = async { drop(handshake::accept(theirs, SUPPORTED).await) };
        let (_, (answer, ended)) = tokio::join!(serve, exchange(ours, REQUEST.as_bytes()));
        assert_eq!(ended, Ended::Open);
        assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    }
}
