//! The parts of a connection: its writing half, and its end.

use std::fmt;
use std::future::poll_fn;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Error as WsError;
use tokio_tungstenite::tungstenite::error::{
    CapacityError, ProtocolError::ResetWithoutClosingHandshake,
};

use crate::CLOSE_TIMEOUT;

/// The longest reason of a close frame, in bytes (RFC 6455, section 5.5).
const REASON_LIMIT: usize = 123;
/// How long a connection stays open that nothing can be read from any more.
const LINGER: Duration = Duration::from_secs(1);

// ANCHOR: end
/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed it.
    Client(Option<CloseFrame>),
    /// The server closes it. What the client sends can still be read.
    Server(CloseFrame),
    /// Reading failed: nothing more can be read.
    Broken(CloseFrame),
    /// It left without a word, or nothing can be written to it any more.
    Gone,
}
// ANCHOR_END: end

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Client(None) => write!(f, "closed by the client"),
            End::Client(Some(frame)) => {
                write!(
                    f,
                    "closed by the client: {} {:?}",
                    frame.code,
                    frame.reason.as_str()
                )
            }
            End::Server(frame) | End::Broken(frame) => {
                write!(
                    f,
                    "closed by the server: {} {:?}",
                    frame.code,
                    frame.reason.as_str()
                )
            }
            End::Gone => write!(f, "gone"),
        }
    }
}

/// A close frame. A reason that is too long for one is cut.
pub fn close_frame(code: u16, reason: &str) -> CloseFrame {
    let mut end = reason.len().min(REASON_LIMIT);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    CloseFrame {
        code,
        reason: reason[..end].into(),
    }
}

// ANCHOR: failure
/// What a failed read means. axum keeps tungstenite's error inside its own.
pub fn failure(error: axum::Error) -> End {
    let error = error.into_inner();
    let code = match error.downcast_ref() {
        Some(WsError::Capacity(CapacityError::MessageTooLong { .. })) => 1009,
        Some(WsError::Utf8(_)) => 1007,
        // Not broken but cut: nobody is left to read why.
        Some(WsError::Protocol(ResetWithoutClosingHandshake)) => return End::Gone,
        Some(WsError::Protocol(_)) => 1002,
        _ => return End::Gone,
    };
    End::Broken(close_frame(code, &error.to_string()))
}
// ANCHOR_END: failure

// ANCHOR: write
/// Sends what is in the queue, as it comes; what waits together goes out together.
///
/// It may be dropped wherever it waits: a packet is in the queue or in the sink, and never in
/// between. `Ok`: the hub has let go of the queue.
pub async fn write<S>(
    sink: &mut S,
    packets: &mut mpsc::Receiver<Utf8Bytes>,
) -> Result<(), axum::Error>
where
    S: Sink<Message, Error = axum::Error> + Unpin,
{
    loop {
        // First room, then a packet. Nobody else fills the sink: the room is there when one comes.
        poll_fn(|cx| sink.poll_ready_unpin(cx)).await?;
        let packet = match packets.try_recv() {
            Ok(packet) => packet,
            Err(_) => {
                sink.flush().await?;
                match packets.recv().await {
                    Some(packet) => packet,
                    None => return Ok(()),
                }
            }
        };
        sink.start_send_unpin(Message::Text(packet))?;
    }
}
// ANCHOR_END: write

/// Ends a connection in order, within [`CLOSE_TIMEOUT`].
pub async fn close<W, R>(
    mut sink: W,
    mut stream: R,
    mut packets: mpsc::Receiver<Utf8Bytes>,
    end: &End,
) where
    W: Sink<Message, Error = axum::Error> + Unpin,
    R: Stream<Item = Result<Message, axum::Error>> + Unpin,
{
    let closed = async {
        if let End::Server(frame) | End::Broken(frame) = end {
            packets.close();
            write(&mut sink, &mut packets).await?;
            sink.send(Message::Close(Some(frame.clone()))).await?;
        }
        // Reading on sends our answer to a Close, or waits for the client's. Whoever drops the
        // socket before that lets the client see 1006.
        while stream.next().await.transpose()?.is_some() {}
        if let End::Broken(_) = end {
            // A TCP connection that is dropped with bytes unread is reset, and the Close is lost.
            sleep(LINGER).await;
        }
        Ok::<_, axum::Error>(())
    };
    // An error, or too late: then it ends without order.
    let _ = timeout(CLOSE_TIMEOUT, closed).await;
}
