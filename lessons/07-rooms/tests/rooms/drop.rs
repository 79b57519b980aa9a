//! A stay that ends, however its task does.

use super::*;

/// Rooms with A and B in the kitchen, and A in the attic, too.
fn house() -> (Rooms, [ManuallyDrop<Member>; 2], [ManuallyDrop<Stay>; 2]) {
    let rooms = Rooms::default();
    let [(a, a_stays), (b, b_stays)] = [(); 2].map(|()| arrive(&rooms));
    let ids = [&a, &b].map(|member| member.membership.id());
    *rooms.lock() = filled([(ids[0], &["attic", "kitchen"]), (ids[1], &["kitchen"])]);
    (rooms, [a, b], [a_stays, b_stays])
}

fn leave(stay: ManuallyDrop<Stay>) {
    std::mem::drop(ManuallyDrop::into_inner(stay));
}

/// socketio/socket.io thread 373.
#[test]
fn takes_the_member_out_of_all_its_rooms() {
    coach(
        "`self.rooms.lock()` has the sets, and `remove` ends a stay in them.",
        || {
            clue(
                "A is in: attic, kitchen",
                "A is gone, and still in its rooms. Write `drop`.",
            );
            clue("in kitchen: A", "A is gone, and still in the kitchen.");
            missing(
                "B is in: kitchen",
                "You took B out as well. Only `self.id` leaves.",
            );
            let (rooms, _members, [a, _b]) = house();
            leave(a);
            assert_snapshot!(maps(&rooms.lock()), @r"
            B is in: kitchen
            in kitchen: B
            ");
        },
    );
}

/// socketio/socket.io thread 1869, and Totodore/socketioxide 598: there the rooms were gone when the
/// handler of 'disconnect' asked for them.
#[test]
fn says_farewell_while_the_member_is_in_its_rooms() {
    coach(
        "First `self.say_farewell()`, then out of the rooms. It hangs? The farewell locks the sets: \
         do not hold their lock over it. A guard with a name lives until the end of its block.",
        || {
            clue(
                "its rooms                    nobody's",
                "The farewell found no rooms: the member had been taken out before.",
            );
            clue(
                "its rooms                    none",
                "Nobody said farewell: `self.say_farewell()` does.",
            );
            clue(
                "B hears                      nothing",
                "What the farewell said to the kitchen reached nobody. B was in there.",
            );
            let (rooms, [_, mut b], [mut a, _b]) = house();
            let seen = Arc::new(Mutex::new("none".to_owned()));
            a.farewell = Some(Box::new({
                let seen = seen.clone();
                move |stay| {
                    let of = stay.rooms().of(stay.id());
                    let of = match of.is_empty() {
                        true => "nobody's".to_owned(),
                        false => of.join(", "),
                    };
                    *seen.lock().unwrap() = of;
                    // Not `Rooms::emit`: that stands on another exercise.
                    let sets = stay.rooms().lock();
                    let kitchen = sets.members_of.get("kitchen");
                    for id in kitchen.into_iter().flatten().filter(|id| **id != stay.id()) {
                        let hub = stay.rooms().hub();
                        hub.deliver(To::One(*id), &"A leaves".into());
                    }
                }
            }));
            leave(a);
            let rows = [
                ("its rooms", seen.lock().unwrap().clone()),
                ("B hears", queue(&mut b)),
            ];
            assert_snapshot!(format!("{}\n{}", table(rows), maps(&rooms.lock())), @r"
            its rooms                    attic, kitchen
            B hears                      A leaves
            B is in: kitchen
            in kitchen: B
            ");
        },
    );
}

/// A task that is cancelled, or that panics, runs no line of its code again. Its values are dropped.
#[test]
fn happens_when_the_task_is_cancelled_or_panics() {
    wire("Leave in `drop`, and nowhere else.", async |net: Net| {
        let (rooms, _members, stays) = house();
        let [mut a, mut b] = stays.map(ManuallyDrop::into_inner);
        let said = Arc::new(Mutex::new(Vec::new()));
        for (name, stay) in [("A", &mut a), ("B", &mut b)] {
            let said = said.clone();
            stay.farewell = Some(Box::new(move |_| said.lock().unwrap().push(name)));
        }
        let cancelled = tokio::spawn(async move {
            std::future::pending::<()>().await;
            std::mem::drop(a);
        });
        let panics = tokio::spawn(async move {
            let _b = b;
            // Without a message: this panic belongs to the test.
            std::panic::resume_unwind(Box::new("as asked"));
        });
        net.settle().await;
        cancelled.abort();
        net.settle().await;
        assert!(panics.await.is_err());
        assert_snapshot!(maps(&rooms.lock()), @"");
        said.lock().unwrap().sort_unstable();
        assert_eq!(*said.lock().unwrap(), ["A", "B"], "whose farewell was said");
    });
}

/// A farewell is code of an application, and may have a mistake of its own.
#[test]
fn happens_when_the_farewell_panics() {
    coach(
        "`say_farewell` keeps a panic in: call that, and not `farewell` itself.",
        || {
            clue(
                "A is in",
                "The farewell panicked, and A is in its rooms for ever. `say_farewell` keeps a panic \
                 in.",
            );
            let (rooms, _members, [mut a, _b]) = house();
            a.farewell = Some(Box::new(|_| {
                std::panic::resume_unwind(Box::new("as asked"))
            }));
            let left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| leave(a)));
            let left = left.map_or("a panic", |()| "no panic");
            assert_snapshot!(format!("{left}\n{}", maps(&rooms.lock())), @r"
            no panic
            B is in: kitchen
            in kitchen: B
            ");
        },
    );
}

/// Between two locks a handler on another thread can join one more room, and then the member is in it
/// for ever.
#[test]
fn takes_one_lock_for_everything() {
    coach(
        "`remove` leaves all rooms and ends the stay under one lock. A loop of your own over the \
         rooms takes the lock again and again.",
        || {
            let (rooms, _members, [a, _b]) = house();
            let before = rooms.locks();
            leave(a);
            assert_snapshot!(rooms.locks() - before, @"1");
        },
    );
}

/// Handlers outlive their connection: one joins rooms on one thread, while the stay ends on another.
#[test]
fn lets_no_join_slip_in_between() {
    coach(
        "`remove` leaves all rooms and ends the stay under one lock. A loop of your own over the \
         rooms takes the lock again and again.",
        || {
            for text in ["A is in", "in room"] {
                clue(
                    text,
                    "A handler joined a room while the stay ended, and now A is in it for ever. End \
                     the stay and leave the rooms under one lock: `remove` does.",
                );
            }
            let mut kept = String::new();
            let begin = Instant::now();
            for _ in 0..80 {
                let (rooms, members, [a, _b]) = house();
                let id = members[0].membership.id();
                let (joins, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
                thread::scope(|scope| {
                    scope.spawn(|| {
                        // Until the stay is over, and a few times more. It cannot take for ever.
                        let mut late = 0;
                        for n in 0..100_000 {
                            _ = rooms.join(id, &format!("room {}", n % 32));
                            joins.store(n, Ordering::SeqCst);
                            late += u32::from(ended.load(Ordering::SeqCst));
                            if late > 3 {
                                break;
                            }
                        }
                    });
                    wait_for(Duration::from_millis(100), || {
                        joins.load(Ordering::SeqCst) > 32
                    });
                    leave(a);
                    ended.store(true, Ordering::SeqCst);
                });
                let after = maps(&rooms.lock());
                if after != "B is in: kitchen\nin kitchen: B" {
                    kept = after;
                }
                // Enough, where others want the machine too.
                if begin.elapsed() > Duration::from_millis(300) {
                    break;
                }
            }
            assert_snapshot!(kept, @"");
        },
    );
}

/// A member that is in no room, and one that was taken out before.
#[test]
fn does_not_mind_that_the_member_is_in_no_room() {
    coach("Nothing to leave is no error.", || {
        let (rooms, members, [a, b]) = house();
        let id = members[0].membership.id();
        rooms.lock().rooms_of.insert(id, Default::default());
        rooms.lock().members_of.remove("attic");
        rooms.lock().rooms_of.remove(&members[1].membership.id());
        rooms.lock().members_of.clear();
        leave(a);
        leave(b);
        assert_snapshot!(maps(&rooms.lock()), @"");
    });
}
