//! A call to one client.

use super::*;

#[test]
fn returns_the_answer() {
    wire(
        "Send the event with the call's id, and wait for the call's `answer`.",
        async |net| {
            let server = serve(&net, async |_| {});
            let mut ann = net.websocket("ann", "/").await;
            let calls = server.calls.clone();
            let client = server.client(0);
            let call = tokio::spawn(async move {
                outcome(calls.emit_with_ack(client, &ferret(), LIMIT)).await
            });
            ann.next_text().await;
            ann.text(r#"30["woot"]"#).await;
            assert_snapshot!(call.await.unwrap_or_default(), @r#"["woot"]"#);
            assert_snapshot!("server-calls", packets(&net));
            assert_snapshot!(format!("{} wait", server.calls.waiting()), @"0 wait");
        },
    );
}

/// Answers the call the moment its packet is in the queue.
struct FastClient {
    calls: Calls,
    id: ConnectionId,
}

impl Wake for FastClient {
    fn wake(self: Arc<Self>) {
        // A queue that is dropped wakes too: by then the test has failed, and this could panic.
        if !std::thread::panicking() {
            _ = self.calls.resolve(self.id, 0, vec![json!("woot")]);
        }
    }
}

/// On two cores, an answer can be there before `deliver` has returned.
#[test]
fn is_registered_before_it_is_sent() {
    wire(
        "First `register`, then `deliver`: the answer may be quicker than you.",
        async |_| {
            clue(
                "timed out",
                "The answer came while the call was not in its table. Register first, then send.",
            );
            let calls = Calls::default();
            let (mut ann, _session) = join(&calls);
            let id = ann.membership.id();
            let fast = Waker::from(Arc::new(FastClient {
                calls: calls.clone(),
                id,
            }));
            // Waits for the packet: whoever puts one in wakes the client.
            let waiting = ann.packets.poll_recv(&mut Context::from_waker(&fast));
            assert!(waiting.is_pending(), "nothing was sent yet");
            let outcome = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
            assert_snapshot!(outcome, @r#"["woot"]"#);
        },
    );
}

/// On the paused clock five seconds are exact, and take no time.
#[test]
fn times_out_at_its_limit() {
    wire(
        "`tokio::time::timeout` around the wait for the answer.",
        async |_| {
            clue(
                "a day",
                "Nothing ends the wait. Use tokio's timeout: a thread's clock is not the test's.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let start = Instant::now();
            let outcome = outcome(calls.emit_with_ack(ann.membership.id(), &ferret(), LIMIT)).await;
            let after = format!("{outcome} after {:?}", start.elapsed());
            assert_snapshot!(after, @"timed out after 5s");
        },
    );
}

/// The answer is no use to the call that gave up, and must not reach the next one.
#[test]
fn does_not_take_a_late_answer_for_another() {
    wire(
        "An id is for one call. The next call has the next id.",
        async |net| {
            let server = serve(&net, async |asked: Asked| {
                // As in the page: ann calls the server, and the server calls bob.
                let bob = asked.calls.hub().ids()[1];
                let limit = asked.seconds();
                let outcome = asked.calls.emit_with_ack(bob, &ferret(), limit).await;
                asked.answer(vec![told(bob, outcome)]);
            });
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = net.websocket("bob", "/").await;
            ann.text(r#"20["ask",5]"#).await;
            bob.next_text().await;
            ann.next_text().await;
            ann.text(r#"21["ask",5]"#).await;
            bob.next_text().await;
            bob.text(r#"30["woot, and sorry"]"#).await;
            bob.text(r#"31["woot"]"#).await;
            ann.next_text().await;
            assert_snapshot!("late", packets(&net));
            missing(
                "answer 0 came late",
                "The late answer found its call still in the table. The `Call` takes itself out \
                 when it is dropped: let it go when you stop waiting.",
            );
            assert_snapshot!(server.log(), @"user 2: answer 0 came late or twice");
        },
    );
}

/// Not sent is not done: the one error after which a retry is safe.
#[test]
fn says_when_it_was_not_sent() {
    wire(
        "`register` finds no table, or `deliver` returns 0: then it is `NotSent`, at once.",
        async |_| {
            clue(
                "timed out",
                "Nothing was sent, so no answer can come. Look at what `deliver` returns.",
            );
            let calls = Calls::new(Hub::new(Limits {
                queue: 1,
                ..Limits::default()
            }));
            let (ann, session) = join(&calls);
            let id = ann.membership.id();
            ann.membership.socket().emit(&ferret());
            let full = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
            assert_snapshot!(full, @"not sent");
            assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
            drop((ann, session));
            let gone = outcome(calls.emit_with_ack(id, &ferret(), LIMIT)).await;
            assert_snapshot!(gone, @"not sent");
        },
    );
}

/// A client that is gone will not answer.
#[test]
fn ends_when_the_client_is_gone() {
    wire(
        "An answer's channel that breaks is a `Disconnected`.",
        async |net| {
            clue(
                "timed out",
                "A broken channel is the answer 'disconnected'. Do not wait on.",
            );
            let server = serve(&net, async |_| {});
            let mut ann = net.websocket("ann", "/").await;
            let [first, second] = [(); 2].map(|()| {
                let calls = server.calls.clone();
                let client = server.client(0);
                tokio::spawn(async move {
                    let start = Instant::now();
                    let outcome = outcome(calls.emit_with_ack(client, &ferret(), LIMIT)).await;
                    format!("{outcome} after {} s", start.elapsed().as_secs())
                })
            });
            ann.next_text().await;
            ann.next_text().await;
            net.pass(Duration::from_secs(2)).await;
            drop(ann);
            let first = first.await.unwrap_or_default();
            assert_snapshot!(first, @"disconnected after 2 s");
            let second = second.await.unwrap_or_default();
            assert_snapshot!(second, @"disconnected after 2 s");
            assert_snapshot!("disconnect", packets(&net));
            assert_snapshot!(format!("{} wait", server.calls.waiting()), @"0 wait");
        },
    );
}

/// Whoever races a call against something else drops the loser.
#[test]
fn leaves_nothing_behind_when_it_is_dropped() {
    wire(
        "The `Call` leaves its table in its `drop`. Keep it for as long as you wait.",
        async |_| {
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let event = ferret();
            let mut call = Box::pin(calls.emit_with_ack(ann.membership.id(), &event, LIMIT));
            assert!(
                call.as_mut().now_or_never().is_none(),
                "nobody has answered"
            );
            assert_snapshot!(format!("{} waits", calls.waiting()), @"1 waits");
            drop(call);
            assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
        },
    );
}

/// A table that only grows is a leak that takes weeks to show. The reference passes 100,000.
#[test]
fn leaves_nothing_behind_after_5000_timeouts() {
    wire(
        "Every call that timed out must leave its table.",
        async |_| {
            let calls = Calls::default();
            let (mut ann, _session) = join(&calls);
            let (event, mut timed_out) = (ferret(), 0);
            for _ in 0..5_000 {
                let call = calls.emit_with_ack(ann.membership.id(), &event, LIMIT);
                timed_out += usize::from(call.await == Err(CallError::TimedOut));
                // The client reads, and does not answer.
                _ = ann.packets.try_recv();
            }
            let text = format!("{timed_out} timed out, {} wait", calls.waiting());
            assert_snapshot!(text, @"5000 timed out, 0 wait");
        },
    );
}
