//! A call that is given up.

use super::*;

const STAYS: &str =
    "Nobody took the call out of its table. It stays for as long as the client does.";

/// A future can be dropped at any await: then no line after that await ever runs.
#[test]
fn takes_the_call_out_of_its_table() {
    coach(
        "`drop` runs on every way out. Remove the call from `waiting` there.",
        || {
            clue("2 waits", STAYS);
            clue(
                "0 waits",
                "You took out more than this call. `remove` takes out one id.",
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

/// The others still wait, and the count of the calls goes on.
#[test]
fn leaves_the_other_calls_of_its_table() {
    coach(
        "Take out the one call with this `id`, and change nothing else.",
        || {
            clue("[0, 1, 2]", STAYS);
            let mut seen = Vec::new();
            for first in 0..3 {
                let calls = Calls::default();
                let (ann, _session) = join(&calls);
                let ann = ann.membership.id();
                let mut open: Vec<_> = (0..3).map(|_| calls.register(ann)).collect();
                drop(open.remove(first));
                let mut ids = match calls.lock().get(&ann) {
                    Some(table) => table.waiting.keys().copied().collect(),
                    None => Vec::new(),
                };
                ids.sort_unstable();
                open.clear();
                let next = calls.register(ann).map(|call| call.id);
                seen.push(format!(
                    "{first} ends: {ids:?} wait; the next call: {next:?}"
                ));
            }
            assert_snapshot!(seen.join("\n"), @"
            0 ends: [1, 2] wait; the next call: Some(3)
            1 ends: [0, 2] wait; the next call: Some(3)
            2 ends: [0, 1] wait; the next call: Some(3)
            ");
        },
    );
}

/// Each client's calls begin at 0, so an id alone says nothing.
#[test]
fn leaves_the_call_with_the_same_id_to_another_client() {
    coach(
        "Look only into the table of the client that the call went `to`.",
        || {
            clue("2 waits", STAYS);
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

/// The client is gone, and its table with it. Or the answer has taken the call out already.
#[test]
fn does_nothing_where_the_table_is_gone() {
    coach(
        "`get_mut` says whether there still is a table. There may be none.",
        || {
            clue(
                "tables: 1",
                "You opened a table again, and nobody takes it away. `get_mut` opens none.",
            );
            clue(
                "`None` value",
                "The table may be gone before the call, or the call out of it. Do not `unwrap`.",
            );
            let calls = Calls::default();
            let (ann, _session) = join(&calls);
            let [gone, answered] = [(); 2].map(|()| calls.register(ann.membership.id()));
            calls
                .lock()
                .values_mut()
                .for_each(|table| _ = table.waiting.remove(&1));
            drop(answered);
            calls.lock().clear();
            drop(gone);
            assert_snapshot!(left(&calls), @"0 wait, tables: 0");
        },
    );
}
