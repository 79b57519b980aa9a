//! A number and a queue for each connection.

use super::*;

const FROM_ONE: &str = "Count first, and then take the number: ids begin at 1.";

fn ids(members: &[&Member]) -> String {
    let ids = members.iter().map(|member| id(member).to_string());
    ids.collect::<Vec<_>>().join(", ")
}

/// A name is not an id: two people have the same. An address is not: a proxy has one for all.
#[test]
fn gives_each_connection_a_number_of_its_own() {
    coach("Count the joins, from 1. The count is the id.", || {
        clue("1, 1", "Two connections have the same id.");
        clue("0, 1", FROM_ONE);
        let hub = Hub::default();
        let (a, b, c) = (super::join(&hub), super::join(&hub), super::join(&hub));
        assert_snapshot!(ids(&[&a, &b, &c]), @"1, 2, 3");
    });
}

/// With two members left, the next number after the *size* is taken already.
#[test]
fn never_gives_an_id_twice() {
    coach("An id is used once, for ever.", || {
        clue("0, 1", FROM_ONE);
        clue(
            "1, 2, 2",
            "The new connection took the id of one that is still there. Count the joins, not \
             the members.",
        );
        clue(
            "1, 2, 1",
            "The new connection took the id of one that has left: whoever still has that id \
             writes to a stranger.",
        );
        let hub = Hub::default();
        let (a, b) = (super::join(&hub), super::join(&hub));
        hub.disconnect(id(&a), TOO_SLOW);
        let c = super::join(&hub);
        assert_snapshot!(ids(&[&a, &b, &c]), @"1, 2, 3");
        clue(
            "2, 3, 3",
            "The newest has left, and its id is given again: whoever still has it writes to a \
             stranger. Count the joins.",
        );
        hub.disconnect(id(&c), TOO_SLOW);
        let d = super::join(&hub);
        assert_snapshot!(ids(&[&b, &c, &d]), @"2, 3, 4");
    });
}

#[test]
fn puts_the_connection_into_the_hub() {
    coach(
        "`queues` has an entry for each member. Clones of a hub share it.",
        || {
            clue("[ConnectionId(0)", FROM_ONE);
            clue(
                "[]",
                "The hub does not know the connection. Put its queue into `queues`.",
            );
            let hub = Hub::default();
            let a = super::join(&hub.clone());
            let _b = super::join(&hub);
            assert_snapshot!(format!("{:?}", hub.ids()), @"[ConnectionId(1), ConnectionId(2)]");
            let own = a.membership.socket().hub().ids();
            assert_eq!(own, hub.ids(), "the members of the membership's own hub");
            let farewell = &a.membership.farewell;
            assert_eq!(*farewell, None, "a farewell is set later, and not here");
        },
    );
}

/// Without a bound, a client that does not read fills the server's memory.
#[test]
fn bounds_the_queue() {
    coach("The channel's capacity is `self.limits.queue`.", || {
        let hub = Hub::new(Limits {
            queue: 3,
            ..Limits::default()
        });
        let a = super::join(&hub);
        assert_snapshot!(a.packets.max_capacity(), @"3");
    });
}

/// A sender that is dropped too early closes the channel, and the connection with it.
#[test]
fn keeps_both_channels_open() {
    coach(
        "Both sending ends live in the hub, the receiving ends in the member.",
        || {
            let hub = Hub::default();
            let mut a = super::join(&hub);
            let queue = format!("{:?}", a.packets.try_recv().unwrap_err());
            let closing = format!("{:?}", a.closing.try_recv().unwrap_err());
            assert_snapshot!(table([("packets", queue), ("closing", closing)]), @r"
        packets                  Empty
        closing                  Empty
        ");
        },
    );
}

/// Two clients arrive on two threads. If the lock is free between counting and inserting, both can
/// count before either takes its number.
#[test]
fn counts_and_inserts_under_one_lock() {
    coach(
        "Lock once: count, take the number and insert the queue under one guard.",
        || {
            let hub = Hub::default();
            let before = hub.lock().locks;
            let _a = super::join(&hub);
            // The lock that reads the count is one too.
            assert_snapshot!(hub.lock().locks - before - 1, @"1");
        },
    );
}
