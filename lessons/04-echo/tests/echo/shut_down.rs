//! The end of the server, told to everybody.

use super::*;

const NOT_TOLD: &str = "Nobody is told: set `stopping` to true, every connection watches it.";
const TOO_EARLY: &str = "The server ended before the five seconds were over. Wait for `tasks`; and `converse` reads on after its close frame.";
const DROPPED: &str = "The connections end without a word: `tasks` is dropped before they could say goodbye. Wait for them.";

/// Everybody learns that it is not their connection but the server that ends.
#[test]
fn tells_everybody_1001() {
    let advice = "Set `stopping` to true: every connection watches it.";
    wire(advice, async |net: Net| {
        let (stop, server) = start(&net, 2);
        let mut ann = net.websocket("ann", "/").await;
        let mut bob = net.websocket("bob", "/").await;
        net.pass(Duration::from_secs(60)).await;
        drop(stop);
        clue("stayed open", NOT_TOLD);
        let (code, reason) = ann.closed().await;
        let after = net.now().as_secs() - 60;
        clue("1006 after 5 s", NOT_TOLD);
        clue("1006", DROPPED);
        assert_snapshot!(format!("{code} after {after} s: {reason}"), @"1001 after 0 s: the server stops");
        bob.closed().await;
        let _ = timeout(Duration::from_secs(3600), server).await;
        missing(
            "server → bob   close 1001 \"the server stops\"\nann",
            "The answers to the goodbyes are still to come: `converse` reads on after its close frame.",
        );
        assert_snapshot!("shutdown", net.transcript());
    });
}

/// Nobody is here, and nobody has to be waited for.
#[test]
fn ends_at_once_without_connections() {
    let advice =
        "No receiver watches `stopping`: `send_replace` does not mind, `send` is an error.";
    wire(advice, async |net: Net| {
        let (stop, server) = start(&net, 1);
        net.pass(Duration::from_secs(1)).await;
        drop(stop);
        let ended = timeout(Duration::from_secs(3600), server).await;
        assert!(matches!(ended, Ok(Ok(()))), "the server did not end well");
        assert_snapshot!(format!("ended after {} s", net.now().as_secs_f32() - 1.0), @"ended after 0 s");
    });
}

/// A task that panics ends, too. The others still have their goodbyes to say.
#[test]
fn waits_for_each_of_many_even_if_one_panics() {
    let advice = "join_next until it is None: how one task ended is nobody else's trouble.";
    wire(advice, async |net: Net| {
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Server::new(4, |line| {
            if line.ends_with(": closed") {
                // Without a message: this panic belongs to the test.
                std::panic::resume_unwind(Box::new("as asked"));
            }
        });
        let running = server.run(Door(net.listener()), async {
            let _ = stopped.await;
        });
        let server = tokio::spawn(running);
        let mut guests = Vec::new();
        for name in ["ann", "bob", "cat", "dan"] {
            guests.push(net.websocket(name, "/").await);
        }
        net.settle().await;
        let mut ann = guests.remove(0);
        ann.close(1000, "").await;
        ann.closed().await;
        drop(ann);
        net.settle().await;
        drop(stop);
        let (start, clock) = (net.now(), net.clone());
        let ended = tokio::spawn(async move {
            let _ = timeout(Duration::from_secs(3600), server).await;
            clock.now() - start
        });
        let mut codes = Vec::new();
        for mut guest in guests {
            net.pass(Duration::from_secs(1)).await;
            codes.push(guest.closed().await.0);
        }
        clue("1006", DROPPED);
        assert_eq!(codes, [1001, 1001, 1001]);
        let after = ended.await.unwrap_or_default().as_secs_f32();
        clue(
            "ended after",
            "The server ended before the last of them had gone: wait for all of `tasks`.",
        );
        assert_snapshot!(format!("ended after {after} s"), @"ended after 3 s");
    });
}

/// Most clients are quick. A server that always waits five seconds is slow to restart.
#[test]
fn ends_when_the_last_has_gone() {
    wire(
        "join_next returns when a task ends: do not sleep.",
        async |net: Net| {
            let (stop, server) = start(&net, 1);
            let mut ann = net.websocket("ann", "/").await;
            let told = tokio::spawn(async move { ann.closed().await.0 });
            clue("stayed open", NOT_TOLD);
            drop(stop);
            let _ = timeout(Duration::from_secs(3600), server).await;
            let after = net.now().as_secs_f32();
            let code = told.await.unwrap_or_default();
            clue("after 5 s. ann saw 1006", NOT_TOLD);
            clue("1006", DROPPED);
            assert_snapshot!(format!("ended after {after} s. ann saw {code}"), @"ended after 0 s. ann saw 1001");
        },
    );
}

/// ann says goodbye after three seconds, and bob never does.
#[test]
fn begins_the_five_seconds_once() {
    let advice = "GRACE is for all of them together: one `timeout` around the whole loop.";
    wire(advice, async |net: Net| {
        let (stop, server) = start(&net, 2);
        let mut ann = net.connect("ann").await;
        ann.send(REQUEST).await;
        ann.response().await;
        let mut bob = net.connect("bob").await;
        bob.send(REQUEST).await;
        bob.response().await;
        drop(stop);
        net.pass(Duration::from_secs(3)).await;
        ann.send(frame(CLOSE, goodbye(1001, ""))).await;
        ann.closed().await;
        drop(ann);
        let _ = timeout(Duration::from_secs(3600), server).await;
        clue("3 s", TOO_EARLY);
        let anew = "The five seconds begin anew with each goodbye, or there is no limit: one `timeout` around the whole loop.";
        clue("8 s", anew);
        // bob's own connection has given up by now: five seconds, and two for lesson 1's close.
        clue("7 s", anew);
        assert_snapshot!(format!("ended after {} s", net.now().as_secs_f32()), @"ended after 5 s");
    });
}

/// A client that does not answer must not keep the server.
#[test]
fn waits_five_seconds_and_no_longer() {
    wire(
        "Put `timeout(GRACE, ...)` around the wait.",
        async |net: Net| {
            let (stop, server) = start(&net, 1);
            let mut ann = net.connect("ann").await;
            ann.send(REQUEST).await;
            ann.response().await;
            drop(stop);
            let ended = timeout(Duration::from_secs(3600), server).await;
            assert!(ended.is_ok(), "the server still waits after an hour");
            ann.closed().await;
            clue(" 0 s", TOO_EARLY);
            clue(" 2 s", TOO_EARLY);
            clue(
                "7 s",
                "You waited until ann's connection gave up by itself. Others take longer: `timeout(GRACE, ...)`.",
            );
            assert_snapshot!(format!("ended after {} s", net.now().as_secs_f32()), @"ended after 5 s");
        },
    );
}
