//! Who hears of a newcomer.

use super::*;

/// Nobody asked the others' browsers anything: the server speaks first.
#[test]
fn is_told_to_those_who_are_there() {
    wire("Emit `joined`, to everybody.", async |net: Net| {
        clue(
            "None came within",
            "The others hear nothing of bob. `To::One(event.from)` is bob alone; `To::All` is \
             everybody.",
        );
        clue(
            r#"["join","#,
            "What the server tells is `joined`: it has happened.",
        );
        clue(r#""joined"]"#, SWAPPED);
        let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
        bob.text(r#"["join","bob"]"#).await;
        assert_snapshot!(ann.next_text().await, @r#"["joined","bob"]"#);
        assert_snapshot!(cat.next_text().await, @r#"["joined","bob"]"#);
    });
}

/// Then every tab shows the same list, the newcomer's too.
#[test]
fn is_told_to_the_newcomer_too() {
    wire("Everybody: the newcomer, too.", async |net: Net| {
        clue(
            "None came within",
            "Bob does not hear of himself. `To::AllBut(event.from)` leaves him out; `To::All` does \
             not.",
        );
        clue(
            r#"["joined","join"]"#,
            "`event.name` is `join`. Who came is in `event.text`.",
        );
        clue(r#"["joined","bob"]"#, "`event.text` is who came.");
        let [_ann, mut bob, _cat] = ann_bob_and_cat(&net).await;
        bob.text(r#"["join","bobby"]"#).await;
        assert_snapshot!(bob.next_text().await, @r#"["joined","bobby"]"#);
    });
}

/// Once to each: two events would be two people of one name.
#[test]
fn is_told_once() {
    wire(
        "One event, to everybody, with `event.text`.",
        async |net: Net| {
            clue(
                "should hear nothing, but heard",
                "Twice: one `emit` to `To::All` reaches everybody once.",
            );
            let mut three = ann_bob_and_cat(&net).await;
            three[0].text(r#"["join","ann"]"#).await;
            for client in &mut three {
                assert_eq!(client.next_text().await, r#"["joined","ann"]"#);
            }
            for client in &mut three {
                client.hears_nothing().await;
            }
        },
    );
}

/// Nobody is left out, however many are there, and a name is told as it was typed.
#[test]
fn holds_for_a_hundred_tabs_and_any_name() {
    let advice = r#"One event, `["joined", text]`, to everybody; the text as it came."#;
    coach(advice, || {
        a_hundred_hear("join", first_event::join, |_, text| {
            vec![serde_json::json!(["joined", text]).to_string()]
        });
    });
}
