//! The book's handshake lab tells by the reference's answer which rule it applied.

use bytes::BytesMut;
use handshake_solution::{Refusal, check_request};
use polling::take_head;

const SCRIPT: &str = include_str!("../../../book/src/assets/labs/handshake.js");

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// The rule that refuses the request, if one does: the name that the page has for it.
fn rule(request: &str) -> Option<String> {
    match take_head(&mut BytesMut::from(request)) {
        Ok(Some(head)) => {
            let refusal = check_request(&head).err()?;
            Some(format!("{refusal:?}"))
        }
        _ => Some("Head".to_owned()),
    }
}

#[test]
fn names_the_rule() {
    assert_eq!(rule(REQUEST), None);
    let cases = [
        ("GET", "POST", "Method"),
        ("HTTP/1.1", "HTTP/1.0", "HttpVersion"),
        ("Host", "Hose", "Host"),
        ("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\n", "Body"),
        ("websocket", "h2c", "NotAnUpgrade"),
        (
            "Connection: Upgrade",
            "Connection: no-upgrade-please",
            "Connection",
        ),
        ("Version", "Vision", "VersionLine"),
        ("13", "12", "Version"),
        ("dGhl", "abc", "Key"),
        ("\r\n\r\n", "\r\n", "Head"),
        ("GET /chat", "GET chat chat", "Head"),
    ];
    for (from, to, expected) in cases {
        let request = REQUEST.replacen(from, to, 1);
        assert_eq!(rule(&request).as_deref(), Some(expected), "{request}");
    }
}

/// The page finds a rule by what the reference answers: each answer is one rule's.
#[test]
fn the_page_knows_every_rule() {
    assert!(SCRIPT.contains("{ name: \"Head\", says"));
    for refusal in [
        Refusal::Method,
        Refusal::HttpVersion,
        Refusal::Host,
        Refusal::Body,
        Refusal::NotAnUpgrade,
        Refusal::Connection,
        Refusal::VersionLine,
        Refusal::Version,
        Refusal::Key,
    ] {
        let answer = refusal.response().to_bytes();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let row = format!("{{ name: \"{refusal:?}\", answer: \"{}\", ", body.trim());
        assert!(SCRIPT.contains(&row), "{row}");
        assert_eq!(SCRIPT.matches(body.trim()).count(), 1, "{body}");
    }
}
