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
            clue(
                "Err(the id",
                "Leading zeros mean nothing, and an id is a `u64`: any that fits is one.",
            );
            let ids = ["10", "007", "4294967296", "18446744073709551615"];
            let packets =
                ids.map(|id| parse(&format!("2{id}[\"a\"]")) + "\n" + &parse(&format!("3{id}[]")));
            assert_snapshot!(packets.join("\n"), @r#"
            Event { id: Some(10), event: Event { name: "a", args: [] } }
            Ack { id: 10, args: [] }
            Event { id: Some(7), event: Event { name: "a", args: [] } }
            Ack { id: 7, args: [] }
            Event { id: Some(4294967296), event: Event { name: "a", args: [] } }
            Ack { id: 4294967296, args: [] }
            Event { id: Some(18446744073709551615), event: Event { name: "a", args: [] } }
            Ack { id: 18446744073709551615, args: [] }
            "#);
        },
    );
}

/// An answer has no name: its array may be empty, or begin with anything.
#[test]
fn reads_an_answer() {
    coach(
        "The type is 3, the id is a must, and the payload is any JSON array.",
        || {
            const NO_NAME: &str =
                "An answer has no name. Read its array with serde_json, not as an event.";
            clue("args: []", NO_NAME);
            clue(
                "without an id",
                "This answer has an id, and it is 0. 'No id' means that no digit is there.",
            );
            assert_snapshot!(parse(r#"30["woot"]"#), @r#"Ack { id: 0, args: [String("woot")] }"#);
            clue(
                "Err(",
                "Any JSON array is an answer: empty, or whatever it begins with.",
            );
            let answers = [
                "31[]",
                "312[null,7]",
                "32[7]",
                "33[true]",
                "34[[1]]",
                r#"35[{"a":1}]"#,
            ];
            assert_snapshot!(answers.map(parse).join("\n"), @r#"
            Ack { id: 1, args: [] }
            Ack { id: 12, args: [Null, Number(7)] }
            Ack { id: 2, args: [Number(7)] }
            Ack { id: 3, args: [Bool(true)] }
            Ack { id: 4, args: [Array [Number(1)]] }
            Ack { id: 5, args: [Object {"a": Number(1)}] }
            "#);
        },
    );
}

/// A peer can send anything. Each of these gets an error, none a panic.
#[test]
fn says_what_is_wrong() {
    coach(
        "Each wrong packet has an error of its own: see `PacketError`.",
        || {
            const UNWRAP: &str =
                "A peer may send any number of digits. Return the error, do not `unwrap`.";
            clue("unwrap()", UNWRAP);
            let line = |text: &&str| match Packet::parse(text) {
                Ok(packet) => format!("{text:28}{packet:?}"),
                Err(error) => format!("{text:28}{error}"),
            };
            let table: Vec<_> = WRONG.iter().map(line).collect();
            assert_snapshot!("wrong-packets", table.join("\n"));

            clue("unwrap()", UNWRAP);
            clue(
                "399999999999999999999[]     an answer without",
                "That answer has an id, which is too long. `parse()` without digits, or `ok()`, hides that.",
            );
            clue(
                r#" 2["a"]                     Event"#,
                "A packet begins with its type. Do not trim: a space is no type.",
            );
            clue(
                r#"2²["a"]                     the id"#,
                "An id has only the digits 0 to 9: `is_ascii_digit`, not `is_numeric`.",
            );
            clue("Some(1)", "An id has only the digits 0 to 9, and no sign.");
            let wrong = [
                r#"218446744073709551616["a"]"#,
                "318446744073709551616[]",
                "399999999999999999999[]",
                r#" 2["a"]"#,
                r#"2+1["a"]"#,
                r#"2²["a"]"#,
                r#"20["a"]["b"]"#,
                "30[1,",
                "30[][]",
                r#"1["a"]"#,
                r#"5["a"]"#,
                r#"["a"]"#,
            ];
            let table: Vec<_> = wrong.iter().map(line).collect();
            assert_snapshot!(table.join("\n"), @r#"
            218446744073709551616["a"]  the id does not fit into 64 bits
            318446744073709551616[]     the id does not fit into 64 bits
            399999999999999999999[]     the id does not fit into 64 bits
             2["a"]                     packet type ' ': only 2 and 3
            2+1["a"]                    the payload cannot be read as JSON: expected value at line 1 column 1
            2²["a"]                     the payload cannot be read as JSON: expected value at line 1 column 1
            20["a"]["b"]                the payload cannot be read as JSON: trailing characters at line 1 column 6
            30[1,                       the answer cannot be read as a JSON array
            30[][]                      the answer cannot be read as a JSON array
            1["a"]                      packet type '1': only 2 and 3
            5["a"]                      packet type '5': only 2 and 3
            ["a"]                       packet type '[': only 2 and 3
            "#);
        },
    );
}
