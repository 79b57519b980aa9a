//! A head that comes in any number of pieces, or not at all.

use super::*;

/// Reads the next head. On a wire that has gone quiet, it fails instead of waiting for ever.
async fn next(connection: &mut Connection<kit::Stream>) -> String {
    let result = timeout(Duration::from_secs(3600), connection.receive_head()).await;
    clue("not an HTTP request", APPENDED_TOO_MUCH);
    result.map_or("still waits after an hour".to_owned(), head)
}

/// Reads one head off a new connection, and gives what came after it too.
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
                "The second head came with the first. Read into `self.received`, where it stays, and try \
                 `take_head` before you read.",
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

/// Half a head may be in `received` before the first read, and then nothing more comes.
#[test]
fn is_an_error_when_the_rest_of_the_second_head_does_not_come() {
    wire(
        "The end within a head is HeadError::Cut, whenever its beginning has come.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            ann.send(format!("{HEAD}{}", &HEAD[..20])).await;
            drop(ann);
            let mut connection = Connection::new(stream);
            let both = [next(&mut connection).await, next(&mut connection).await];
            left(connection).await;
            clue(
                "\nNone",
                "Half a head lay in `received` when the end came. Ask `received`, not what this call \
                 has read.",
            );
            assert_snapshot!(both.join("\n"), @r"
            GET /updates?since=0
            Err(the connection closed in the middle of a request head)
            ");
        },
    );
}

/// Time and the number of pieces are no business of this function.
#[test]
fn waits_for_as_long_as_it_takes() {
    wire(
        "No `timeout`, and no end to the loop but a head, the end or an error.",
        async |net: Net| {
            net.in_pieces_of(1);
            let (mut ann, stream) = net.pair("ann");
            let long = head_of(600);
            tokio::spawn(async move {
                ann.send(&long[..300]).await;
                sleep(Duration::from_secs(3000)).await;
                ann.send(&long[300..]).await;
                sleep(Duration::from_secs(3000)).await;
            });
            let (head, _) = first(stream).await;
            clue(
                "Err",
                "The other half came after fifty minutes, and you had given up: limits are for `read_head`.",
            );
            assert_snapshot!(head, @"GET /");
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
        "Bytes after the head stay in `received`.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            ann.send(format!("{HEAD}and more")).await;
            let (head, received) = first(stream).await;
            let left = format!("left: {}", rest(&received));
            if received.contains(&0) {
                clue(&left, APPENDED_TOO_MUCH);
            }
            clue("left: GET", "`take_head` leaves the head in `received`.");
            clue(
                "left: nothing",
                "What came after the head is lost. A buffer of your own ends with the function: read \
                 into `self.received`.",
            );
            assert_snapshot!(format!("{head}, {left}"), @"GET /updates?since=0, left: and more");
        },
    );
}

/// A connection that breaks is not one that ends: somebody may want to know.
#[test]
fn passes_on_an_error_of_the_stream() {
    wire(
        "An error of `read_buf` is your error too: `?` makes it HeadError::Io.",
        async |_| {
            clue(
                "None",
                "None says that the peer closed. Here the read itself failed: `?` passes that on.",
            );
            clue(
                "in the middle of a request head",
                "The peer did not close: the read failed. `?` makes that HeadError::Io.",
            );
            for begun in ["", "GET /upd"] {
                let mut connection = Connection::new(Broken::after(begun));
                let result = head(connection.receive_head().await);
                assert_eq!(result, "Err(the connection failed: connection reset)");
            }
        },
    );
}
