//! A packet, offered to its audience.

use super::*;

/// `coach`, for the case too that a test does not end.
#[track_caller]
fn coach(advice: &str, test: impl FnOnce() + Send + 'static) {
    let hangs =
        "It hangs? A call that locks the hub waits for the lock that you hold: use the guards.";
    super::coach(&format!("{advice}\n{hangs}"), test);
}

const MILLISECOND: Duration = Duration::from_millis(1);

/// Rooms with three members: A and B are in the kitchen, C is in the attic.
fn house(limits: Limits) -> (Rooms, [ManuallyDrop<Member>; 3]) {
    let rooms = Rooms::new(Hub::new(limits));
    let members = [(); 3].map(|()| arrive(&rooms).0);
    let [a, b, c] = members.each_ref().map(|member| member.membership.id());
    *rooms.lock() = filled([(a, &["kitchen"]), (b, &["kitchen"]), (c, &["attic"])]);
    (rooms, members)
}

fn queues(members: &mut [ManuallyDrop<Member>; 3]) -> String {
    let [a, b, c] = members.each_mut().map(|member| queue(member));
    table([("A", a), ("B", b), ("C", c)])
}

#[test]
fn reaches_its_audience_and_counts_it() {
    coach(
        "`sets.audience(to)` says who; `members.offer` says whether it went in.",
        || {
            clue(
                "C                            hi",
                "C is not in the kitchen. `sets.audience(to)` says who it is for.",
            );
            let (rooms, mut members) = house(Limits::default());
            let [a, ..] = members.each_ref().map(|member| member.membership.id());
            let kitchen = Audience::within("kitchen");
            let reached = [
                rooms.deliver(&kitchen, &"hi".into()),
                rooms.deliver(&kitchen.from(a), &"to B".into()),
                rooms.deliver(&Audience::within("garden"), &"nobody".into()),
                rooms.deliver(&Audience::all(), &"all".into()),
            ];
            assert_snapshot!(format!("{}\n{reached:?}", queues(&mut members)), @r"
            A                            hi all
            B                            hi to B all
            C                            all
            [2, 1, 0, 3]
            ");
        },
    );
}

/// Lesson 5's rule: a full queue is one client's matter.
#[test]
fn goes_on_after_a_client_that_is_too_slow() {
    coach(
        "One full queue is one client's matter. Count the queues that took the packet.",
        || {
            clue(
                "B                            nothing",
                "B heard nothing: your loop ended at A, whose queue is full.",
            );
            clue(
                "reached                      2",
                "You counted who was tried. Count the queues that took the packet.",
            );
            let (rooms, mut members) = house(Limits {
                queue: 1,
                when_full: WhenFull::DropClient,
            });
            let a = members[0].membership.id();
            rooms.hub().deliver(To::One(a), &"first".into());
            let reached = rooms.deliver(&Audience::within("kitchen"), &"second".into());
            let here = rooms.hub().ids().contains(&a);
            let rows = [
                ("reached", reached.to_string()),
                ("A is still there", here.to_string()),
            ];
            assert_snapshot!(format!("{}\n{}", queues(&mut members), table(rows)), @r"
            A                            first
            B                            second
            C                            nothing
            reached                      1
            A is still there             false
            ");
        },
    );
}

/// The hub's owner has chosen what a full queue means.
#[test]
fn does_with_a_full_queue_what_was_chosen() {
    coach(
        "`offer` needs to know: `self.hub.limits().when_full`.",
        || {
            clue(
                "A is still there             false",
                "The hub was told to drop the packet, and dropped the client. Hand `offer` the \
                 hub's own `limits().when_full`.",
            );
            let (rooms, members) = house(Limits {
                queue: 1,
                when_full: WhenFull::DropPacket,
            });
            let kitchen = Audience::within("kitchen");
            let reached = ["first", "second"].map(|packet| rooms.deliver(&kitchen, &packet.into()));
            let here = rooms.hub().ids().contains(&members[0].membership.id());
            let rows = [
                ("reached", format!("{reached:?}")),
                ("A is still there", here.to_string()),
            ];
            assert_snapshot!(table(rows), @r"
            reached                      [2, 0]
            A is still there             true
            ");
        },
    );
}

/// The hub may have dropped a member whose stay has not ended yet.
#[test]
fn counts_nobody_whom_the_hub_has_dropped() {
    coach(
        "`offer` returns `false` for whoever is not in the hub any more.",
        || {
            let (rooms, members) = house(Limits::default());
            let a = members[0].membership.id();
            rooms.hub().disconnect(a, TOO_SLOW);
            let reached = rooms.deliver(&Audience::within("kitchen"), &"hi".into());
            assert_snapshot!(reached, @"1");
        },
    );
}

/// A thousand copies of one text are a thousand times its memory. A clone shares it.
#[test]
fn shares_one_text_among_all() {
    coach(
        "`packet.clone()` shares the text; making a new `Utf8Bytes` copies it.",
        || {
            clue(
                "copied",
                "Each receiver got a copy of the text. Clone the `Utf8Bytes`.",
            );
            let (rooms, mut members) = house(Limits::default());
            let packet: Utf8Bytes = "a text that is long enough to be kept somewhere else".into();
            let reached = rooms.deliver(&Audience::within("kitchen"), &packet);
            let texts = members
                .iter_mut()
                .flat_map(|member| member.packets.try_recv());
            let shared = texts.filter(|text| text.as_ptr() == packet.as_ptr());
            let text = match shared.count() == reached {
                true => "shared",
                false => "copied",
            };
            assert_snapshot!(text, @"shared");
        },
    );
}

/// Between two locks another packet can slip in, and two clients see two different conversations.
#[test]
fn gives_everybody_the_same_order() {
    coach(
        "Lock the hub once, before the first `offer`, and keep the guard until the last.",
        || {
            let (rooms, _members) = house(Limits::default());
            let before = rooms.hub().lock().locks;
            rooms.deliver(&Audience::within("kitchen"), &"hi".into());
            // The lock that reads the count is one too.
            assert_snapshot!(rooms.hub().lock().locks - before - 1, @"1");
        },
    );
}

/// While this test holds the hub, one thread delivers and another takes A out of the room. Whoever
/// has left must not hear what comes after.
#[test]
fn is_silent_to_whoever_has_left() {
    coach(
        "Keep the sets' guard until the last `offer`: `let sets = self.lock();` does, and \
         `self.lock().audience(to)` lets go at the end of its line.",
        || {
            clue(
                "heard",
                "A had left the room, and heard what was said after that. You chose the audience, let \
                 go of the sets, and then waited for the hub.",
            );
            let (rooms, _members) = house(Limits::default());
            assert_eq!(rooms.deliver(&Audience::within("kitchen"), &"hi".into()), 2);
            let mut verdict = "silent";
            for _ in 0..10 {
                let (rooms, members) = house(Limits::default());
                let a = members[0].membership.id();
                let [begun, left] = [false, false].map(AtomicBool::new);
                let before = rooms.locks();
                let hub = rooms.hub().lock();
                let waiting = thread::scope(|scope| {
                    scope.spawn(|| rooms.deliver(&Audience::within("kitchen"), &"hi".into()));
                    // It has chosen now, and waits for the hub.
                    wait_for(100 * MILLISECOND, || rooms.locks() > before);
                    let leaves = scope.spawn(|| {
                        begun.store(true, Ordering::SeqCst);
                        *rooms.lock() = Sets::default();
                        let waiting = members[0].packets.len();
                        left.store(true, Ordering::SeqCst);
                        waiting
                    });
                    wait_for(100 * MILLISECOND, || begun.load(Ordering::SeqCst));
                    wait_for(5 * MILLISECOND, || left.load(Ordering::SeqCst));
                    std::mem::drop(hub);
                    leaves.join().unwrap_or_default()
                });
                if rooms.hub().waiting(a) > Some(waiting) {
                    verdict = "heard";
                    break;
                }
            }
            assert_snapshot!(verdict, @"silent");
        },
    );
}
