//! One of the subprotocols that the client asks for, or none.

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
            missing(
                "chat",
                "One line holds several names: split it at the commas, and trim each.",
            );
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
            clue(
                r#"Some("chat")"#,
                "The first line comes before the second: the client prefers v2.chat.",
            );
            assert_snapshot!(choose(lines, &["chat", "v2.chat"]), @r#"Some("v2.chat")"#);
            missing(
                "chat",
                "Split at the commas, and trim each name: spaces may stand on either side.",
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
            clue(
                "Some",
                "Names are compared exactly and whole: `Chat` is not `chat`, and `chat2` is not either.",
            );
            assert_snapshot!(choose("\nSec-WebSocket-Protocol: Chat", &["chat"]), @"None");
            assert_snapshot!(choose("\nSec-WebSocket-Protocol: chat2", &["chat"]), @"None");
            assert_snapshot!(choose("\nSec-WebSocket-Protocol: chat", &["chat2"]), @"None");
        },
    );
}
