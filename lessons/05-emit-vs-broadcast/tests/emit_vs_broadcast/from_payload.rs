//! A payload, as an event, or what is wrong with it.

use super::*;

/// The name is not an argument.
#[test]
fn takes_the_name_off_the_arguments() {
    coach(
        "The first element is the name, the rest are the arguments.",
        || {
            clue(
                r#"["chat","hello""#,
                "The name is still among the arguments. Take it off.",
            );
            let event = Event::from_payload(r#"["chat","hello",{"loud":true}]"#);
            assert_snapshot!(shown(event), @r#"chat with ["hello",{"loud":true}]"#);
        },
    );
}

#[test]
fn reads_what_payload_writes() {
    coach("What `payload` writes, `from_payload` reads.", || {
        let args = [
            json!("a \"b\"\n"),
            json!([[], {}]),
            json!(-1.5),
            json!(false),
        ];
        let events = (0..=args.len()).map(|n| Event::new("öffnen", args[..n].to_vec()));
        let rows = events.map(|event| {
            let payload = event.to_payload();
            let same = Event::from_payload(&payload).is_ok_and(|read| read == event);
            (same.to_string(), payload)
        });
        assert_snapshot!(table(rows), @r#"
        true                     ["öffnen"]
        true                     ["öffnen","a \"b\"\n"]
        true                     ["öffnen","a \"b\"\n",[[],{}]]
        true                     ["öffnen","a \"b\"\n",[[],{}],-1.5]
        true                     ["öffnen","a \"b\"\n",[[],{}],-1.5,false]
        "#);
    });
}

/// Each of these comes from somebody's client one day. Whoever wrote it needs to know why.
#[test]
fn says_what_is_wrong() {
    coach(
        "Not JSON, no array, or no text at its beginning: three different errors.",
        || {
            clue(
                "7 with",
                "An event's name is a text. Do not make one of a number.",
            );
            clue(
                "chat with",
                "The name is the first element, and not the first text.",
            );
            clue(
                "called `Result::unwrap()`",
                "A client can send anything: do not `unwrap` what comes from one.",
            );
            let wrong = [
                "",
                "hello",
                r#"["chat""#,
                r#"["chat"] ["chat"]"#,
                r#"{"chat":"hello"}"#,
                r#""chat""#,
                "[]",
                "[7]",
                r#"[1,"chat"]"#,
                r#"[["chat"]]"#,
            ];
            let rows = wrong.map(|text| (text, shown(Event::from_payload(text))));
            assert_snapshot!(table(rows), @r#"
                                     error: the payload is not JSON: EOF while parsing a value at line 1 column 0
            hello                    error: the payload is not JSON: expected value at line 1 column 1
            ["chat"                  error: the payload is not JSON: EOF while parsing a list at line 1 column 7
            ["chat"] ["chat"]        error: the payload is not JSON: trailing characters at line 1 column 10
            {"chat":"hello"}         error: the payload is not an array
            "chat"                   error: the payload is not an array
            []                       error: the array does not begin with a name
            [7]                      error: the array does not begin with a name
            [1,"chat"]               error: the array does not begin with a name
            [["chat"]]               error: the array does not begin with a name
            "#);
        },
    );
}

/// A hundred thousand brackets are one small message, and no reason to overflow the stack.
#[test]
fn refuses_what_is_nested_too_deep() {
    coach("serde_json stops at 128 levels. Pass its error on.", || {
        let brackets = "[".repeat(100_000);
        assert_snapshot!(shown(Event::from_payload(&brackets)), @"error: the payload is not JSON: recursion limit exceeded at line 1 column 128");
    });
}
