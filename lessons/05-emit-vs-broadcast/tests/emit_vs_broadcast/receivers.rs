//! Who is meant.

use super::*;

/// Whom `to` means among A, B and C, and D who has left: `A, C`. A is `to`'s own client.
fn meant(to: impl Fn(ConnectionId) -> To) -> String {
    let hub = Hub::default();
    let members = [super::join(&hub), super::join(&hub), super::join(&hub)];
    let ids = members.each_ref().map(|member| id(member));
    let receivers = hub.lock().receivers(to(ids[0]));
    let names = receivers.iter().map(|receiver| {
        let name = ids.iter().position(|id| id == receiver);
        name.map_or("?", |name| ["A", "B", "C"][name])
    });
    names.collect::<Vec<_>>().join(", ")
}

/// A is the client whose event the server is handling.
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
            let rows = [
                ("All", meant(|_| To::All)),
                ("AllBut(A)", meant(To::AllBut)),
                ("One(A)", meant(To::One)),
            ];
            assert_snapshot!(table(rows), @r"
            All                      A, B, C
            AllBut(A)                B, C
            One(A)                   A
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
