//! A head, taken off what has been received.

use super::*;

/// What was taken, and what is left.
fn taken(bytes: impl AsRef<[u8]>) -> String {
    let mut received = BytesMut::from(bytes.as_ref());
    let result = polling::take_head(&mut received);
    let found = matches!(result, Ok(Some(_)));
    let taken = format!("{}, left: {}", head(result), rest(&received));
    if found && received == bytes.as_ref() {
        clue(
            &taken,
            "The head is still there: `advance` past it, or it is read again.",
        );
    }
    taken
}

#[test]
fn takes_the_head_off() {
    coach(
        "`Request::parse` gives the length of the head. Take so many bytes off.",
        || {
            assert_snapshot!(taken(HEAD), @"GET /updates?since=0, left: nothing");
        },
    );
}

/// TCP may deliver the first half now. The second half is of no use without it.
#[test]
fn leaves_the_beginning_of_a_head_for_later() {
    coach(
        "A head that is not complete is None, and stays where it is.",
        || {
            clue(
                "Err",
                "Not complete is not wrong: more bytes may come. Answer Ok(None).",
            );
            let half = "GET /updates HTTP/1.1\r\nHo";
            assert_snapshot!(taken(half), @r"None, left: GET /updates HTTP/1.1\r\nHo");
        },
    );
}

/// A client may send the next request before it has your answer, and both arrive as one.
#[test]
fn leaves_what_came_behind_the_head() {
    coach(
        "Take the head's bytes and no more. The rest is the next request.",
        || {
            let taken = taken(format!("{HEAD}GET /up"));
            clue(
                "left: nothing",
                "The next request is lost: you emptied `received`. Use `advance`.",
            );
            assert_snapshot!(taken, @"GET /updates?since=0, left: GET /up");
        },
    );
}

/// These bytes begin a TLS handshake: somebody typed `https` for `http`.
#[test]
fn passes_on_what_is_wrong_with_the_bytes() {
    coach(
        "An error of `Request::parse` is your error too: `?` passes it on.",
        || {
            clue(
                "None",
                "You read an error as 'not complete yet'. It never gets complete.",
            );
            let result = polling::take_head(&mut BytesMut::from(&b"\x16\x03\x01\x02\x00"[..]));
            assert_snapshot!(head(result), @"Err(not an HTTP request: invalid token)");
            let lines = format!("GET / HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(101));
            let result = polling::take_head(&mut BytesMut::from(lines.as_str()));
            assert_snapshot!(head(result), @"Err(the request head is too long)");
        },
    );
}

#[test]
fn accepts_a_head_of_8192_bytes() {
    coach(
        "8192 bytes are within the limit. HEAD_LIMIT is the longest head.",
        || {
            assert_snapshot!(taken(head_of(8192)), @"GET /, left: nothing");
        },
    );
}

/// It came in one read, so there was never an incomplete head to measure.
#[test]
fn refuses_a_complete_head_of_8193_bytes() {
    coach(
        "The limit holds for a complete head too: look at its length.",
        || {
            clue(
                "GET /",
                "You measure a head only while it grows. This one is complete and too long.",
            );
            let result = polling::take_head(&mut BytesMut::from(head_of(8193).as_str()));
            assert_snapshot!(head(result), @"Err(the request head is too long)");
        },
    );
}

/// Its end has not come, and cannot come in time. Waiting for it fills the memory.
#[test]
fn refuses_a_head_that_grows_without_end() {
    coach(
        "9000 bytes and no end: that head cannot fit any more.",
        || {
            clue(
                "None",
                "You would read on, and a client that never sends the blank line fills your memory.",
            );
            let result = polling::take_head(&mut BytesMut::from(&head_of(9500)[..9000]));
            assert_snapshot!(head(result), @"Err(the request head is too long)");
        },
    );
}

/// The limit is for the head, and what follows it is not part of it.
#[test]
fn does_not_count_what_is_behind_the_head() {
    coach(
        "Compare the head's length with the limit, not that of all bytes received.",
        || {
            clue(
                "Err",
                "This head has 59 bytes. The other 9000 belong to what comes next.",
            );
            let much = format!("{HEAD}{}", head_of(9000));
            assert_snapshot!(taken(much), @"GET /updates?since=0, left: 9000 bytes");
        },
    );
}

/// One byte short is no error, as long as a head of 8192 bytes can still come of it.
#[test]
fn waits_for_the_end_up_to_the_limit() {
    coach(
        "A head is too long once it cannot end within 8192 bytes, and no sooner.",
        || {
            clue(
                "Err",
                "8191 bytes, and the last one may still come: Ok(None).",
            );
            assert_snapshot!(taken(&head_of(8192)[..8191]), @"None, left: 8191 bytes");
            clue(
                "None",
                "8193 bytes, and no end among them: this head is too long already.",
            );
            let result = polling::take_head(&mut BytesMut::from(&head_of(9000)[..8193]));
            assert_snapshot!(head(result), @"Err(the request head is too long)");
        },
    );
}
