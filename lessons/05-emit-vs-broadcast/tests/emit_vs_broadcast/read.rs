//! The messages that come, until one ends the connection.

use super::*;

fn too_long() -> tungstenite::Error {
    let too_long = tungstenite::error::CapacityError::MessageTooLong {
        size: 3,
        max_size: 2,
    };
    too_long.into()
}

/// What `read` handed on, and how it ended.
fn story(messages: Vec<Result<Message, axum::Error>>) -> String {
    let packets = Arc::new(Mutex::new(Vec::new()));
    let seen = packets.clone();
    let on_packet = move |packet: &str| {
        seen.lock().unwrap().push(packet.to_owned());
        match packet {
            "wrong" => Err("no event"),
            _ => Ok(()),
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
    let end = runtime.block_on(super::read(stream::iter(messages), on_packet));
    let variant = match end {
        End::Client(_) => "End::Client",
        End::Server(_) => "End::Server",
        End::Broken(_) => "End::Broken",
        End::Gone => "End::Gone",
    };
    table([
        ("packets", packets.lock().unwrap().join(" ")),
        ("end", end.to_string()),
        ("variant", variant.to_owned()),
    ])
}

fn text(text: &'static str) -> Result<Message, axum::Error> {
    Ok(Message::Text(text.into()))
}

/// `while let Some(Ok(Message::Text(..)))` ends at the first ping.
#[test]
fn hands_on_texts_and_nothing_else() {
    coach(
        "A ping, a pong or a binary message ends nothing, and is no packet. `None` is the end.",
        || {
            clue(
                "packets                  one\n",
                "Your loop ended at a message that is not a text. Go on with the next.",
            );
            const TEXTS: &str =
                "A ping, a pong or a binary message is no packet. Hand on texts alone.";
            clue("one  ", TEXTS);
            clue("one beat", TEXTS);
            clue(
                "End::Client",
                "No Close came: the stream ended without one. That is `End::Gone`.",
            );
            let messages = vec![
                text("one"),
                Ok(Message::Ping("beat".into())),
                Ok(Message::Pong("beat".into())),
                Ok(Message::Binary("beat".into())),
                text("two"),
            ];
            assert_snapshot!(story(messages), @r"
        packets                  one two
        end                      gone
        variant                  End::Gone
        ");
        },
    );
}

/// Many packets may arrive at once. Read in one go, their echoes fill the queue of a client that
/// reads fast: its writer had no turn yet.
#[test]
fn lets_the_writers_run_after_each_packet() {
    coach("Await `yield_now()` after each packet.", || {
        clue(
            "first                    one two",
            "You handed on all packets in one go, and no writer had a turn. Await `yield_now()`.",
        );
        let packets = Mutex::new(Vec::new());
        let on_packet = |packet: &str| {
            packets.lock().unwrap().push(packet.to_owned());
            Ok::<_, String>(())
        };
        let messages = stream::iter([text("one"), text("two"), text("three")]);
        let mut reading = Box::pin(super::read(messages, on_packet).fuse());
        let turns = ["first", "second"].map(|turn| {
            _ = reading.as_mut().now_or_never();
            (turn, packets.lock().unwrap().join(" "))
        });
        assert_snapshot!(table(turns), @r"
        first                    one
        second                   one two
        ");
    });
}

/// What a text says is for `on_packet` to judge, and nobody tidies it up before.
#[test]
fn hands_on_each_text_as_it_is() {
    coach(
        "Each text is a packet, an empty one too: hand it on unchanged.",
        || {
            let mut packets = Vec::new();
            let messages = ["", " 2[] ", "2[]\n"].map(text);
            let reading = super::read(stream::iter(messages), |packet| {
                packets.push(packet.to_owned());
                Ok::<_, String>(())
            });
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
            runtime.block_on(reading);
            assert_eq!(packets, ["", " 2[] ", "2[]\n"]);
        },
    );
}

const WENT_ON: &str = "You went on after the Close. It is the client's last word: `End::Client`.";

/// A Close is the client's farewell, and not for the others.
#[test]
fn ends_at_a_close() {
    coach("`End::Client` has the frame that the client sent.", || {
        clue("end                      gone", WENT_ON);
        let frame = close_frame(1000, "bye");
        let messages = vec![text("one"), Ok(Message::Close(Some(frame)))];
        assert_snapshot!(story(messages), @r#"
        packets                  one
        end                      closed by the client: 1000 "bye"
        variant                  End::Client
        "#);
        let frame = close_frame(4000, "");
        let closed = story(vec![Ok(Message::Close(Some(frame)))]);
        assert!(
            closed.contains("closed by the client: 4000"),
            "a code without a reason is a code: {closed}"
        );
        clue("end                      gone", WENT_ON);
        // `socket.close()` in a browser: a Close with neither code nor reason.
        let messages = vec![text("one"), Ok(Message::Close(None)), text("two")];
        assert_snapshot!(story(messages), @r"
        packets                  one
        end                      closed by the client
        variant                  End::Client
        ");
    });
}

/// A client that sends nonsense has a bug. It finds it sooner if it hears of it.
#[test]
fn ends_at_a_packet_that_is_refused() {
    coach(
        "`End::Server` with `POLICY_VIOLATION` and the error's text.",
        || {
            clue(
                "wrong two",
                "A packet was refused, and the client does not hear of it. End with \
             `End::Server(close_frame(POLICY_VIOLATION, ...))`.",
            );
            clue(
                "End::Broken",
                "What this client sends can still be read: `End::Server`. `Broken` is for a \
                 read that failed.",
            );
            clue(
                "called `Result::unwrap()`",
                "A client can send anything: do not `unwrap`.",
            );
            assert_snapshot!(story(vec![text("one"), text("wrong"), text("two")]), @r#"
        packets                  one wrong
        end                      closed by the server: 1008 "no event"
        variant                  End::Server
        "#);
        },
    );
}

/// A close frame has room for 123 bytes of reason (RFC 6455, section 5.5). One that is longer cannot
/// be sent, and the client hears nothing at all.
#[test]
fn cuts_a_reason_that_is_too_long() {
    coach("`close_frame` cuts a reason that is too long.", || {
        let end = super::read(stream::iter([text("one")]), |_| Err("ö".repeat(100)));
        let reason = match end.now_or_never() {
            Some(End::Server(frame)) => format!("{} bytes", frame.reason.len()),
            other => format!("{other:?}"),
        };
        assert_snapshot!(reason, @"122 bytes");
    });
}

#[test]
fn says_why_reading_failed() {
    coach(
        "`failure` turns an error of the WebSocket into an `End`.",
        || {
            clue(
                "end                      gone",
                "The client broke a rule and hears nothing. `failure(error)` knows the close code.",
            );
            let error = axum::Error::new(too_long());
            assert_snapshot!(story(vec![text("one"), Err(error), text("two")]), @r#"
        packets                  one
        end                      closed by the server: 1009 "Space limit exceeded: Message too long: 3 > 2"
        variant                  End::Broken
        "#);
            let error = tungstenite::Error::Utf8("bad".to_owned());
            let broken = story(vec![Err(axum::Error::new(error))]);
            assert!(
                broken.contains("1007"),
                "text that is not UTF-8 is 1007: {broken}"
            );
            let rule = tungstenite::error::ProtocolError::NonZeroReservedBits;
            let broken = story(vec![Err(axum::Error::new(tungstenite::Error::Protocol(
                rule,
            )))]);
            assert!(broken.contains("1002"), "a broken rule is 1002: {broken}");
        },
    );
}
