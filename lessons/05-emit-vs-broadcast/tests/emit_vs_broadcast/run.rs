//! Reading, writing and closing, all at once.

use super::*;

/// Ann waits for a word, and says none.
#[test]
fn writes_while_it_reads() {
    wire(
        "Read and write at once: `tokio::select!` over both.",
        async |net: Net| {
            clue(
                "waited for a message",
                "Nothing was sent to ann before she spoke. `write` must run while `read` waits.",
            );
            let hub = relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            net.settle().await;
            hub.emit(&Event::new("chat", ["hello"]));
            assert_eq!(ann.next_text().await, r#"2["chat","hello"]"#);
        },
    );
}

/// The other way round: a client that does not read is stuck in `write`. It still speaks.
#[test]
fn reads_while_it_writes() {
    wire(
        "A writer that waits must not stop the reader.",
        async |net: Net| {
            clue(
                "waited for a message",
                "Bob does not read, so your task waits in `send`, and does not hear him. Let \
             `write` and `read` be two branches of one `select!`.",
            );
            let hub = relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            net.with_capacity(256);
            let mut bob = net.websocket("bob", "/").await;
            net.settle().await;
            let bobs = *hub.ids().last().expect("two are here");
            hub.deliver(To::One(bobs), &"x".repeat(1000).into());
            net.settle().await;
            bob.text("I do not listen").await;
            assert_eq!(ann.next_text().await, "I do not listen");
        },
    );
}

/// Whoever returns at the Close drops the socket before the answer is sent: code 1006.
#[test]
fn answers_a_close() {
    wire(
        "When the `select!` is over comes `close`.",
        async |net: Net| {
            clue(
                "stayed open",
                "The client's goodbye was not read: does `read` run while `write` waits?",
            );
            clue(
                "1006",
                "The client said goodbye and got no answer. `close` reads on until it is sent.",
            );
            relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            ann.close(4000, "enough").await;
            assert_snapshot!(format!("{:?}", ann.closed().await), @r#"(4000, "enough")"#);
        },
    );
}

/// Every way out leads through the same door.
#[test]
fn leaves_the_hub_however_it_ends() {
    wire(
        "Hold `membership` for as long as the connection lasts.",
        async |net: Net| {
            clue(
                "[Conn",
                "The connection has ended, and the hub still has it.",
            );
            let hub = relay(&net, Limits::default());
            let ways = [
                "closes",
                "vanishes",
                "breaks a rule",
                "panics",
                "is dropped",
            ];
            let mut left = Vec::new();
            for way in ways {
                let mut ann = net.websocket("ann", "/").await;
                net.settle().await;
                let id = *hub.ids().last().expect("ann is here");
                match way {
                    "closes" => ann.close(1000, "bye").await,
                    "breaks a rule" => {
                        // A frame with a reserved bit (RFC 6455, section 5.2).
                        let stream = ann.get_mut().get_mut();
                        _ = stream.write_all(b"\xc1\x80\0\0\0\0").await;
                    }
                    "panics" => ann.text("panic").await,
                    "is dropped" => _ = hub.disconnect(id, TOO_SLOW),
                    _ => std::mem::drop(ann),
                }
                net.settle().await;
                left.push((way, format!("{:?}", hub.ids())));
            }
            assert_snapshot!(table(left), @r"
        closes                   []
        vanishes                 []
        breaks a rule            []
        panics                   []
        is dropped               []
        ");
        },
    );
}

/// Ann is refused, and does not read why. If you wait for her answer first, you keep a dead member.
#[test]
fn leaves_before_it_closes() {
    wire(
        "First drop `membership`, then `close`.",
        async |net: Net| {
            clue(
                "[Conn",
                "The connection is being closed, and the hub still writes to it. Drop \
             `membership` before you `close`.",
            );
            let hub = relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            ann.text("wrong").await;
            net.settle().await;
            assert_snapshot!(format!("{:?}", hub.ids()), @"[]");
            assert_eq!(ann.closed().await, (1008, "no event".to_owned()));
        },
    );
}

/// The hub may have other reasons than a full queue.
#[test]
fn closes_with_the_hubs_own_word() {
    wire(
        "`closing` brings the frame: end with that one.",
        async |net: Net| {
            clue(
                "stayed open",
                "The hub's word ends the connection, whatever the others wait for. `select!` ends with \
                 the first branch that is done; `join!` waits for all.",
            );
            clue(
                "+1 s",
                "The hub's word is `End::Server`: `Broken` is for a read that failed.",
            );
            clue(
                "too slow",
                "The hub said why, and you said something else: `Ok(frame) = closing => End::Server(frame)`.",
            );
            let hub = relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            net.settle().await;
            let id = *hub.ids().last().expect("ann is here");
            hub.disconnect(id, close_frame(1001, "closing time"));
            let (code, reason) = ann.closed().await;
            let after = net.now().as_secs();
            assert_snapshot!(format!("{code} {reason} +{after} s"), @"1001 closing time +0 s");
        },
    );
}

/// Bob does not read: `write` is stuck, and so would be whoever waits for it.
#[test]
fn ends_when_the_hub_gives_up_on_the_client() {
    wire(
        "`closing` is a branch of the `select!` too.",
        async |net: Net| {
            clue(
                "stayed open",
                "The hub said through `closing` that it is over, and nobody listened.",
            );
            clue(
                "1006",
                "The hub said through `closing` with which frame it is over. `close` sends it.",
            );
            let hub = relay(
                &net,
                Limits {
                    queue: 1,
                    when_full: WhenFull::DropClient,
                },
            );
            net.with_capacity(64);
            let mut bob = net.websocket("bob", "/").await;
            for _ in 0..3 {
                net.settle().await;
                hub.deliver(To::All, &"x".repeat(100).into());
            }
            net.pass(Duration::from_secs(1)).await;
            assert_snapshot!(format!("{:?}", bob.closed().await), @r#"(1013, "too slow")"#);
        },
    );
}

/// Where a writer is when the hub gives its client up.
enum At {
    /// It waits for room, and has sent one message.
    Ready,
    Flush,
    /// Nothing can be written any more.
    Broken,
    /// It waits for a packet when the client says goodbye, and does not let go.
    Goodbye,
}

/// A socket whose client says nothing, and is given up while `write` is at it.
struct GivenUp {
    at: At,
    hub: Hub,
    id: ConnectionId,
    said: Arc<Mutex<Vec<String>>>,
    said_goodbye: bool,
}

impl GivenUp {
    /// The socket, and a member of a hub with these packets in its queue.
    fn new(at: At, packets: &[&'static str]) -> (Self, Member) {
        let hub = Hub::default();
        let member = hub.join();
        let id = member.membership.id();
        for packet in packets {
            hub.deliver(To::One(id), &Utf8Bytes::from_static(packet));
        }
        let socket = GivenUp {
            at,
            hub,
            id,
            said: Arc::default(),
            said_goodbye: false,
        };
        (socket, member)
    }

    /// Runs a connection with these packets in its queue: how it ended, and what it sent.
    async fn run(at: At, packets: &[&'static str]) -> String {
        let (socket, member) = Self::new(at, packets);
        let said = socket.said.clone();
        let end = super::run(socket, member, |_| Ok::<_, String>(())).await;
        let said = said.lock().unwrap().join(", ");
        table([("end", end.to_string()), ("on the wire", said)])
    }
}

impl Stream for GivenUp {
    type Item = Result<Message, axum::Error>;

    /// Nothing but a goodbye, until the server has closed.
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if matches!(self.at, At::Goodbye) && !self.said_goodbye {
            self.said_goodbye = true;
            return Poll::Ready(Some(Ok(Message::Close(None))));
        }
        let said = self.said.lock().unwrap();
        match said.iter().any(|message| message.starts_with("close")) {
            true => Poll::Ready(None),
            false => Poll::Pending,
        }
    }
}

impl Sink<Message> for GivenUp {
    type Error = axum::Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if let At::Broken = self.at {
            let after_the_close = tungstenite::error::ProtocolError::SendAfterClosing;
            let error = tungstenite::Error::Protocol(after_the_close);
            return Poll::Ready(Err(axum::Error::new(error)));
        }
        let waits = matches!(self.at, At::Ready) && !self.said.lock().unwrap().is_empty();
        match waits && self.hub.disconnect(self.id, TOO_SLOW) {
            true => Poll::Pending,
            false => Poll::Ready(Ok(())),
        }
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Self::Error> {
        let message = match message {
            Message::Text(packet) => packet.to_string(),
            Message::Close(Some(frame)) => format!("close {} {}", frame.code, frame.reason),
            other => format!("{other:?}"),
        };
        self.said.lock().unwrap().push(message);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if let At::Flush = self.at {
            self.hub.disconnect(self.id, TOO_SLOW);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
}

/// The hub gives the reason, and then lets go of the queue: `write` ends too, and may be first.
#[test]
fn says_why_even_if_the_writer_ends_too() {
    wire("`closing` has the last word.", async |_: Net| {
        clue(
            "gone",
            "`write` ended because the hub let go of the queue, and the client is still there. \
             An `Ok` of `write` is no end: the reason is in `closing`.",
        );
        assert_snapshot!(GivenUp::run(At::Flush, &["hello"]).await, @r#"
        end                      closed by the server: 1013 "too slow"
        on the wire              hello, close 1013 too slow
        "#);
    });
}

/// Reading shows nothing yet: only `write` knows that its socket is broken.
#[test]
fn ends_when_nothing_can_be_written() {
    wire(
        "An error of `write` ends the connection: `End::Gone`.",
        async |_: Net| {
            clue(
                "closed by the server",
                "Nothing can be written, so no close code reaches the client: `End::Gone`, whatever \
                 the error.",
            );
            clue(
                "runs on",
                "`write` has failed, and the connection goes on: a member that hears nothing. An \
                 `Err` of `write` is an end.",
            );
            let ended = timeout(TEN_SECONDS, GivenUp::run(At::Broken, &["hello"])).await;
            let ended = ended.unwrap_or("it runs on".to_owned());
            assert_snapshot!(ended.trim_end(), @r"
            end                      gone
            on the wire
            ");
        },
    );
}

/// `close` may take its five seconds, however the end came. Nobody writes to a member meanwhile.
#[test]
fn leaves_before_it_closes_whatever_the_end() {
    wire(
        "First drop `membership`, then `close`: for every end.",
        async |net: Net| {
            clue(
                "[Conn",
                "This connection is being closed, and the hub still writes to it.",
            );
            let mut left = Vec::new();
            for (end, at) in [("gone", At::Broken), ("closed by the client", At::Goodbye)] {
                let (socket, member) = GivenUp::new(at, &["hello"]);
                let hub = socket.hub.clone();
                let run = super::run(socket, member, |_| Ok::<_, String>(()));
                let run = tokio::spawn(run);
                net.settle().await;
                left.push((end, format!("{:?}", hub.ids())));
                run.abort();
            }
            assert_snapshot!(table(left), @r"
            gone                     []
            closed by the client     []
            ");
        },
    );
}

/// `select!` drops the branches that lose, and what they hold. `write` may hold no packet while
/// it waits for room.
#[test]
fn sends_the_whole_queue_before_it_closes() {
    let advice = "Let `write` empty the queue, and `close` send the rest.";
    wire(advice, async |_: Net| {
        clue(
            "one, two, four",
            "A packet is lost: it had left the queue and waited for room in the sink when \
             `select!` dropped that branch. First wait for room, then take a packet.",
        );
        let packets = ["one", "two", "three", "four"];
        assert_snapshot!(GivenUp::run(At::Ready, &packets).await, @r#"
        end                      closed by the server: 1013 "too slow"
        on the wire              one, two, three, four, close 1013 too slow
        "#);
    });
}

/// A client that never lets go costs the server five seconds, and no more.
#[test]
fn does_not_wait_for_ever() {
    wire(
        "`close` does the waiting, with a limit.",
        async |net: Net| {
            relay(&net, Limits::default());
            let mut ann = net.websocket("ann", "/").await;
            ann.text("wrong").await;
            net.pass(TEN_SECONDS).await;
            ann.text("still here").await;
            assert_snapshot!(said(&net), @r#"
        ann → server   GET / HTTP/1.1
        server → ann   HTTP/1.1 101 Switching Protocols
        ann → server   text wrong
        server → ann   close 1008 "no event"
        +5 s
        server         closes the connection to ann
        "#);
        },
    );
}
