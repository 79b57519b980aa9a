//! Lesson 1, as a specification. Each module is named after the exercise that it checks.

mod cost;

use std::time::Duration;

use bytes::BytesMut;
use kit::transcript::visible;
use kit::{Net, assert_snapshot, clue, coach, wire};
use polling::{Connection, Feed, HeadError, Request, Response};
use tokio::io::AsyncReadExt;
use tokio::time::{sleep, timeout};

/// A whole request. Its head is all of it.
const HEAD: &str = "GET /updates?since=0 HTTP/1.1\r\nHost: server.example.com\r\n\r\n";

const APPENDED_TOO_MUCH: &str =
    "You appended the whole buffer. Only the first n bytes of it are new: `&buffer[..n]`.";

/// A head of exactly `length` bytes.
fn head_of(length: usize) -> String {
    let (start, end) = ("GET / HTTP/1.1\r\nHost: a\r\nCookie: ", "\r\n\r\n");
    let filling = "x".repeat(length - start.len() - end.len());
    format!("{start}{filling}{end}")
}

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

/// A feed with these updates.
fn feed(updates: &[&str]) -> Feed {
    let feed = Feed::default();
    updates.iter().for_each(|text| feed.publish(text));
    feed
}

/// What the learner's function made of the bytes, in a line.
fn head(result: Result<Option<Request>, HeadError>) -> String {
    match result {
        Ok(Some(request)) => format!("{} {}", request.method, request.target),
        Ok(None) => "None".to_owned(),
        Err(error) => format!("Err({})", visible(&error.to_string())),
    }
}

/// Bytes that were not used, cut where they are many.
fn rest(bytes: &[u8]) -> String {
    match bytes.len() {
        0 => "nothing".to_owned(),
        1..100 => visible(&String::from_utf8_lossy(bytes)),
        length => format!("{length} bytes"),
    }
}

/// An answer to a poll, in a line.
fn answer(response: &Response) -> String {
    format!("{} {}", response.status, visible(&response.body))
}

mod to_bytes {
    use super::*;

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

    /// The length goes into the head, the body behind the empty line.
    #[test]
    fn puts_the_headers_then_the_length_then_the_body() {
        coach(
            "The order: status line, headers, Content-Length, \\r\\n, body.",
            || {
                let response =
                    Response::text(200, "1 kick-off\n").with("Cache-Control", "no-store");
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
}

mod take_head {
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
                    "You would read on. Who never sends the blank line then fills your memory.",
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
}

mod receive_head {
    use super::*;

    /// Reads the next head. On a wire that has gone quiet, it fails instead of waiting for ever.
    async fn next(connection: &mut Connection<kit::Stream>) -> String {
        let result = timeout(Duration::from_secs(3600), connection.receive_head()).await;
        clue("not an HTTP request", APPENDED_TOO_MUCH);
        result.map_or("still waits after an hour".to_owned(), head)
    }

    /// Reads one head off a new connection, and gives what came behind it too.
    async fn first(stream: kit::Stream) -> (String, BytesMut) {
        let mut connection = Connection::new(stream);
        let result = next(&mut connection).await;
        let received = left(connection).await;
        if received.contains(&0) {
            clue(&result, APPENDED_TOO_MUCH);
        }
        (result, received)
    }

    /// What came and was not used, `received` or still unread; and a clue, where nothing was read.
    async fn left(connection: Connection<kit::Stream>) -> BytesMut {
        let (mut stream, mut bytes) = connection.into_parts();
        let read = !bytes.is_empty();
        while let Ok(Ok(1..)) = timeout(Duration::ZERO, stream.read_buf(&mut bytes)).await {}
        if !read && bytes.starts_with(b"GET") {
            clue(
                "None",
                "You read 0 bytes and took it for the end. Is your buffer's length 0? `read` fills \
                 a slice as long as it is, `read_buf` appends.",
            );
        }
        bytes
    }

    #[test]
    fn reads_a_head_that_comes_at_once() {
        wire(
            "Read into `received`, then try `take_head`.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(HEAD).await;
                let (head, _) = first(stream).await;
                assert_snapshot!(head, @"GET /updates?since=0");
            },
        );
    }

    // ANCHOR: byte_by_byte
    /// One `write` is not one `read`: TCP carries bytes, not messages.
    #[test]
    fn reads_a_head_that_comes_byte_by_byte() {
        wire("One read is not one request.", async |net: Net| {
            net.in_pieces_of(1);
            let (mut ann, stream) = net.pair("ann");
            ann.send(HEAD).await;
            let (head, _) = first(stream).await;
            clue("None", "You took one read for the whole request. Loop.");
            assert_snapshot!(head, @"GET /updates?since=0");
        });
    }
    // ANCHOR_END: byte_by_byte

    /// The second request is in `received` already, and nothing more will come to wake a read.
    #[test]
    fn finds_the_second_of_two_requests_in_one_write() {
        wire(
            "Look at what you have before you ask for more.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                let second = HEAD.replace("since=0", "since=2");
                ann.send(format!("{HEAD}{second}")).await;
                let mut connection = Connection::new(stream);
                let both = [next(&mut connection).await, next(&mut connection).await];
                left(connection).await;
                clue(
                    "still waits",
                    "The second head lay in `received`. Try `take_head` before you read.",
                );
                clue(
                    "since=0\nGET /updates?since=0",
                    "The first head came twice: `take_head` leaves it in `received`.",
                );
                assert_snapshot!(both.join("\n"), @r"
            GET /updates?since=0
            GET /updates?since=2
            ");
            },
        );
    }

    /// The peer is done. Between two requests, that is the ordinary end of a connection.
    #[test]
    fn is_none_when_the_peer_closes_before_the_first_byte() {
        wire(
            "A read of 0 bytes is the end. With nothing received, that is None.",
            async |net: Net| {
                let (ann, stream) = net.pair("ann");
                drop(ann);
                let (head, _) = first(stream).await;
                assert_snapshot!(head, @"None");
            },
        );
    }

    /// Half a request is no request: whoever took it for one would act on half a sentence.
    #[test]
    fn is_an_error_when_the_peer_vanishes_within_a_head() {
        wire(
            "A read of 0 bytes with half a head received is HeadError::Cut.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(&HEAD[..20]).await;
                drop(ann);
                let (head, _) = first(stream).await;
                clue(
                    "None",
                    "None says that all was well. Here half a head was lost: HeadError::Cut.",
                );
                assert_snapshot!(
                    head,
                    @"Err(the connection closed in the middle of a request head)"
                );
            },
        );
    }

    /// Lesson 2 needs it: not every WebSocket client waits for the answer before its first frame.
    #[test]
    fn keeps_what_came_behind_the_head() {
        wire(
            "Bytes behind the head stay in `received`.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(format!("{HEAD}and more")).await;
                let (head, received) = first(stream).await;
                let left = format!("left: {}", rest(&received));
                if received.contains(&0) {
                    clue(&left, APPENDED_TOO_MUCH);
                }
                clue("left: GET", "`take_head` leaves the head in `received`.");
                assert_snapshot!(format!("{head}, {left}"), @"GET /updates?since=0, left: and more");
            },
        );
    }
}

mod read_head {
    use super::*;

    /// Reads the next head, and says when it was done.
    async fn next(net: &Net, connection: &mut Connection<kit::Stream>) -> String {
        let result = timeout(Duration::from_secs(3600), connection.read_head()).await;
        clue(
            "None, after 0 s",
            "`receive_head` came back without waiting: its own tests come first.",
        );
        clue("not an HTTP request", APPENDED_TOO_MUCH);
        let result = result.map_or("still waits".to_owned(), head);
        format!("{result}, after {} s", net.now().as_secs_f32())
    }

    /// A clue for one whose half head is not in `received` when the time is up.
    fn clue_if_nothing_is_kept(connection: Connection<kit::Stream>) {
        let (_, received) = connection.into_parts();
        if received.is_empty() {
            clue(
                "None",
                "`timeout` dropped `receive_head`, and its local buffer with it. Read into \
                 `self.received`.",
            );
        }
    }

    #[test]
    fn passes_on_a_head_that_comes_in_time() {
        wire(
            "In time, the result is that of `receive_head`.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                tokio::spawn(async move {
                    ann.send(&HEAD[..20]).await;
                    sleep(Duration::from_secs(9)).await;
                    ann.send(&HEAD[20..]).await;
                    sleep(Duration::from_secs(60)).await;
                });
                let mut connection = Connection::new(stream);
                let result = next(&net, &mut connection).await;
                assert_snapshot!(result, @"GET /updates?since=0, after 9 s");
            },
        );
    }

    #[test]
    fn gives_up_on_half_a_head_after_ten_seconds() {
        wire(
            "Put `timeout(HEAD_TIMEOUT, …)` around `receive_head`.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(&HEAD[..20]).await;
                let mut connection = Connection::new(stream);
                let result = next(&net, &mut connection).await;
                clue_if_nothing_is_kept(connection);
                clue(
                    "None",
                    "A head had begun: there is something in `received`. Say TooSlow.",
                );
                clue(
                    "still waits",
                    "This head never comes, and you never stop waiting for it.",
                );
                assert_snapshot!(
                    result,
                    @"Err(the request head was not complete after 10 s), after 10 s"
                );
            },
        );
    }

    /// Such a client keeps a connection of yours busy for three minutes, at next to no cost.
    #[test]
    fn counts_from_the_call_and_not_from_each_piece() {
        wire(
            "One `timeout` around all reads, not one around each.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                tokio::spawn(async move {
                    for byte in HEAD.as_bytes() {
                        ann.send([*byte]).await;
                        sleep(Duration::from_secs(3)).await;
                    }
                });
                let mut connection = Connection::new(stream);
                let result = next(&net, &mut connection).await;
                clue_if_nothing_is_kept(connection);
                clue(
                    "GET",
                    "A byte every three seconds, and you waited for all. Time the head, not a read.",
                );
                assert_snapshot!(
                    result,
                    @"Err(the request head was not complete after 10 s), after 10 s"
                );
            },
        );
    }

    /// Nobody asked for anything, so there is nothing to answer, and nothing went wrong.
    #[test]
    fn is_none_after_ten_seconds_of_silence() {
        wire(
            "No byte came: None, and the connection can close.",
            async |net: Net| {
                let (ann, stream) = net.pair("ann");
                let mut connection = Connection::new(stream);
                clue(
                    "Err",
                    "No head had begun: `received` is empty. A silent connection is None.",
                );
                let result = next(&net, &mut connection).await;
                drop(ann);
                assert_snapshot!(result, @"None, after 10 s");
            },
        );
    }
}

mod keeps_alive {
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
}

mod short_poll {
    use super::*;

    #[test]
    fn answers_with_what_is_new_to_the_reader() {
        coach("200, and a line for each update after `since`.", || {
            clue(
                "1 kick-off",
                "The reader has number 1 already: `feed.since` leaves it out.",
            );
            let feed = feed(&["kick-off", "goal", "half-time"]);
            assert_snapshot!(answer(&polling::short_poll(&feed, 1)), @r"200 2 goal\n3 half-time\n");
        });
    }

    #[test]
    fn answers_a_new_reader_with_everything() {
        coach(
            "A reader with nothing says 0, and gets all updates.",
            || {
                let feed = feed(&["kick-off", "goal"]);
                let answer = answer(&polling::short_poll(&feed, 0));
                assert_snapshot!(answer, @r"200 1 kick-off\n2 goal\n");
            },
        );
    }

    /// 'Nothing new' is an answer, and not an error.
    #[test]
    fn answers_204_when_nothing_is_new() {
        coach("Nothing new is 204: an answer without a body.", || {
            clue(
                "200",
                "An empty 200 works too, but it costs two more headers. Answer 204.",
            );
            clue(
                "404",
                "Nothing new is not an error: the feed exists. Answer 204.",
            );
            assert_snapshot!(answer(&polling::short_poll(&feed(&["kick-off"]), 1)), @"204 ");
        });
    }

    /// A header in two lines is another header, or an error: who adds which must be clear.
    #[test]
    fn leaves_the_other_headers_to_those_who_add_them() {
        coach(
            "`Response::text` brings Content-Type. A poll adds nothing to it.",
            || {
                clue(
                    "Cache-Control",
                    "`serve` adds Cache-Control to each answer. With yours there are two.",
                );
                clue(
                    "Connection",
                    "`serve` adds Connection where the connection closes.",
                );
                clue(
                    "Content-Length",
                    "`to_bytes` adds Content-Length. With yours there are two.",
                );
                let headers = |since| {
                    let response = polling::short_poll(&feed(&["kick-off"]), since);
                    let names = response.headers.iter().map(|(name, _)| name.as_str());
                    format!(
                        "{}: [{}]",
                        response.status,
                        names.collect::<Vec<_>>().join(", ")
                    )
                };
                assert_snapshot!(format!("{}\n{}", headers(0), headers(1)), @r"
                200: [Content-Type]
                204: []
                ");
            },
        );
    }
}

mod long_poll {
    use super::*;

    /// Polls, and says when the answer came.
    async fn wait(net: &Net, feed: &Feed, since: u64) -> String {
        let waiting = polling::long_poll(feed, since);
        match timeout(Duration::from_secs(3600), waiting).await {
            Ok(response) => format!("{}, at {} s", answer(&response), net.now().as_secs_f32()),
            Err(_) => "still waits".to_owned(),
        }
    }

    /// Publishes an update after a while.
    fn publish_at(millis: u64, feed: &Feed, text: &'static str) {
        let feed = feed.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(millis)).await;
            feed.publish(text);
        });
    }

    #[test]
    fn waits_for_the_next_update() {
        wire(
            "Wait until `feed.latest()` is greater than `since`. Do not look at it now and then.",
            async |net: Net| {
                let feed = feed(&["kick-off"]);
                publish_at(7123, &feed, "goal");
                clue("204 , at 0 s", "You answered without waiting.");
                clue(
                    "204 , at 30 s",
                    "You slept through the update: wait for it *or* for 30 s.",
                );
                clue(
                    "at 30 s",
                    "You slept to the end. Answer as soon as there is something new.",
                );
                assert_snapshot!(wait(&net, &feed, 1).await, @r"200 2 goal\n, at 7.123 s");
            },
        );
    }

    /// The update came while no poll was open. Who waits for the *next* one never tells of it.
    #[test]
    fn answers_at_once_when_the_reader_is_behind() {
        wire(
            "There is something new already: do not wait for more.",
            async |net: Net| {
                let feed = feed(&["kick-off", "goal"]);
                clue(
                    "at 30 s",
                    "An update between two polls waits for the next poll. `changed` looks only at what \
                 happens after the call; `wait_for` looks first.",
                );
                assert_snapshot!(wait(&net, &feed, 1).await, @r"200 2 goal\n, at 0 s");
            },
        );
    }

    /// Something on the way drops a connection that is silent for too long. End it before that.
    #[test]
    fn answers_204_after_thirty_seconds() {
        wire(
            "Every wait has an end: `timeout(LONG_POLL, …)`.",
            async |net: Net| {
                clue(
                    "still waits",
                    "Nothing came, and you wait for ever. Put a `timeout` around it.",
                );
                clue(
                    "408",
                    "Nothing was wrong with the request. Nothing new is 204.",
                );
                assert_snapshot!(wait(&net, &feed(&["kick-off"]), 1).await, @"204 , at 30 s");
            },
        );
    }

    /// An update is for everybody who waits.
    #[test]
    fn wakes_every_reader() {
        wire("All who wait get the update.", async |net: Net| {
            let feed = feed(&[]);
            publish_at(3456, &feed, "kick-off");
            let (ann, bob) = tokio::join!(wait(&net, &feed, 0), wait(&net, &feed, 0));
            assert_snapshot!(format!("{ann}\n{bob}"), @r"
            200 1 kick-off\n, at 3.456 s
            200 1 kick-off\n, at 3.456 s
            ");
        });
    }
}

mod whole {
    use super::*;

    /// Runs a test of everything together. Its advice is of use once each exercise is right.
    #[track_caller]
    fn whole(advice: &str, test: impl AsyncFnOnce(Net) + Send + 'static) {
        let first = "Is a test of one exercise red? Begin there. If none is:";
        wire(&format!("{first}\n{advice}"), test);
    }

    /// Serves a feed on `net`.
    fn serve(net: &Net, feed: &Feed) {
        let feed = feed.clone();
        net.serve(move |stream| polling::serve(stream, feed.clone()));
    }

    /// A request of Ann's.
    fn get(target: &str) -> String {
        format!("GET {target} HTTP/1.1\r\nHost: server.example.com\r\n\r\n")
    }

    /// Sends bytes to a server with an empty feed, and waits until it has closed.
    fn closing(advice: &str, bytes: impl AsRef<[u8]> + Send + 'static, check: fn(Net)) {
        whole(advice, async move |net: Net| {
            serve(&net, &feed(&[]));
            let mut ann = net.connect("ann").await;
            ann.send(bytes).await;
            ann.closed().await;
            check(net);
        });
    }

    /// Three requests, one connection.
    #[test]
    fn answers_polls_on_one_connection() {
        whole(
            "204 or 200, and the connection stays open for the next poll.",
            async |net: Net| {
                let feed = feed(&[]);
                serve(&net, &feed);
                let mut ann = net.connect("ann").await;
                ann.send(get("/updates?since=0")).await;
                ann.response().await;
                feed.publish("kick-off");
                for since in [0, 1] {
                    net.pass(Duration::from_secs(1)).await;
                    ann.send(get(&format!("/updates?since={since}"))).await;
                    ann.response().await;
                }
                assert_snapshot!("poll", net.transcript());
            },
        );
    }

    /// The second update comes while Ann has no request open, and she still gets it.
    #[test]
    fn answers_as_soon_as_there_is_something_new() {
        whole(
            "A long poll waits for what is new, for 30 s at most.",
            async |net: Net| {
                let feed = feed(&[]);
                serve(&net, &feed);
                let mut ann = net.connect("ann").await;
                ann.send(get("/updates/wait?since=0")).await;
                ann.hears_nothing_for(Duration::from_millis(2500)).await;
                feed.publish("kick-off");
                ann.response().await;
                feed.publish("goal");
                ann.send(get("/updates/wait?since=1")).await;
                ann.response().await;
                ann.send(get("/updates/wait?since=2")).await;
                ann.response().await;
                assert_snapshot!("long-poll", net.transcript());
            },
        );
    }

    /// One request. The answer does not end.
    #[test]
    fn sends_events() {
        whole(
            "The events are given. They need a head that is read.",
            async |net: Net| {
                let feed = feed(&["kick-off"]);
                serve(&net, &feed);
                let mut ann = net.connect("ann").await;
                ann.send(get("/events")).await;
                ann.response().await;
                ann.some_bytes().await;
                net.pass(Duration::from_millis(4600)).await;
                feed.publish("goal");
                ann.some_bytes().await;
                ann.some_bytes().await;
                assert_snapshot!("events", net.transcript());
            },
        );
    }

    /// A browser that lost its connection says which event it had last.
    #[test]
    fn takes_events_up_again() {
        whole(
            "The events are given. They need a head that is read.",
            async |net: Net| {
                serve(&net, &feed(&["kick-off", "goal", "half-time"]));
                let mut ann = net.connect("ann").await;
                ann.send("GET /events HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 2\r\n\r\n")
                    .await;
                ann.response().await;
                let events = String::from_utf8(ann.some_bytes().await).unwrap_or_default();
                assert_snapshot!(visible(&events), @r"id: 3\ndata: half-time\n\n");
            },
        );
    }

    /// The rudest network there is: a byte at a time, up and down.
    #[test]
    fn works_on_a_stream_that_moves_one_byte_at_a_time() {
        whole(
            "Each read may give one byte, and each write may take one.",
            async |net: Net| {
                net.in_pieces_of(1);
                serve(&net, &feed(&["kick-off"]));
                let mut ann = net.connect("ann").await;
                ann.send(get("/updates?since=0")).await;
                let response = ann.response().await;
                assert_snapshot!(String::from_utf8_lossy(&response.body), @"1 kick-off");
            },
        );
    }

    /// Both requests come in one write, and are answered in their order.
    #[test]
    fn answers_two_requests_in_one_write() {
        whole(
            "The second request is not lost with the first.",
            async |net: Net| {
                serve(&net, &feed(&["kick-off"]));
                let mut ann = net.connect("ann").await;
                let both = get("/updates?since=0") + &get("/updates?since=1");
                ann.send(both).await;
                ann.response().await;
                ann.response().await;
                assert_snapshot!("pipelined", net.transcript());
            },
        );
    }

    #[test]
    fn closes_after_the_answer_when_told_to() {
        let request = "GET /updates?since=0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        closing("One answer, and then the end.", request, |net| {
            assert_snapshot!("connection-close", net.transcript());
        });
    }

    #[test]
    fn closes_after_the_answer_to_http_1_0() {
        let request = "GET /updates?since=0 HTTP/1.0\r\n\r\n";
        closing("HTTP/1.0 knows no keep-alive.", request, |net| {
            assert_snapshot!("http-1-0", net.transcript());
        });
    }

    #[test]
    fn answers_400_to_what_is_not_http() {
        let advice = "HeadError::Malformed is answered with a 400.";
        closing(advice, "hello, is anybody there?\r\n", |net| {
            assert_snapshot!("not-http", net.transcript());
        });
    }

    /// HTTP/1.1 requires it (RFC 9112, section 3.2).
    #[test]
    fn answers_400_to_a_request_without_host() {
        let advice = "The answer is given; it needs a head that is read.";
        closing(advice, "GET /updates?since=0 HTTP/1.1\r\n\r\n", |net| {
            assert_snapshot!("no-host", net.transcript());
        });
    }

    #[test]
    fn answers_404_to_an_unknown_path() {
        let advice = "The answer is given; it needs a head that is read.";
        closing(advice, get("/update?since=0"), |net| {
            assert_snapshot!("not-found", net.transcript());
        });
    }

    #[test]
    fn answers_400_without_since() {
        let advice = "The answer is given; it needs a head that is read.";
        closing(advice, get("/updates"), |net| {
            assert_snapshot!("no-since", net.transcript());
        });
    }

    /// A 405 names the methods that are allowed (RFC 9110, section 15.5.6).
    #[test]
    fn answers_405_to_another_method() {
        let request = "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ngoal";
        closing(
            "The answer is given; it needs a head that is read.",
            request,
            |net| {
                assert_snapshot!("method", net.transcript());
            },
        );
    }

    /// Nobody reads the body, so the next request could not be found behind it.
    #[test]
    fn answers_413_to_a_get_with_a_body() {
        let head = "GET /updates?since=0 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\ngoal";
        closing(
            "The answer is given; it needs a head that is read.",
            head,
            |net| {
                assert_snapshot!("body", net.transcript());
            },
        );
    }

    #[test]
    fn answers_431_to_a_head_of_8193_bytes() {
        closing(
            "HeadError::TooLong is answered with a 431.",
            head_of(8193),
            |net| {
                assert_snapshot!("too-long", net.transcript());
            },
        );
    }

    #[test]
    fn answers_408_to_half_a_head() {
        closing(
            "HeadError::TooSlow is answered with a 408.",
            &HEAD[..29],
            |net| {
                assert_snapshot!("too-slow", net.transcript());
            },
        );
    }

    /// Each request has ten seconds of its own.
    #[test]
    fn closes_a_connection_that_asks_no_more() {
        whole(
            "Silence is no error: no answer, only the end.",
            async |net: Net| {
                serve(&net, &feed(&["kick-off"]));
                let mut ann = net.connect("ann").await;
                net.pass(Duration::from_secs(9)).await;
                ann.send(get("/updates?since=0")).await;
                ann.response().await;
                // Time passes although nobody reads: one who answers for ever stops here.
                net.pass(Duration::from_secs(11)).await;
                ann.closed().await;
                assert_snapshot!("idle", net.transcript());
            },
        );
    }

    /// Whoever is gone cannot read an answer.
    #[test]
    fn ends_when_the_peer_vanishes_within_a_head() {
        whole(
            "HeadError::Cut has no answer: the function just returns.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(&HEAD[..29]).await;
                drop(ann);
                let served = timeout(Duration::ZERO, polling::serve(stream, feed(&[]))).await;
                assert!(served.is_ok(), "the server waits for somebody who has gone");
                assert_snapshot!("vanished", net.transcript());
            },
        );
    }

    /// The table of the chapter: two updates in ten seconds, by three ways.
    #[test]
    fn counts_what_two_updates_cost() {
        let rows = cost::over_http();
        coach(
            "Is a test of one exercise red? Begin there. If none is:\nWhich row differs: a header too \
             many, or an answer too late?",
            move || {
                assert_snapshot!("cost", cost::table(&rows));
            },
        );
    }
}

mod given {
    use super::*;

    /// Numbers go on; only the texts are dropped.
    #[test]
    fn a_feed_keeps_its_newest_thousand_updates() {
        coach(
            "The feed is given. What you changed: `git diff lessons/01-polling/src/feed.rs`.",
            || {
                let feed = Feed::default();
                (1..=1001).for_each(|n| feed.publish(&format!("update {n}")));
                let kept = feed.since(0);
                let kept = format!("{}, the first: {}", kept.len(), kept[0].text);
                assert_snapshot!(kept, @"1000, the first: update 2");
            },
        );
    }

    /// A reader tells updates apart by their line ends.
    #[test]
    fn an_update_is_one_line() {
        coach(
            "The feed is given. What you changed: `git diff lessons/01-polling/src/feed.rs`.",
            || {
                let updates = feed(&["one\r\ntwo"]).since(0);
                assert_snapshot!(visible(&polling::lines(&updates)), @r"1 one  two\n");
            },
        );
    }

    #[test]
    fn a_head_ends_at_the_blank_line() {
        coach(
            "`Request` is given. What you changed: `git diff lessons/01-polling/src/request.rs`.",
            || {
                let parsed = Request::parse(format!("{HEAD}more").as_bytes());
                let (request, length) = parsed.ok().flatten().expect("HEAD is a head");
                assert_eq!(length, HEAD.len());
                assert_eq!(request.path(), "/updates");
                assert_eq!(request.query("since"), Some("0"));
                assert_eq!(request.query("until"), None);
                assert_eq!(request.header("hOST"), Some("server.example.com"));
            },
        );
    }
}
