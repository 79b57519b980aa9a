//! The handshake, as a specification. One module for each exercise, in the lesson's order.

mod accept_key;
mod lists_token;
mod is_valid_key;
mod check_request;
mod choose_subprotocol;
mod switching_protocols;
mod upgrade;
mod check_answer;
mod whole;

use handshake::*;
use kit::{Broken, Net, assert_snapshot, clue, coach, missing, wire};
use polling::{Connection, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The key and the answer of RFC 6455, section 1.3.
const RFC_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A browser's handshake, short of what does not matter here.
const REQUEST: &str = "GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

";

/// The head as it goes over the wire.
fn crlf(head: &str) -> String {
    head.replace('\n', "\r\n")
}

/// A head, parsed.
fn request(head: &str) -> Request {
    let parsed = Request::parse(crlf(head).as_bytes()).expect("httparse takes it");
    parsed.expect("a whole head").0
}

/// [`REQUEST`] with one line replaced.
fn request_with(line: &str, by: &str) -> Request {
    assert!(REQUEST.contains(line), "{line} is not in the request");
    request(&REQUEST.replace(line, by))
}
