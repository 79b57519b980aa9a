//! The answer to one message.

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

/// An empty message is a message, and blanks are characters. A client may wait for its echo.
#[test]
fn sends_any_message_back_unchanged() {
    wire(
        "Do not look at what a message says: empty ones count, and blanks do.",
        async |net: Net| {
            for (first, payload) in [(TEXT, ""), (BINARY, ""), (TEXT, " a b ")] {
                let (mut ann, mut socket) = answered(&net, frame(first, payload)).await;
                let _ = socket.flush().await;
                let echo = [&[first, payload.len() as u8], payload.as_bytes()].concat();
                assert_eq!(ann.some_bytes().await, echo);
            }
        },
    );
}

/// One flush for each message is one system call for each. The loop knows better when.
#[test]
fn leaves_the_flush_of_an_echo_to_the_loop() {
    let advice = "`send` is `feed` and `flush`. Feed only: the loop flushes before it waits.";
    wire(advice, async |net: Net| {
        clue(
            "server → ann   binary",
            "Text goes back as text: feed the message itself.",
        );
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
            let (_ann, _socket) = answered(&net, frame(PING, "")).await;
            assert_snapshot!(net.transcript(), @r"
        ann → server   ping are you there
        server → ann   pong are you there
        ann → server   ping
        server → ann   pong
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

/// An answer waits in the queue. A pong is no reason to send it.
#[test]
fn does_not_flush_at_a_pong() {
    let advice = "A pong asks for nothing, not even for a flush.";
    wire(advice, async |net: Net| {
        let (mut ann, mut socket) = answered(&net, frame(TEXT, "Hello")).await;
        let pong = Message::Pong("still here".into());
        assert_eq!(ending(echo::answer(&mut socket, pong)).await, "Ok");
        ann.hears_nothing().await;
    });
}

/// The answer to a close frame is a close frame with the same code (section 5.5.1).
#[test]
fn sends_the_answer_to_a_close() {
    wire(
        "tungstenite has the answer to a close ready: flush.",
        async |net: Net| {
            let (_ann, _socket) = answered(&net, frame(CLOSE, goodbye(1000, "bye"))).await;
            let (_ann, _socket) = answered(&net, frame(CLOSE, "")).await;
            assert_snapshot!(net.transcript(), @r#"
        ann → server   close 1000 "bye"
        server → ann   close 1000 "bye"
        ann → server   close
        server → ann   close
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
            let mut results = String::new();
            for long in [
                Message::binary(vec![0; 200_000]),
                Message::text("0".repeat(200_000)),
            ] {
                let (_ann, mut socket) = socket(&net).await;
                let start = net.now();
                // The first one is in the queue, and the second has no room there before it is sent.
                for message in ["first", "second"] {
                    let result = ending(echo::answer(&mut socket, long.clone())).await;
                    let after = (net.now() - start).as_secs();
                    _ = writeln!(results, "{message}: {result}, after {after} s");
                }
            }
            clue(
                "second: Ok, after 30 s",
                "The wait ended with an error, and you say that all was well: return what in_time gives.",
            );
            clue(
                "second: Ok, after 0 s",
                "Two long messages, and ann has read none of them: neither is in the queue. `feed` them.",
            );
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
            first: Ok, after 0 s
            second: Err(IO error: timed out), after 30 s
            first: Ok, after 0 s
            second: Err(IO error: timed out), after 30 s
            ");
        },
    );
}

/// Pings without end from a peer that does not read would fill the memory with pongs.
#[test]
fn gives_up_on_a_peer_that_does_not_read_a_pong_or_a_close() {
    wire(
        "Each wait for a peer needs an end: in_time.",
        async |net: Net| {
            net.with_capacity(16);
            clue(
                "still waits",
                "ann reads nothing, and you wait for her for ever: put in_time around the flush.",
            );
            clue(
                "Ok, after 30 s",
                "The wait ended with an error, and you say that all was well: return what in_time gives.",
            );
            clue(
                "Ok",
                "The answer is not sent yet: ann does not read. Wait until it is: flush.",
            );
            for (first, payload) in [
                (PING, vec![b'?'; 100]),
                (CLOSE, goodbye(1000, &"?".repeat(100))),
            ] {
                let (mut ann, mut socket) = socket(&net).await;
                tokio::spawn(async move {
                    ann.send(frame(first, payload)).await;
                    pending::<()>().await;
                });
                let message = socket.next().await.expect("a message");
                let message = message.expect("a message by the rules");
                let start = net.now();
                let result = ending(echo::answer(&mut socket, message)).await;
                let after = (net.now() - start).as_secs();
                assert_eq!(
                    format!("{result}, after {after} s"),
                    "Err(IO error: timed out), after 30 s"
                );
            }
        },
    );
}
