//! An event, as a packet's payload.

use super::*;

const NESTED: &str = "The arguments are elements of the array. You put an array into the array.";

/// The name is the first element. The arguments follow it: no array in the array.
#[test]
fn is_an_array_of_the_name_and_the_arguments() {
    coach(
        "The payload is one JSON array: the name, then each argument.",
        || {
            clue(r#",["hello"]"#, NESTED);
            clue(
                r#"["hello"]"#,
                "The name is the array's first element. It is missing.",
            );
            let event = Event::new("chat", ["hello"]);
            assert_snapshot!(event.to_payload(), @r#"["chat","hello"]"#);
        },
    );
}

#[test]
fn of_an_event_without_arguments_is_the_name_alone() {
    coach("No arguments: an array of one element.", || {
        clue(",[]", NESTED);
        let event = Event::new("ping", [0; 0]);
        assert_snapshot!(event.to_payload(), @r#"["ping"]"#);
    });
}

/// An argument is any JSON. `3` and `"3"` are two different ones.
#[test]
fn keeps_each_argument_as_the_json_it_is() {
    coach(
        "Each argument is an element, as the JSON that it is.",
        || {
            clue(r#"[{"x":1}"#, NESTED);
            clue(
                r#""3""#,
                "The number 3 became the text \"3\". Leave each `Value` as it is.",
            );
            let args = [json!({"x": 1}), json!([2, 3]), json!(3), json!(null)];
            let event = Event::new("move", args);
            assert_snapshot!(event.to_payload(), @r#"["move",{"x":1},[2,3],3,null]"#);
        },
    );
}

/// Whatever is in a name or an argument, what comes out is JSON.
#[test]
fn is_json_whatever_the_name() {
    coach(
        "Let serde_json write all of it: Rust's own `{:?}` is not JSON.",
        || {
            for name in ["", "\0", "\u{7f}", "a\\b", "tab\t", "\u{2028}é", "[\"x\"]"] {
                let payload = Event::new(name, [name]).to_payload();
                let read = serde_json::from_str::<Value>(&payload).ok();
                assert_eq!(read, Some(json!([name, name])), "the payload {payload}");
            }
        },
    );
}

/// What people type has quotes and line ends in it. Glued together by hand, it is not JSON.
#[test]
fn escapes_what_json_must_escape() {
    coach("Let serde_json write all of it, the name too.", || {
        clue(r#",["two"#, NESTED);
        clue(
            r#"["say "hi"""#,
            "The quotes in the name end it too early. Let serde_json write the name, too.",
        );
        let event = Event::new("say \"hi\"", ["two\nlines"]);
        assert_snapshot!(event.to_payload(), @r#"["say \"hi\"","two\nlines"]"#);
    });
}
