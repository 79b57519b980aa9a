//! What stands behind the labs: reference servers in this process, and a tap on every wire.
//!
//! A page opens a session, whose WebSocket reports what crosses the wires. Beside it the page
//! opens the connections that the lab is about. Each runs through a tunnel to a reference server,
//! which knows nothing of it, or to the learner's own on 127.0.0.1:3000, and to no other address.
//!
//! | path below `/_workbook/labs` | does |
//! |---|---|
//! | `/session` | the reports, and the page's controls: [`session`] |
//! | `/{session}/socket/{lab}/{server}/{who}` | a WebSocket through a tunnel: [`tunnel`] |
//! | `/{session}/feed/{way}` | the feed of the cost meter: [`feed`] |
//! | `/handshake/{server}` | one request as it was typed: [`handshake`] |

mod feed;
mod handshake;
mod head;
mod servers;
mod session;
mod splitter;
mod tunnel;

use axum::Router;
use axum::routing::{any, get, post};

use session::Sessions;

/// Everything below `/_workbook/labs`. `serve` checks `Host` and `Origin` in front of it.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/session", any(session::open))
        .route("/{session}/socket/{lab}/{server}/{who}", any(tunnel::open))
        .route("/{session}/feed/{way}", get(feed::get))
        .route("/handshake/{server}", post(handshake::send))
        .with_state(Sessions::default())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use futures_util::{SinkExt, StreamExt};
    use serde_json::Value;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;
    use tokio_tungstenite::tungstenite::{Error, Message};
    use tokio_tungstenite::{WebSocketStream, client_async};

    /// The labs on a free port.
    async fn labs() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async { axum::serve(listener, super::router()).await });
        address
    }

    struct Socket(WebSocketStream<TcpStream>);

    impl Socket {
        async fn try_open(labs: SocketAddr, path: &str) -> Result<Self, Error> {
            let stream = TcpStream::connect(labs).await?;
            let (socket, _) = client_async(format!("ws://{labs}{path}"), stream).await?;
            Ok(Self(socket))
        }

        async fn open(labs: SocketAddr, path: &str) -> Self {
            Self::try_open(labs, path).await.unwrap()
        }

        async fn next(&mut self) -> Message {
            let message = timeout(Duration::from_secs(10), self.0.next()).await;
            message.expect("a message").unwrap().unwrap()
        }

        /// The contents of the next report of this kind.
        async fn report(&mut self, kind: &str) -> Value {
            loop {
                let report: Value =
                    serde_json::from_str(&self.next().await.into_text().unwrap()).unwrap();
                if !report[kind].is_null() {
                    return report[kind].clone();
                }
            }
        }

        async fn say(&mut self, text: &str) {
            self.0.send(Message::text(text)).await.unwrap();
        }
    }

    /// The status of a refused WebSocket.
    async fn refused(labs: SocketAddr, path: &str) -> u16 {
        match Socket::try_open(labs, path).await {
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
            Ok(_) => 101,
        }
    }

    async fn session(labs: SocketAddr) -> (Socket, u64) {
        let mut session = Socket::open(labs, "/session").await;
        let id = session.report("session").await["id"].as_u64().unwrap();
        (session, id)
    }

    #[tokio::test]
    async fn a_tunnel_changes_nothing_and_reports_everything() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let path = format!("/{id}/socket/echo/reference/ann");
        let mut ann = Socket::open(labs, &path).await;
        let head = session.report("head").await;
        assert_eq!((&head["who"], &head["up"]), (&"ann".into(), &true.into()));
        assert_eq!(
            session.report("head").await["lines"][0],
            "HTTP/1.1 101 Switching Protocols"
        );
        ann.say("hello").await;
        assert_eq!(ann.next().await, Message::text("hello"));
        // Masked on its way up: 2 bytes, a key of 4, and 5 of payload.
        let up = session.report("frame").await;
        assert_eq!((&up["up"], &up["length"]), (&true.into(), &11.into()));
        let down = session.report("frame").await;
        assert_eq!(down["hex"], "81 05 68 65 6c 6c 6f");
    }

    #[tokio::test]
    async fn a_line_can_be_stopped_and_cut() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let mut ann = Socket::open(labs, &format!("/{id}/socket/echo/reference/ann")).await;
        session.say(r#"{"line":{"who":"ann","paused":true}}"#).await;
        // A session answers nothing; but it reads in order, and cutting bob is the second word.
        let mut bob = Socket::open(labs, &format!("/{id}/socket/echo/reference/bob")).await;
        session.say(r#"{"cut":{"who":"bob"}}"#).await;
        while let Some(Ok(_)) = bob.0.next().await {}
        ann.say("held back").await;
        let silence = timeout(Duration::from_millis(300), ann.0.next()).await;
        assert!(silence.is_err());
        session.say(r#"{"line":{"who":"ann"}}"#).await;
        assert_eq!(ann.next().await, Message::text("held back"));
    }

    #[tokio::test]
    async fn everything_ends_with_the_session() {
        let labs = labs().await;
        let (session, id) = session(labs).await;
        let path = format!("/{id}/socket/echo/reference/ann");
        let mut ann = Socket::open(labs, &path).await;
        drop(session);
        let end = timeout(Duration::from_secs(10), async {
            while let Some(Ok(_)) = ann.0.next().await {}
        });
        end.await.expect("the tunnel should end");
        assert_eq!(refused(labs, &path).await, 410);
    }

    #[tokio::test]
    async fn refuses_what_is_too_much_or_unknown() {
        let labs = labs().await;
        let (mut talkative, id) = session(labs).await;
        for (path, status) in [
            ("/0/socket/echo/reference/ann", 410),
            (&*format!("/{id}/socket/echo/reference/eve1"), 404),
            (&*format!("/{id}/socket/chess/reference/ann"), 400),
            (&*format!("/{id}/socket/echo/127.0.0.1:22/ann"), 400),
        ] {
            assert_eq!(refused(labs, path).await, status, "{path}");
        }
        let path = format!("/{id}/socket/echo/reference/ann");
        let mut open = Vec::new();
        for _ in 0..8 {
            open.push(Socket::open(labs, &path).await);
        }
        assert_eq!(refused(labs, &path).await, 503);
        // What a session does not understand ends it.
        talkative
            .say(r#"{"line":{"who":"ann","colour":"red"}}"#)
            .await;
        while let Some(Ok(_)) = talkative.0.next().await {}
        assert_eq!(refused(labs, &path).await, 410);

        let mut sessions = Vec::new();
        for _ in 0..32 {
            sessions.push(session(labs).await);
        }
        assert_eq!(refused(labs, "/session").await, 503);
    }

    #[tokio::test]
    async fn the_feed_costs_what_it_costs() {
        let labs = labs().await;
        let (mut session, id) = session(labs).await;
        let mut feed = Socket::open(labs, &format!("/{id}/socket/feed/reference/feed")).await;
        session.say(r#"{"publish":{"every":200}}"#).await;
        assert_eq!(feed.next().await, Message::text("1 kick-off"));
        let mut stream = TcpStream::connect(labs).await.unwrap();
        let head = format!("GET /{id}/feed/polling?since=0 HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(String::from_utf8_lossy(&answer[..read]).contains("1 kick-off"));
        loop {
            let cost = session.report("cost").await;
            if cost["way"] == "polling" && cost["down"] != 0 {
                // The request as the reference saw it.
                let asked = "GET /updates?since=0 HTTP/1.1\r\nHost: reference\r\n\r\n";
                assert_eq!(
                    (&cost["requests"], &cost["up"]),
                    (&1.into(), &asked.len().into())
                );
                break;
            }
        }
    }
}
