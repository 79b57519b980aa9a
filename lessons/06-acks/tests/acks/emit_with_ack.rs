//! A call to one client.

use super::*;

const ENDS: &str = "A timeout ends the call, and not the connection.";

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

/// Few or many, empty or not: arguments and answers are arrays, and arrive as they were sent.
#[test]
fn carries_every_argument_and_every_answer() {
    wire(
        "The packet has the whole `event`, and what the channel gives is the outcome.",
        async |_| {
            clue(
                r#"2["ask""#,
                "Your event has no id, so it cannot be answered. It is `Some(call.id)`.",
            );
            clue(
                " and ",
                "The packet went out twice. One `deliver` sends it.",
            );
            clue(
                r#""ask"] is answered"#,
                "The event has lost its arguments on the way.",
            );
            clue(
                "timed out",
                "An empty answer is an answer: `Ok` of an empty list.",
            );
            let calls = Calls::default();
            let (mut ann, _session) = join(&calls);
            let id = ann.membership.id();
            let mut seen = Vec::new();
            for (number, name) in (0..).zip(["ferret", "ask", "2", ""]) {
                let event = Event::new(name, 0..number);
                let mut call = Box::pin(outcome(calls.emit_with_ack(id, &event, LIMIT)));
                let early = call.as_mut().now_or_never();
                let sent = queued(&mut ann).join(" and ");
                _ = calls.resolve(id, number, (0..number).map(Value::from).collect());
                let answer = match early {
                    Some(answer) => answer,
                    None => call.await,
                };
                seen.push(format!("{sent} is answered {answer}"));
            }
            seen.push(left(&calls));
            assert_snapshot!(seen.join("\n"), @r#"
            20["ferret"] is answered []
            21["ask",0] is answered [0]
            22["2",0,1] is answered [0,1]
            23["",0,1,2] is answered [0,1,2]
            0 wait, tables: 1
            "#);
        },
    );
}

/// A hundred callers of one client, and the last is answered first.
#[test]
fn calls_one_client_any_number_of_times_at_once() {
    wire(
        "Each call has its own id and its own channel. Nothing limits their number.",
        async |_| {
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let id = ann.membership.id();
            let event = ferret();
            let call = |_| Box::pin(outcome(calls.emit_with_ack(id, &event, LIMIT)));
            let mut open: Vec<_> = (0..100).map(call).collect();
            let waiting = open
                .iter_mut()
                .filter_map(|call| call.as_mut().now_or_never().is_none().then_some(()));
            let waiting = waiting.count();
            for number in (0..100).rev() {
                _ = calls.resolve(id, number, vec![json!(number)]);
            }
            let mut right = 0;
            for (number, call) in open.into_iter().enumerate().skip(100 - waiting) {
                right += usize::from(call.await == format!("[{number}]"));
            }
            assert_snapshot!(
                format!("{waiting} wait at once, {right} get their own answer"),
                @"100 wait at once, 100 get their own answer"
            );
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

/// Each caller knows how long an answer may take: a millisecond, or an hour.
#[test]
fn waits_as_long_as_its_caller_says() {
    wire("Give `limit` to `timeout` as it is.", async |_| {
        clue(
            "after 0ns, 0 sent",
            "Even a limit of zero sends the event: only the wait is short.",
        );
        clue(
            "after 5s",
            "The limit is the caller's: `limit`, and no number of yours.",
        );
        let calls = Calls::default();
        let (mut ann, _session) = join(&calls);
        let id = ann.membership.id();
        let mut seen = Vec::new();
        for limit in [0, 1, 400, 1_500, 60_000, 3_600_000] {
            let limit = Duration::from_millis(limit);
            let start = Instant::now();
            let outcome = outcome(calls.emit_with_ack(id, &ferret(), limit)).await;
            let time = start.elapsed();
            seen.push(format!(
                "{outcome} after {time:?}, {} sent",
                queued(&mut ann).len()
            ));
        }
        assert_snapshot!(seen.join("\n"), @"
            timed out after 0ns, 1 sent
            timed out after 1ms, 1 sent
            timed out after 400ms, 1 sent
            timed out after 1.5s, 1 sent
            timed out after 60s, 1 sent
            timed out after 3600s, 1 sent
            ");
        let event = ferret();
        let for_ever = calls.emit_with_ack(id, &event, Duration::MAX);
        assert!(for_ever.now_or_never().is_none(), "nobody has answered");
    });
}

/// The answer is no use to the call that gave up, and must not reach the next one.
#[test]
fn does_not_take_a_late_answer_for_another() {
    wire(
        "Each call has the next id and its own wait. Read the lines in order: which is the first that \
         differs?",
        async |net| {
            let server = serve(&net, async |asked: Asked| {
                // As in the page: ann calls the server, and the server calls bob.
                let bob = asked.calls.hub().ids()[1];
                let limit = asked.seconds();
                let outcome = asked.calls.emit_with_ack(bob, &ferret(), limit).await;
                asked.answer(vec![told(bob, outcome)]);
            });
            clue(
                r#"ann   text 20["ferret"#,
                "Bob was to be called, and ann was called too. `To::One(to)` is the one client.",
            );
            clue(
                r#"bob   text 2["ferret"#,
                "Your event has no id, so bob cannot answer it. It is `Some(call.id)`.",
            );
            clue(
                r#"["ferret"]"#,
                "The event has lost its arguments on the way.",
            );
            clue(
                "disconnected",
                "Bob is still here. When `timeout` gives an error, the outcome is `TimedOut`.",
            );
            clue("close ", ENDS);
            clue(
                "tobi\"]\nserver → bob   text 20[",
                "The packet went out twice. One `deliver` sends it.",
            );
            clue(
                "+5 s\nserver → ann   text 31",
                "You looked for the answer when the limit was over. It ends the wait as soon as it comes.",
            );
            missing(
                "+5 s",
                "The wait has to last as long as `limit`: here 5 s, to the millisecond.",
            );
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
            clue(
                "not sent after 5s",
                "Nothing was sent, so there is nothing to wait for. Return `NotSent` at once.",
            );
            clue(
                "tables: 1",
                "You opened a table for a client that is not connected. Nobody closes it.",
            );
            let calls = Calls::new(Hub::new(Limits {
                queue: 1,
                when_full: WhenFull::DropPacket,
            }));
            let (mut ann, session) = join(&calls);
            let id = ann.membership.id();
            let event = ferret();
            let start = Instant::now();
            // The first call fills the queue. It waits on, whatever becomes of the next.
            let mut first = Box::pin(outcome(calls.emit_with_ack(id, &event, LIMIT)));
            assert!(
                first.as_mut().now_or_never().is_none(),
                "nobody has answered"
            );
            let not_sent = async |why: &str| {
                let outcome = outcome(calls.emit_with_ack(id, &event, LIMIT)).await;
                let left = left(&calls);
                format!("{why}: {outcome} after {:?}; {left}", start.elapsed())
            };
            let full = not_sent("full").await;
            assert_snapshot!(full, @"full: not sent after 0ns; 1 wait, tables: 1");
            _ = calls.resolve(id, 0, vec![json!("woot")]);
            assert_snapshot!(first.await, @r#"["woot"]"#);
            queued(&mut ann);
            // It is in the hub, but not connected to these calls.
            drop(session);
            let no_table = not_sent("no table").await;
            assert_snapshot!(no_table, @"no table: not sent after 0ns; 0 wait, tables: 0");
            assert_snapshot!(format!("{:?}", queued(&mut ann)), @"[]");
            drop(ann);
            let gone = not_sent("gone").await;
            assert_snapshot!(gone, @"gone: not sent after 0ns; 0 wait, tables: 0");
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
            clue(
                "after 5 s",
                "You looked at the channel when the limit was over. Its end ends the wait.",
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
            clue(
                "tables: 1",
                "You opened a table for a client that is gone. Nobody closes it.",
            );
            assert_snapshot!(left(&server.calls), @"0 wait, tables: 0");
        },
    );
}

/// Whoever races a call against something else drops the loser.
#[test]
fn leaves_nothing_behind_however_it_ends() {
    wire(
        "The `Call` leaves its table in its `drop`. Keep it for as long as you wait.",
        async |net| {
            clue(
                "tasks: 1",
                "The call has ended, and a task of it goes on. Wait in this function; spawn nothing.",
            );
            const AT_ONCE: &str =
                "An answer and a disconnect end the wait in the same moment. Return at once.";
            missing("answered after 0ns", AT_ONCE);
            missing("disconnected after 0ns", AT_ONCE);
            let event = ferret();
            let mut seen = Vec::new();
            for end in ["dropped", "answered", "timed out", "disconnected"] {
                let calls = Calls::default();
                let (ann, session) = join(&calls);
                let id = ann.membership.id();
                let mut session = Some(session);
                let mut call = Box::pin(outcome(calls.emit_with_ack(id, &event, LIMIT)));
                assert!(
                    call.as_mut().now_or_never().is_none(),
                    "nobody has answered"
                );
                let before = calls.waiting();
                let start = Instant::now();
                match end {
                    "answered" => _ = calls.resolve(id, 0, vec![]),
                    "disconnected" => session = None,
                    _ => {}
                }
                match end {
                    "dropped" => drop(call),
                    _ => _ = call.await,
                }
                let time = start.elapsed();
                net.settle().await;
                let tasks = tokio::runtime::Handle::current()
                    .metrics()
                    .num_alive_tasks();
                seen.push(format!(
                    "{end} after {time:?}: {before} waits, then {}, tasks: {tasks}",
                    left(&calls)
                ));
                drop(session);
            }
            assert_snapshot!(seen.join("\n"), @"
            dropped after 0ns: 1 waits, then 0 wait, tables: 1, tasks: 0
            answered after 0ns: 1 waits, then 0 wait, tables: 1, tasks: 0
            timed out after 5s: 1 waits, then 0 wait, tables: 1, tasks: 0
            disconnected after 0ns: 1 waits, then 0 wait, tables: 0, tasks: 0
            ");
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
            let text = format!("{timed_out} timed out, {}", left(&calls));
            assert_snapshot!(text, @"5000 timed out, 0 wait, tables: 1");
        },
    );
}
