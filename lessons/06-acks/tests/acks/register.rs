//! A call that enters the table.

use super::*;

/// Each side of each connection counts for itself, as the official client does.
#[test]
fn counts_from_0_for_each_client() {
    coach(
        "A table's `next` is the id; then it counts up by one.",
        || {
            clue(
                "ann 1",
                "Your first id is 1. The table's `next` begins at 0: use it, then count.",
            );
            clue(
                "bob 2",
                "Your ids run on from client to client. Each client has a table of its own.",
            );
            let calls = Calls::default();
            let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
            let id = |member: &Member| {
                let call = calls.register(member.membership.id());
                call.map_or(u64::MAX, |call| call.id)
            };
            let ids = format!("ann {}, ann {}, bob {}", id(&ann), id(&ann), id(&bob));
            assert_snapshot!(ids, @"ann 0, ann 1, bob 0");
        },
    );
}

/// An id that comes twice would hand one call the answer to another.
#[test]
fn never_gives_an_id_twice() {
    coach(
        "Count up in `next`, whatever became of the calls before.",
        || {
            clue(
                "0, 0",
                "You counted the calls that wait. When one ends, its id comes again.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let id = || {
                let call = calls.register(ann.membership.id());
                // The call ends.
                calls
                    .lock()
                    .values_mut()
                    .for_each(|table| table.waiting.clear());
                call.map_or(u64::MAX, |call| call.id)
            };
            assert_snapshot!(format!("{}, {}", id(), id()), @"0, 1");
            clue(
                "\n0, 1",
                "The ids begin again at 0. An id is the whole `next`, all 64 bits of it.",
            );
            // After so many calls, which the test need not make.
            let later = [9, 255, 65_535, u64::from(u32::MAX), 1 << 53].map(|next| {
                calls
                    .lock()
                    .values_mut()
                    .for_each(|table| table.next = next);
                format!("{}, {}", id(), id())
            });
            assert_snapshot!(later.join("\n"), @"
            9, 10
            255, 256
            65535, 65536
            4294967295, 4294967296
            9007199254740992, 9007199254740993
            ");
        },
    );
}

#[test]
fn enters_the_call_in_the_table() {
    coach(
        "Put the sending end of the channel into `waiting`, under the id.",
        || {
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let _first = calls.register(ann.membership.id());
            let _second = calls.register(ann.membership.id());
            assert_snapshot!(format!("{} calls wait", calls.waiting()), @"2 calls wait");

            clue(
                "0 hold",
                "Both ends of one channel: `waiting` gets the sender, the `Call` its receiver.",
            );
            missing(
                "of 1000 calls",
                "A client may have any number of calls open: nothing limits them.",
            );
            let mut open: Vec<_> = (0..1000)
                .map_while(|_| calls.register(ann.membership.id()))
                .collect();
            let senders: Vec<_> = calls
                .lock()
                .values_mut()
                .flat_map(|table| table.waiting.drain())
                .collect();
            for (id, sender) in senders {
                _ = sender.send(vec![json!(id)]);
            }
            let right = open
                .iter_mut()
                .filter_map(|call| Some((call.id, call.answer.try_recv().ok()?)));
            let right = right.filter(|(id, args)| *args == [json!(id)]).count();
            assert_snapshot!(format!("of {} calls, {right} hold the receiver to their sender", open.len()), @"of 1000 calls, 1000 hold the receiver to their sender");
        },
    );
}

/// Nobody would ever take such a call out of its table again.
#[test]
fn takes_no_call_to_a_client_that_is_not_connected() {
    coach(
        "A client without a table is not connected. Look for its table, do not open one.",
        || {
            let calls = Calls::default();
            // In the hub, but without a session: no table is open for it.
            let ann = calls.hub().join();
            let call = calls.register(ann.membership.id());
            assert!(
                call.is_none(),
                "you registered a call to a client without a table"
            );
        },
    );
}

/// Two tasks call the same client from two threads. If the lock is free between counting and
/// inserting, both can count before either takes its number.
#[test]
fn counts_and_inserts_under_one_lock() {
    coach(
        "Lock once: take `next`, count it up and insert under one guard.",
        || {
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let before = calls.locks();
            let _call = calls.register(ann.membership.id());
            assert_snapshot!(calls.locks() - before, @"1");
        },
    );
}
