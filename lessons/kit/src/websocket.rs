//! A client that speaks in WebSocket messages: tungstenite, on the in-memory network.

use std::future::Future;
use std::panic::Location;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::coach::fail_at;
use crate::net::{Client, Net, PATIENCE, Stream, settle};
use crate::transcript::duration;

/// The key of RFC 6455, section 1.3: a transcript must not change from run to run.
const KEY: HeaderValue = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");

/// A connected WebSocket. Dropping it is a peer that vanishes.
pub struct WebSocket {
    name: String,
    socket: WebSocketStream<Stream>,
    recorder: crate::net::SharedRecorder,
}

impl Net {
    /// Connects as `name` and opens a WebSocket at `path`.
    #[track_caller]
    pub fn websocket(&self, name: &str, path: &str) -> impl Future<Output = WebSocket> {
        let at = Location::caller();
        async move {
            match self.try_websocket(name, path).await {
                Ok(socket) => socket,
                Err(error) => fail_at(at, &format!("{name} could not open a WebSocket: {error}")),
            }
        }
    }

    /// Connects as `name` and tries to open a WebSocket at `path`; the error says what came back.
    pub async fn try_websocket(&self, name: &str, path: &str) -> Result<WebSocket, Error> {
        let client = self.connect(name).await;
        client.into_websocket(path).await
    }
}

impl Client {
    /// Sends the handshake for `path` on this connection and waits for the answer.
    pub async fn into_websocket(self, path: &str) -> Result<WebSocket, Error> {
        let (name, stream) = self.into_parts();
        let recorder = stream.recorder();
        let mut request = format!("ws://server.example.com{path}").into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Key", KEY);
        let config = WebSocketConfig::default();
        let upgrade = client_async_with_config(request, stream, Some(config));
        let (socket, _) = timeout(PATIENCE, upgrade).await.map_err(|_| {
            let late = format!("no answer within {}", duration(PATIENCE));
            Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, late))
        })??;
        Ok(WebSocket {
            name,
            socket,
            recorder,
        })
    }
}

impl WebSocket {
    /// Sends a message. A server that is gone already is no error here.
    pub async fn send(&mut self, message: Message) {
        _ = self.socket.send(message).await;
    }

    /// Sends a text message.
    pub async fn text(&mut self, text: &str) {
        self.send(Message::text(text)).await;
    }

    /// Waits for the next message of any kind.
    #[track_caller]
    pub fn message(&mut self) -> impl Future<Output = Message> {
        let at = Location::caller();
        async move {
            let ending = match timeout(PATIENCE, self.socket.next()).await {
                Ok(Some(Ok(message))) => return message,
                Ok(Some(Err(error))) => format!("The connection ended: {error}."),
                Ok(None) => "The connection was closed.".to_owned(),
                Err(_) => format!("None came within {}.", duration(PATIENCE)),
            };
            fail_at(at, &format!("{} waited for a message. {ending}", self.name))
        }
    }

    /// Waits for the next message, which must be a text.
    #[track_caller]
    pub fn next_text(&mut self) -> impl Future<Output = String> {
        let at = Location::caller();
        let name = self.name.clone();
        let next = self.message();
        async move {
            match next.await {
                Message::Text(text) => text.as_str().to_owned(),
                other => fail_at(at, &format!("{name} waited for a text, and got {other:?}.")),
            }
        }
    }

    /// Starts the closing handshake (RFC 6455, section 7.1.2).
    pub async fn close(&mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        _ = self.socket.close(Some(frame)).await;
    }

    /// Waits for the end of the connection, skipping other messages; returns the code and reason
    /// of the server's close frame, or 1005 for one without a code, or 1006 for none
    /// (RFC 6455, section 7.1.5).
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = (u16, String)> {
        let at = Location::caller();
        async move {
            let mut seen = (1006, String::new());
            loop {
                match timeout(PATIENCE, self.socket.next()).await {
                    Ok(Some(Ok(Message::Close(Some(frame))))) => {
                        seen = (frame.code.into(), frame.reason.as_str().to_owned());
                    }
                    Ok(Some(Ok(Message::Close(None)))) => seen = (1005, String::new()),
                    Ok(Some(Ok(_))) => {}
                    Ok(Some(Err(_)) | None) => return seen,
                    Err(_) => {
                        let who = &self.name;
                        let message = format!(
                            "{who} waited for the server to close the connection. It stayed open."
                        );
                        fail_at(at, &message)
                    }
                }
            }
        }
    }

    /// Asserts that the server has sent nothing that was not read, and has not closed.
    #[track_caller]
    pub fn hears_nothing(&mut self) -> impl Future<Output = ()> {
        self.silence(Duration::ZERO, Location::caller())
    }

    /// Lets `time` pass, and asserts that nothing came.
    #[track_caller]
    pub fn hears_nothing_for(&mut self, time: Duration) -> impl Future<Output = ()> {
        self.silence(time, Location::caller())
    }

    async fn silence(&mut self, time: Duration, at: &'static Location<'static>) {
        settle(&self.recorder).await;
        let heard = match timeout(time, self.socket.next()).await {
            Err(_) => return self.recorder.lock().unwrap().silence(&self.name, time),
            Ok(Some(Ok(message))) => format!("heard {message:?}"),
            Ok(_) => "lost the connection".to_owned(),
        };
        let who = &self.name;
        fail_at(at, &format!("{who} should hear nothing, but {heard}."))
    }

    /// The stream under the WebSocket, to send bytes that no client library would.
    pub fn get_mut(&mut self) -> &mut WebSocketStream<Stream> {
        &mut self.socket
    }
}
