//! A response, as bytes.

use super::*;

/// A response's bytes, a line each, with the line ends visible, and clues to what any of them can
/// have wrong.
fn shown(response: &Response) -> String {
    let text = String::from_utf8(response.to_bytes()).expect("the test's text is UTF-8");
    let mut lines: Vec<_> = text.split_inclusive('\n').map(visible).collect();
    let empty_line = lines
        .iter()
        .position(|line| line == r"\r\n" || line == r"\n");
    // Without an empty line, only the first line is a head's for sure.
    for line in &lines[..empty_line.unwrap_or(lines.len().min(1))] {
        if line.ends_with(r"\n") && !line.ends_with(r"\r\n") {
            clue(
                line,
                "A line of a head ends with \\r\\n. Yours ends with \\n.",
            );
        }
    }
    match empty_line {
        Some(at) if lines[at] == r"\n" => clue(
            &format!("{}\n\\n", lines[..at].join("\n")),
            "The empty line is a line of the head too. It is \\r\\n, and yours is \\n.",
        ),
        Some(_) => {}
        None => {
            lines.push("(no empty line)".to_owned());
            clue(
                "(no empty line)",
                "The empty line between head and body is missing: \\r\\n, even with no body.",
            );
        }
    }
    lines.join("\n")
}

/// A line of a head ends with two bytes. Many clients forgive `\n` alone; some do not.
#[test]
fn ends_each_line_with_two_bytes_and_the_head_with_an_empty_line() {
    coach(
        "A head is lines that end with \\r\\n, then an empty line.",
        || {
            let shown = shown(&Response::new(204));
            clue(
                "Content-Length",
                "A 204 has no body, so it has no Content-Length either.",
            );
            assert_snapshot!(shown, @r"
        HTTP/1.1 204 No Content\r\n
        \r\n
        ");
        },
    );
}

/// The length goes into the head, the body after the empty line.
#[test]
fn puts_the_headers_then_the_length_then_the_body() {
    coach(
        "In this order: `HTTP/1.1 200 OK`, a line `name: value` for each header, Content-Length, an \
         empty line, the body.",
        || {
            let response = Response::text(200, "1 kick-off\n").with("Cache-Control", "no-store");
            let shown = shown(&response);
            clue(
                "kick-off\\n\n\\r\\n",
                "No line end follows a body. Its length says where it ends.",
            );
            assert_snapshot!(shown, @r"
        HTTP/1.1 200 OK\r\n
        Content-Type: text/plain; charset=utf-8\r\n
        Cache-Control: no-store\r\n
        Content-Length: 11\r\n
        \r\n
        1 kick-off\n
        ");
        },
    );
}

/// Which statuses have a body is a rule for all of them, and every header is one of the head's.
#[test]
fn holds_for_other_statuses_and_headers() {
    let advice =
        "Below 200, and with 204, there is no body. Every other status has one, and a length.";
    coach(advice, || {
        for status in [199, 200, 201, 203, 205, 301, 404, 500] {
            let mut response = Response::new(status);
            response.body = "ok\n".to_owned();
            let bytes = String::from_utf8(response.to_bytes()).expect("the test's text is UTF-8");
            let has_body = bytes.ends_with("Content-Length: 3\r\n\r\nok\n");
            assert_eq!(has_body, status >= 200, "{status} has a length and a body");
        }
        clue(
            "Set-Cookie: b",
            "Two headers may have one name: write a line for each.",
        );
        let twice = Response::new(204)
            .with("Set-Cookie", "a=1")
            .with("Set-Cookie", "b=2");
        let bytes = String::from_utf8(twice.to_bytes()).expect("the test's text is UTF-8");
        let lines = r"\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n";
        assert!(visible(&bytes).ends_with(lines), "{}", visible(&bytes));
    });
}

/// `ö` is one character and two bytes. A length that is too small cuts the body.
#[test]
fn counts_the_bytes_of_the_body_not_its_characters() {
    coach(
        "Content-Length counts bytes: `len`, not `chars().count()`.",
        || {
            let shown = shown(&Response::text(200, "2 Tor: Köln"));
            clue(
                "Content-Length: 11",
                "You counted characters. ö is two bytes: use `len`.",
            );
            assert_snapshot!(shown, @r"
        HTTP/1.1 200 OK\r\n
        Content-Type: text/plain; charset=utf-8\r\n
        Content-Length: 12\r\n
        \r\n
        2 Tor: Köln
        ");
        },
    );
}

/// Without a length, a client reads on until the connection closes.
#[test]
fn says_that_an_empty_body_has_no_bytes() {
    coach("An empty body has a length too: Content-Length: 0.", || {
        assert_snapshot!(shown(&Response::new(404)), @r"
        HTTP/1.1 404 Not Found\r\n
        Content-Length: 0\r\n
        \r\n
        ");
    });
}

/// After a 101 the connection is not HTTP any more: a `Content-Length` would be nonsense.
#[test]
fn gives_a_101_no_length() {
    coach(
        "A status below 200 has neither Content-Length nor body.",
        || {
            let shown = shown(&Response::new(101).with("Upgrade", "websocket"));
            clue(
                "Content-Length",
                "A 101 has no body, so it has no Content-Length either.",
            );
            assert_snapshot!(shown, @r"
        HTTP/1.1 101 Switching Protocols\r\n
        Upgrade: websocket\r\n
        \r\n
        ");
            let mut hints = Response::new(103).with("Link", "</style.css>; rel=preload");
            hints.body = "early\n".to_owned();
            let bytes = String::from_utf8(hints.to_bytes()).expect("the test's text is UTF-8");
            clue(
                "Content-Length",
                "Not only a 101: no status below 200 has a Content-Length.",
            );
            clue("early", "Not only a 101: no status below 200 has a body.");
            let wanted = r"HTTP/1.1 103 \r\nLink: </style.css>; rel=preload\r\n\r\n";
            assert_eq!(visible(&bytes), wanted);
        },
    );
}

/// The client reads no body there: it would take these bytes for the next response.
#[test]
fn leaves_out_the_body_of_a_204() {
    coach("A 204 has no body, whatever `body` holds.", || {
        let mut response = Response::new(204);
        response.body = "0 silence\n".to_owned();
        let shown = shown(&response);
        clue(
            "Content-Length",
            "A 204 has no body, so it has no Content-Length either.",
        );
        clue(
            "silence",
            "You sent the body of a 204. Its reader takes it for the next response.",
        );
        assert_snapshot!(shown, @r"
        HTTP/1.1 204 No Content\r\n
        \r\n
        ");
    });
}
