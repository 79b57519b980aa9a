//! A packet, offered to everyone it is for.

use super::*;

/// `coach`, for the case too that a test does not end.
#[track_caller]
fn coach(advice: &str, test: impl FnOnce() + Send + 'static) {
    let hangs = "It hangs? `self.receivers` waits for the lock that you hold: ask `members`.";
    super::coach(&format!("{advice}\n{hangs}"), test);
}

/// Three members, A, B and C, and what each has in its queue after `send` did something as A.
fn heard(send: impl Fn(&Hub, &Socket)) -> [String; 3] {
    let hub = Hub::default();
    let mut members = [super::join(&hub), super::join(&hub), super::join(&hub)];
    send(&hub, &members[0].membership.socket());
    members.each_mut().map(|member| queue(member))
}

/// Who heard it, of A, B and C: `A, C`.
fn reached(send: impl Fn(&Hub, &Socket)) -> String {
    let heard = ["A", "B", "C"].into_iter().zip(heard(send));
    let reached = heard.filter(|(_, packets)| packets != "nothing");
    reached.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

type Sends = fn(&Hub, &Socket);

const ROWS: [(&str, Sends); 3] = [
    ("io.emit", |hub, _| _ = hub.emit(&hello())),
    ("socket.emit", |_, a| _ = a.emit(&hello())),
    ("socket.broadcast.emit", |_, a| _ = a.broadcast(&hello())),
];

fn hello() -> Event {
    Event::new("chat", ["hello"])
}

/// A is the client whose event the server is handling.
#[test]
fn reaches_exactly_the_right_sockets() {
    coach(
        "`All` is everybody, `AllBut` leaves one out, `One` is one.",
        || {
            clue(
                "socket.broadcast.emit    yes  yes  yes",
                "The sender got its own broadcast. `AllBut(id)` leaves that one out.",
            );
            clue(
                "socket.emit              yes  yes  yes",
                "`One(id)` reached everybody. Only that one gets the packet.",
            );
            clue(
                "socket.broadcast.emit    yes  -    -",
                "`AllBut(id)` reached only the one that it leaves out.",
            );
            let cell = |heard: String| match &heard[..] {
                "nothing" => "-",
                r#"2["chat","hello"]"# => "yes",
                _ => "else",
            };
            let line = |name: &str, cells: [&str; 3]| {
                let [a, b, c] = cells;
                format!("{name:<24} {a:<4} {b:<4} {c}")
                    .trim_end()
                    .to_owned()
            };
            let mut lines = vec![line("", ["A", "B", "C"])];
            lines.extend(ROWS.map(|(name, send)| line(name, heard(send).map(cell))));
            assert_snapshot!("delivery-matrix", lines.join("\n"));
        },
    );
}

/// Whoever spoke may have joined first, last or in between.
#[test]
fn reaches_the_right_sockets_whoever_speaks() {
    coach("`members.receivers(to)` says who.", || {
        let send = |to: fn(ConnectionId) -> To, who: usize| {
            let hub = Hub::default();
            let mut members = [super::join(&hub), super::join(&hub), super::join(&hub)];
            hub.deliver(to(id(&members[who])), &"hi".into());
            members.each_mut().map(|member| queue(member)).join(", ")
        };
        let rows = [
            ("One(B)", send(To::One, 1)),
            ("One(C)", send(To::One, 2)),
            ("AllBut(B)", send(To::AllBut, 1)),
            ("AllBut(C)", send(To::AllBut, 2)),
        ];
        assert_snapshot!(table(rows), @r"
        One(B)                   nothing, hi, nothing
        One(C)                   nothing, nothing, hi
        AllBut(B)                hi, nothing, hi
        AllBut(C)                hi, hi, nothing
        ");
    });
}

// ANCHOR: claim
/// A classroom page says: 'emit() reaches all, broadcast.emit() all but the sender'.
#[test]
fn shows_which_half_of_the_claim_is_right() {
    coach("Read the matrix, then each half of the claim.", || {
        let io_emit = reached(|io, _| _ = io.emit(&hello()));
        let socket_emit = reached(|_, socket| _ = socket.emit(&hello()));
        let broadcast = reached(|_, socket| _ = socket.broadcast(&hello()));
        assert_snapshot!(io_emit, @"A, B, C");
        assert_snapshot!(socket_emit, @"A");
        assert_snapshot!(broadcast, @"B, C");
    });
}
// ANCHOR_END: claim

/// Each queue keeps the order in which the server spoke.
#[test]
fn keeps_the_order() {
    coach("One queue per member, in order.", || {
        let [_, b, _] = heard(|hub, a| {
            hub.emit(&Event::new("first", [1]));
            a.broadcast(&Event::new("second", [2]));
            hub.emit(&Event::new("third", [3]));
        });
        assert_snapshot!(b, @r#"2["first",1] 2["second",2] 2["third",3]"#);
    });
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
            let hub = Hub::default();
            let mut members = [super::join(&hub), super::join(&hub)];
            let packet = hello().to_packet();
            hub.deliver(To::All, &packet);
            let texts = members.each_mut().map(|member| member.packets.try_recv());
            let shared = texts
                .iter()
                .flatten()
                .all(|text| text.as_ptr() == packet.as_ptr());
            assert_snapshot!(if shared { "shared" } else { "copied" }, @"shared");
        },
    );
}

/// A loop that stops at the first full queue serves nobody after it.
#[test]
fn goes_on_after_a_client_that_is_too_slow() {
    coach(
        "One full queue is one client's matter. Go on with the next.",
        || {
            clue(
                "C                        nothing",
                "C heard nothing: your loop ended at B, whose queue is full.",
            );
            clue(
                "here                     3",
                "B's queue was full, and B is still here. Hand `offer` the hub's own \
                 `self.limits.when_full`: it was `DropClient`.",
            );
            clue(
                "reached                  3",
                "You counted who was tried. Count the queues that took the packet.",
            );
            let hub = Hub::new(Limits {
                queue: 1,
                when_full: WhenFull::DropClient,
            });
            let mut members = [super::join(&hub), super::join(&hub), super::join(&hub)];
            hub.deliver(To::One(id(&members[1])), &"first".into());
            let reached = hub.deliver(To::All, &"second".into());
            let [a, b, c] = members.each_mut().map(|member| queue(member));
            assert_snapshot!(
                table([
                    ("A", a),
                    ("B", b),
                    ("C", c),
                    ("reached", reached.to_string()),
                    ("here", format!("{:?}", hub.ids().len())),
                ]),
                @r"
        A                        second
        B                        first
        C                        second
        reached                  2
        here                     2
        "
            );
        },
    );
}

/// The hub's owner has chosen what a full queue means.
#[test]
fn does_with_a_full_queue_what_was_chosen() {
    coach("`offer` needs to know: `self.limits.when_full`.", || {
        clue(
            "still there              false",
            "The hub was told to drop the packet, and dropped the client. Hand `offer` the \
             hub's own `self.limits.when_full`.",
        );
        let hub = Hub::new(Limits {
            queue: 1,
            when_full: WhenFull::DropPacket,
        });
        let mut a = super::join(&hub);
        let reached = ["first", "second"].map(|packet| hub.deliver(To::All, &packet.into()));
        let rows = [
            ("reached", format!("{reached:?}")),
            ("still there", hub.ids().contains(&id(&a)).to_string()),
            ("A", queue(&mut a)),
        ];
        assert_snapshot!(table(rows), @r"
        reached                  [1, 0]
        still there              true
        A                        first
        ");
    });
}

/// Two threads speak at once. If the lock is free between two receivers, one packet can overtake
/// the other there, and two clients see the same conversation in two orders.
#[test]
fn gives_everybody_the_same_order() {
    coach(
        "Lock once, before the first `offer`, and keep the guard until the last.",
        || {
            let hub = Hub::default();
            let _members = [super::join(&hub), super::join(&hub), super::join(&hub)];
            let before = hub.lock().locks;
            hub.deliver(To::All, &"hi".into());
            // The lock that reads the count is one too.
            assert_snapshot!(hub.lock().locks - before - 1, @"1");
        },
    );
}

/// The last one to leave a room must not bring the server down.
#[test]
fn reaches_nobody_in_an_empty_hub() {
    coach("Nobody there: 0, and no panic.", || {
        let hub = Hub::default();
        let packet = hello().to_packet();
        let a = super::join(&hub);
        hub.disconnect(id(&a), TOO_SLOW);
        let targets = [To::All, To::One(id(&a)), To::AllBut(id(&a))];
        let reached = targets.map(|to| hub.deliver(to, &packet));
        assert_snapshot!(format!("{reached:?}"), @"[0, 0, 0]");
    });
}
