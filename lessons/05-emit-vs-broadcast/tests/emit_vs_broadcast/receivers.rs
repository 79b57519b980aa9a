//! Who is meant.

use super::*;

const PLACE: &str = "You went by the place in the map. Compare each key with the id in `to`.";

/// Whom `to` means among A, B and C: `A, C`. `who` is `to`'s own client, counted from 0.
fn meant(to: impl Fn(ConnectionId) -> To, who: usize) -> String {
    let hub = Hub::default();
    let members = [super::join(&hub), super::join(&hub), super::join(&hub)];
    let ids = members.each_ref().map(|member| id(member));
    let receivers = hub.lock().receivers(to(ids[who]));
    let names = receivers.iter().map(|receiver| {
        let name = ids.iter().position(|id| id == receiver);
        name.map_or("?", |name| ["A", "B", "C"][name])
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The client whose event the server is handling may be the first, the last or one between.
#[test]
fn are_exactly_the_right_members() {
    coach(
        "`All` is everybody, `AllBut` leaves one out, `One` is one.",
        || {
            clue(
                "AllBut(A)                A, B, C",
                "The sender gets its own broadcast. `AllBut(id)` leaves that one out.",
            );
            clue(
                "One(A)                   A, B, C",
                "`One(id)` is everybody. Only that one is meant.",
            );
            clue(
                "AllBut(A)                A\n",
                "`AllBut(id)` is only the one that it leaves out.",
            );
            clue("AllBut(B)                B, C", PLACE);
            clue("One(B)                   A\n", PLACE);
            clue(
                "One(A)                   B, C",
                "`One(id)` is that very id: `==`.",
            );
            let rows = [
                ("All", meant(|_| To::All, 0)),
                ("AllBut(A)", meant(To::AllBut, 0)),
                ("AllBut(B)", meant(To::AllBut, 1)),
                ("AllBut(C)", meant(To::AllBut, 2)),
                ("One(A)", meant(To::One, 0)),
                ("One(B)", meant(To::One, 1)),
                ("One(C)", meant(To::One, 2)),
            ];
            assert_snapshot!(table(rows), @r"
            All                      A, B, C
            AllBut(A)                B, C
            AllBut(B)                A, C
            AllBut(C)                A, B
            One(A)                   A
            One(B)                   B
            One(C)                   C
            ");
        },
    );
}

/// A handle can outlive its connection: whoever has left is nobody's receiver.
#[test]
fn are_members_only() {
    coach(
        "`One(id)` is nobody when that one has left: look for it in `queues`.",
        || {
            let hub = Hub::default();
            let (a, b) = (super::join(&hub), super::join(&hub));
            let gone = id(&a);
            hub.disconnect(gone, TOO_SLOW);
            let targets = [To::One(gone), To::One(id(&b)), To::AllBut(gone), To::All];
            let count = targets.map(|to| hub.lock().receivers(to).len());
            assert_snapshot!(format!("{count:?}"), @"[0, 1, 1, 1]");
        },
    );
}
