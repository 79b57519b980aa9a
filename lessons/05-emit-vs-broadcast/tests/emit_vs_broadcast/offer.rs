//! A packet for a queue that may be full.

use super::*;

/// A hub whose queues hold two packets.
fn hub_of_two(when_full: WhenFull) -> Hub {
    Hub::new(Limits {
        queue: 2,
        when_full,
    })
}

/// Offers the packets to the member, and tells which were taken.
fn offered(hub: &Hub, member: &Member, packets: &[&'static str]) -> String {
    let when_full = hub.limits().when_full;
    let taken = packets.iter().map(|packet| {
        let packet = Utf8Bytes::from_static(packet);
        let taken = hub.lock().offer(id(member), packet, when_full);
        taken.to_string()
    });
    taken.collect::<Vec<_>>().join(", ")
}

#[test]
fn puts_the_packet_into_the_queue() {
    coach("`try_send` into the member's channel.", || {
        let hub = Hub::default();
        let mut a = super::join(&hub);
        let taken = offered(&hub, &a, &["one", "two"]);
        assert_snapshot!(table([("taken", taken), ("queue", queue(&mut a))]), @r"
        taken                    true, true
        queue                    one two
        ");
    });
}

/// The connection's task may have ended a moment ago. That is no reason to panic.
#[test]
fn is_false_when_nobody_takes_it() {
    coach(
        "No such member, or a receiver that is gone: `false`, and no panic.",
        || {
            clue(
                "unwrap",
                "A client that is gone is no bug of yours: do not `unwrap`.",
            );
            clue(
                "Closed",
                "A client that is gone is no bug of yours: do not `unwrap`.",
            );
            let hub = Hub::default();
            let (a, b) = (super::join(&hub), super::join(&hub));
            hub.disconnect(id(&a), TOO_SLOW);
            let unknown = offered(&hub, &a, &["one"]);
            let Member {
                membership: _b,
                packets,
                ..
            } = ManuallyDrop::into_inner(b);
            std::mem::drop(packets);
            let gone = hub
                .lock()
                .offer(_b.id(), "one".into(), WhenFull::DropClient);
            std::mem::forget(_b);
            assert_snapshot!(table([("unknown", unknown), ("gone", gone.to_string())]), @r"
        unknown                  false
        gone                     false
        ");
        },
    );
}

/// The first choice: the client stays, and misses what does not fit.
#[test]
fn drops_the_packet_if_that_is_the_choice() {
    coach(
        "`DropPacket`: the queue keeps what it has, the client stays.",
        || {
            clue(
                "still there              false",
                "The client was dropped. With `DropPacket` it stays.",
            );
            let hub = hub_of_two(WhenFull::DropPacket);
            let mut a = super::join(&hub);
            let taken = offered(&hub, &a, &["one", "two", "three"]);
            let waiting = queue(&mut a);
            let later = offered(&hub, &a, &["four"]);
            assert_snapshot!(
                table([
                    ("taken", taken),
                    ("queue", waiting),
                    ("still there", hub.ids().contains(&id(&a)).to_string()),
                    ("taken, with room again", later),
                ]),
                @r"
        taken                    true, true, false
        queue                    one two
        still there              true
        taken, with room again   true
        "
            );
        },
    );
}

/// Everybody waits for the lock that is held here.
#[test]
fn never_waits_for_room() {
    let advice = "`try_send` says at once that a queue is full. Then it is full: go on.";
    coach(advice, || {
        let hub = hub_of_two(WhenFull::DropPacket);
        let a = super::join(&hub);
        // A wait of 10 ms for each is longer than a test may take.
        let taken = (0..1000).filter(|_| offered(&hub, &a, &["one"]) == "true");
        assert_eq!(taken.count(), 2, "packets that fit into a queue of two");
    });
}

/// The second choice: the client goes, and hears why.
#[test]
fn drops_the_client_if_that_is_the_choice() {
    coach("`DropClient`: `disconnect` it with `TOO_SLOW`.", || {
        clue(
            "still there              true",
            "The client missed a packet and does not know. With `DropClient` it goes.",
        );
        clue(
            "true, true, true",
            "The third packet was not taken: `false`, whatever `disconnect` returns.",
        );
        let hub = hub_of_two(WhenFull::DropClient);
        let mut a = super::join(&hub);
        let taken = offered(&hub, &a, &["one", "two"]);
        assert_eq!(
            hub.ids(),
            [id(&a)],
            "a queue that is full now has refused nothing yet: its client stays"
        );
        let taken = format!("{taken}, {}", offered(&hub, &a, &["three"]));
        let closing = match a.closing.try_recv() {
            Ok(CloseFrame { code, reason }) => format!("{code} {reason}"),
            Err(error) => error.to_string(),
        };
        assert_snapshot!(
            table([
                ("taken", taken),
                ("queue", queue(&mut a)),
                ("still there", hub.ids().contains(&id(&a)).to_string()),
                ("closing", closing),
            ]),
            @r"
        taken                    true, true, false
        queue                    one two
        still there              false
        closing                  1013 too slow
        "
        );
    });
}
