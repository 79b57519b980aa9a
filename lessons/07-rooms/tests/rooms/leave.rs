//! A member that leaves a room.

use super::*;

#[test]
fn takes_the_member_out_in_both_maps() {
    coach(
        "Two removals: the member from the room's set, the name from the member's.",
        || {
            clue(
                "in kitchen: A, B, C",
                "`members_of` still has B in the kitchen: what is said there reaches it.",
            );
            clue(
                "B is in: attic, kitchen",
                "`rooms_of` still has B in the kitchen. Take the name out there, too.",
            );
            missing(
                "in kitchen: A, C",
                "The kitchen is gone, though A and C are in it. A room is forgotten when nobody is in \
                 it any more.",
            );
            missing(
                "A is in: kitchen",
                "You took more than B out. Leave one room, and for one member.",
            );
            let [a, b, c] = ids();
            let mut sets = filled([
                (a, &["kitchen"]),
                (b, &["kitchen", "attic"]),
                (c, &["kitchen"]),
            ]);
            assert!(sets.leave(b, "kitchen"), "B was in the kitchen");
            assert_snapshot!(maps(&sets), @r"
            A is in: kitchen
            B is in: attic
            C is in: kitchen
            in attic: B
            in kitchen: A, C
            ");
        },
    );
}

/// A chat makes a room for each talk of two. If empty rooms stay, the map grows for ever.
#[test]
fn forgets_a_room_that_is_empty() {
    coach(
        "After the last one has left, take the room itself out of `members_of`.",
        || {
            clue(
                "in kitchen: nobody",
                "The kitchen is empty, and the map still has it. Each name that was ever used stays \
                 there.",
            );
            let [a, b] = ids();
            let mut sets = filled([(a, &["kitchen", "attic"]), (b, &["kitchen"])]);
            let mut seen = Vec::new();
            for id in [a, b] {
                sets.leave(id, "kitchen");
                seen.push(maps(&sets));
            }
            assert_snapshot!(seen.join("\n\n"), @r"
            A is in: attic
            B is in: kitchen
            in attic: A
            in kitchen: B

            A is in: attic
            B is in:
            in attic: A
            ");
        },
    );
}

/// A page says 'leave' twice, or on its way out. What is not there cannot be taken out.
#[test]
fn does_nothing_where_the_member_is_not() {
    coach(
        "Not in there: `false`, and nothing has changed. None of these is a reason to panic.",
        || {
            clue(
                "unwrap()",
                "There may be no such room, or no such member. Each `get_mut` can be `None`.",
            );
            clue(
                "A twice                      true",
                "A had left already. A set's `remove` says whether it was in there.",
            );
            clue(
                "B, who is elsewhere          true",
                "B was in no kitchen. A set's `remove` says whether it was in there.",
            );
            let [a, b, c, d] = ids();
            let mut sets = filled([(a, &["kitchen"]), (b, &["attic"]), (c, &["kitchen"])]);
            let rows = [
                ("A", sets.leave(a, "kitchen")),
                ("A twice", sets.leave(a, "kitchen")),
                ("B, who is elsewhere", sets.leave(b, "kitchen")),
                ("B, from no room at all", sets.leave(b, "cellar")),
                ("D, who is not here", sets.leave(d, "kitchen")),
                ("C", sets.leave(c, "kitchen")),
                ("C twice", sets.leave(c, "kitchen")),
            ];
            let rows = rows.map(|(who, left)| (who, left.to_string()));
            assert_snapshot!(format!("{}\n{}", table(rows), maps(&sets)), @r"
            A                            true
            A twice                      false
            B, who is elsewhere          false
            B, from no room at all       false
            D, who is not here           false
            C                            true
            C twice                      false
            A is in:
            B is in: attic
            C is in:
            in attic: B
            ");
        },
    );
}
