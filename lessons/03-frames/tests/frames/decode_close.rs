//! A close frame's code and reason.

use super::*;

fn decode(payload: &[u8]) -> Result<Option<CloseFrame>, ProtocolError> {
    clue(
        "shift left with overflow",
        "A `u8` has no room for `<< 8`: use `u16::from_be_bytes`, or make a `u16` of it first.",
    );
    frames::decode_close(payload)
}

fn close(payload: &[u8]) -> String {
    reason(&decode(payload))
}

/// What a browser's `socket.close(1000, "bye")` sends.
#[test]
fn reads_a_code_and_a_reason() {
    coach(
        "Two bytes of code, most significant first, then the reason in UTF-8.",
        || {
            clue(
                "59395",
                "The most significant byte of the code comes first: `from_be_bytes`.",
            );
            clue(
                "\\u{3}",
                "The reason begins after the two bytes of the code.",
            );
            assert_snapshot!(close(b"\x03\xe8bye"), @r#"1000 "bye""#);
            assert_snapshot!(close(b"\x0f\xa0"), @r#"4000 """#);
        },
    );
}

/// `socket.close()` without an argument sends a close frame of no bytes.
#[test]
fn an_empty_payload_has_no_code() {
    coach(
        "No payload, no code: Ok(None). 1005 is what an API reports then, never what is sent.",
        || {
            clue(
                "1005",
                "1005 means 'no code' in an API. Here it is Ok(None).",
            );
            assert_snapshot!(close(b""), @"None");
        },
    );
}

/// Half a code.
#[test]
fn one_byte_is_an_error() {
    coach("A code has two bytes. One byte is ClosePayload.", || {
        clue(
            "None",
            "One byte is not an empty payload: it is ClosePayload.",
        );
        assert_snapshot!(close(b"\x03"), @"ClosePayload");
    });
}

/// 1005, 1006 and 1015 are for an API to report. Sent over the wire they are a lie.
#[test]
fn refuses_codes_that_no_peer_may_send() {
    coach(
        "Allowed are 1000 to 1003, 1007 to 1014, and 3000 to 4999.",
        || {
            clue("1005: Ok", "1005 stands for 'no code'. No peer sends it.");
            clue(
                "1006: Ok",
                "1006 stands for 'no close frame'. No peer sends it.",
            );
            clue(
                "1015: Ok",
                "1015 stands for a failed TLS handshake. No peer sends it.",
            );
            clue("1004: Ok", "1004 is reserved: it has no meaning yet.");
            clue("999: Ok", "Codes below 1000 are not used.");
            clue(
                "1016: Ok",
                "1016 to 2999 are reserved for later versions of the protocol.",
            );
            clue("5000: Ok", "There are no codes from 5000 on.");
            clue(
                "3000: CloseCode",
                "3000 to 3999 are for libraries and frameworks: allowed.",
            );
            clue(
                "4000: CloseCode",
                "4000 to 4999 are for applications: allowed.",
            );
            clue(
                "1012: CloseCode",
                "1012 to 1014 came after the RFC, in IANA's registry: allowed.",
            );
            let codes = [
                0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 1016, 2999,
                3000, 3999, 4000, 4999, 5000, 65535,
            ];
            let lines = codes.map(|code: u16| {
                let result = match decode(&code.to_be_bytes()) {
                    Ok(Some(close)) => format!("Ok, {}", close.code.0),
                    Ok(None) => "None".to_owned(),
                    Err(error) => format!("{error:?}"),
                };
                format!("{code}: {result}")
            });
            assert_snapshot!(lines.join("\n"), @r"
            0: CloseCode(0)
            999: CloseCode(999)
            1000: Ok, 1000
            1003: Ok, 1003
            1004: CloseCode(1004)
            1005: CloseCode(1005)
            1006: CloseCode(1006)
            1007: Ok, 1007
            1011: Ok, 1011
            1012: Ok, 1012
            1014: Ok, 1014
            1015: CloseCode(1015)
            1016: CloseCode(1016)
            2999: CloseCode(2999)
            3000: Ok, 3000
            3999: Ok, 3999
            4000: Ok, 4000
            4999: Ok, 4999
            5000: CloseCode(5000)
            65535: CloseCode(65535)
            ");
        },
    );
}

/// The reason is text, though it stands in a control frame.
#[test]
fn a_reason_is_utf_8() {
    coach("A reason that is not UTF-8 is InvalidUtf8.", || {
        clue(
            "\u{fffd}",
            "Replacing wrong bytes hides the peer's mistake: answer InvalidUtf8.",
        );
        assert_snapshot!(close(b"\x03\xe8\xff"), @"InvalidUtf8");
    });
}

/// All the numbers that two bytes can say.
#[test]
fn knows_every_code() {
    let advice = "Allowed are 1000 to 1003, 1007 to 1014, and 3000 to 4999.";
    coach(advice, || {
        for code in 0..=u16::MAX {
            let is_allowed = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
            let read = frames::decode_close(&code.to_be_bytes());
            assert_eq!(read.is_ok(), is_allowed, "code {code}: {read:?}");
        }
    });
}

/// A reason is for people, and comes as it was written.
#[test]
fn leaves_the_reason_as_it_is() {
    coach("The reason is the rest of the payload, all of it.", || {
        let long = "x".repeat(123);
        for text in [
            "",
            "bye",
            "  Bye ",
            "BYE",
            "\u{feff}bye",
            "bye\0",
            "tschüß",
            &long,
        ] {
            let payload = [b"\x03\xe8", text.as_bytes()].concat();
            let read = reason(&frames::decode_close(&payload));
            assert_eq!(read, format!("1000 {text:?}"));
        }
        let cut = [b"\x03\xe8bye ", &"ü".as_bytes()[..1]].concat();
        assert_eq!(reason(&frames::decode_close(&cut)), "InvalidUtf8");
    });
}
