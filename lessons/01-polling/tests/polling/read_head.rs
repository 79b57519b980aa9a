//! Ten seconds for a head.

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
                "the connection",
                "The connection is well. The time is up, and that is `HeadError::TooSlow`.",
            );
            clue("after 30 s", "The limit for a head is HEAD_TIMEOUT.");
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
                "None",
                "A head had begun: there is something in `received`. Say TooSlow.",
            );
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

/// The next head may have begun before the call, and nothing more comes.
#[test]
fn is_too_slow_for_a_head_that_had_begun_before_the_call() {
    wire(
        "What is in `received` when the time is up has begun, whenever it came.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            ann.send(format!("{HEAD}{}", &HEAD[..20])).await;
            let mut connection = Connection::new(stream);
            assert_snapshot!(next(&net, &mut connection).await, @"GET /updates?since=0, after 0 s");
            clue(
                "None",
                "Half a head lay in `received` from the read before. Ask whether `received` is empty.",
            );
            assert_snapshot!(
                next(&net, &mut connection).await,
                @"Err(the request head was not complete after 10 s), after 10 s"
            );
        },
    );
}

/// The ten seconds have begun before the first byte does.
#[test]
fn counts_the_silence_before_the_first_byte() {
    wire(
        "One `timeout` around `receive_head`: the time before the first byte counts.",
        async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            tokio::spawn(async move {
                sleep(Duration::from_secs(9)).await;
                ann.send(&HEAD[..20]).await;
                sleep(Duration::from_secs(60)).await;
            });
            let mut connection = Connection::new(stream);
            let result = next(&net, &mut connection).await;
            clue(
                "after 19 s",
                "Your clock starts again at the first byte. It starts at the call.",
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

/// There was time enough, and still there is no head: say why, as `receive_head` does.
#[test]
fn passes_on_what_went_wrong_in_time() {
    wire(
        "In time, the result is that of `receive_head`, even if it is an error.",
        async |net: Net| {
            clue(
                "None",
                "None stands for silence, and for a peer that is done. Pass on the error of \
                 `receive_head`.",
            );
            clue(
                "not complete after 10 s",
                "TooSlow means that the time is up. Here `receive_head` said in time what is wrong.",
            );
            let (mut ann, stream) = net.pair("ann");
            ann.send("\x16\x03\x01 TLS, perhaps").await;
            let result = head(Connection::new(stream).read_head().await);
            assert_snapshot!(result, @"Err(not an HTTP request: invalid token)");

            let (mut bob, stream) = net.pair("bob");
            bob.send(&HEAD[..20]).await;
            drop(bob);
            let result = head(Connection::new(stream).read_head().await);
            assert_snapshot!(result, @"Err(the connection closed in the middle of a request head)");

            let result = head(Connection::new(Broken::after("")).read_head().await);
            assert_snapshot!(result, @"Err(the connection failed: connection reset)");
        },
    );
}
