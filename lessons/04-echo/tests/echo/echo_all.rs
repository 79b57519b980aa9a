//! The loop until the close.

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
        "A ping ends nothing: answer it, and go on. tungstenite joins the fragments, and gives you the ping first.",
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

/// The error may come late in a conversation, and is of any kind.
#[test]
fn is_an_error_whenever_it_comes() {
    wire(
        "An error is the result of the loop, after any number of messages: `?`.",
        async |net: Net| {
            clue(
                "Ok",
                "The conversation ended with an error, and you say that all was well: pass it on.",
            );
            let hello = [frame(TEXT, "Hello"), frame(PING, "")].concat();
            let mut results = Vec::new();
            for wrong in [
                &b"\x81\x05Hello"[..],
                &frame(TEXT, [0xff]),
                b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04",
            ] {
                results.push(echoed(&net, &[hello.clone(), wrong.to_vec()]).await.0);
            }
            assert_snapshot!(results.join("\n"), @r"
            Err(WebSocket protocol error: Received an unmasked frame from client)
            Err(UTF-8 encoding error: invalid utf-8 sequence of 1 bytes from index 0)
            Err(Space limit exceeded: Message too long: 9223372036854775807 > 1048576)
            ");
        },
    );
}

/// A WebSocket may be silent for as long as it likes.
#[test]
fn waits_for_a_silent_peer() {
    let advice = "Nothing limits the wait for a message: no timeout around `next_message`.";
    wire(advice, async |net: Net| {
        let (mut ann, mut socket) = socket(&net).await;
        tokio::spawn(async move { echo::echo_all(&mut socket).await });
        ann.hears_nothing_for(Duration::from_secs(24 * 3600)).await;
        ann.send(frame(TEXT, "Hello")).await;
        clue(
            "the server closed",
            "ann was silent for a day, and you hung up. She may be: no timeout around `next_message`.",
        );
        ann.bytes(7).await;
    });
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

/// Each flush is a call to the operating system, and these messages came in a few reads.
#[test]
fn flushes_once_for_what_comes_together() {
    let advice = "Answer all that is there before you flush: feed, and let `next_message` flush.";
    wire(advice, async |net: Net| {
        let pair = [frame(TEXT, "0123456789"), frame(BINARY, "0123456789")];
        let mut frames = vec![pair.concat(); 500];
        frames.push(frame(CLOSE, goodbye(1000, "")));
        let (result, _ann) = echoed(&net, &frames).await;
        assert_eq!(result, "Ok");
        let writes = net.writes("ann");
        assert!(
            writes <= 4,
            "a thousand echoes took {writes} writes, and a handful would do. A flush after each \
             answer?"
        );
    });
}

/// She reads nothing. That the loop has ended is no reason to say that all was well.
#[test]
fn is_an_error_when_an_answer_is_not_taken_in_time() {
    wire(
        "An error of `answer` ends the loop, and is its result: `?`.",
        async |net: Net| {
            clue(
                "Ok",
                "An answer was not taken in time, and you say that all was well: pass the error on.",
            );
            for (first, length, times, capacity) in [
                (BINARY, 200_000, 2, 16 * 1024),
                (TEXT, 200_000, 2, 16 * 1024),
                (TEXT, 1000, 1, 64),
                (PING, 100, 2, 64),
            ] {
                net.with_capacity(capacity);
                let (mut ann, mut socket) = socket(&net).await;
                tokio::spawn(async move {
                    for _ in 0..times {
                        ann.send(frame(first, vec![b'0'; length])).await;
                    }
                    pending::<()>().await;
                });
                let start = net.now();
                let result = ending(echo::echo_all(&mut socket)).await;
                let after = (net.now() - start).as_secs();
                assert_eq!(
                    format!("{result}, after {after} s"),
                    "Err(IO error: timed out), after 30 s",
                    "{times} x {length} bytes that ann does not read"
                );
            }
        },
    );
}
