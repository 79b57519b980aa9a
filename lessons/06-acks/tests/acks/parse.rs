//! The ids and the kinds of packets.

use super::*;

fn parse(text: &str) -> String {
    match Packet::parse(text) {
        Ok(packet) => format!("{packet:?}"),
        Err(error) => format!("Err({error})"),
    }
}

#[test]
fn reads_an_event() {
    coach(
        "The type is 2, no digit follows, the rest is lesson 5's payload.",
        || {
            assert_snapshot!(
                parse(r#"2["chat","hello"]"#),
                @r#"Event { id: None, event: Event { name: "chat", args: [String("hello")] } }"#
            );
        },
    );
}

/// The official client counts from 0. Code that takes 0 for 'no id' never answers its first call.
#[test]
fn takes_0_for_an_id() {
    coach(
        "The digits between the type and the payload are the id.",
        || {
            clue(
                "id: None",
                "0 is an id like any other. 'No id' means that no digit is there.",
            );
            assert_snapshot!(
                parse(r#"20["ferret","tobi"]"#),
                @r#"Event { id: Some(0), event: Event { name: "ferret", args: [String("tobi")] } }"#
            );
        },
    );
}

#[test]
fn reads_every_digit_of_an_id() {
    coach(
        "An id has as many digits as it has: take all of them, up to the payload.",
        || {
            clue(
                "read as JSON",
                "Only the first digit went into the id. The next one is not JSON's.",
            );
            assert_snapshot!(
                parse(r#"21042["ferret"]"#),
                @r#"Event { id: Some(1042), event: Event { name: "ferret", args: [] } }"#
            );
            let largest = format!(r#"2{}["ferret"]"#, u64::MAX);
            assert_snapshot!(
                parse(&largest),
                @r#"Event { id: Some(18446744073709551615), event: Event { name: "ferret", args: [] } }"#
            );
        },
    );
}

/// An answer has no name: its array may be empty, or begin with anything.
#[test]
fn reads_an_answer() {
    coach(
        "The type is 3, the id is a must, and the payload is any JSON array.",
        || {
            clue(
                "args: []",
                "An answer has no name. Read its array with serde_json, not as an event.",
            );
            assert_snapshot!(parse(r#"30["woot"]"#), @r#"Ack { id: 0, args: [String("woot")] }"#);
            assert_snapshot!(parse("31[]"), @"Ack { id: 1, args: [] }");
            assert_snapshot!(
                parse("312[null,7]"),
                @"Ack { id: 12, args: [Null, Number(7)] }"
            );
        },
    );
}

/// A peer can send anything. Each of these gets an error, none a panic.
#[test]
fn says_what_is_wrong() {
    coach(
        "Each wrong packet has an error of its own: see `PacketError`.",
        || {
            clue(
                "unwrap()",
                "A peer may send any number of digits. Return the error, do not `unwrap`.",
            );
            let wrong = [
                "",
                "0",
                r#"4["ferret"]"#,
                r#"é["ferret"]"#,
                r#"299999999999999999999["a"]"#,
                r#"2-1["ferret"]"#,
                "20",
                "20[1]",
                r#"20{"ferret":1}"#,
                r#"3["woot"]"#,
                "30",
                r#"30{"woot":1}"#,
            ];
            let table: Vec<_> = wrong
                .iter()
                .map(|text| match Packet::parse(text) {
                    Ok(packet) => format!("{text:28}{packet:?}"),
                    Err(error) => format!("{text:28}{error}"),
                })
                .collect();
            assert_snapshot!("wrong-packets", table.join("\n"));
        },
    );
}
