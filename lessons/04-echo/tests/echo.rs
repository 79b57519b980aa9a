//! Lesson 4, as a specification. Each module is named after the exercise that it checks.

#[path = "../../01-polling/tests/cost/mod.rs"]
mod cost;

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

mod close_frame {
    use super::*;

    /// The frame for an error, in a line.
    fn told(error: Error) -> String {
        match echo::close_frame(&error) {
            Some(frame) => format!("{} {}", u16::from(frame.code), frame.reason),
            None => "nothing".to_owned(),
        }
    }

    #[test]
    fn says_1002_to_a_frame_against_the_rules() {
        coach("Error::Protocol is 1002: CloseCode::Protocol.", || {
            let error = Error::Protocol(ProtocolError::UnmaskedFrameFromClient);
            assert_snapshot!(told(error), @"1002 WebSocket protocol error: Received an unmasked frame from client");
        });
    }

    #[test]
    fn says_1007_to_a_text_that_is_not_utf_8() {
        coach("Error::Utf8 is 1007: CloseCode::Invalid.", || {
            clue(
                "1003",
                "1003 refuses a kind of data. Bad UTF-8 is 1007: CloseCode::Invalid.",
            );
            assert_snapshot!(told(Error::Utf8("bad byte 3".to_owned())), @"1007 UTF-8 encoding error: bad byte 3");
        });
    }

    #[test]
    fn says_1009_to_a_message_above_the_limit() {
        coach("Error::Capacity is 1009: CloseCode::Size.", || {
            let error = Error::Capacity(CapacityError::MessageTooLong {
                size: 6,
                max_size: 5,
            });
            clue(
                "1002",
                "Nothing is wrong with the frame, it is only too long: 1009, CloseCode::Size.",
            );
            assert_snapshot!(told(error), @"1009 Space limit exceeded: Message too long: 6 > 5");
        });
    }

    /// tungstenite counts a connection that just ends among the protocol errors.
    #[test]
    fn says_nothing_to_a_peer_that_has_vanished() {
        coach("Who has vanished reads no close frame: None.", || {
            clue(
                "1002",
                "ResetWithoutClosingHandshake is a peer that is gone. Match it before the other Protocol errors.",
            );
            let error = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
            assert_snapshot!(told(error), @"nothing");
            assert_snapshot!(told(Error::Io(io::ErrorKind::ConnectionReset.into())), @"nothing");
            assert_snapshot!(told(Error::ConnectionClosed), @"nothing");
        });
    }
}

mod websocket {
    use super::*;

    /// Your `websocket`, after a handshake that left these bytes.
    async fn after_handshake(net: &Net, early: &[u8]) -> (Client, WebSocketStream<Stream>) {
        net.without_handshake();
        let (ann, stream) = net.pair("ann");
        let upgraded = Upgraded {
            stream,
            early: early.into(),
            subprotocol: None,
            request: Request {
                method: "GET".to_owned(),
                target: "/".to_owned(),
                minor_version: 1,
                headers: Vec::new(),
            },
            response: Response::new(101),
        };
        (ann, echo::websocket(upgraded).await)
    }

    /// What comes next, in a line.
    async fn next(socket: &mut WebSocketStream<Stream>) -> String {
        match timeout(Duration::from_secs(3600), socket.next()).await {
            Ok(Some(Ok(message))) => {
                let text = message.to_text().unwrap_or("no text");
                format!("{} bytes: {:.5}", message.len(), text)
            }
            Ok(Some(Err(error))) => format!("Err({error})"),
            Ok(None) => "the end".to_owned(),
            Err(_) => "still waits".to_owned(),
        }
    }

    /// As a client, tungstenite refuses the first frame, whatever the test is about.
    fn clue_for_the_role() {
        clue(
            "masked frame from server",
            "Role::Client expects frames without a mask. You are the server: Role::Server.",
        );
    }

    /// A client that did not wait has sent half of its first frame with the request.
    #[test]
    fn begins_with_the_bytes_that_came_early() {
        wire(
            "`early` is the start of the first frame: hand it to from_partially_read.",
            async |net: Net| {
                let hello = frame(TEXT, "Hello");
                let (mut ann, mut socket) = after_handshake(&net, &hello[..4]).await;
                ann.send(&hello[4..]).await;
                drop(ann);
                clue_for_the_role();
                clue(
                    "Err(",
                    "The first bytes of the frame are lost, so the rest makes no sense. They are in `early`.",
                );
                assert_snapshot!(next(&mut socket).await, @"5 bytes: Hello");
            },
        );
    }

    /// A server's frames are not masked, and a client's are (RFC 6455, section 5.1).
    #[test]
    fn takes_the_part_of_the_server() {
        wire("You are the server: Role::Server.", async |net: Net| {
            let (mut ann, mut socket) = after_handshake(&net, b"").await;
            ann.send(frame(TEXT, "Hello")).await;
            clue_for_the_role();
            assert_snapshot!(next(&mut socket).await, @"5 bytes: Hello");
            let _ = socket.send(Message::text("Hi")).await;
            assert_snapshot!(net.transcript(), @r"
            ann → server   text Hello
            server → ann   text Hi
            ");
        });
    }

    /// By default a message may have 64 MiB, and what waits to be sent has no limit at all.
    #[test]
    fn sets_the_limits() {
        wire("Three limits: see the doc-comment.", async |net: Net| {
            let (_ann, socket) = after_handshake(&net, b"").await;
            let config = socket.get_config();
            clue(
                "message: Some(67108864)",
                "max_message_size is still at its default: 64 MiB for each peer.",
            );
            clue(
                "frame: Some(16777216)",
                "max_frame_size is still at its default: a header alone claims 16 MiB.",
            );
            clue(
                "write: 18446744073709551615",
                "max_write_buffer_size has no limit by default.",
            );
            assert_snapshot!(format!(
                "message: {:?}\nframe: {:?}\nwrite: {}",
                config.max_message_size,
                config.max_frame_size,
                config.max_write_buffer_size,
            ), @r"
            message: Some(1048576)
            frame: Some(1048576)
            write: 2097152
            ");
        });
    }

    /// The limit counts the whole message, in however many frames it comes.
    #[test]
    fn takes_a_mebibyte_and_not_a_byte_more() {
        wire("MESSAGE_LIMIT is the longest message.", async |net: Net| {
            let half = vec![b'a'; MESSAGE_LIMIT / 2];
            let (mut ann, mut socket) = after_handshake(&net, b"").await;
            tokio::spawn(async move {
                ann.send(frame(TEXT_BEGINS, &half)).await;
                ann.send(frame(CONTINUATION, &half)).await;
                ann.send(frame(TEXT_BEGINS, &half)).await;
                ann.send(frame(0x00, &half)).await;
                ann.send(frame(CONTINUATION, "b")).await;
                pending::<()>().await;
            });
            clue_for_the_role();
            assert_snapshot!(next(&mut socket).await, @"1048576 bytes: aaaaa");
            assert_snapshot!(next(&mut socket).await, @"Err(Space limit exceeded: Message too long: 1048577 > 1048576)");
        });
    }
}

mod answer {
    use super::*;

    /// Lets you answer the one message that ann sends.
    async fn answered(net: &Net, bytes: Vec<u8>) -> (Client, WebSocketStream<Stream>) {
        let (mut ann, mut socket) = socket(net).await;
        ann.send(bytes).await;
        let message = socket.next().await;
        let message = message.expect("a message").expect("a message by the rules");
        let result = ending(echo::answer(&mut socket, message)).await;
        assert_eq!(result, "Ok", "the result of `answer`");
        (ann, socket)
    }

    #[test]
    fn sends_text_and_binary_back_as_they_came() {
        let advice = "Text goes back as text, and binary as binary: feed the message itself.";
        wire(advice, async |net: Net| {
            let (_ann, mut socket) = answered(&net, frame(TEXT, "grüße")).await;
            let _ = socket.flush().await;
            clue(
                "invalid utf-8",
                "Binary is any bytes, these are no text. Send the message back, not its text.",
            );
            let (_ann, mut socket) = answered(&net, frame(BINARY, [0x00, 0xff])).await;
            let _ = socket.flush().await;
            clue(
                "server → ann   text \n",
                "Binary is any bytes, these are no text. Send the message back, not its text.",
            );
            assert_snapshot!(net.transcript(), @r"
            ann → server   text grüße
            server → ann   text grüße
            ann → server   binary 00 ff
            server → ann   binary 00 ff
            ");
        });
    }

    /// An empty message is a message. A client may wait for its echo.
    #[test]
    fn sends_an_empty_message_back() {
        wire(
            "Do not look at the length: empty messages count.",
            async |net: Net| {
                let (_ann, mut socket) = answered(&net, frame(TEXT, "")).await;
                let _ = socket.flush().await;
                assert_snapshot!(net.transcript(), @r"
            ann → server   text
            server → ann   text
            ");
            },
        );
    }

    /// One flush for each message is one system call for each. The loop knows better when.
    #[test]
    fn leaves_the_flush_of_an_echo_to_the_loop() {
        let advice = "`send` is `feed` and `flush`. Feed only: the loop flushes before it waits.";
        wire(advice, async |net: Net| {
            let (mut ann, mut socket) = answered(&net, frame(TEXT, "Hello")).await;
            ann.hears_nothing().await;
            let _ = socket.flush().await;
            assert_snapshot!(net.transcript(), @r"
            ann → server   text Hello
            ann            hears nothing
            server → ann   text Hello
            ");
        });
    }

    /// tungstenite has put the pong into its queue. There it stays until somebody flushes.
    #[test]
    fn sends_the_pong_to_a_ping() {
        wire(
            "tungstenite has the pong ready: flush.",
            async |net: Net| {
                let (_ann, _socket) = answered(&net, frame(PING, "are you there")).await;
                clue(
                    "server → ann   ping",
                    "You sent the ping back. A ping is answered by a pong, and tungstenite does that.",
                );
                clue(
                    "server → ann   text",
                    "A ping is not text to send back. tungstenite answers it; you flush.",
                );
                assert_snapshot!(net.transcript(), @r"
            ann → server   ping are you there
            server → ann   pong are you there
            ");
            },
        );
    }

    /// A pong may come unasked, and asks for nothing (RFC 6455, section 5.5.3).
    #[test]
    fn ignores_a_pong() {
        wire("A pong asks for nothing.", async |net: Net| {
            let (_ann, mut socket) = answered(&net, frame(PONG, "still here")).await;
            let _ = socket.flush().await;
            clue(
                "server → ann   pong",
                "You sent the pong back. Control frames are not echoed.",
            );
            assert_snapshot!(net.transcript(), @"ann → server   pong still here");
        });
    }

    /// The answer to a close frame is a close frame with the same code (section 5.5.1).
    #[test]
    fn sends_the_answer_to_a_close() {
        wire(
            "tungstenite has the answer to a close ready: flush.",
            async |net: Net| {
                let (_ann, _socket) = answered(&net, frame(CLOSE, goodbye(1000, "bye"))).await;
                assert_snapshot!(net.transcript(), @r#"
            ann → server   close 1000 "bye"
            server → ann   close 1000 "bye"
            "#);
            },
        );
    }

    /// A slow reader is slow, a peer that reads nothing for 30 seconds takes a place for nothing.
    #[test]
    fn gives_up_on_a_peer_that_does_not_read() {
        wire(
            "Each wait for a peer needs an end: in_time.",
            async |net: Net| {
                net.with_capacity(16);
                let (_ann, mut socket) = socket(&net).await;
                // The first one is in the queue, and the second has no room there before it is sent.
                let long = || Message::binary(vec![0; 200_000]);
                let mut results = String::new();
                for message in ["first", "second"] {
                    let result = ending(echo::answer(&mut socket, long())).await;
                    let now = net.now().as_secs();
                    _ = writeln!(results, "{message}: {result}, at {now} s");
                }
                clue(
                    "first: still waits",
                    "ann reads nothing, and you wait for her for ever, and at the first message already. `send` also flushes: feed only, with in_time around it.",
                );
                clue(
                    "first: Err(IO error: timed out)",
                    "You wait already at the first message: `send` also flushes. Feed only, the loop flushes.",
                );
                clue(
                    "second: still waits",
                    "ann reads nothing, and you wait for her for ever: put in_time around the feed.",
                );
                assert_snapshot!(results, @r"
                first: Ok, at 0 s
                second: Err(IO error: timed out), at 30 s
                ");
            },
        );
    }

    /// Pings without end from a peer that does not read would fill the memory with pongs.
    #[test]
    fn gives_up_on_a_peer_that_does_not_read_its_pong() {
        wire(
            "Each wait for a peer needs an end: in_time.",
            async |net: Net| {
                net.with_capacity(16);
                let (mut ann, mut socket) = socket(&net).await;
                tokio::spawn(async move {
                    ann.send(frame(PING, [b'?'; 100])).await;
                    pending::<()>().await;
                });
                let ping = socket
                    .next()
                    .await
                    .expect("a ping")
                    .expect("a ping by the rules");
                clue(
                    "still waits",
                    "ann reads nothing, and you wait for her for ever: put in_time around the flush.",
                );
                clue(
                    "Ok",
                    "The pong is not sent yet: ann does not read. Wait until it is: flush.",
                );
                let result = ending(echo::answer(&mut socket, ping)).await;
                assert_snapshot!(format!("{result}, at {} s", net.now().as_secs()), @"Err(IO error: timed out), at 30 s");
            },
        );
    }
}

mod echo_all {
    use super::*;

    /// Runs your loop on what ann sends all at once, to its end.
    async fn echoed(net: &Net, frames: &[Vec<u8>]) -> (String, Client) {
        let (mut ann, mut socket) = socket(net).await;
        ann.send(frames.concat()).await;
        (ending(echo::echo_all(&mut socket)).await, ann)
    }

    /// The whole of a conversation, in order.
    #[test]
    fn answers_everything_until_the_close() {
        wire(
            "Read on after each kind of message, and answer the close too.",
            async |net: Net| {
                let frames = [
                    frame(PING, ""),
                    frame(TEXT, "one"),
                    frame(BINARY, [2]),
                    frame(PONG, ""),
                    frame(TEXT, "three"),
                    frame(CLOSE, goodbye(1000, "bye")),
                ];
                let (result, _ann) = echoed(&net, &frames).await;
                assert_snapshot!(result, @"Ok");
                assert_snapshot!(net.transcript(), @r#"
            ann → server   ping
            ann → server   text one
            ann → server   binary 02
            ann → server   pong
            ann → server   text three
            ann → server   close 1000 "bye"
            server → ann   pong
            server → ann   text one
            server → ann   binary 02
            server → ann   text three
            server → ann   close 1000 "bye"
            server         closes the connection to ann
            "#);
            },
        );
    }

    /// ann waits for the echo, and the loop for ann's next message.
    #[test]
    fn flushes_before_it_waits() {
        let advice = "Nothing more has come: flush, and then wait. The echo is still in the queue.";
        wire(advice, async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            tokio::spawn(async move { echo::echo_all(&mut socket).await });
            ann.send(frame(TEXT, "Hello")).await;
            ann.bytes(7).await;
            ann.send(frame(TEXT, "again")).await;
            ann.bytes(7).await;
            assert_snapshot!(net.transcript(), @r"
            ann → server   text Hello
            server → ann   text Hello
            ann → server   text again
            server → ann   text again
            ");
        });
    }

    /// Between the fragments of a message a ping may come, and wants its pong (section 5.4).
    #[test]
    fn answers_a_ping_between_fragments() {
        wire(
            "tungstenite joins the fragments, and gives you the ping first.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                tokio::spawn(async move { echo::echo_all(&mut socket).await });
                ann.send(frame(TEXT_BEGINS, "Hel")).await;
                ann.send(frame(PING, "?")).await;
                ann.bytes(3).await;
                ann.send(frame(CONTINUATION, "lo")).await;
                clue(
                    "ann → server   continuation lo",
                    "The message is whole, and its echo still in the queue: `next_message` flushes while it waits.",
                );
                ann.bytes(7).await;
                assert_snapshot!("ping-between-fragments", net.transcript());
            },
        );
    }

    /// A process that is killed says no goodbye. That is an error, and no reason to panic.
    #[test]
    fn is_an_error_when_the_peer_vanishes() {
        wire(
            "A message may be an Err: `?` passes it on, `unwrap` ends in a panic.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(&frame(TEXT, "Hello")[..8]).await;
                drop(ann);
                clue(
                    "Ok",
                    "The peer vanished within a message, and you say that all was well: pass the error on.",
                );
                let result = ending(echo::echo_all(&mut socket)).await;
                assert_snapshot!(result, @"Err(WebSocket protocol error: Connection reset without closing handshake)");
            },
        );
    }

    /// One that reads what comes and does not wait for its answers to go out needs all the memory.
    #[test]
    fn stops_reading_when_the_peer_does() {
        let advice = "Answer one message before you read the next.";
        wire(advice, async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            tokio::spawn(async move {
                let _ = echo::echo_all(&mut socket).await;
            });
            let message = frame(BINARY, [0; 1000]);
            let sending = async {
                for _ in 0..2000 {
                    ann.send(&message).await;
                }
            };
            let sent_all = timeout(Duration::from_secs(20), sending).await.is_ok();
            assert!(!sent_all, "you took two megabytes of one who does not read");
            let sent = net.traffic("ann").up;
            assert!(
                sent < 600_000,
                "you took {sent} bytes of one who does not read"
            );
        });
    }
}

mod converse {
    use super::*;

    /// A client, and your `converse` with her until `stop` is done.
    async fn start(
        net: &Net,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (Client, JoinHandle<String>) {
        let (ann, mut socket) = socket(net).await;
        let conversing = async move { ending(echo::converse(&mut socket, stop)).await };
        (ann, tokio::spawn(conversing))
    }

    /// tungstenite alone would end the connection without a word.
    #[test]
    fn tells_a_peer_what_it_did_wrong() {
        let advice = "An error of echo_all: close_frame has the frame, socket.close sends it.";
        wire(advice, async |net: Net| {
            let (mut ann, ending) = start(&net, pending()).await;
            ann.send(b"\x81\x05Hello").await;
            ann.closed().await;
            clue(
                "Ok",
                "ann broke a rule, and you say that all was well: return the error of echo_all.",
            );
            assert_snapshot!(ending.await.unwrap_or_default(), @"Err(WebSocket protocol error: Received an unmasked frame from client)");
            assert_snapshot!("unmasked", net.transcript());
        });
    }

    #[test]
    fn says_nothing_to_a_peer_that_vanished() {
        wire(
            "No close_frame, nothing to send: return the error.",
            async |net: Net| {
                let (mut ann, ending) = start(&net, pending()).await;
                ann.send(frame(TEXT, "Hello")).await;
                ann.bytes(7).await;
                drop(ann);
                assert_snapshot!(ending.await.unwrap_or_default(), @"Err(WebSocket protocol error: Connection reset without closing handshake)");
                assert_snapshot!(net.transcript(), @r"
            ann → server   text Hello
            server → ann   text Hello
            ann            vanishes
            ");
            },
        );
    }

    #[test]
    fn lets_the_peer_close() {
        wire(
            "The peer has closed, and all was well: Ok, and nothing more to send.",
            async |net: Net| {
                let (mut ann, ending) = start(&net, pending()).await;
                ann.send(frame(CLOSE, goodbye(1000, "bye"))).await;
                assert_snapshot!(ending.await.unwrap_or_default(), @"Ok");
                assert_snapshot!("drained-close", net.transcript());
            },
        );
    }

    /// 1001 is for a server that goes down, and for a page that is left (section 7.4.1).
    #[test]
    fn says_1001_when_the_server_stops() {
        wire(
            "stop is done: close with CloseCode::Away and a reason.",
            async |net: Net| {
                let (mut ann, ending) = start(&net, sleep(Duration::from_secs(3))).await;
                ann.send(frame(TEXT, "Hello")).await;
                ann.bytes(7).await;
                let farewell = ann.some_bytes().await;
                ann.send(frame(CLOSE, &farewell[2..4])).await;
                clue(
                    "still waits",
                    "`stop` is done after 3 s: select! between it and echo_all.",
                );
                assert_snapshot!(ending.await.unwrap_or_default(), @"Ok");
                clue(
                    "+3 s\nserver → ann   text",
                    "The echo came only with the stop: first let the tests of `echo_all` pass.",
                );
                missing(
                    "ann → server   close",
                    "ann's answer is still to come: after your close frame, read on to the end.",
                );
                assert_snapshot!("stop", net.transcript());
            },
        );
    }

    /// Her answer is on the way, and what she had sent before is there too.
    #[test]
    fn waits_for_the_answer_to_its_close() {
        let advice = "After your close frame, read on to the end and throw away what comes.";
        wire(advice, async |net: Net| {
            let (mut ann, ending) = start(&net, sleep(Duration::ZERO)).await;
            ann.some_bytes().await;
            ann.send(frame(TEXT, "one more thing")).await;
            ann.hears_nothing_for(Duration::from_secs(2)).await;
            ann.send(frame(CLOSE, goodbye(1001, ""))).await;
            assert_snapshot!(ending.await.unwrap_or_default(), @"Ok");
            assert_snapshot!("drained", net.transcript());
        });
    }

    /// One that breaks a rule and reads nothing takes a place for nothing.
    #[test]
    fn gives_up_on_a_peer_that_does_not_read_its_close_frame() {
        let advice = "Send the close frame, and give ann 30 s to take it: in_time.";
        wire(advice, async |net: Net| {
            net.with_capacity(16);
            let (mut ann, ending) = start(&net, pending()).await;
            ann.send(b"\x81\x05Hello").await;
            let _ = ending.await;
            clue(
                "3600 s",
                "ann reads nothing, and you wait for her for ever: put in_time around the close.",
            );
            assert_snapshot!(format!("ended after {} s", net.now().as_secs()), @"ended after 30 s");
        });
    }

    /// She has read the 1001, talks on for nine seconds, and stays.
    #[test]
    fn gives_up_on_a_peer_that_never_closes() {
        let advice = "After your close frame, give ann GRACE to close: one `timeout` around all of the reading.";
        wire(advice, async |net: Net| {
            let (mut ann, ending) = start(&net, sleep(Duration::ZERO)).await;
            ann.some_bytes().await;
            tokio::spawn(async move {
                for _ in 0..4 {
                    ann.send(frame(TEXT, "one more thing")).await;
                    sleep(Duration::from_secs(3)).await;
                }
                pending::<()>().await;
            });
            clue(
                "still waits",
                "ann never closes, and you read on for ever: put a `timeout` of GRACE around the reading.",
            );
            clue(
                "at 14 s",
                "ann writes every three seconds, and GRACE begins anew with each message: one `timeout` around the whole loop.",
            );
            clue(
                "Ok at 0 s",
                "You left at once. Her answer may be on the way: after your close frame, read on.",
            );
            let result = ending.await.unwrap_or_default();
            assert_snapshot!(format!("{result} at {} s", net.now().as_secs()), @"Ok at 5 s");
        });
    }

    /// The header of a frame that is as long as a header can say. None of it is ever read.
    #[test]
    fn says_1009_before_a_frame_that_is_too_long_has_come() {
        let advice = "An error of echo_all: close_frame has the frame, socket.close sends it.";
        wire(advice, async |net: Net| {
            let (mut ann, _ending) = start(&net, pending()).await;
            ann.send([&[0x82, 0xff, 0x7f], &[0xff; 7][..], &[1, 2, 3, 4]].concat())
                .await;
            ann.closed().await;
            assert_snapshot!("too-long", net.transcript());
        });
    }
}

mod accept_all {
    use super::*;

    /// Here the connection is open, so places and tasks are as they should be.
    fn clue_for_the_echo() {
        clue(
            "waited for a message",
            "The connection is open, and no echo comes: first let the tests of `websocket` and `echo_all` pass.",
        );
    }

    /// The first example of many texts serves one client, and then the next.
    #[test]
    fn serves_two_clients_at_once() {
        wire(
            "One client at a time? `spawn` a task for each, and accept on.",
            async |net: Net| {
                let _server = start(&net, 2);
                let mut ann = net.websocket("ann", "/").await;
                let mut bob = net.websocket("bob", "/").await;
                net.pass(Duration::from_secs(1)).await;
                clue_for_the_echo();
                ann.text("one, says ann").await;
                assert_eq!(ann.next_text().await, "one, says ann");
                bob.text("one, says bob").await;
                assert_eq!(bob.next_text().await, "one, says bob");
                ann.text("two, says ann").await;
                assert_eq!(ann.next_text().await, "two, says ann");
                assert_snapshot!("two-clients", net.transcript());
            },
        );
    }

    /// Two guests. They stay.
    async fn ann_and_bob(net: &Net) -> [kit::WebSocket; 2] {
        let ann = net.websocket("ann", "/").await;
        clue(
            "bob could not open",
            "bob waits until ann has left. One client at a time? `spawn` a task for each.",
        );
        [ann, net.websocket("bob", "/").await]
    }

    /// What eve is told, who comes when all places are taken.
    async fn eves_answer(eve: &mut Client) -> String {
        eve.send(REQUEST).await;
        clue(
            "None came",
            "eve waits for a place, and nobody tells her: `acquire` waits, `try_acquire` does not.",
        );
        let response = eve.response().await;
        clue(
            "101",
            "eve got in, as the third of two. Does the task own its place? `let _ = place` moves nothing into it; `drop(place)` at its end does.",
        );
        let text = String::from_utf8_lossy(&response.body);
        format!("{} {text}", response.status)
    }

    /// A client that waits for a place does not know that it waits. One that is refused does.
    #[test]
    fn refuses_whoever_finds_no_place() {
        let advice = "`try_acquire_owned` fails when all places are taken: then `refuse`.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 2);
            let _guests = ann_and_bob(&net).await;
            let mut eve = net.connect("eve").await;
            assert_snapshot!(eves_answer(&mut eve).await, @"503 all places are taken, try again later");
            eve.finish().await;
            eve.closed().await;
        });
    }

    /// Whether they said goodbye or not.
    #[test]
    fn gives_a_place_to_the_next_when_one_has_left() {
        let advice = "The place goes into the task, and comes back when the task ends.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            ann.close(1000, "").await;
            ann.closed().await;
            drop(ann);
            net.settle().await;
            let bob = net.websocket("bob", "/").await;
            drop(bob);
            net.settle().await;
            let mut carol = net.websocket("carol", "/").await;
            clue_for_the_echo();
            carol.text("Hello").await;
            assert_eq!(carol.next_text().await, "Hello");
        });
    }

    /// A crowd at the door must not cost more than the guests.
    #[test]
    fn drops_without_a_word_when_there_are_too_many_refusals() {
        let advice = "Let `refuse` refuse: it limits the refusals too.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 2);
            let _guests = ann_and_bob(&net).await;
            let mut eve = net.connect("eve").await;
            assert_snapshot!(eves_answer(&mut eve).await, @"503 all places are taken, try again later");
            let mut mallory = net.connect("mallory").await;
            mallory.send(REQUEST).await;
            assert_eq!(mallory.response().await.status, 503);
            // Both refusals are still there: neither eve nor mallory has closed.
            let mut trudy = net.connect("trudy").await;
            trudy.send(REQUEST).await;
            let told = trudy.closed().await;
            assert_snapshot!(String::from_utf8_lossy(&told), @"");
        });
    }
}

mod shut_down {
    use super::*;

    const NOT_TOLD: &str = "Nobody is told: set `stopping` to true, every connection watches it.";
    const TOO_EARLY: &str = "The server ended before the five seconds were over. Wait for `tasks`; and `converse` reads on after its close frame.";
    const DROPPED: &str = "The connections end without a word: `tasks` is dropped before they could say goodbye. Wait for them.";

    /// Everybody learns that it is not their connection but the server that ends.
    #[test]
    fn tells_everybody_1001() {
        let advice = "Set `stopping` to true: every connection watches it.";
        wire(advice, async |net: Net| {
            let (stop, server) = start(&net, 2);
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = net.websocket("bob", "/").await;
            net.pass(Duration::from_secs(60)).await;
            drop(stop);
            clue("stayed open", NOT_TOLD);
            let (code, reason) = ann.closed().await;
            let after = net.now().as_secs() - 60;
            clue("1006 after 5 s", NOT_TOLD);
            clue("1006", DROPPED);
            assert_snapshot!(format!("{code} after {after} s: {reason}"), @"1001 after 0 s: the server stops");
            bob.closed().await;
            let _ = timeout(Duration::from_secs(3600), server).await;
            missing(
                "server → bob   close 1001 \"the server stops\"\nann",
                "The answers to the goodbyes are still to come: `converse` reads on after its close frame.",
            );
            assert_snapshot!("shutdown", net.transcript());
        });
    }

    /// Most clients are quick. A server that always waits five seconds is slow to restart.
    #[test]
    fn ends_when_the_last_has_gone() {
        wire(
            "join_next returns when a task ends: do not sleep.",
            async |net: Net| {
                let (stop, server) = start(&net, 1);
                let mut ann = net.websocket("ann", "/").await;
                let told = tokio::spawn(async move { ann.closed().await.0 });
                clue("stayed open", NOT_TOLD);
                drop(stop);
                let _ = timeout(Duration::from_secs(3600), server).await;
                let after = net.now().as_secs();
                let code = told.await.unwrap_or_default();
                clue("after 5 s. ann saw 1006", NOT_TOLD);
                clue("1006", DROPPED);
                assert_snapshot!(format!("ended after {after} s. ann saw {code}"), @"ended after 0 s. ann saw 1001");
            },
        );
    }

    /// ann says goodbye after three seconds, and bob never does.
    #[test]
    fn begins_the_five_seconds_once() {
        let advice = "GRACE is for all of them together: one `timeout` around the whole loop.";
        wire(advice, async |net: Net| {
            let (stop, server) = start(&net, 2);
            let mut ann = net.connect("ann").await;
            ann.send(REQUEST).await;
            ann.response().await;
            let mut bob = net.connect("bob").await;
            bob.send(REQUEST).await;
            bob.response().await;
            drop(stop);
            net.pass(Duration::from_secs(3)).await;
            ann.send(frame(CLOSE, goodbye(1001, ""))).await;
            ann.closed().await;
            drop(ann);
            let _ = timeout(Duration::from_secs(3600), server).await;
            clue("3 s", TOO_EARLY);
            let anew = "The five seconds begin anew with each goodbye, or there is no limit: one `timeout` around the whole loop.";
            clue("8 s", anew);
            // bob's own connection has given up by now: five seconds, and two for lesson 1's close.
            clue("7 s", anew);
            assert_snapshot!(format!("ended after {} s", net.now().as_secs()), @"ended after 5 s");
        });
    }

    /// A client that does not answer must not keep the server.
    #[test]
    fn waits_five_seconds_and_no_longer() {
        wire(
            "Put `timeout(GRACE, ...)` around the wait.",
            async |net: Net| {
                let (stop, server) = start(&net, 1);
                let mut ann = net.connect("ann").await;
                ann.send(REQUEST).await;
                ann.response().await;
                drop(stop);
                let ended = timeout(Duration::from_secs(3600), server).await;
                assert!(ended.is_ok(), "the server still waits after an hour");
                ann.closed().await;
                clue(" 0 s", TOO_EARLY);
                clue(" 2 s", TOO_EARLY);
                clue(
                    "7 s",
                    "You waited until ann's connection gave up by itself. Others take longer: `timeout(GRACE, ...)`.",
                );
                assert_snapshot!(format!("ended after {} s", net.now().as_secs()), @"ended after 5 s");
            },
        );
    }
}

mod whole {
    use super::*;

    /// Opens a WebSocket for a client that speaks in bytes.
    async fn open(net: &Net, name: &str) -> Client {
        let mut client = net.connect(name).await;
        client.send(REQUEST).await;
        assert_eq!(client.response().await.status, 101);
        client
    }

    /// One packet has the request and the first frame.
    #[test]
    fn answers_a_frame_that_comes_with_the_handshake() {
        let advice = "The bytes behind the request are the first frame: `early`.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = net.connect("ann").await;
            ann.send([REQUEST.as_bytes(), &frame(TEXT, "Hello")].concat())
                .await;
            ann.response().await;
            ann.bytes(7).await;
            assert_snapshot!("early", net.transcript());
        });
    }

    /// TCP carries bytes, and nobody promises more than one at a time.
    #[test]
    fn works_when_bytes_come_one_by_one() {
        wire(
            "Lesson 1 and tungstenite read on; so do you.",
            async |net: Net| {
                net.in_pieces_of(1);
                let _server = start(&net, 1);
                let mut ann = net.websocket("ann", "/").await;
                ann.text("Hello").await;
                assert_eq!(ann.next_text().await, "Hello");
                ann.close(1000, "bye").await;
                assert_eq!(ann.closed().await, (1000, "bye".to_owned()));
            },
        );
    }

    /// The client's own code comes back, and then the end: a clean close.
    #[test]
    fn lets_a_client_see_its_own_close_code() {
        wire(
            "The client closed with 4001 and must see 4001.",
            async |net: Net| {
                let _server = start(&net, 1);
                let mut ann = net.websocket("ann", "/").await;
                ann.close(4001, "bye").await;
                let (code, reason) = ann.closed().await;
                clue(
                    "1006",
                    "1006: the connection ended without your close frame. Flush it, and read on to the end.",
                );
                assert_snapshot!(format!("{code} {reason}"), @"4001 bye");
                assert_snapshot!("close", net.transcript());
            },
        );
    }

    #[test]
    fn echoes_a_mebibyte() {
        wire(
            "MESSAGE_LIMIT is the longest message that is accepted.",
            async |net: Net| {
                let _server = start(&net, 1);
                let mut ann = net.websocket("ann", "/").await;
                for message in [
                    Message::text("a".repeat(MESSAGE_LIMIT)),
                    Message::binary(vec![0xff; MESSAGE_LIMIT]),
                ] {
                    ann.send(message.clone()).await;
                    // Not assert_eq!, which would print all of it.
                    assert!(
                        ann.message().await == message,
                        "the message came back changed"
                    );
                }
            },
        );
    }

    #[test]
    fn keeps_the_order_of_a_thousand_messages() {
        let advice = "Answer one after the other, on one task: order is all there is to it.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            for n in 0..1000 {
                ann.text(&n.to_string()).await;
            }
            for n in 0..1000 {
                assert_eq!(ann.next_text().await, n.to_string());
            }
        });
    }

    /// Whatever one of them does, the other must not notice.
    #[test]
    fn serves_the_others_when_a_peer_vanishes() {
        wire(
            "An error ends one task, and only that.",
            async |net: Net| {
                let _server = start(&net, 2);
                let mut ann = net.websocket("ann", "/").await;
                for end in 1..11 {
                    let mut bob = open(&net, "bob").await;
                    bob.send(&frame(TEXT, "Hello")[..end]).await;
                    drop(bob);
                    net.settle().await;
                }
                ann.text("still there?").await;
                assert_eq!(ann.next_text().await, "still there?");
            },
        );
    }

    /// bob sends and sends, and never reads an answer.
    #[test]
    fn serves_the_others_when_a_peer_does_not_read() {
        let advice = "Each client has its task, and each wait for a client has its end.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 2);
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = open(&net, "bob").await;
            tokio::spawn(async move {
                let kibibyte = frame(BINARY, [0; 1024]);
                for _ in 0..4096 {
                    bob.send(&kibibyte).await;
                }
                pending::<()>().await;
            });
            ann.text("is bob in my way?").await;
            assert_eq!(ann.next_text().await, "is bob in my way?");
            net.pass(Duration::from_secs(20)).await;
            let taken = net.traffic("bob").up;
            assert!(
                taken < 600_000,
                "bob reads nothing, and {taken} bytes of his were read"
            );
            // By now bob has read nothing for more than 30 seconds, and there is a place again.
            net.pass(Duration::from_secs(15)).await;
            net.websocket("carol", "/").await;
        });
    }

    /// bob pings and pings, and never reads a pong.
    #[test]
    fn stops_reading_pings_when_the_pongs_are_not_read() {
        let advice = "A pong that cannot be sent must stop the reading: flush it at once.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 1);
            let mut bob = open(&net, "bob").await;
            tokio::spawn(async move {
                let pings = frame(PING, [b'?'; 125]).repeat(1000);
                for _ in 0..40 {
                    bob.send(&pings).await;
                }
                pending::<()>().await;
            });
            net.pass(Duration::from_secs(20)).await;
            let taken = net.traffic("bob").up;
            assert!(
                taken < 600_000,
                "bob reads nothing, and {taken} bytes of his were read"
            );
        });
    }

    /// Each of these is told what was wrong with it; then its connection ends.
    #[test]
    fn tells_everybody_what_they_did_wrong() {
        let advice = "converse sends the close_frame of each error.";
        wire(advice, async |net: Net| {
            let _server = start(&net, 2);
            let mut ann = net.websocket("ann", "/").await;
            let mut told = String::new();
            for (what, bytes) in [
                ("no mask", b"\x81\x05Hello".to_vec()),
                ("RSV1 is set", frame(0xc1, "Hello")),
                ("opcode 3", frame(0x83, "")),
                ("opcode 11", frame(0x8b, "")),
                ("a ping in fragments", frame(0x09, "")),
                ("a ping of 126 bytes", frame(PING, [0; 126])),
                ("a continuation of nothing", frame(CONTINUATION, "Hello")),
                (
                    "a text within a text",
                    [frame(TEXT_BEGINS, "Hel"), frame(TEXT, "lo")].concat(),
                ),
                ("a close of one byte", frame(CLOSE, [3])),
                ("a close with 1005", frame(CLOSE, goodbye(1005, ""))),
                ("a reason that is not UTF-8", frame(CLOSE, b"\x03\xe8\xff")),
                ("a text that is not UTF-8", frame(TEXT, [0xff])),
                ("a text that ends within a character", frame(TEXT, [0xc3])),
                (
                    "not UTF-8, in the second fragment",
                    [frame(TEXT_BEGINS, [0xc3]), frame(CONTINUATION, [0xff])].concat(),
                ),
                (
                    "a frame of a mebibyte and a byte",
                    b"\x82\xff\0\0\0\0\0\x10\0\x01\0\0\0\0".to_vec(),
                ),
                (
                    "a negative length",
                    b"\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0".to_vec(),
                ),
            ] {
                let mut bob = open(&net, "bob").await;
                bob.send(bytes).await;
                let rest = bob.closed().await;
                _ = match &rest[..] {
                    [CLOSE, _, high, low, reason @ ..] => {
                        let code = u16::from_be_bytes([*high, *low]);
                        writeln!(told, "{what:<36}{code} {}", String::from_utf8_lossy(reason))
                    }
                    other => writeln!(told, "{what:<36}{other:?}"),
                };
                drop(bob);
                net.settle().await;
            }
            ann.text("who was that?").await;
            assert_eq!(ann.next_text().await, "who was that?");
            assert_snapshot!("malformed", told);
        });
    }

    /// A handshake that is none is answered by lessons 1 and 2, and the server goes on.
    #[test]
    fn answers_a_request_that_opens_no_websocket() {
        wire(
            "`connection` is given; accept on after it.",
            async |net: Net| {
                let _server = start(&net, 1);
                for (request, status) in [
                    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), 426),
                    (REQUEST.replace("GET", "POST"), 405),
                    (REQUEST.replace("Version: 13", "Version: 12"), 426),
                    ("\x16\x03\x01\r\n\r\n".to_owned(), 400),
                ] {
                    let mut bob = net.connect("bob").await;
                    bob.send(request).await;
                    assert_eq!(bob.response().await.status, status);
                    drop(bob);
                    net.settle().await;
                }
                let mut ann = net.websocket("ann", "/").await;
                ann.text("Hello").await;
                assert_eq!(ann.next_text().await, "Hello");
            },
        );
    }

    /// Lesson 1's two updates over a WebSocket: the chapter's table.
    #[test]
    fn counts_what_two_updates_cost() {
        let mut rows = cost::over_http();
        let advice = "First let the other tests pass: this one adds up their bytes.";
        wire(advice, async move |net: Net| {
            rows.push(over_a_websocket(&net).await);
            assert_snapshot!("cost", cost::table(&rows));
        });
    }

    /// Asks once, and is sent each update as a message.
    async fn over_a_websocket(net: &Net) -> cost::Row {
        let feed = Feed::default();
        tokio::spawn(cost::publish(feed.clone()));
        net.serve(move |stream| {
            let feed = feed.clone();
            async move {
                let upgraded = handshake::accept(stream, &[]).await;
                let mut socket = echo::websocket(upgraded.expect("a good request")).await;
                let (mut latest, mut since) = (feed.latest(), 0);
                while latest.changed().await.is_ok() {
                    for update in feed.since(since) {
                        since = update.number;
                        let text = format!("{} {}", update.number, update.text);
                        let _ = socket.send(Message::text(text)).await;
                    }
                }
            }
        });

        let mut row = cost::Row::new("WebSocket");
        let mut reader = net.connect("reader").await;
        let end = Instant::now() + cost::SCENE;
        row.requests += 1;
        // As few bytes as a handshake can have.
        let request = REQUEST.replace("server.example.com", "127.0.0.1:3000");
        reader.send(request.replace("GET /", "GET /updates")).await;
        reader.response().await;
        while let Ok(head) = timeout_at(end, reader.bytes(2)).await {
            reader.bytes(head[1].into()).await;
            row.learn(1, net.now());
        }
        row.traffic = net.traffic("reader");
        row
    }

    // ANCHOR: one_message
    /// Once the handshake is paid: 12 bytes, a header of 2, and a mask of 4 on the way up.
    #[test]
    fn counts_what_one_message_costs() {
        wire("The echo of a text is one frame.", async |net: Net| {
            let _server = start(&net, 1);
            let mut ann = open(&net, "ann").await;
            let before = net.traffic("ann");
            ann.send(frame(TEXT, "twelve bytes")).await;
            ann.bytes(14).await;
            let after = net.traffic("ann");
            let (up, down) = (after.up - before.up, after.down - before.down);
            assert_snapshot!(format!("{up} bytes up, {down} bytes down"), @"18 bytes up, 14 bytes down");
        });
    }
    // ANCHOR_END: one_message
}

/// What tungstenite does, and what it leaves to you. The chapter shows these.
mod given {
    use super::*;

    /// Nobody flushes, so the pong waits until somebody reads on.
    #[test]
    fn a_pong_waits_until_the_next_read() {
        wire(
            "This test is about tungstenite, not about your code.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(frame(PING, "?")).await;
                let _ = socket.next().await;
                ann.hears_nothing_for(Duration::from_secs(60)).await;
                let _ = timeout(Duration::ZERO, socket.next()).await;
                assert_snapshot!("pong-waits", net.transcript());
            },
        );
    }

    /// A peer that broke the rules sees the end, and never learns why.
    #[test]
    fn tungstenite_alone_ends_without_a_word() {
        wire(
            "This test is about tungstenite, not about your code.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(b"\x81\x05Hello").await;
                while let Some(Ok(_)) = socket.next().await {}
                drop(socket);
                ann.closed().await;
                assert_snapshot!("without-a-word", net.transcript());
            },
        );
    }

    /// So whoever broke a rule is not waited for, however long they stay.
    #[test]
    fn tungstenite_reads_nothing_more_after_an_error() {
        wire(
            "This test is about tungstenite, not about your code.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(b"\x81\x05Hello").await;
                assert!(matches!(socket.next().await, Some(Err(_))));
                ann.send(frame(TEXT, "Hello")).await;
                assert!(socket.next().await.is_none());
                assert_eq!(net.now(), Duration::ZERO);
            },
        );
    }

    /// Whoever returns at the close frame takes the answer with them: the client sees 1006.
    #[test]
    fn a_loop_that_returns_at_the_close_leaves_1006() {
        wire(
            "This test is about tungstenite, not about your code.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(frame(CLOSE, goodbye(1000, "bye"))).await;
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_close() {
                        break;
                    }
                }
                drop(socket);
                ann.closed().await;
                assert_snapshot!("not-drained", net.transcript());
            },
        );
    }

    /// RFC 6455, section 5.2, wants the shortest form of a length. tungstenite takes any.
    #[test]
    fn tungstenite_takes_a_length_in_more_bytes_than_it_needs() {
        wire(
            "This test is about tungstenite, not about your code.",
            async |net: Net| {
                let (mut ann, mut socket) = socket(&net).await;
                ann.send(b"\x81\xfe\x00\x02\0\0\0\0Hi").await;
                let message = socket.next().await;
                assert_snapshot!(format!("{message:?}"), @r#"Some(Ok(Text(Utf8Bytes(b"Hi"))))"#);
            },
        );
    }
}
