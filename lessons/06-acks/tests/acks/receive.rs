//! A packet from a client, and what it starts.

use super::*;

// ANCHOR: classroom
/// The classroom's exchange: `socket.emit('ferret', 'tobi', callback)`, and `fn('woot')`.
#[test]
fn answers_an_event_under_its_id() {
    wire(
        "`reply(id)` is the means to answer: hand it to `on_event`.",
        async |net| {
            serve(&net, async |asked: Asked| asked.answer("woot"));
            let mut ann = net.websocket("ann", "/").await;
            ann.text(r#"20["ferret","tobi"]"#).await;
            ann.next_text().await;
            assert_snapshot!("classroom", packets(&net));
        },
    );
}
// ANCHOR_END: classroom

/// Most events want no answer, and then there is nobody to send one to.
#[test]
fn gives_no_reply_to_an_event_without_an_id() {
    wire("Without an id, `reply` is `None`.", async |net| {
        serve(&net, async |asked: Asked| asked.answer("woot"));
        let mut ann = net.websocket("ann", "/").await;
        ann.text(r#"2["ferret","tobi"]"#).await;
        ann.hears_nothing_for(LIMIT).await;
    });
}

/// An answer says 'done'. On receipt, nothing is done.
#[test]
fn answers_when_the_work_is_done() {
    wire(
        "`start` the handler, and return. It has the `Reply`, and answers when it is done.",
        async |net| {
            clue(
                "30[]",
                "You answered when the event came. Nothing was done yet.",
            );
            serve(&net, async |asked: Asked| {
                sleep(asked.seconds()).await;
                asked.answer("done");
            });
            let mut ann = net.websocket("ann", "/").await;
            ann.text(r#"20["work",3]"#).await;
            ann.next_text().await;
            assert_snapshot!("work-done", packets(&net));
        },
    );
}

/// The second call takes one second, the first three.
#[test]
fn lets_a_later_call_be_answered_first() {
    wire(
        "Each handler runs in a task of its own, with the id of its own event.",
        async |net| {
            clue(
                "+3 s",
                "One handler waited for the other. `start` them, do not queue them.",
            );
            serve(&net, async |asked: Asked| {
                sleep(asked.seconds()).await;
                asked.answer("done");
            });
            let mut ann = net.websocket("ann", "/").await;
            ann.text(r#"20["work",3]"#).await;
            ann.text(r#"21["work",1]"#).await;
            ann.next_text().await;
            ann.next_text().await;
            assert_snapshot!("out-of-order", packets(&net));
        },
    );
}

/// An event reaches its handler whole, and its `Reply` has its id, whatever that is.
#[test]
fn hands_over_all_of_an_event() {
    wire(
        "`on_event` gets the event as it came; `reply(id)` gets its id.",
        async |net| {
            serve(&net, async |asked: Asked| {
                let event = json!({ &asked.event.name: asked.event.args });
                asked.answer(event);
            });
            let mut ann = net.websocket("ann", "/").await;
            let mut seen = Vec::new();
            for id in [0, 1, 10, 256, 1 << 32, u64::MAX] {
                ann.text(&format!(r#"2{id}["ferret",{id},null,"tobi"]"#))
                    .await;
                seen.push(ann.next_text().await);
            }
            assert_snapshot!(seen.join("\n"), @r#"
            30[{"ferret":[0,null,"tobi"]}]
            31[{"ferret":[1,null,"tobi"]}]
            310[{"ferret":[10,null,"tobi"]}]
            3256[{"ferret":[256,null,"tobi"]}]
            34294967296[{"ferret":[4294967296,null,"tobi"]}]
            318446744073709551615[{"ferret":[18446744073709551615,null,"tobi"]}]
            "#);
        },
    );
}

/// The wire keeps the order, so handlers must at least begin in it. A spawned task begins when
/// the scheduler likes: with two threads, not always in the order of spawning.
#[test]
fn starts_handlers_in_the_order_of_the_packets() {
    wire(
        "`start` runs a handler up to its first await before you read on.",
        async |_| {
            clue(
                "has not begun",
                "`receive` returned, and the handler had not begun. You spawned it? `start` runs \
                 it to its first await, and only then spawns it.",
            );
            let calls = Calls::default();
            let (_ann, session) = join(&calls);
            let mut seen = Vec::new();
            for (name, id) in [("a", ""), ("b", "0"), ("c", "1"), ("d", ""), ("e", "42")] {
                let begun = Arc::new(AtomicBool::new(false));
                let packet = format!(r#"2{id}["{name}"]"#);
                let received = session.receive(&packet, |_, _| {
                    let begun = begun.clone();
                    Box::pin(async move { begun.store(true, Ordering::Relaxed) })
                });
                received.expect("five events are not too many");
                seen.push(match begun.load(Ordering::Relaxed) {
                    true => format!("{name}: has begun"),
                    false => format!("{name}: has not begun"),
                });
            }
            assert_snapshot!(seen.join("\n"), @"
            a: has begun
            b: has begun
            c: has begun
            d: has begun
            e: has begun
            ");
        },
    );
}

// ANCHOR: calls_back
/// The server asks back before it answers. Its question and ann's have the same id, 0.
#[test]
fn lets_a_handler_call_back_the_same_client() {
    wire(
        "While a handler waits, the loop must read on: the answer comes that way.",
        async |net| {
            clue(
                r#"20["really?"]"#,
                "The answer waits behind the handler, and the handler for the answer. `resolve` at once.",
            );
            serve(&net, async |asked: Asked| {
                let mut call = asked.calls.register(asked.from).expect("ann is connected");
                let question = format!(r#"2{}["really?"]"#, call.id).into();
                asked.calls.hub().deliver(To::One(asked.from), &question);
                answer(&mut call).await;
                asked.answer("woot");
            });
            let mut ann = net.websocket("ann", "/").await;
            ann.text(r#"20["ferret","tobi"]"#).await;
            ann.next_text().await;
            ann.text(r#"30["yes"]"#).await;
            ann.next_text().await;
            assert_snapshot!("calls-back", packets(&net));
        },
    );
}
// ANCHOR_END: calls_back

/// Work takes memory, so nobody may ask for any amount of it, with an id or without.
#[test]
fn refuses_the_65th_event_in_work() {
    wire(
        "`start` every handler, and return the `Refusal` that it gives.",
        async |net| {
            const ANSWER: &str =
                "An answer is no work, and needs no place. `resolve` it before you return.";
            clue(
                "65th: taken",
                "`start` refuses the 65th: return what it gives. A handler that you spawn yourself \
                 has no permit, so leave that to `start`.",
            );
            clue(
                "65 begun",
                "What is refused must not begin. Return the `Refusal`, and do not run the handler.",
            );
            clue("answer: over", ANSWER);
            clue(" []", ANSWER);
            let mut seen = Vec::new();
            // The first 64, and the one that is too many.
            for (ids, last) in [("", ""), ("0", "0"), ("7", ""), ("", "12")] {
                let calls = Calls::default();
                let (ann, session) = join(&calls);
                let mut call = calls
                    .register(ann.membership.id())
                    .expect("ann is connected");
                let begun = Arc::new(AtomicUsize::new(0));
                let receive = |packet: &str| {
                    let received = session.receive(packet, |_, _| {
                        let begun = begun.clone();
                        Box::pin(async move {
                            begun.fetch_add(1, Ordering::Relaxed);
                            sleep(Duration::from_secs(1)).await;
                        })
                    });
                    received.map_or_else(|refusal| refusal.to_string(), |()| "taken".to_owned())
                };
                let event = |id| receive(&format!(r#"2{id}["work",1]"#));
                let taken = (0..HANDLERS).filter(|_| event(ids) == "taken").count();
                let one_more = event(last);
                let answered = receive(r#"30[7,"woot"]"#);
                let answer = Value::from(call.answer.try_recv().unwrap_or_default());
                net.settle().await;
                let begun = begun.load(Ordering::Relaxed);
                seen.push(format!(
                    "{taken} taken, 65th: {one_more}; {begun} begun; answer: {answered}, {answer}"
                ));
                net.pass(Duration::from_secs(1)).await;
                net.settle().await;
                seen.push(format!("when all are done: {}", event(last)));
            }
            assert_snapshot!(seen.join("\n"), @r#"
            64 taken, 65th: over 64 events at once; 64 begun; answer: taken, [7,"woot"]
            when all are done: taken
            64 taken, 65th: over 64 events at once; 64 begun; answer: taken, [7,"woot"]
            when all are done: taken
            64 taken, 65th: over 64 events at once; 64 begun; answer: taken, [7,"woot"]
            when all are done: taken
            64 taken, 65th: over 64 events at once; 64 begun; answer: taken, [7,"woot"]
            when all are done: taken
            "#);
        },
    );
}

/// Half of the work would be worse than all of it.
#[test]
fn work_goes_on_when_its_caller_is_gone() {
    wire(
        "`start` what `on_event` returns. It ends by itself, whatever becomes of the client.",
        async |net| {
            serve(&net, async |asked: Asked| {
                sleep(Duration::from_secs(1)).await;
                asked.calls.hub().emit(&Event::new("done", [0; 0]));
            });
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = net.websocket("bob", "/").await;
            ann.text(r#"20["work"]"#).await;
            net.settle().await;
            drop(ann);
            assert_snapshot!(bob.next_text().await, @r#"2["done"]"#);
        },
    );
}

/// A client that was too slow does not know it. It has done nothing wrong.
#[test]
fn goes_on_after_a_stray_answer() {
    wire(
        "A stray answer goes to `log_stray`. It is no reason to end a connection.",
        async |net| {
            clue(
                "close 1008",
                "You closed the connection over a stray answer. Log it and read on.",
            );
            let server = serve(&net, async |asked: Asked| asked.answer("woot"));
            let mut ann = net.websocket("ann", "/").await;
            let call = server.calls.register(server.client(0));
            ann.text(r#"30["woot"]"#).await;
            net.settle().await;
            drop(call);
            ann.text(r#"30["woot"]"#).await;
            ann.text(r#"37["woot"]"#).await;
            ann.text(r#"20["ferret","tobi"]"#).await;
            ann.message().await;
            assert_snapshot!("stray", packets(&net));
            assert_snapshot!(server.log(), @"
        user 1: answer 0 came late or twice
        user 1: answer 7 to no call
        ");
        },
    );
}

/// Close 1008 is 'policy violation' (RFC 6455, section 7.4.1). The others notice nothing.
#[test]
fn refuses_what_makes_no_sense() {
    wire(
        "An error of `Packet::parse` is an error of `receive`.",
        async |net| {
            clue(
                "taken",
                "An error of `Packet::parse` was thrown away. `?` returns each of them.",
            );
            let server = serve(&net, async |asked: Asked| asked.answer("woot"));
            let mut ann = net.websocket("ann", "/").await;
            let mut bob = net.websocket("bob", "/").await;
            bob.text(r#"3["woot"]"#).await;
            bob.closed().await;
            ann.text(r#"20["ferret","tobi"]"#).await;
            ann.next_text().await;
            assert_snapshot!("nonsense", packets(&net));
            assert_snapshot!(server.log(), @r#"user 2 closed by the server: 1008 "an answer without an id""#);

            clue(
                "taken",
                "An error of `Packet::parse` was thrown away. `?` returns each of them.",
            );
            let calls = Calls::default();
            let (_ann, session) = join(&calls);
            let receive = |text: &str| {
                let received =
                    session.receive(text, |_, _| fail("A handler was started for no event."));
                received.map_or_else(|refusal| refusal.to_string(), |()| "taken".to_owned())
            };
            let refused = WRONG.map(receive);
            assert_snapshot!(refused.join("\n"), @"
            an empty packet
            packet type '0': only 2 and 3
            packet type '4': only 2 and 3
            packet type 'é': only 2 and 3
            the id does not fit into 64 bits
            the payload cannot be read as JSON: trailing characters at line 1 column 3
            the payload cannot be read as JSON: EOF while parsing a value at line 1 column 0
            the array does not begin with a name
            the payload is not an array
            an answer without an id
            the answer cannot be read as a JSON array
            the answer cannot be read as a JSON array
            ");
        },
    );
}
