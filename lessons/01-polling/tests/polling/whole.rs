//! The server, request by request.

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

/// Nobody reads the body, so the next request could not be found after it.
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
