//! The handshake lab: one request, byte for byte as the reader typed it, and the answer.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::head;
use super::lab::{Lab, Program, Server};
use super::programs::connect;
use super::session::{Session, Sessions};

pub const LAB: Lab = Lab {
    name: "handshake",
    title: "Shake hands by hand",
    programs: &[Program {
        name: "reference",
        package: "handshake-solution",
        arguments: &[],
    }],
    ..Lab::ALONE
};

/// The longest request that is sent on: twice as long as the reference reads.
const LONGEST: usize = 16 * 1024;
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long a request may take to be accepted.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Exchange {
    /// What came back, bytes that are not UTF-8 as U+FFFD.
    answer: String,
    ended: Ended,
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

pub fn routes() -> Router<Sessions> {
    Router::new().route("/{session}/handshake/{server}", post(send))
}

/// Sends the body of the request, and returns what comes back.
async fn send(
    State(sessions): State<Sessions>,
    Path((session, server)): Path<(u64, String)>,
    request: Bytes,
) -> Response {
    let Some(session) = sessions.get(session) else {
        return (StatusCode::GONE, "this session is over\n").into_response();
    };
    let Some(server) = LAB.server(&server) else {
        return (StatusCode::NOT_FOUND, "there is no such server\n").into_response();
    };
    if request.len() > LONGEST {
        return (StatusCode::PAYLOAD_TOO_LARGE, "16 KiB at most\n").into_response();
    }
    let (answer, ended, note) = match reach(&session, server).await {
        Ok(stream) => {
            let (answer, ended) = exchange(stream, &request).await;
            (answer, ended, String::new())
        }
        Err(error) => (String::new(), Ended::Unreachable, error.to_string()),
    };
    let exchange = Exchange {
        answer,
        ended,
        note,
    };
    match serde_json::to_string(&exchange) {
        Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn reach(session: &Session, server: Server) -> io::Result<TcpStream> {
    connect(session.programs.address(server).await?, LAB.buffer).await
}

async fn exchange(mut stream: TcpStream, request: &[u8]) -> (String, Ended) {
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
