//! The answer, and who gets it.

use super::*;

const NO_ANSWER: &str =
    "The answer does not reach ann, and she asked. `To::One(event.from)` is the client that asked.";

/// The answer is an event of its own, with a name of its own.
#[test]
fn is_answered_with_woot() {
    wire("Emit `woot`, with the ferret's name.", async |net: Net| {
        clue("None came within", NO_ANSWER);
        clue(
            r#"["ferret""#,
            "You sent the question back. The answer's name is `woot`.",
        );
        clue(r#""woot"]"#, SWAPPED);
        let [mut ann, ..] = ann_bob_and_cat(&net).await;
        ann.text(r#"["ferret","tobi"]"#).await;
        assert_snapshot!(ann.next_text().await, @r#"["woot","tobi"]"#);
    });
}

/// Whoever asks, the first or the last to connect, and whatever the ferret is called.
#[test]
fn goes_to_whoever_asked() {
    wire(
        "`event.from` is the number of the client that asked.",
        async |net: Net| {
            clue(
                r#""tobi""#,
                "Another ferret this time. `event.text` has the name that was asked for.",
            );
            let [_ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
            cat.text(r#"["ferret","sam"]"#).await;
            assert_snapshot!(cat.next_text().await, @r#"["woot","sam"]"#);
            clue(
                r#""sam""#,
                "Bob got cat's answer. `To::One(event.from)` is whoever asked, and nobody else.",
            );
            bob.text(r#"["ferret","\"the\" ferret"]"#).await;
            assert_snapshot!(bob.next_text().await, @r#"["woot","\"the\" ferret"]"#);
        },
    );
}

/// The tab that asks has no number to know by heart, and the ferret any name at all.
#[test]
fn holds_for_a_hundred_tabs_and_any_name() {
    let advice = r#"One event, `["woot", text]`, to `event.from` alone; the text as it came."#;
    coach(advice, || {
        a_hundred_hear("ferret", first_event::ferret, |n, text| match n {
            57 => vec![serde_json::json!(["woot", text]).to_string()],
            _ => Vec::new(),
        });
    });
}

/// A private answer that everybody hears is the most common mistake of all.
#[test]
fn is_nobody_elses_business() {
    wire(
        "Ann asked: the answer is for her alone.",
        async |net: Net| {
            clue("ann should hear nothing", "One question, one answer.");
            clue(
                "should hear nothing, but heard",
                "Ann asked, and others got the answer. `To::One(event.from)` is for her alone.",
            );
            clue("None came within", NO_ANSWER);
            let [mut ann, mut bob, mut cat] = ann_bob_and_cat(&net).await;
            ann.text(r#"["ferret","tobi"]"#).await;
            ann.next_text().await;
            bob.hears_nothing_for(TEN_SECONDS).await;
            cat.hears_nothing().await;
            ann.hears_nothing().await;
        },
    );
}
