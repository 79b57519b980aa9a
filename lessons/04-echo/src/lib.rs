//! Lesson 4: a whole server. Your handshake, then tungstenite on the same stream.
//!
//! Read book/src/04-echo.md, check with `cargo test -p echo`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

mod connection;
mod last_words;
mod listener;
mod server;
mod wait;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use handshake::Upgraded;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::select;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::{Error, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use wait::{in_time, next_message};

pub use listener::Listener;
pub use server::Server;
pub use wait::SEND_TIMEOUT;

/// The longest message and the longest frame that are accepted, in bytes.
pub const MESSAGE_LIMIT: usize = 1 << 20;
/// The most bytes that may wait to be sent: a whole message, and what was there before it.
pub const WRITE_LIMIT: usize = 2 << 20;
/// What each connection holds to read into, in bytes, from its first moment to its last.
pub const READ_BUFFER: usize = 4096;
/// How long a client may take to answer a goodbye. When the server ends: all of them together.
pub const GRACE: Duration = Duration::from_secs(5);

/// Puts tungstenite on a stream whose handshake is done, as the server.
///
/// Its first input are the bytes that came early. Its limits:
///
/// ```text
/// max_message_size        Some(MESSAGE_LIMIT)
/// max_frame_size          Some(MESSAGE_LIMIT)
/// max_write_buffer_size   WRITE_LIMIT
/// read_buffer_size        READ_BUFFER
/// ```
pub async fn websocket<S>(upgraded: Upgraded<S>) -> WebSocketStream<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Exercise: `WebSocketConfig::default()` has a method for each limit. Then
    // `from_partially_read`; `to_vec` makes a `Vec` of the early bytes.
    todo!("websocket()")
}

/// Does what one message asks for.
///
/// ```text
/// text, binary   goes back as it came, but may wait in the queue for a flush
/// ping, close    tungstenite has put the answer into its queue: flush
/// pong           nothing
/// frame          nothing: a raw frame is for writing, and never comes
/// ```
///
/// `in_time` ends the wait for a peer that does not read: put it around each `feed` and `flush`.
pub async fn answer<S>(socket: &mut WebSocketStream<S>, message: Message) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Exercise: `feed` puts a message into the queue, `flush` sends what is there.
    todo!("answer({message:?})")
}

/// Answers all messages, in order, until the peer has closed.
///
/// Answers are flushed before each wait for the peer, and not after each message: a thousand
/// small messages that arrive together go back together. `next_message` is given, and does that.
pub async fn echo_all<S>(socket: &mut WebSocketStream<S>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Exercise: `next_message` is `None` at the end, and `Some(Err(_))` when the peer vanishes.
    todo!("echo_all()")
}

/// The close frame that tells a peer what it did wrong (RFC 6455, section 7.4.1).
///
/// ```text
/// 1002   Error::Protocol   a frame against the rules
/// 1007   Error::Utf8       a text that is not UTF-8
/// 1009   Error::Capacity   a message above the limit
/// ```
///
/// The reason is the error's text. `None` where nobody is left to read it: any other error, and
/// `ProtocolError::ResetWithoutClosingHandshake`, tungstenite's name for a peer that vanished.
pub fn close_frame(error: &Error) -> Option<CloseFrame> {
    // Exercise: `match`, the special case first. `CloseCode` has `Protocol`, `Invalid`, `Size`.
    todo!("close_frame({error:?})")
}

/// Serves one WebSocket until the peer closes, breaks the rules or vanishes, or `stop` is done.
///
/// The peer learns why. After an error it is sent its [`close_frame`], and after `stop` 1001,
/// `CloseCode::Away`, with the reason `the server stops`; `in_time` ends the wait for `close` as
/// well. What still comes is then read and dropped until `next` is `None`, for [`GRACE`] at most.
/// (After an error that is at once: tungstenite reads nothing more.)
///
/// Returns the result of `echo_all`, or `Ok` after `stop`; or why the close frame was not sent.
pub async fn converse<S>(
    socket: &mut WebSocketStream<S>,
    stop: impl Future<Output = ()>,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Exercise: `select!` between `echo_all` and `stop` finds the close frame, if there is one.
    // One `timeout` goes around all that is read after it.
    todo!("converse()")
}

impl Server {
    /// Accepts connections, one after the other and without end. Each takes a place, if one is
    /// free, and is served in a task of its own, which gives the place back however it ends.
    ///
    /// A client that finds no place is refused at once.
    pub async fn accept_all(&mut self, mut listener: impl Listener) {
        // Exercise: `try_acquire_owned`, on a clone of the `Arc`, takes a place, and the task
        // keeps it to its end. `connection`, `spawn` and `refuse` are given.
        todo!("Server::accept_all()")
    }

    /// Tells every connection to end, and waits for all of them: [`GRACE`] at most.
    pub async fn shut_down(mut self) {
        // Exercise: `stopping.send_replace`, then `tasks.join_next` until there is none left.
        todo!("Server::shut_down()")
    }
}
