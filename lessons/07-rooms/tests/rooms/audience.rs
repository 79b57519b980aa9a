//! Whom a packet is for.

use super::*;

/// A and B are in the kitchen, B and C in the attic, D in the cellar; each in its own room, too.
fn house() -> (Sets, [ConnectionId; 4]) {
    let ids = ids();
    let [a, b, c, d] = ids;
    let sets = filled([
        (c, &["3", "attic"]),
        (a, &["1", "kitchen"]),
        (d, &["4", "cellar"]),
        (b, &["2", "attic", "kitchen"]),
    ]);
    (sets, ids)
}

fn heard(sets: &Sets, to: Audience) -> String {
    names(&sets.audience(&to))
}

/// Socket.IO sends to the union of the rooms, and to each member once.
#[test]
fn is_whoever_is_in_one_of_the_rooms_each_once() {
    coach(
        "Collect the members of all the rooms; then sort, and take out what is there twice.",
        || {
            clue(
                "B, B",
                "B is in both rooms and would hear it twice. `dedup` takes out what stands side by \
                 side, so sort first.",
            );
            clue(
                "the attic or the kitchen     A, B, B, C",
                "B is in both rooms and would hear it twice.",
            );
            clue(
                "the attic or the kitchen     B\n",
                "That is who is in all of the rooms. One is enough.",
            );
            let (sets, _) = house();
            let rows = [
                ("the kitchen", Audience::within("kitchen")),
                (
                    "the attic or the kitchen",
                    Audience::within("attic").and("kitchen"),
                ),
                (
                    "the kitchen or the attic",
                    Audience::within("kitchen").and("attic"),
                ),
                (
                    "the kitchen, said twice",
                    Audience::within("kitchen").and("kitchen"),
                ),
                (
                    "the cellar, or B's own room",
                    Audience::within("cellar").and("2"),
                ),
                (
                    "all three",
                    Audience::within("cellar").and("attic").and("kitchen"),
                ),
            ];
            let rows = rows.map(|(name, to)| (name, heard(&sets, to)));
            assert_snapshot!(table(rows), @r"
            the kitchen                  A, B
            the attic or the kitchen     A, B, C
            the kitchen or the attic     A, B, C
            the kitchen, said twice      A, B
            the cellar, or B's own room  B, D
            all three                    A, B, C, D
            ");
        },
    );
}

/// No room named is everybody; a room that nobody is in is nobody.
#[test]
fn is_everybody_only_where_no_room_is_named() {
    coach(
        "Ask whether `to.rooms` is empty, and not whether the members that you found are none.",
        || {
            clue(
                "a room with nobody in it     A, B, C, D",
                "A message for an empty room went to everybody.",
            );
            clue(
                "everybody                    nobody",
                "No room is named: it is for everybody in `rooms_of`.",
            );
            let (sets, _) = house();
            let rows = [
                ("everybody", Audience::all()),
                ("a room with nobody in it", Audience::within("garden")),
                (
                    "that one, and the kitchen",
                    Audience::within("garden").and("kitchen"),
                ),
            ];
            let rows = rows.map(|(name, to)| (name, heard(&sets, to)));
            assert_snapshot!(table(rows), @r"
            everybody                    A, B, C, D
            a room with nobody in it     nobody
            that one, and the kitchen    A, B
            ");
        },
    );
}

#[test]
fn is_nobody_who_is_in_an_excepted_room() {
    coach(
        "Keep those who are in none of the rooms of `except`: all of them count, whatever `rooms` \
         says.",
        || {
            clue(
                "kitchen, but not the attic   A, B",
                "B is in the attic as well, and was excepted.",
            );
            clue(
                "but not attic, not cellar    A, D",
                "Only the first of the excepted rooms was looked at.",
            );
            let (sets, _) = house();
            let all = Audience::all;
            let kitchen = || Audience::within("kitchen");
            let rows = [
                ("kitchen, but not the attic", kitchen().except("attic")),
                ("kitchen, but not itself", kitchen().except("kitchen")),
                ("kitchen, but not the garden", kitchen().except("garden")),
                ("but not the attic", all().except("attic")),
                (
                    "but not attic, not cellar",
                    all().except("attic").except("cellar"),
                ),
                (
                    "but not cellar, not attic",
                    all().except("cellar").except("attic"),
                ),
                ("but not A, not D", all().except("1").except("4")),
            ];
            let rows = rows.map(|(name, to)| (name, heard(&sets, to)));
            assert_snapshot!(table(rows), @r"
            kitchen, but not the attic   A
            kitchen, but not itself      nobody
            kitchen, but not the garden  A, B
            but not the attic            A, D
            but not attic, not cellar    A
            but not cellar, not attic    A
            but not A, not D             B, C
            ");
        },
    );
}

/// socketio/socket.io threads 2669 and 2170: `socket.to(room)` is not for the sender.
#[test]
fn leaves_the_sender_out() {
    coach(
        "Where `to.sender` is somebody, that one is left out, in whichever rooms it is.",
        || {
            clue(
                "A to the kitchen             A, B",
                "The sender hears its own words. `sender` is left out.",
            );
            clue(
                "A within the kitchen         B",
                "Nobody is left out where `sender` is `None`.",
            );
            let (sets, [a, b, c, d]) = house();
            let kitchen = || Audience::within("kitchen");
            let rows = [
                ("A to the kitchen", kitchen().from(a)),
                ("B to the kitchen", kitchen().from(b)),
                ("D to the kitchen", kitchen().from(d)),
                ("A within the kitchen", kitchen()),
                ("B to kitchen and attic", kitchen().and("attic").from(b)),
                ("C to all", Audience::all().from(c)),
                ("A to its own room", Audience::within("1").from(a)),
                ("A to B's own room", Audience::within("2").from(a)),
            ];
            let rows = rows.map(|(name, to)| (name, heard(&sets, to)));
            assert_snapshot!(table(rows), @r"
            A to the kitchen             B
            B to the kitchen             A
            D to the kitchen             A, B
            A within the kitchen         A, B
            B to kitchen and attic       A, C
            C to all                     A, B, D
            A to its own room            nobody
            A to B's own room            B
            ");
        },
    );
}

/// socketio/socket.io threads 4524 and 5342: there the sender is left out by its own room, so
/// whoever leaves that room hears itself.
#[test]
fn knows_the_sender_by_its_id_and_not_by_a_room() {
    coach(
        "Compare ids. A room with the sender's number for a name is a room like any other.",
        || {
            clue(
                "A, after it has left room 1  A",
                "A left its own room, and now it hears itself. Compare its id with `sender`.",
            );
            clue(
                "B, with C in room 2          A\n",
                "C is in room 2 and is not its owner: it was left out with the sender.",
            );
            let [a, b, c] = ids();
            let sets = filled([
                (a, &["kitchen"]),
                (b, &["2", "kitchen"]),
                (c, &["2", "3", "kitchen"]),
            ]);
            let kitchen = || Audience::within("kitchen");
            let rows = [
                ("A, after it has left room 1", kitchen().from(a)),
                ("B, with C in room 2", kitchen().from(b)),
                ("A, to all", Audience::all().from(a)),
            ];
            let rows = rows.map(|(name, to)| (name, heard(&sets, to)));
            assert_snapshot!(table(rows), @r"
            A, after it has left room 1  B, C
            B, with C in room 2          A, C
            A, to all                    B, C
            ");
        },
    );
}

/// Ten are in the room; there are 10 members in one hub, and 10,000 in the other.
#[test]
fn costs_what_its_rooms_hold() {
    coach(
        "Begin with `members_of`, room by room. A look at every member of the hub costs a thousand \
         times as much for a room of ten.",
        || {
            let time = |members: usize| {
                let hub = Hub::default();
                let mut sets = Sets::default();
                for n in 0..members {
                    let id = hub.join().membership.id();
                    sets.rooms_of.insert(id, Default::default());
                    let rooms: &[_] = match n {
                        0..10 => &["kitchen", "hall"],
                        10..15 => &["attic", "cellar"],
                        _ => &["cellar"],
                    };
                    for room in rooms {
                        let members = sets.members_of.entry((*room).to_owned()).or_default();
                        members.insert(id);
                    }
                }
                let to = Audience::within("kitchen").except("attic").and("hall");
                let run = || {
                    let begin = Instant::now();
                    for _ in 0..50 {
                        std::hint::black_box(sets.audience(&to));
                    }
                    begin.elapsed()
                };
                // The least of many: others want this machine, too.
                (0..20).map(|_| run()).min().unwrap_or_default()
            };
            let (small, large) = (time(20), time(10_000));
            let verdict = match large < 25 * small {
                true => "the same, or nearly".to_owned(),
                false => format!(
                    "{} times as much",
                    large.as_nanos() / small.as_nanos().max(1)
                ),
            };
            assert_snapshot!(verdict, @"the same, or nearly");
        },
    );
}

/// A member may be in no room at all, and there are more than ten of them.
#[test]
fn goes_by_the_numbers_of_those_who_are_here() {
    let advice =
        "Without a room it is everybody in `rooms_of`, in a room or not; ids compare as numbers.";
    coach(advice, || {
        let ids = ids::<12>();
        let mut sets = sets(&ids);
        let of_all: Vec<_> = ids.to_vec();
        assert_eq!(
            sets.audience(&Audience::all()),
            of_all,
            "nobody is in a room"
        );
        for id in ids.iter().rev() {
            let hall = sets.members_of.entry("hall".to_owned()).or_default();
            hall.insert(*id);
            sets.rooms_of
                .entry(*id)
                .or_default()
                .insert("hall".to_owned());
        }
        assert_eq!(
            sets.audience(&Audience::within("hall")),
            of_all,
            "in the hall"
        );
    });
}
