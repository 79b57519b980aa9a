//! A client that leaves while calls to it wait.

use super::*;

/// Nobody is left to answer. To wait for the limit all the same is to wait for nothing.
#[test]
fn ends_every_call_to_the_client_at_once() {
    wire(
        "Take the client's table away: with each sender in it, a wait ends.",
        async |_| {
            clue(
                "`None` value",
                "The `drop` of a `Call` panicked: its table was gone before it.",
            );
            missing(
                "after 0ns",
                "The waits ended too late. Take the table away in `drop` itself, and in no task.",
            );
            let calls = Calls::default();
            let (ann, session) = join(&calls);
            // Each in a task, where a panic in its `drop` meets no other panic.
            let open = [(); 5].map(|()| {
                let call = calls.register(ann.membership.id());
                let mut call = call.expect("ann is connected");
                tokio::spawn(async move { answer(&mut call).await })
            });
            let start = Instant::now();
            drop(session);
            let mut seen = Vec::new();
            for call in open {
                let end = call.await.unwrap_or_default();
                seen.push(format!("{end}, after {:?}", start.elapsed()));
            }
            assert_snapshot!(seen.join("\n"), @"
            the connection has ended, after 0ns
            the connection has ended, after 0ns
            the connection has ended, after 0ns
            the connection has ended, after 0ns
            the connection has ended, after 0ns
            ");
            let again = calls.register(ann.membership.id());
            assert!(
                again.is_none(),
                "a call to a client that is gone was registered"
            );
        },
    );
}

/// One of three clients leaves, with calls to it or without. The rest goes on as before.
#[test]
fn leaves_the_calls_to_others_alone() {
    wire(
        "Take away the table of `self.socket`, not another one, and do it now.",
        async |_| {
            clue(
                "left: 3",
                "The table is still there when `drop` has returned. Remove it, even if no call waits.",
            );
            clue("left: 0", "Take away one table, not all of them.");
            clue(
                "closed",
                "To close the connection is not this drop's task. Take the table away.",
            );
            let mut seen = Vec::new();
            for gone in 0..3 {
                for open in [0, 2] {
                    let calls = Calls::default();
                    let (members, mut sessions): (Vec<_>, Vec<_>) =
                        (0..3).map(|_| join(&calls)).unzip();
                    let ids = members.iter().map(|member| member.membership.id());
                    let waiting: Vec<_> = ids
                        .clone()
                        .flat_map(|id| (0..open).map(move |_| id))
                        .filter_map(|id| calls.register(id))
                        .collect();
                    drop(sessions.remove(gone));
                    let tables = calls.lock().len();
                    let begins = ids.map(|id| {
                        if calls.register(id).is_some() {
                            "begins"
                        } else {
                            "none"
                        }
                    });
                    let begins = begins.collect::<Vec<_>>().join(", ");
                    let closed = if calls.hub().ids().len() < 3 {
                        "; closed"
                    } else {
                        ""
                    };
                    seen.push(format!(
                        "left: {tables}, {} wait; {begins}{closed}",
                        calls.waiting()
                    ));
                    drop(waiting);
                }
            }
            assert_snapshot!(seen.join("\n"), @"
        left: 2, 0 wait; none, begins, begins
        left: 2, 4 wait; none, begins, begins
        left: 2, 0 wait; begins, none, begins
        left: 2, 4 wait; begins, none, begins
        left: 2, 0 wait; begins, begins, none
        left: 2, 4 wait; begins, begins, none
        ");
        },
    );
}
