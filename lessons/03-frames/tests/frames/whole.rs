//! The codec on a connection.

use super::*;

/// A frame as the learner's code encodes it.
fn encoded(key: Option<[u8; 4]>, fin: bool, opcode: OpCode, payload: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    frame(fin, opcode, payload).encode(key, &mut out);
    out
}

/// Runs the learner's server on frames from the first byte on: no handshake.
fn serve(net: &Net) {
    net.without_handshake();
    net.serve(async |stream| {
        let mut socket = WebSocket::new(stream, BytesMut::new(), Limits::default());
        frames::echo(&mut socket).await
    });
}

/// Section 5.7, in its order. A test of the bytes: the RFC prints every one of them.
#[test]
fn encodes_the_examples_of_the_rfc() {
    coach(
        "The examples of section 5.7, byte by byte. Compare each line.",
        || {
            let hello = b"Hello";
            let text = encoded(None, true, OpCode::Text, hello);
            assert_snapshot!("rfc-text", Xray::of(&text));
            let masked = encoded(Some(KEY), true, OpCode::Text, hello);
            assert_snapshot!("rfc-text-masked", Xray::of(&masked));
            let mut fragments = encoded(None, false, OpCode::Text, b"Hel");
            fragments.extend(encoded(None, true, OpCode::Continuation, b"lo"));
            assert_snapshot!("rfc-fragments", Xray::of(&fragments));
            let mut ping = encoded(None, true, OpCode::Ping, hello);
            ping.extend(encoded(Some(KEY), true, OpCode::Pong, hello));
            assert_snapshot!("rfc-ping-pong", Xray::of(&ping));
            let binary = encoded(None, true, OpCode::Binary, &[0xab; 256]);
            assert_snapshot!("rfc-binary-256", Xray::of(&binary));
            let binary = encoded(None, true, OpCode::Binary, &[0xab; 65536]);
            assert_snapshot!("rfc-binary-64k", Xray::of(&binary));
        },
    );
}

/// Section 10.3: what a page sends could look like an HTTP request, if it were not masked.
#[test]
fn a_mask_hides_what_looks_like_a_request() {
    coach(
        "The same text twice: as a server sends it, and as a client does.",
        || {
            let request = b"GET /ad HTTP/1.1";
            let mut both = encoded(None, true, OpCode::Text, request);
            both.extend(encoded(Some(KEY), true, OpCode::Text, request));
            assert_snapshot!("looks-like-http", Xray::of(&both));
        },
    );
}

/// A close frame's payload: a code, then a reason.
#[test]
fn encodes_a_close_frame() {
    coach("Two bytes of code, then the reason.", || {
        let code = frames::CloseCode::NORMAL;
        let reason = "bye".to_owned();
        let mut out = BytesMut::new();
        let close = Message::Close(Some(CloseFrame { code, reason }));
        close.into_frame().encode(None, &mut out);
        assert_snapshot!("close", Xray::of(&out));
    });
}

/// RFC 7692, section 7.2.3.1: 'Hello' compressed. RSV1 says so, to those who agreed on it.
#[test]
fn a_compressed_frame_is_refused() {
    coach("Nobody agreed on compression, so RSV1 is an error.", || {
        let compressed = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
        assert_snapshot!("compressed", Xray::of(compressed));
        let result = frames::decode(&mut BytesMut::from(&compressed[..]), Role::Client, LIMIT);
        assert_snapshot!(shown(&result), @"ReservedBits");
    });
}

/// Masked on the way there, not on the way back.
#[test]
fn echoes_text_and_binary() {
    wire(
        "The echo server stands on all your exercises.",
        async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send(short(0x81, b"Hello")).await;
            assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
            ann.send(short(0x82, &[0, 1, 254, 255])).await;
            assert_eq!(hex(&ann.bytes(6).await), "82 04 00 01 fe ff");
            assert_snapshot!("echo", net.transcript());
        },
    );
}

/// The fragments come out as one message, the ping is answered before it.
#[test]
fn answers_a_ping_between_fragments() {
    wire(
        "Control frames pass between fragments.",
        async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send(short(0x01, b"Hel")).await;
            ann.send(short(0x89, b"still there?")).await;
            ann.bytes(14).await;
            ann.send(short(0x80, b"lo")).await;
            ann.bytes(7).await;
            assert_snapshot!("ping-between-fragments", net.transcript());
        },
    );
}

/// The side that did not begin answers with the same code. Then the server ends the stream.
#[test]
fn echoes_a_close_and_ends() {
    wire(
        "A close frame is answered with a close frame.",
        async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send(short(0x88, b"\x03\xe8bye")).await;
            assert_eq!(hex(&ann.closed().await), "88 05 03 e8 62 79 65");
            assert_snapshot!("closing-handshake", net.transcript());
        },
    );
}

/// A close frame without a code is answered without one.
#[test]
fn echoes_a_close_without_a_code() {
    wire("Echo what came: no code for no code.", async |net: Net| {
        serve(&net);
        let mut ann = net.connect("ann").await;
        ann.send(short(0x88, b"")).await;
        assert_eq!(hex(&ann.closed().await), "88 00");
    });
}

/// A frame in pieces of one byte, and three frames in one write.
#[test]
fn does_not_care_how_the_bytes_arrive() {
    wire(
        "`Ok(None)` until a frame is whole, then one frame a call.",
        async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send_in_pieces(short(0x81, b"Hello"), 1).await;
            assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
            ann.send([short(0x81, b"1"), short(0x81, b"2"), short(0x81, b"3")].concat())
                .await;
            assert_eq!(hex(&ann.bytes(9).await), "81 01 31 81 01 32 81 01 33");
            let long = [9; 70_000];
            let length = [127, 0, 0, 0, 0, 0, 1, 0x11, 0x70];
            ann.send(masked(0x82, &length, &long)).await;
            let header = ann.bytes(10).await;
            assert_eq!(hex(&header), "82 7f 00 00 00 00 00 01 11 70");
            assert!(
                ann.bytes(70_000).await == long,
                "70000 bytes come back unchanged"
            );
        },
    );
}

/// Each rule, broken by a client of its own. Each is told, and bob notices nothing.
#[test]
fn the_peer_is_told_what_it_did_wrong() {
    let (none, some): (&[u8], &[u8]) = (b"", b"Hello");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("RSV1 without an extension", short(0xc1, some)),
        ("opcode 3", short(0x83, some)),
        ("opcode 11", short(0x8b, none)),
        ("no mask", b"\x81\x05Hello".to_vec()),
        ("5 in 2 bytes", masked(0x81, &[126, 0, 5], some)),
        (
            "5 in 8 bytes",
            masked(0x81, &[127, 0, 0, 0, 0, 0, 0, 0, 5], some),
        ),
        (
            "a first bit of 1 in the length",
            masked(0x82, &[127, 128, 0, 0, 0, 0, 0, 0, 0], none),
        ),
        ("a ping without FIN", short(0x09, some)),
        (
            "a ping of 126 bytes",
            masked(0x89, &[126, 0, 126], &[0; 126]),
        ),
        ("a continuation of nothing", short(0x80, some)),
        (
            "a text inside a text",
            [short(0x01, some), short(0x81, some)].concat(),
        ),
        ("a close of 1 byte", short(0x88, b"\x03")),
        ("close code 1005", short(0x88, b"\x03\xed")),
        ("close code 999", short(0x88, b"\x03\xe7")),
        ("a reason that is not UTF-8", short(0x88, b"\x03\xe8\xff")),
        ("a text that is not UTF-8", short(0x81, b"\xc3(")),
        ("a text cut within a character", short(0x81, b"caf\xc3")),
        (
            "a frame of 17 MiB",
            masked(0x82, &[127, 0, 0, 0, 0, 1, 16, 0, 0], none),
        ),
    ];
    wire(
        "Each broken rule has its close code: 1002, 1007 or 1009.",
        async move |net: Net| {
            serve(&net);
            let mut bob = net.connect("bob").await;
            let mut lines = Vec::new();
            for (what, bytes) in cases {
                let mut ann = net.connect("ann").await;
                ann.send(bytes).await;
                let answer = ann.closed().await;
                let close = match &answer[..] {
                    [0x88, _, payload @ ..] => close_of(payload),
                    _ => format!("no close frame, but \"{}\"", hex(&answer)),
                };
                lines.push(format!("{what:33}{close}"));
            }
            bob.send(short(0x81, b"Hello")).await;
            assert_eq!(hex(&bob.bytes(7).await), "81 05 48 65 6c 6c 6f");
            assert_snapshot!("close-codes", lines.join("\n"));
        },
    );
}

fn close_of(payload: &[u8]) -> String {
    match payload {
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            format!("{code} {:?}", String::from_utf8_lossy(reason))
        }
        _ => "a close without a code".to_owned(),
    }
}

/// The limits are the server's to choose. Small frames add up.
#[test]
fn a_message_above_the_limit_is_refused() {
    wire("The limit counts the whole message.", async |net: Net| {
        let (mut ann, stream) = net.pair("ann");
        let limits = Limits {
            frame: 100,
            message: 300,
        };
        let mut socket = WebSocket::new(stream, BytesMut::new(), limits);
        let server = tokio::spawn(async move { frames::echo(&mut socket).await });
        for first in [0x02, 0x00, 0x00] {
            ann.send(short(first, &[0; 100])).await;
        }
        ann.hears_nothing().await;
        ann.send(short(0x80, b"!")).await;
        let close = ann.closed().await;
        assert_eq!(
            close_of(&close[2..]),
            "1009 \"the frame or the message is too big\""
        );
        drop(ann);
        let error = server
            .await
            .expect("the server does not panic")
            .unwrap_err();
        assert_eq!(error.to_string(), "the frame or the message is too big");
    });
}

/// A peer that goes on sending hears the reason all the same, and the server ends.
#[test]
fn a_close_frame_gets_past_bytes_that_still_arrive() {
    wire(
        "The server reads on until the peer ends, 5 s at most.",
        async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send([short(0x83, b""), vec![0; 10_000]].concat()).await;
            ann.send(vec![0; 200_000]).await;
            let close = ann.closed().await;
            assert_eq!(close_of(&close[2..]), "1002 \"opcode 3 is reserved\"");
        },
    );
}

/// The stream ends in the middle of a frame: there is nobody to tell.
#[test]
fn a_peer_that_vanishes_ends_the_task() {
    wire(
        "The end of the stream is the end of the echo.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            ann.send(&short(0x81, b"Hello")[..4]).await;
            drop(ann);
            let mut socket = WebSocket::new(stream, BytesMut::new(), Limits::default());
            let end = frames::echo(&mut socket)
                .await
                .map_err(|error| error.kind());
            assert_eq!(end, Ok(()));
        },
    );
}

/// Lessons 01, 02 and 03 together. The first frame comes in the same packet as the request.
#[test]
fn reads_a_frame_that_comes_with_the_handshake() {
    wire(
        "Your lessons 01 and 02 do the handshake. Are their tests green?",
        async |net: Net| {
            net.serve(frames::serve);
            let mut ann = net.connect("ann").await;
            let request = "GET /any/path HTTP/1.1\r\n\
                Host: server.example.com\r\n\
                Upgrade: websocket\r\n\
                Connection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                Sec-WebSocket-Version: 13\r\n\r\n";
            ann.send([request.as_bytes(), &short(0x81, b"Hello")].concat())
                .await;
            assert_eq!(ann.response().await.status, 101);
            clue(
                "101 Switching Protocols",
                "The handshake went through. The frame that came with it did not: look at `decode` and `push`.",
            );
            assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
            ann.send(short(0x88, b"\x03\xe8")).await;
            ann.closed().await;
            assert_snapshot!("session", net.transcript());
        },
    );
}
