//! tungstenite, on the stream that the handshake leaves.

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
            let early = [&hello, &hello, &hello[..4]].concat();
            let (mut ann, mut socket) = after_handshake(&net, &early).await;
            ann.send(&hello[4..]).await;
            drop(ann);
            clue_for_the_role();
            clue(
                "Err(",
                "The first bytes of the frame are lost, so the rest makes no sense. They are in `early`.",
            );
            assert_snapshot!(next(&mut socket).await, @"5 bytes: Hello");
            assert_snapshot!(next(&mut socket).await, @"5 bytes: Hello");
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
    wire("Four limits: see the doc-comment.", async |net: Net| {
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
        clue(
            "read: 131072",
            "read_buffer_size is still at its default: 128 KiB for a connection that says nothing.",
        );
        assert_snapshot!(format!(
            "message: {:?}\nframe: {:?}\nwrite: {}\nread: {}",
            config.max_message_size,
            config.max_frame_size,
            config.max_write_buffer_size,
            config.read_buffer_size,
        ), @r"
        message: Some(1048576)
        frame: Some(1048576)
        write: 2097152
        read: 4096
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
