//! The client's look at the answer.

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
