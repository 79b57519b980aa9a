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
