//! Whether the connection stays open after the answer.

use super::*;

/// What was sent, and what becomes of the connection, a line each.
fn stays(version: &str, headers: &str) -> String {
    let text = format!("GET / {version}\r\nHost: a\r\n{headers}\r\n");
    let Ok(Some((request, _))) = Request::parse(text.as_bytes()) else {
        unreachable!("the test's own head is a head")
    };
    let stays = polling::keeps_alive(&request);
    let stays = if stays { "stays open" } else { "closes" };
    format!("{version}\n{headers}{stays}")
}

#[test]
fn keeps_http_1_1_open() {
    coach("HTTP/1.1 keeps the connection without being asked.", || {
        assert_snapshot!(stays("HTTP/1.1", ""), @r"
        HTTP/1.1
        stays open
        ");
    });
}

/// An option's name has no case.
#[test]
fn closes_when_told_to() {
    coach(
        "`Connection: Close` asks for the end. Compare without regard to case.",
        || {
            assert_snapshot!(stays("HTTP/1.1", "Connection: Close\r\n"), @r"
            HTTP/1.1
            Connection: Close
            closes
            ");
            clue(
                "stays open",
                "The names of headers have no case either: `headers_named` knows that.",
            );
            assert_snapshot!(stays("HTTP/1.1", "connection: close\r\n"), @r"
            HTTP/1.1
            connection: close
            closes
            ");
        },
    );
}

/// The value is a list. One who compares all of it with `close` misses this one.
#[test]
fn finds_close_in_a_list() {
    coach(
        "`Connection` is a list: split it at the commas, and trim.",
        || {
            assert_snapshot!(stays("HTTP/1.1", "Connection: TE, close\r\n"), @r"
            HTTP/1.1
            Connection: TE, close
            closes
            ");
        },
    );
}

/// A list may be spread over lines (RFC 9110, section 5.3).
#[test]
fn finds_close_in_a_second_line() {
    coach(
        "A header may come in several lines: `headers_named` gives them all.",
        || {
            let headers = "Connection: TE\r\nConnection: close\r\n";
            assert_snapshot!(stays("HTTP/1.1", headers), @r"
            HTTP/1.1
            Connection: TE
            Connection: close
            closes
            ");
        },
    );
}

/// Another word that begins in the same way means something else, whatever it means.
#[test]
fn does_not_take_a_longer_word_for_close() {
    coach("Compare whole options: `closed` is not `close`.", || {
        assert_snapshot!(stays("HTTP/1.1", "Connection: closed\r\n"), @r"
        HTTP/1.1
        Connection: closed
        stays open
        ");
        clue(
            "close\ncloses",
            "Commas separate the options of a list, and blanks do not: this is one option.",
        );
        assert_snapshot!(stays("HTTP/1.1", "Connection: TE close\r\n"), @r"
        HTTP/1.1
        Connection: TE close
        stays open
        ");
    });
}

#[test]
fn closes_http_1_0() {
    coach(
        "HTTP/1.0 closes after each answer: look at `minor_version`.",
        || {
            assert_snapshot!(stays("HTTP/1.0", ""), @r"
            HTTP/1.0
            closes
            ");
        },
    );
}

/// First, in the middle, or last; in the first line or in another: it is on the list.
#[test]
fn finds_close_wherever_it_stands() {
    coach("Look at each option of each line.", || {
        for headers in [
            "Connection: close, TE\r\n",
            "Connection: keep-alive, close\r\n",
            "Connection: TE,\tCLOSE\t\r\n",
            "Connection: TE,close , Upgrade\r\n",
            "Connection: close\r\nConnection: TE\r\n",
            "Connection: TE\r\nConnection: close\r\nConnection: Upgrade\r\n",
        ] {
            let closes = format!("HTTP/1.1\n{headers}closes");
            assert_eq!(stays("HTTP/1.1", headers), closes);
        }
        let never = "Connection: never-close\r\n";
        assert_snapshot!(stays("HTTP/1.1", never), @r"
        HTTP/1.1
        Connection: never-close
        stays open
        ");
    });
}

/// Some servers do as such a client asks. This contract is simpler: HTTP/1.0 closes.
#[test]
fn closes_http_1_0_whatever_it_asks_for() {
    coach("HTTP/1.0 closes, even with `keep-alive`.", || {
        assert_snapshot!(stays("HTTP/1.0", "Connection: keep-alive\r\n"), @r"
        HTTP/1.0
        Connection: keep-alive
        closes
        ");
    });
}
