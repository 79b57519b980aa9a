//! An answer that finds its call.

use super::*;

/// Who answers first was not called first: only the id says which call it is.
#[test]
fn finds_the_call_by_its_id() {
    wire(
        "Look the id up in the table of the client that answers.",
        async |_| {
            clue(
                r#"0: ["to 1"]"#,
                "You gave the answer to the call that waits longest. Take the call with this id.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let ann = ann.membership.id();
            let mut first = calls.register(ann).expect("ann is connected");
            let mut second = calls.register(ann).expect("ann is connected");
            _ = calls.resolve(ann, 1, vec![json!("to 1")]);
            _ = calls.resolve(ann, 0, vec![json!("to 0")]);
            let answers = format!(
                "0: {}\n1: {}",
                answer(&mut first).await,
                answer(&mut second).await
            );
            assert_snapshot!(answers, @r#"
        0: ["to 0"]
        1: ["to 1"]
        "#);
        },
    );
}

/// Ids are small numbers, so they are easy to guess.
#[test]
fn takes_no_answer_from_another_client() {
    wire(
        "The id means something only together with the client that was asked.",
        async |_| {
            clue(
                "resolved",
                "Bob answered the call to ann. Look only into the table of `from`.",
            );
            clue(
                "came late",
                "Bob was never called, so his `next` is 0, and no answer of his is late.",
            );
            let calls = Calls::default();
            let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
            let mut call = calls
                .register(ann.membership.id())
                .expect("ann is connected");
            let bobs = match calls.resolve(bob.membership.id(), 0, vec![json!("mine")]) {
                Ok(()) => "resolved".to_owned(),
                Err(stray) => stray.to_string(),
            };
            assert_snapshot!(bobs, @"answer 0 to no call");
            _ = calls.resolve(ann.membership.id(), 0, vec![json!("woot")]);
            assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
        },
    );
}

/// A confused client, or a hostile one, answers twice.
#[test]
fn takes_the_first_answer_only() {
    wire(
        "`remove` finds the call for the first answer, and nothing for the second.",
        async |_| {
            clue(
                "no call has the id",
                "An answer may find no call: late, twice or made up. That is no reason to panic.",
            );
            clue(
                "Unknown",
                "Answer 0 was late: its id is below `next`, so it was given out. Compare the two.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let ann = ann.membership.id();
            let mut call = calls.register(ann).expect("ann is connected");
            let first = calls.resolve(ann, 0, vec![json!("woot")]);
            let second = calls.resolve(ann, 0, vec![json!("really")]);
            assert_snapshot!(format!("{first:?}, then {second:?}"), @"Ok(()), then Err(Late(0))");
            assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
        },
    );
}

#[test]
fn tells_a_late_answer_from_one_to_no_call() {
    coach(
        "An id below `next` was given out once; any other never was.",
        || {
            const CLOSED: &str =
                "`send` fails when nobody holds the receiver any more. That answer is late too.";
            clue("Ok(())", CLOSED);
            clue("`Err` value", CLOSED);
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let ann = ann.membership.id();
            // A caller that has lost its patience.
            let mut call = calls.register(ann).expect("ann is connected");
            call.answer.close();
            let resolve = |id| format!("{:?}", calls.resolve(ann, id, vec![]));
            assert_snapshot!([0, 0, 1, u64::MAX].map(resolve).join("\n"), @"
            Err(Late(0))
            Err(Late(0))
            Err(Unknown(1))
            Err(Unknown(18446744073709551615))
            ");

            // Other calls wait, and one of them is closed.
            let mut others: Vec<_> = (1..4).filter_map(|_| calls.register(ann)).collect();
            others[1].answer.close();
            clue(
                "Unknown(500)",
                "An id below `next` was given out, however long ago that was.",
            );
            clue("Unknown(2)", CLOSED);
            // After 1000 calls, which the test need not make.
            calls
                .lock()
                .values_mut()
                .for_each(|table| table.next = 1000);
            let ids = [2, 2, 0, 4, 500, 999, 1000, 1001, 1 << 32, u64::MAX];
            assert_snapshot!(ids.map(resolve).join("\n"), @"
            Err(Late(2))
            Err(Late(2))
            Err(Late(0))
            Err(Late(4))
            Err(Late(500))
            Err(Late(999))
            Err(Unknown(1000))
            Err(Unknown(1001))
            Err(Unknown(4294967296))
            Err(Unknown(18446744073709551615))
            ");
        },
    );
}

/// Its connection has ended, and its table went with it. An answer may still be on its way.
#[test]
fn knows_no_call_to_a_client_without_a_table() {
    coach("No table: nothing was asked. `Stray::Unknown`.", || {
        let calls = Calls::default();
        let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
        let (ann, bob) = (ann.membership.id(), bob.membership.id());
        let call = calls.register(ann);
        calls.lock().remove(&ann);
        let stray = calls.resolve(ann, 0, vec![json!("woot")]);
        assert_snapshot!(format!("{stray:?}"), @"Err(Unknown(0))");
        drop(call);

        clue(
            "Ok(())",
            "You looked into the table of bob. Ann has none, so no call is hers.",
        );
        clue(
            "Late",
            "Late to bob's call? Ann has no table, so nothing was asked of her.",
        );
        let to_bob = [(); 3].map(|()| calls.register(bob));
        let strays = [0, 1, 2, 3].map(|id| format!("{:?}", calls.resolve(ann, id, vec![])));
        assert_snapshot!(strays.join(", "), @"Err(Unknown(0)), Err(Unknown(1)), Err(Unknown(2)), Err(Unknown(3))");
        drop(to_bob);
    });
}

/// Whatever else is answered, each call gets its own answer, and the whole of it.
#[test]
fn a_stray_takes_nothing_from_the_calls_that_wait() {
    wire(
        "Only the call with this id ends. Hand over its `args` as they are.",
        async |_| {
            clue(
                "ended",
                "A stray ended a call that still waits. Take out the call with this id, or none.",
            );
            clue(
                "stray",
                "The answer to no call went to one that waits. Look only for its own id.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let ann = ann.membership.id();
            let open: Vec<_> = (0..5).filter_map(|_| calls.register(ann)).collect();
            let mut seen = Vec::new();
            // The third first, then the first, the last, and the two between.
            let mut open: Vec<_> = open.into_iter().map(Some).collect();
            for id in [2, 0, 4, 3, 1] {
                for stray in [2, 5, 99] {
                    if id != 2 || stray != 2 {
                        _ = calls.resolve(ann, stray, vec![json!("stray")]);
                    }
                }
                let args = (0..id).map(Value::from).collect();
                _ = calls.resolve(ann, id, args);
                let mut call = open[id as usize].take().expect("each is answered once");
                seen.push(format!("{id}: {}", answer(&mut call).await));
            }
            assert_snapshot!(seen.join("\n"), @"
            2: [0,1]
            0: []
            4: [0,1,2,3]
            3: [0,1,2]
            1: [0]
            ");
        },
    );
}
