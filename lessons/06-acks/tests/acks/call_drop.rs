//! A call that is given up.

use super::*;

/// A future can be dropped at any await: then no line after that await ever runs.
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

/// Each client's calls begin at 0, so an id alone says nothing.
#[test]
fn leaves_the_call_with_the_same_id_to_another_client() {
    coach(
        "Look only into the table of the client that the call went `to`.",
        || {
            clue(
                "0 waits",
                "The call to bob has the same id, and you took it out as well. Look only into the \
                 table of the client that the call went `to`.",
            );
            let calls = Calls::default();
            let ((ann, _ann), (bob, _bob)) = (join(&calls), join(&calls));
            let [to_ann, _to_bob] = [ann, bob].map(|member| calls.register(member.membership.id()));
            drop(to_ann);
            assert_snapshot!(format!("{} waits", calls.waiting()), @"1 waits");
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
