//! The three handlers together, as the chapter shows them.

use super::*;

#[test]
fn three_tabs_three_events() {
    wire("Run the tests of the exercises first.", async |net: Net| {
        let mut three = ann_bob_and_cat(&net).await;
        let start = so_far(&net);
        for (client, event) in [
            (0, r#"["ferret","tobi"]"#),
            (1, r#"["join","bob"]"#),
            (2, r#"["chat","hello"]"#),
        ] {
            three[client].text(event).await;
            net.settle().await;
        }
        for (client, heard) in three.iter_mut().zip([3, 2, 1]) {
            for _ in 0..heard {
                client.next_text().await;
            }
        }
        for client in &mut three {
            client.hears_nothing().await;
        }
        assert_snapshot!("three-events", since(&net, start));
    });
}
