//! A member that joins a room.

use super::*;

/// One map says whom a packet for the room reaches, the other one which rooms to leave at the end.
#[test]
fn enters_the_room_in_both_maps() {
    coach(
        "Two inserts: the name into the member's set, the member into the room's.",
        || {
            missing(
                "in kitchen: A, B",
                "`members_of` does not know that A and B are in the kitchen: a packet for it would \
                 miss them. Insert the member there, too.",
            );
            missing(
                "A is in: attic, kitchen",
                "`rooms_of` does not know that A is in the kitchen: at the end nobody would take it \
                 out. Insert the name there, too.",
            );
            let [a, b, c] = ids();
            let mut sets = sets(&[a, b, c]);
            for (id, room) in [(b, "kitchen"), (a, "kitchen"), (a, "attic"), (c, "attic")] {
                assert!(sets.join(id, room), "{room} is new to {}", name(id));
            }
            assert_snapshot!(maps(&sets), @r"
            A is in: attic, kitchen
            B is in: kitchen
            C is in: attic
            in attic: A, C
            in kitchen: A, B
            ");
        },
    );
}

/// A client joins again after a reconnect of its own page, or since a button was pressed twice.
#[test]
fn says_whether_that_is_new() {
    coach(
        "`insert` of a set returns `false` for what is in there.",
        || {
            clue(
                "A again                      true",
                "A was in the kitchen already. A set's `insert` says so: `false`.",
            );
            clue(
                "B too                        false",
                "The room was there already, but B was not in it.",
            );
            clue(
                "A elsewhere                  false",
                "A was in a room already, but not in this one.",
            );
            let [a, b] = ids();
            let mut sets = sets(&[a, b]);
            let rows = [
                ("A", sets.join(a, "kitchen")),
                ("A again", sets.join(a, "kitchen")),
                ("B too", sets.join(b, "kitchen")),
                ("A elsewhere", sets.join(a, "attic")),
                ("A again, after both", sets.join(a, "kitchen")),
            ];
            let rows = rows.map(|(who, new)| (who, new.to_string()));
            assert_snapshot!(format!("{}\n{}", table(rows), maps(&sets)), @r"
            A                            true
            A again                      false
            B too                        true
            A elsewhere                  true
            A again, after both          false
            A is in: attic, kitchen
            B is in: kitchen
            in attic: A
            in kitchen: A, B
            ");
        },
    );
}

/// A handler can outlive its client. Nobody would ever take such a member out of the room again.
#[test]
fn lets_nobody_in_whose_stay_is_over() {
    coach(
        "Look first: who is not in `rooms_of` has left, and stays out.",
        || {
            clue(
                "B is in",
                "You began a new stay for B, who has left. `get_mut` finds no entry for B, and \
                 `entry` makes one.",
            );
            clue(
                "in attic: B",
                "B has left, and is in the attic: look for B in `rooms_of` before you touch \
                 `members_of`.",
            );
            clue(
                "in attic: nobody",
                "You opened a room for somebody who has left, and it is empty. Look in `rooms_of` \
                 first.",
            );
            let [a, b] = ids();
            let mut sets = sets(&[a]);
            sets.join(a, "kitchen");
            let rows = [
                ("B into the kitchen", sets.join(b, "kitchen").to_string()),
                ("B into the attic", sets.join(b, "attic").to_string()),
            ];
            assert_snapshot!(format!("{}\n{}", table(rows), maps(&sets)), @r"
            B into the kitchen           false
            B into the attic             false
            A is in: kitchen
            in kitchen: A
            ");
        },
    );
}
