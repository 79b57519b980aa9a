//! Words go to the others.

use super::*;

#[test]
fn reaches_all_the_others() {
    wire("Emit `chat` to all but the sender.", async |net: Net| {
        clue(
            "None came within",
            "The others hear nothing. `To::One(event.from)` is the sender; \
             `To::AllBut(event.from)` are the others.",
        );
        clue(r#""chat"]"#, SWAPPED);
        let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
        bob.text(r#"["chat","hello"]"#).await;
        assert_snapshot!(ann.next_text().await, @r#"["chat","hello"]"#);
        assert_snapshot!(cat.next_text().await, @r#"["chat","hello"]"#);
    });
}

/// A page that shows its own words at once would show them twice.
#[test]
fn does_not_come_back_to_its_sender() {
    wire("All but the sender, once each.", async |net: Net| {
        clue(
            "should hear nothing, but heard",
            "The sender hears its own words, and its page shows them twice. \
             `To::AllBut(event.from)` leaves it out.",
        );
        let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
        for words in ["one", "two"] {
            bob.text(&format!(r#"["chat","{words}"]"#)).await;
        }
        net.settle().await;
        bob.hears_nothing_for(TEN_SECONDS).await;
        cat.text(r#"["chat","three"]"#).await;
        for words in ["one", "two", "three"] {
            assert_eq!(ann.next_text().await, format!(r#"["chat","{words}"]"#));
        }
        assert_eq!(bob.next_text().await, r#"["chat","three"]"#);
        assert_eq!(cat.next_text().await, r#"["chat","one"]"#);
        assert_eq!(cat.next_text().await, r#"["chat","two"]"#);
        cat.hears_nothing().await;
    });
}

/// Words stay as they are, and the one who is left out is whoever sent them.
#[test]
fn holds_for_a_hundred_tabs_and_any_words() {
    let advice = r#"One event, `["chat", text]`, to all but `event.from`; the text as it came."#;
    coach(advice, || {
        a_hundred_hear("chat", first_event::chat, |n, text| match n {
            57 => Vec::new(),
            _ => vec![serde_json::json!(["chat", text]).to_string()],
        });
    });
}
