//! The answer that opens the WebSocket.

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
