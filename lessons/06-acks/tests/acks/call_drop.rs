//! A call that is given up.

use super::*;

/// A future can be dropped at any await: then no line behind that await ever runs.
#[test]
fn takes_the_call_out_of_its_table() {
    coach(
        "`drop` runs on every way out. Remove the call from `waiting` there.",
        || {
            clue(
                "2 waits",
                "Nobody took the call out of its table. It stays for as long as the client does.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let [first, second] = [(); 2].map(|()| calls.register(ann.membership.id()));
            drop(first);
            assert_snapshot!(format!("{} waits", calls.waiting()), @"1 waits");
            drop(second);
            assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
        },
    );
}

/// The client is gone, and its table with it.
#[test]
fn does_nothing_where_the_table_is_gone() {
    coach(
        "`get_mut` says whether there still is a table. There may be none.",
        || {
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let call = calls.register(ann.membership.id());
            calls.lock().clear();
            drop(call);
            assert_snapshot!(format!("{} wait", calls.waiting()), @"0 wait");
        },
    );
}
