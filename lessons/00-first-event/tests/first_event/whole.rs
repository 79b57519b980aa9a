//! The three handlers together, as the chapter shows them.

use super::*;

#[test]
fn three_tabs_three_events() {
    wire("Run the tests of the exercises first.", async |net: Net| {
        let mut three = ann_bob_and_cat(&net).await;
        let start = so_far(&net);
        for (sender, event, hear) in [
            (0, r#"["ferret","tobi"]"#, [true, false, false]),
            (1, r#"["join","bob"]"#, [true, true, true]),
            (2, r#"["chat","hello"]"#, [true, true, false]),
        ] {
            three[sender].text(event).await;
            net.settle().await;
            for (client, hears) in three.iter_mut().zip(hear) {
                match hears {
                    true => _ = client.next_text().await,
                    false => client.hears_nothing().await,
                }
            }
        }
        assert_snapshot!("three-events", since(&net, start));
    });
}
