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
            let calls = Calls::default();
            let (ann, session) = join(&calls);
            // Each in a task, where a panic in its `drop` meets no other panic.
            let [first, second] = [(); 2].map(|()| {
                let call = calls.register(ann.membership.id());
                let mut call = call.expect("ann is connected");
                tokio::spawn(async move { answer(&mut call).await })
            });
            drop(session);
            assert_snapshot!(first.await.unwrap_or_default(), @"the connection has ended");
            assert_snapshot!(second.await.unwrap_or_default(), @"the connection has ended");
            let again = calls.register(ann.membership.id());
            assert!(
                again.is_none(),
                "a call to a client that is gone was registered"
            );
        },
    );
}

#[test]
fn leaves_the_calls_to_others_alone() {
    wire("Take away one table, not all of them.", async |_| {
        let calls = Calls::default();
        let ((_ann, session), (bob, _bob)) = (join(&calls), join(&calls));
        let mut call = calls
            .register(bob.membership.id())
            .expect("bob is connected");
        drop(session);
        _ = calls.resolve(bob.membership.id(), 0, vec![json!("woot")]);
        assert_snapshot!(answer(&mut call).await, @r#"["woot"]"#);
    });
}
