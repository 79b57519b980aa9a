//! The handshake, as a specification. One module for each exercise, in the lesson's order.

use handshake::*;
use kit::{Net, assert_snapshot, clue, coach, missing, wire};
use polling::Request;

/// The key and the answer of RFC 6455, section 1.3.
const RFC_KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A browser's handshake, short of what does not matter here.
const REQUEST: &str = "GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Sec-WebSocket-Version: 13

";

/// The head as it goes over the wire.
fn crlf(head: &str) -> String {
    head.replace('\n', "\r\n")
}

/// [`REQUEST`] with one line replaced.
fn request_with(line: &str, by: &str) -> Request {
    assert!(REQUEST.contains(line), "{line} is not in the request");
    let head = crlf(&REQUEST.replace(line, by));
    let parsed = Request::parse(head.as_bytes()).expect("httparse takes it");
    parsed.expect("a whole head").0
}

mod accept_key {
    use super::*;

    /// A key is text. Decoding it first gives 28 plausible characters, all wrong.
    #[test]
    fn answers_the_example_of_the_rfc() {
        coach(
            "The answer is 28 characters: the base64 of the 20 bytes of SHA-1(key + GUID).",
            || {
                clue(
                    "BXhwxM0SZasKmCD9S4BfpPmCnEw=",
                    "You decoded the key before you hashed it. Hash its 24 characters as text.",
                );
                clue(
                    "2OZf2Seed9yzIpkj+zvC9KS9Mjw=",
                    "You hashed the GUID before the key. The key comes first.",
                );
                clue(
                    "YjM3YTRmMmNjMDYyNGYxNjkwZjY0NjA2Y2YzODU5NDViMmJlYzRlYQ==",
                    "56 characters: you encoded the digest's hex text. Encode its 20 bytes.",
                );
                clue(
                    "s3pPLMBiTxaQ9kYGzzhZRbK-xOo",
                    "You used the URL-safe alphabet. The answer is in the standard one: + and /.",
                );
                assert_snapshot!(accept_key(RFC_KEY), @"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            },
        );
    }

    /// The pair of the chapter's first figure. Its answer holds neither `+` nor `/`.
    #[test]
    fn answers_the_example_of_the_chapter() {
        coach(
            "The same rule as for the RFC's key: base64(SHA-1(key + GUID)).",
            || {
                assert_snapshot!(accept_key("x3JJHMbDL1EzLkh9GBhXDw=="), @"HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
            },
        );
    }
}

mod lists_token {
    use super::*;

    // ANCHOR: finds_a_token
    /// A browser may send this: a list with two options (RFC 9110, section 7.6.1).
    #[test]
    fn finds_a_token_among_others() {
        coach(
            "A header's value is a list. Split it at commas and trim each item.",
            || {
                assert!(
                    lists_token(&["keep-alive, Upgrade"], "Upgrade"),
                    "`Connection: keep-alive, Upgrade` lists Upgrade"
                );
                assert!(
                    lists_token(&["keep-alive ,\tUpgrade,close"], "Upgrade"),
                    "blanks and tabs may stand on either side of a comma"
                );
            },
        );
    }
    // ANCHOR_END: finds_a_token

    /// Tokens compare in any case: browsers send `websocket`, old servers `WebSocket`.
    #[test]
    fn ignores_case() {
        coach("Compare tokens with eq_ignore_ascii_case.", || {
            assert!(
                lists_token(&["WebSocket"], "websocket"),
                "`Upgrade: WebSocket` lists websocket"
            );
            assert!(
                lists_token(&["upgrade"], "Upgrade"),
                "`Connection: upgrade` lists Upgrade"
            );
        });
    }

    /// axum 0.8 looks for the text anywhere, and takes this for an upgrade.
    #[test]
    fn wants_the_whole_token() {
        coach(
            "A token is found whole or not at all. Compare items, do not search for text.",
            || {
                assert!(
                    !lists_token(&["no-upgrade-please"], "Upgrade"),
                    "`Connection: no-upgrade-please` does not list Upgrade"
                );
                assert!(!lists_token(&[], "Upgrade"), "no line, no token");
            },
        );
    }

    /// Two lines of one name are one list (RFC 9110, section 5.3).
    #[test]
    fn looks_at_every_line() {
        coach(
            "A repeated header is one list in several lines. Look at all of them.",
            || {
                assert!(
                    lists_token(&["keep-alive", "Upgrade"], "Upgrade"),
                    "the second line lists Upgrade"
                );
            },
        );
    }
}

mod is_valid_key {
    use super::*;

    #[test]
    fn accepts_16_bytes_in_base64() {
        coach(
            "Decode the key with STANDARD: this one is 16 bytes.",
            || {
                assert!(is_valid_key(RFC_KEY), "{RFC_KEY}");
                assert!(
                    is_valid_key("x3JJHMbDL1EzLkh9GBhXDw=="),
                    "x3JJHMbDL1EzLkh9GBhXDw== is 16 bytes"
                );
            },
        );
    }

    /// Not every server looks: axum 0.8.9 and tungstenite 0.29 answer a key of `abc` with 101.
    #[test]
    fn refuses_any_other_length() {
        coach(
            "The decoded key must be 16 bytes, no more, no less.",
            || {
                assert!(!is_valid_key(""), "the empty key is 0 bytes");
                assert!(!is_valid_key("YWJj"), "YWJj is 3 bytes");
                assert!(
                    !is_valid_key("MDEyMzQ1Njc4OWFiY2RlZjA="),
                    "24 characters, and 17 bytes"
                );
            },
        );
    }

    #[test]
    fn refuses_what_is_not_base64() {
        coach("What does not decode is not a key.", || {
            assert!(!is_valid_key("abc"), "abc");
            assert!(
                !is_valid_key("!!!!!!!!!!!!!!!!!!!!!!=="),
                "24 characters, but not base64's"
            );
        });
    }

    /// RFC 6455 prints this key in section 4.1. Its last bits are not zero (erratum 3150).
    #[test]
    fn refuses_the_key_that_the_rfc_misprints() {
        coach("A strict decoder refuses bits that are left over.", || {
            assert!(
                !is_valid_key("AQIDBAUGBwgJCgsMDQ4PEC=="),
                "the last bits of AQIDBAUGBwgJCgsMDQ4PEC== are not zero"
            );
            assert!(
                is_valid_key("AQIDBAUGBwgJCgsMDQ4PEA=="),
                "those of AQIDBAUGBwgJCgsMDQ4PEA== are"
            );
        });
    }
}

mod check_request {
    use super::*;

    /// What becomes of [`REQUEST`] with one line replaced.
    fn check(line: &str, by: &str) -> String {
        match check_request(&request_with(line, by)) {
            Ok(key) => format!("Ok({key})"),
            Err(refusal) => format!("{refusal:?}"),
        }
    }

    #[test]
    fn accepts_what_a_browser_sends() {
        coach("This request is right. Return its key.", || {
            assert_snapshot!(check("Upgrade: websocket", "Upgrade: websocket"), @"Ok(dGhlIHNhbXBsZSBub25jZQ==)");
        });
    }

    /// A header that nobody knows is not an error (RFC 6455, section 4.2.1).
    #[test]
    fn ignores_what_it_does_not_know() {
        coach(
            "Names compare in any case, lists have several tokens, and more headers do no harm.",
            || {
                let by = "connection: keep-alive, upgrade\nOrigin: http://example.com\nX-Own: 1";
                assert_snapshot!(check("Connection: Upgrade", by), @"Ok(dGhlIHNhbXBsZSBub25jZQ==)");
            },
        );
    }

    #[test]
    fn refuses_another_method() {
        coach("Only GET opens a WebSocket.", || {
            assert_snapshot!(check("GET", "POST"), @"Method");
        });
    }

    #[test]
    fn refuses_http_1_0() {
        coach("Upgrade came with HTTP/1.1: look at minor_version.", || {
            assert_snapshot!(check("HTTP/1.1", "HTTP/1.0"), @"HttpVersion");
        });
    }

    #[test]
    fn wants_one_host() {
        coach("Host stands in exactly one line.", || {
            assert_snapshot!(check("Host: server.example.com\n", ""), @"Host");
            assert_snapshot!(check("Host: server", "Host: other\nHost: server"), @"Host");
        });
    }

    /// A proxy in front reads those bytes as a body. Behind a 101 they would be frames.
    #[test]
    fn refuses_a_body() {
        coach(
            "A request for a WebSocket has no body: ask announces_body.",
            || {
                clue(
                    "Ok(",
                    "A body follows this head, and you would read it as frames. Ask announces_body.",
                );
                clue(
                    "NotAnUpgrade",
                    "HTTP's rules come first: ask announces_body before you look at Upgrade.",
                );
                let origin = "Host: server.example.com";
                let length = "Host: server.example.com\nContent-Length: 5";
                assert_snapshot!(check(origin, length), @"Body");
                let chunked = "Host: server.example.com\nTransfer-Encoding: chunked";
                assert_snapshot!(check(origin, chunked), @"Body");
                assert_snapshot!(check("Upgrade: websocket", "Content-Length: 5"), @"Body");
                missing(
                    "Ok(",
                    "A length of 0 announces no body. announces_body knows.",
                );
                let none = "Host: server.example.com\nContent-Length: 0";
                assert_snapshot!(check(origin, none), @"Ok(dGhlIHNhbXBsZSBub25jZQ==)");
            },
        );
    }

    #[test]
    fn tells_a_plain_get_what_this_is() {
        coach(
            "Without `websocket` in the Upgrade header this is a plain GET: NotAnUpgrade.",
            || {
                assert_snapshot!(check("Upgrade: websocket\n", ""), @"NotAnUpgrade");
                assert_snapshot!(check("Upgrade: websocket", "Upgrade: h2c"), @"NotAnUpgrade");
            },
        );
    }

    /// A proxy removes hop-by-hop headers that `Connection` lists. Without it, Upgrade is a rumour.
    #[test]
    fn wants_connection_to_list_it() {
        coach("Connection must list the token Upgrade.", || {
            assert_snapshot!(check("Connection: Upgrade", "Connection: keep-alive"), @"Connection");
            assert_snapshot!(check("Connection: Upgrade", "Connection: no-upgrade-please"), @"Connection");
        });
    }

    /// The order matters: another version may have another kind of key.
    #[test]
    fn names_the_version_before_it_looks_at_the_key() {
        coach(
            "Check the version before the key: another version may do without one.",
            || {
                assert_snapshot!(check("Version: 13", "Version: 12"), @"Version");
                assert_snapshot!(check("Version: 13", "Version: 130"), @"Version");
                assert_snapshot!(
                    check("Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13", "Version: 8"),
                    @"Version"
                );
                assert_snapshot!(check("Sec-WebSocket-Version: 13\n", ""), @"VersionLine");
                missing(
                    "VersionLine",
                    "Two versions: which one holds? The contract wants exactly one line.",
                );
                let twice = "Version: 13\nSec-WebSocket-Version: 12";
                assert_snapshot!(check("Version: 13", twice), @"VersionLine");
            },
        );
    }

    /// `Sec-WebSocket-Key` must not appear twice (RFC 6455, section 11.3.1).
    #[test]
    fn wants_one_valid_key() {
        coach("The key stands in exactly one line and is valid.", || {
            clue(
                "Ok(abc)",
                "You returned a key that is not one: ask is_valid_key.",
            );
            assert_snapshot!(check("dGhlIHNhbXBsZSBub25jZQ==", "abc"), @"Key");
            assert_snapshot!(check("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n", ""), @"Key");
            clue(
                "Ok(",
                "Two lines with a key: which one would a proxy have answered? Refuse them.",
            );
            let twice = "Key: x3JJHMbDL1EzLkh9GBhXDw==\nSec-WebSocket-Key: dGhl";
            assert_snapshot!(check("Key: dGhl", twice), @"Key");
        });
    }
}

mod choose_subprotocol {
    use super::*;

    fn choose(lines: &str, supported: &[&str]) -> String {
        let request = request_with("Upgrade: websocket", &format!("Upgrade: websocket{lines}"));
        format!("{:?}", choose_subprotocol(&request, supported))
    }

    #[test]
    fn takes_the_clients_first_choice() {
        coach(
            "Go through the client's list, and take the first that the server supports.",
            || {
                clue(
                    r#"Some("superchat")"#,
                    "That is the server's first choice. The client's list is in order of preference.",
                );
                missing("chat", "Blanks stand behind the commas: trim each name.");
                assert_snapshot!(
                    choose("\nSec-WebSocket-Protocol: v2.chat, chat, superchat", &["superchat", "chat"]),
                    @r#"Some("chat")"#
                );
            },
        );
    }

    #[test]
    fn reads_every_line() {
        coach(
            "The list may stand in several lines (RFC 6455, section 11.3.4).",
            || {
                let lines = "\nSec-WebSocket-Protocol: v2.chat\nSec-WebSocket-Protocol: chat";
                assert_snapshot!(choose(lines, &["chat"]), @r#"Some("chat")"#);
                missing(
                    "chat",
                    "Blanks may stand on either side of a comma: trim each name.",
                );
                let lines = "\nSec-WebSocket-Protocol: v2.chat ,chat , superchat";
                assert_snapshot!(choose(lines, &["chat"]), @r#"Some("chat")"#);
            },
        );
    }

    /// A browser fails a connection whose answer names what was not asked for.
    #[test]
    fn chooses_nothing_that_was_not_asked_for() {
        coach(
            "Nothing in common, or nothing asked for: None. Do not pick a default.",
            || {
                assert_snapshot!(choose("", &["chat"]), @"None");
                assert_snapshot!(choose("\nSec-WebSocket-Protocol: v2.chat", &["chat"]), @"None");
                assert_snapshot!(choose("\nSec-WebSocket-Protocol: Chat", &["chat"]), @"None");
            },
        );
    }
}

mod switching_protocols {
    use super::*;

    fn text(response: &polling::Response) -> String {
        String::from_utf8(response.to_bytes())
            .expect("a head is text")
            .replace("\r\n", "\n")
    }

    #[test]
    fn answers_with_the_accept_value() {
        coach(
            "Status 101, then Upgrade, Connection and Sec-WebSocket-Accept.",
            || {
                clue(
                    "Accept: dGhlIHNhbXBsZSBub25jZQ==",
                    "You sent the key back as it came. Send accept_key's answer to it.",
                );
                assert_snapshot!(text(&switching_protocols(RFC_KEY, None)), @r"
            HTTP/1.1 101 Switching Protocols
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
            ");
            },
        );
    }

    #[test]
    fn names_the_subprotocol() {
        coach("The chosen subprotocol is the fourth header.", || {
            assert_snapshot!(text(&switching_protocols(RFC_KEY, Some("chat"))), @r"
            HTTP/1.1 101 Switching Protocols
            Upgrade: websocket
            Connection: Upgrade
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
            Sec-WebSocket-Protocol: chat
            ");
        });
    }
}

mod upgrade {
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
            },
        );
    }

    /// A client need not wait for the 101's arrival to know that TCP keeps the order.
    #[test]
    fn hands_on_the_bytes_behind_the_request() {
        wire(
            "Bytes that came behind the request are the first frame. into_parts has them: hand \
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
                "The 11 bytes are a body, and behind your 101 they become a frame. Let check_request refuse.",
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
}

mod check_answer {
    use super::*;

    const ANSWER: &str = "HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=

";

    /// What a client that offered `chat` makes of [`ANSWER`] with one line replaced.
    fn check(line: &str, by: &str) -> String {
        assert!(ANSWER.contains(line), "{line} is not in the answer");
        let head = crlf(&ANSWER.replace(line, by));
        let parsed = Answer::parse(head.as_bytes()).expect("httparse takes it");
        let (answer, _) = parsed.expect("a whole head");
        format!("{:?}", check_answer(&answer, RFC_KEY, &["chat"]))
    }

    #[test]
    fn accepts_the_right_answer() {
        coach(
            "This answer is right: Ok, with the subprotocol if there is one.",
            || {
                assert_snapshot!(check("HTTP", "HTTP"), @"Ok(None)");
                let chat = "Connection: upgrade\nSec-WebSocket-Protocol: chat";
                assert_snapshot!(check("Connection: Upgrade", chat), @r#"Ok(Some("chat"))"#);
            },
        );
    }

    #[test]
    fn wants_101_and_both_headers() {
        coach("Status, Upgrade and Connection, in this order.", || {
            assert_snapshot!(check("101 Switching Protocols", "200 OK"), @"Err(Status(200))");
            assert_snapshot!(check("Upgrade: websocket\n", ""), @"Err(Upgrade)");
            assert_snapshot!(check("Connection: Upgrade\n", ""), @"Err(Connection)");
        });
    }

    /// A request may list protocols. The answer names the one that follows (section 4.1, item 2).
    #[test]
    fn wants_one_protocol() {
        let advice = "The answer's Upgrade is `websocket`, in any case, in one line, and no list.";
        coach(advice, || {
            let upgrade = "Upgrade: websocket\n";
            assert_snapshot!(check(upgrade, "Upgrade: WebSocket\n"), @"Ok(None)");
            clue(
                "Ok(None)",
                "You search a list. An answer's Upgrade is `websocket` and nothing else: compare all of it.",
            );
            assert_snapshot!(check(upgrade, "Upgrade: websocket, h2c\n"), @"Err(Upgrade)");
            assert_snapshot!(check(upgrade, "Upgrade: h2c\nUpgrade: websocket\n"), @"Err(Upgrade)");
            clue(
                "Err(Connection)",
                "Connection stays a list (item 3): lists_token.",
            );
            let list = "Connection: keep-alive, Upgrade";
            assert_snapshot!(check("Connection: Upgrade", list), @"Ok(None)");
        });
    }

    /// The reason for the key: a cache, or a server that knows no WebSocket, cannot guess this.
    #[test]
    fn wants_the_answer_to_its_own_key() {
        let advice = "Compare Sec-WebSocket-Accept with accept_key(key), letter for letter.";
        coach(advice, || {
            clue(
                "Ok(None)",
                "You took an answer to another key. Compute accept_key(key) and compare exactly.",
            );
            assert_snapshot!(check("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="), @"Err(Accept)");
            assert_snapshot!(check("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "S3PPLMBITXAQ9KYGZZHZRBK+XOO="), @"Err(Accept)");
            assert_snapshot!(check("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n", ""), @"Err(Accept)");
            clue(
                "Ok(None)",
                "Two answers: which one holds? The contract wants exactly one line.",
            );
            let twice = "xOo=\nSec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=";
            assert_snapshot!(check("xOo=", twice), @"Err(Accept)");
        });
    }

    #[test]
    fn refuses_what_it_did_not_offer() {
        let advice = "The server may only choose among what the client offered.";
        coach(advice, || {
            let deflate = "Connection: Upgrade\nSec-WebSocket-Extensions: permessage-deflate";
            assert_snapshot!(check("Connection: Upgrade", deflate), @"Err(Extension)");
            let protocol = "Connection: Upgrade\nSec-WebSocket-Protocol: superchat";
            assert_snapshot!(check("Connection: Upgrade", protocol), @"Err(Subprotocol)");
            clue(
                "Ok(",
                "Two lines: the server chooses one subprotocol, in one line.",
            );
            let twice = format!("{protocol}, chat\nSec-WebSocket-Protocol: chat");
            let twice = twice.replace("superchat, ", "");
            assert_snapshot!(check("Connection: Upgrade", &twice), @"Err(Subprotocol)");
        });
    }
}

mod whole {
    use super::*;

    /// An independent implementation on the other end: tungstenite checks every header.
    #[test]
    fn tungstenite_connects() {
        wire(
            "tungstenite refused the answer: compare it with the chapter's.",
            async |net: Net| {
                net.serve(async |stream| {
                    let _open = accept(stream, &[]).await;
                    std::future::pending::<()>().await;
                });
                let mut ann = net.websocket("ann", "/chat").await;
                ann.hears_nothing_for(std::time::Duration::from_secs(60))
                    .await;
            },
        );
    }

    /// Your client against your server.
    #[test]
    fn both_halves_meet() {
        let advice = "Each half checks the other: start with the one whose own tests are red.";
        wire(advice, async |_| {
            let (client, server) = tokio::io::duplex(4096);
            let key = new_key(*b"the sample nonce");
            assert_eq!(key, RFC_KEY);
            let (accepted, connected) = tokio::join!(
                accept(server, &["chat"]),
                connect(client, "server.example.com", "/chat", &key, &["v2", "chat"]),
            );
            accepted.expect("the server accepts");
            let (_, behind, subprotocol) = connected.expect("the client accepts");
            assert_eq!(subprotocol.as_deref(), Some("chat"));
            assert!(behind.is_empty());
        });
    }
}
