//! Which requests open a WebSocket, and what the others are told.

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

/// Both are lists, in one line or in several (RFC 9110, section 5.3).
#[test]
fn reads_each_line_of_both_lists() {
    coach(
        "Hand all lines of Upgrade, and all lines of Connection, to lists_token.",
        || {
            let right = format!("Ok({RFC_KEY})");
            for (line, by) in [
                ("Connection: Upgrade", "Connection: Upgrade, keep-alive"),
                (
                    "Connection: Upgrade",
                    "Connection: keep-alive\nConnection: Upgrade",
                ),
                (
                    "Connection: Upgrade",
                    "Connection: Upgrade\nConnection: keep-alive",
                ),
                ("Upgrade: websocket", "Upgrade: h2c, WebSocket"),
                ("Upgrade: websocket", "Upgrade: websocket, h2c"),
                ("Upgrade: websocket", "Upgrade: h2c\nUpgrade: websocket"),
                ("Upgrade: websocket", "Upgrade: websocket\nUpgrade: h2c"),
            ] {
                assert_eq!(check(line, by), right, "{by}");
            }
        },
    );
}

#[test]
fn refuses_another_method() {
    coach("Only GET opens a WebSocket.", || {
        assert_snapshot!(check("GET", "POST"), @"Method");
        clue(
            "Ok(",
            "The name of a method is compared exactly: `get` is not `GET`.",
        );
        assert_snapshot!(check("GET", "get"), @"Method");
    });
}

/// What breaks each rule, in the contract's order, and what it is told.
const BREAKS: [(&str, &str, &str); 14] = [
    ("Method", "GET", "POST"),
    ("Method", "GET", "HEAD"),
    ("HttpVersion", "HTTP/1.1", "HTTP/1.0"),
    ("Host", "Host: server.example.com\n", ""),
    ("Host", "Host: server", "Host: other\nHost: server"),
    ("Body", "\n\n", "\nContent-Length: 0\nContent-Length: 5\n\n"),
    ("NotAnUpgrade", "Upgrade: websocket\n", ""),
    ("Connection", "Connection: Upgrade\n", ""),
    ("VersionLine", "Sec-WebSocket-Version: 13\n", ""),
    (
        "VersionLine",
        "Version: 13",
        "Version: 12\nSec-WebSocket-Version: 13",
    ),
    ("Version", "Version: 13", "Version: 12"),
    ("Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n", ""),
    ("Key", "Key: dGhl", "Key: abc\nSec-WebSocket-Key: dGhl"),
    (
        "Key",
        "NhbXBsZSBub25jZQ==",
        "NhbXBsZSBub25jZQ==\nSec-WebSocket-Key: abc",
    ),
];

/// A proxy that asks for a page has broken five of these rules at once, and is told the first.
#[test]
fn names_the_first_of_any_two_rules_that_are_broken() {
    let advice = "The contract's order holds for any two rules: check each at its place, and all of it \
                  there.";
    coach(advice, || {
        for (i, (told, line, by)) in BREAKS.iter().enumerate() {
            assert_eq!(check(line, by), *told, "{line:?} became {by:?}");
            for (later, other, instead) in &BREAKS[i + 1..] {
                let head = REQUEST.replacen(line, by, 1);
                if later == told || !head.contains(other) {
                    continue;
                }
                let request = request(&head.replacen(other, instead, 1));
                let refused = check_request(&request).map_err(|refusal| format!("{refusal:?}"));
                let expected = Err((*told).to_owned());
                assert_eq!(refused, expected, "{line:?} and {other:?} are wrong");
            }
        }
    });
}

/// Everything is wrong with the first of these requests, and one thing less with each that follows.
#[test]
fn names_the_first_rule_that_is_broken() {
    let advice = "The checks stand in the contract's order, and the first that fails is told.";
    coach(advice, || {
        let rules = [
            ("GET", "POST"),
            ("HTTP/1.1", "HTTP/1.0"),
            ("Host: server", "No-Host: server"),
            ("Content-Length: 0", "Content-Length: 5"),
            ("Upgrade: websocket", "Upgrade: h2c"),
            ("Connection: Upgrade", "Connection: close"),
            ("Version: 13", "Version: 12"),
            (RFC_KEY, "abc"),
        ];
        let mut head = REQUEST.replacen("\n\n", "\nContent-Length: 0\n\n", 1);
        for (right, wrong) in rules {
            head = head.replacen(right, wrong, 1);
        }
        let mut told = Vec::new();
        for (right, wrong) in rules {
            told.push(format!("{:?}", check_request(&request(&head))));
            head = head.replacen(wrong, right, 1);
        }
        assert_snapshot!(told.join("\n"), @r"
        Err(Method)
        Err(HttpVersion)
        Err(Host)
        Err(Body)
        Err(NotAnUpgrade)
        Err(Connection)
        Err(Version)
        Err(Key)
        ");
    });
}

#[test]
fn refuses_http_1_0() {
    coach("Upgrade came with HTTP/1.1: look at minor_version.", || {
        assert_snapshot!(check("HTTP/1.1", "HTTP/1.0"), @"HttpVersion");
        clue(
            "HttpVersion",
            "1 or more: HTTP/1.2, should it come, may ask as well.",
        );
        let mut request = request_with("GET", "GET");
        request.minor_version = 2;
        assert_eq!(check_request(&request), Ok(RFC_KEY));
    });
}

#[test]
fn wants_one_host() {
    coach("Host stands in exactly one line.", || {
        assert_snapshot!(check("Host: server.example.com\n", ""), @"Host");
        assert_snapshot!(check("Host: server", "Host: other\nHost: server"), @"Host");
        clue(
            "Host",
            "Exactly one line is all that is asked: what it says is not this server's business.",
        );
        assert_snapshot!(check("Host: server.example.com", "Host:"), @"Ok(dGhlIHNhbXBsZSBub25jZQ==)");
        let same = "Host: server.example.com\nHost: server.example.com";
        assert_snapshot!(check("Host: server.example.com", same), @"Host");
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
            assert_snapshot!(check("Upgrade: websocket", "Upgrade: websockets"), @"NotAnUpgrade");
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
            clue(
                "Ok(",
                "This server speaks version 13 and no other: compare the line's value with \"13\".",
            );
            for other in ["12", "130", "013", "+13", "13, 8"] {
                let version = check("Version: 13", &format!("Version: {other}"));
                assert_eq!(version, "Version", "for version {other}");
            }
            assert_snapshot!(
                check("Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13", "Version: 8"),
                @"Version"
            );
            missing(
                "VersionLine",
                "There is no line with a version, and that is `VersionLine`: look at how many there are \
                 before you look at the first.",
            );
            assert_snapshot!(check("Sec-WebSocket-Version: 13\n", ""), @"VersionLine");
            missing(
                "VersionLine",
                "Two versions: which one holds? The contract wants exactly one line.",
            );
            let twice = "Version: 13\nSec-WebSocket-Version: 12";
            assert_snapshot!(check("Version: 13", twice), @"VersionLine");
            let same = "Version: 13\nSec-WebSocket-Version: 13";
            assert_snapshot!(check("Version: 13", same), @"VersionLine");
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
        let same = "Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Key: dGhl";
        assert_snapshot!(check("Key: dGhl", same), @"Key");
        let with_a_bad_one = "Key: abc\nSec-WebSocket-Key: dGhl";
        assert_snapshot!(check("Key: dGhl", with_a_bad_one), @"Key");
    });
}
