//! The server's side of the handshake, on a connection.

use super::*;

const UNANSWERED: &str =
    "Nothing was answered: `connection.write(&response).await?` before `into_parts`.";

const CHAPTER: &str = "GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==
Sec-WebSocket-Protocol: chat, superchat
Sec-WebSocket-Version: 13
Origin: http://example.com

";

/// The exchange of the chapter's first figure, byte for byte.
#[test]
fn opens_the_websocket() {
    wire(
        "Check, choose, answer with 101, and keep the stream open.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            ann.send(crlf(CHAPTER)).await;
            let upgraded = accept(stream, &["superchat", "chat"]).await;
            let upgraded = upgraded.expect("this request is right");
            missing("HTTP/1.1 101", UNANSWERED);
            assert_snapshot!("handshake", net.transcript());
            assert_eq!(upgraded.subprotocol.as_deref(), Some("chat"));
            assert_eq!(upgraded.request.target, "/chat");
            let origin = upgraded.request.header("Origin");
            assert_eq!(origin, Some("http://example.com"), "the request is whole");
            assert_eq!(
                upgraded.response,
                switching_protocols("x3JJHMbDL1EzLkh9GBhXDw==", Some("chat")),
                "`response` is the one that was sent"
            );
        },
    );
}

/// A client need not wait for the 101's arrival to know that TCP keeps the order.
#[test]
fn hands_on_the_bytes_behind_the_request() {
    wire(
        "Bytes that came after the request are the first frame. into_parts has them: hand \
         them on as `early`.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
            ann.send([crlf(REQUEST).as_bytes(), frame].concat()).await;
            let upgraded = accept(stream, &[]).await.expect("this request is right");
            missing("HTTP/1.1 101", UNANSWERED);
            assert_snapshot!("first-frame-comes-early", net.transcript());
            assert_snapshot!(kit::transcript::hex(&upgraded.early), @"81 85 37 fa 21 3d 7f 9f 4d 51 58");
        },
    );
}

/// A 101 that could not be written opens nothing, and a refusal that could not be is not told.
#[test]
fn passes_on_an_error_of_the_stream() {
    wire(
        "An error of `write`, or of `refuse`, is your error too: `?` passes it on.",
        async |_| {
            clue(
                "Ok",
                "The answer could not be written, and you say that all is well: `?`.",
            );
            clue(
                "Refused",
                "This refusal was not written, or nobody asked whether it was: `refuse(…).await?`.",
            );
            for line in ["Upgrade: websocket", "Upgrade: h2c"] {
                let request = request_with("Upgrade: websocket", line);
                let connection = Connection::new(Broken::after(""));
                let result = match upgrade(connection, request, &[]).await {
                    Ok(_) => "Ok".to_owned(),
                    Err(Error::Io(error)) => format!("Io: {error}"),
                    Err(other) => format!("{other:?}"),
                };
                assert_eq!(result, "Io: connection reset");
            }
        },
    );
}

/// For RFC 6455 that is no reason to refuse: the client decides whether it goes on.
#[test]
fn opens_without_a_subprotocol_in_common() {
    let advice = "Nothing in common: 101 all the same, without a Sec-WebSocket-Protocol.";
    wire(advice, async |net: Net| {
        let (mut ann, stream) = net.pair("ann");
        ann.send(crlf(CHAPTER)).await;
        let upgraded = accept(stream, &["v2"])
            .await
            .map(|upgraded| upgraded.subprotocol);
        assert_eq!(format!("{upgraded:?}"), "Ok(None)");
        let answer = ann.response().await;
        assert_eq!(
            (answer.status, answer.header("Sec-WebSocket-Protocol")),
            (101, None)
        );
    });
}

#[test]
fn works_when_bytes_come_one_by_one() {
    wire(
        "Lesson 01 reads the head, however it arrives.",
        async |net: Net| {
            net.in_pieces_of(1);
            net.serve(async |stream| accept(stream, &[]).await.map(drop));
            clue("waited for an HTTP response", UNANSWERED);
            let mut ann = net.connect("ann").await;
            ann.send(crlf(REQUEST)).await;
            assert_eq!(ann.response().await.status, 101);
        },
    );
}

/// Both extensions that a browser may offer are declined by silence (RFC 6455, section 9.1).
#[test]
fn declines_extensions() {
    wire(
        "An extension in the answer is a promise to speak it. Leave it out.",
        async |net: Net| {
            net.serve(async |stream| accept(stream, &[]).await.map(drop));
            clue("waited for an HTTP response", UNANSWERED);
            let mut ann = net.connect("ann").await;
            let offer = "\nSec-WebSocket-Extensions: permessage-deflate";
            let head = REQUEST.replace("\nUpgrade", &format!("{offer}\nUpgrade"));
            ann.send(crlf(&head)).await;
            let response = ann.response().await;
            assert_eq!(response.header("Sec-WebSocket-Extensions"), None);
            assert_eq!(response.status, 101);
        },
    );
}

/// Each refusal is an HTTP response that a person can read, and then the end.
#[test]
fn tells_why_it_refuses() {
    let advice = "A refusal is answered with its own response; then the connection closes.";
    wire(advice, async |net: Net| {
        net.serve(async |stream| accept(stream, &[]).await.map(drop));
        clue("waited for an HTTP response", UNANSWERED);
        let mut told = String::new();
        for (what, line, by) in [
            ("a POST", "GET", "POST"),
            ("HTTP/1.0", "HTTP/1.1", "HTTP/1.0"),
            ("no Host", "Host: server.example.com\n", ""),
            (
                "a body",
                "Upgrade: websocket",
                "Upgrade: websocket\nContent-Length: 11",
            ),
            (
                "a plain GET",
                "Upgrade: websocket\nConnection: Upgrade\n",
                "",
            ),
            (
                "Connection: keep-alive",
                "Connection: Upgrade",
                "Connection: keep-alive",
            ),
            ("no version", "Sec-WebSocket-Version: 13\n", ""),
            ("version 12", "Version: 13", "Version: 12"),
            ("the key abc", "dGhlIHNhbXBsZSBub25jZQ==", "abc"),
        ] {
            let mut ann = net.connect("ann").await;
            ann.send(crlf(&REQUEST.replace(line, by))).await;
            ann.finish().await;
            let response = String::from_utf8(ann.closed().await).expect("a refusal is text");
            told += &format!("{what}\n\n{}\n", indent(&response));
        }
        assert_snapshot!("refusals", told);
    });
}

/// Closed with bytes unread, a TCP connection is reset, and the refusal may be lost on its way.
#[test]
fn reads_on_and_returns_what_it_refused() {
    let advice = "`refuse(connection, …)` writes the answer, closes, and reads on for a moment.";
    wire(advice, async |_| {
        for (line, by, refusal) in [
            ("GET", "POST", Refusal::Method),
            ("Version: 13", "Version: 12", Refusal::Version),
        ] {
            let (mut ann, server) = tokio::io::duplex(4096);
            let length = "Host: server.example.com\nContent-Length: 10000";
            let head = REQUEST.replace(line, by);
            let head = match refusal {
                Refusal::Method => head.replace("Host: server.example.com", length),
                _ => head,
            };
            let asks = async {
                ann.write_all(crlf(&head).as_bytes()).await?;
                ann.write_all(&[b'x'; 10_000]).await?;
                ann.shutdown().await?;
                let mut told = String::new();
                ann.read_to_string(&mut told).await
            };
            let serves = async { accept(server, &[]).await.map(|_| "a WebSocket") };
            let (told, refused) = tokio::join!(asks, serves);
            clue(
                "broken pipe",
                "You closed while the client was still sending. `refuse` writes the answer and reads \
                 on; `connection.write` alone does not.",
            );
            assert!(
                told.is_ok(),
                "the client could not send all: {}",
                told.unwrap_err()
            );
            clue("NoRequest", "There was a request, and you refused it.");
            let expected: Result<&str, _> = Err(Error::Refused(refusal));
            assert_eq!(format!("{refused:?}"), format!("{expected:?}"));
        }
    });
}

/// Eleven bytes that are a body to whoever reads the length, and a frame to whoever does not.
#[test]
fn takes_no_body_for_frames() {
    let advice = "A body is refused by check_request, and `refuse` answers and closes.";
    wire(advice, async |net: Net| {
        net.serve(async |stream| accept(stream, &[]).await.map(drop));
        clue("waited for an HTTP response", UNANSWERED);
        let head = REQUEST.replace("\nUpgrade", "\nContent-Length: 11\nUpgrade");
        let frame = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let mut ann = net.connect("ann").await;
        ann.send([crlf(&head).as_bytes(), frame].concat()).await;
        ann.finish().await;
        ann.closed().await;
        clue(
            "101 Switching",
            "The 11 bytes are a body, and after your 101 they become a frame. Let check_request refuse.",
        );
        assert_snapshot!("body", net.transcript());
    });
}

fn indent(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}"));
    lines
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// What is not HTTP is lesson 01's to answer; it must not come through as a WebSocket.
#[test]
fn leaves_what_is_not_http_to_lesson_01() {
    let advice = "accept answers this with 400 before upgrade is called.";
    wire(advice, async |net: Net| {
        net.serve(async |stream| accept(stream, &[]).await.map(drop));
        clue("waited for an HTTP response", UNANSWERED);
        let mut ann = net.connect("ann").await;
        ann.send("\x16\x03\x01 TLS, perhaps\r\n\r\n").await;
        assert_eq!(ann.response().await.status, 400);
        ann.finish().await;
        ann.closed().await;
        // And a good one after it, so that this test is the exercise's too.
        let mut bob = net.connect("bob").await;
        bob.send(crlf(REQUEST)).await;
        assert_eq!(bob.response().await.status, 101);
    });
}
