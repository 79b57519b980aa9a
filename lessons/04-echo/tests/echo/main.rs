//! Lesson 4, as a specification. Each module is named after the exercise that it checks.

#[path = "../../../01-polling/tests/polling/cost.rs"]
mod cost;

mod close_frame;
mod websocket;
mod answer;
mod echo_all;
mod converse;
mod accept_all;
mod shut_down;
mod whole;
mod given;

use std::fmt::Write as _;
use std::future::{Future, pending};
use std::io;
use std::time::Duration;

use echo::{Listener, MESSAGE_LIMIT, Server};
use futures_util::{SinkExt, StreamExt};
use handshake::Upgraded;
use kit::{Client, Net, Stream, assert_snapshot, clue, coach, missing, wire};
use polling::{Feed, Request, Response};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{CapacityError, Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

/// The first byte of a frame: FIN and the opcode (RFC 6455, section 5.2).
const CONTINUATION: u8 = 0x80;
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
/// The same without FIN: more of the message follows.
const TEXT_BEGINS: u8 = 0x01;

/// What a browser sends, shortened to what matters.
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// A client's frame, masked as it must be.
fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | length as u8),
        length @ 126..65536 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(key);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k));
    frame
}

/// The payload of a close frame.
fn goodbye(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

/// A client that speaks in bytes, and the server's end with tungstenite on it, without handshake.
async fn socket(net: &Net) -> (Client, WebSocketStream<Stream>) {
    net.without_handshake();
    let (client, stream) = net.pair("ann");
    let config = WebSocketConfig::default().max_frame_size(Some(MESSAGE_LIMIT));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
    (client, socket)
}

/// What came of it within an hour, in a line.
async fn ending<T>(run: impl Future<Output = Result<T, Error>>) -> String {
    match timeout(Duration::from_secs(3600), run).await {
        Ok(Ok(_)) => "Ok".to_owned(),
        Ok(Err(error)) => format!("Err({error})"),
        Err(_) => "still waits".to_owned(),
    }
}

/// The network's connections, as the server takes them.
struct Door(kit::Listener);

impl Listener for Door {
    type Stream = Stream;

    async fn accept(&mut self) -> (Stream, String) {
        (self.0.accept().await, "a client".to_owned())
    }
}

/// Runs a server with `limit` places, until the sender is used or dropped.
fn start(net: &Net, limit: usize) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let server = Server::new(limit, |_| {});
    let running = server.run(Door(net.listener()), async {
        let _ = stopped.await;
    });
    (stop, tokio::spawn(running))
}
