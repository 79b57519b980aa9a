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
            let event = Event::from_payload(r#"["chat",null,"",null]"#);
            assert_snapshot!(shown(event), @r#"chat with [null,"",null]"#);
            assert_snapshot!(shown(Event::from_payload(r#"["",1]"#)), @" with [1]");
        },
    );
}

#[test]
fn reads_what_payload_writes() {
    coach("What `to_payload` writes, `from_payload` reads.", || {
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
                "removal index",
                "An empty array has no first element: look before you take it.",
            );
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
                                     error: the payload cannot be read as JSON: EOF while parsing a value at line 1 column 0
            hello                    error: the payload cannot be read as JSON: expected value at line 1 column 1
            ["chat"                  error: the payload cannot be read as JSON: EOF while parsing a list at line 1 column 7
            ["chat"] ["chat"]        error: the payload cannot be read as JSON: trailing characters at line 1 column 10
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

/// These are JSON, and JavaScript writes the first. A Rust string has no half of a pair of
/// surrogates, an `f64` no such number, and the stack an end.
#[test]
fn refuses_json_that_it_cannot_hold() {
    coach("serde_json knows its limits. Pass its error on.", || {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"["chat",{open}{close}]"#)
        };
        let deep = |levels| match Event::from_payload(&nested(levels)) {
            Ok(_) => "read".to_owned(),
            refused => shown(refused),
        };
        let rows = [
            (
                r#"["chat","\ud83d"]"#,
                shown(Event::from_payload(r#"["chat","\ud83d"]"#)),
            ),
            (
                r#"["chat","\ud83d\ude00"]"#,
                shown(Event::from_payload(r#"["chat","\ud83d\ude00"]"#)),
            ),
            (
                r#"["chat",1e308]"#,
                shown(Event::from_payload(r#"["chat",1e308]"#)),
            ),
            (
                r#"["chat",1e309]"#,
                shown(Event::from_payload(r#"["chat",1e309]"#)),
            ),
            ("127 levels", deep(126)),
            ("128 levels", deep(127)),
            ("100,001 levels", deep(100_000)),
        ];
        assert_snapshot!(table(rows), @r#"
        ["chat","\ud83d"]        error: the payload cannot be read as JSON: unexpected end of hex escape at line 1 column 16
        ["chat","\ud83d\ude00"]  chat with ["😀"]
        ["chat",1e308]           chat with [1e+308]
        ["chat",1e309]           error: the payload cannot be read as JSON: number out of range at line 1 column 13
        127 levels               read
        128 levels               error: the payload cannot be read as JSON: recursion limit exceeded at line 1 column 135
        100,001 levels           error: the payload cannot be read as JSON: recursion limit exceeded at line 1 column 135
        "#);
    });
}
