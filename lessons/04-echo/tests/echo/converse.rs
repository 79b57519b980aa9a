//! A whole conversation, and the close at its end, whoever begins it.

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

/// A peer that reads nothing takes a place for nothing, whether it broke a rule or the server stops.
#[test]
fn gives_up_on_a_peer_that_does_not_read_its_close_frame() {
    let advice =
        "Send the close frame, and give ann 30 s to take it: `in_time(socket.close(…)).await?`.";
    wire(advice, async |net: Net| {
        net.with_capacity(16);
        clue(
            "still waits",
            "ann reads nothing, and you wait for her for ever: put in_time around the close.",
        );
        clue(
            "Ok, after 30 s",
            "The close frame was not sent, and you do not say so: `?` after in_time.",
        );
        clue(
            "Ok, after 5 s",
            "GRACE is for the answer. To send the close frame takes what in_time gives it, and its error is yours.",
        );
        let mut results = String::new();
        for breaks_a_rule in [true, false] {
            let stop = async move {
                if breaks_a_rule {
                    pending::<()>().await;
                }
            };
            let begin = net.now();
            let (mut ann, ending) = start(&net, stop).await;
            if breaks_a_rule {
                ann.send(b"\x81\x05Hello").await;
            }
            let mut result = ending.await.unwrap_or_default();
            if breaks_a_rule && result.starts_with("Err") {
                // Two things have gone wrong, and either may be told.
                result = "Err(…)".to_owned();
            }
            let after = (net.now() - begin).as_secs();
            _ = writeln!(results, "{result}, after {after} s");
        }
        assert_snapshot!(results, @r"
        Err(…), after 30 s
        Err(IO error: timed out), after 30 s
        ");
    });
}

/// She has heard the 1001, and pulls the plug. The server stops, so all is well.
#[test]
fn is_ok_after_the_stop_however_it_ends() {
    let advice = "After `stop` the result is Ok: what ends the reading does not matter.";
    wire(advice, async |net: Net| {
        let (mut ann, ending) = start(&net, sleep(Duration::ZERO)).await;
        ann.some_bytes().await;
        drop(ann);
        assert_snapshot!(ending.await.unwrap_or_default(), @"Ok");
    });
}

/// A client may have much to say before it sees the close frame.
#[test]
fn reads_on_to_the_end_after_the_stop() {
    let advice = "Read on until there is nothing more, whatever kinds of messages come.";
    wire(advice, async |net: Net| {
        let (mut ann, ending) = start(&net, sleep(Duration::ZERO)).await;
        let clock = net.clone();
        let ending = tokio::spawn(async move {
            let result = ending.await.unwrap_or_default();
            format!("{result} at {} s", clock.now().as_secs_f32())
        });
        ann.some_bytes().await;
        for n in 0..8 {
            let first = [TEXT, BINARY, PING, PONG][n % 4];
            ann.send(frame(first, "more")).await;
            net.pass(Duration::from_millis(500)).await;
        }
        ann.send(frame(CLOSE, goodbye(1001, ""))).await;
        clue(
            "Ok at",
            "You stopped reading before the end, and ann was still speaking.",
        );
        assert_snapshot!(ending.await.unwrap_or_default(), @"Ok at 4 s");
    });
}

/// Each kind of error is the result of the conversation.
#[test]
fn returns_what_went_wrong() {
    wire(
        "After its close frame is sent, return the error of echo_all.",
        async |net: Net| {
            let mut results = Vec::new();
            for wrong in [
                frame(TEXT, [0xff]),
                b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04".to_vec(),
            ] {
                let (mut ann, ending) = start(&net, pending()).await;
                ann.send([frame(TEXT, "Hello"), wrong].concat()).await;
                ann.closed().await;
                results.push(ending.await.unwrap_or_default());
            }
            assert_snapshot!(results.join("\n"), @r"
            Err(UTF-8 encoding error: invalid utf-8 sequence of 1 bytes from index 0)
            Err(Space limit exceeded: Message too long: 9223372036854775807 > 1048576)
            ");
        },
    );
}

/// She has read the 1001, talks on for nine seconds, and stays.
#[test]
fn gives_up_on_a_peer_that_never_closes() {
    let advice =
        "After your close frame, give ann GRACE to close: one `timeout` around all of the reading.";
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
        assert_snapshot!(format!("{result} at {} s", net.now().as_secs_f32()), @"Ok at 5 s");
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
