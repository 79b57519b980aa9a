//! How much of a text is whole characters.

use super::*;

fn count(text: &[u8]) -> String {
    let result = frames::whole_characters(text);
    format!("{}: {result:?}", hex(text))
}

/// A character has one to four bytes.
#[test]
fn counts_bytes_and_not_characters() {
    coach("Count bytes: 'é' is one character and two bytes.", || {
        clue("c3 a9: Ok(1)", "'é' has two bytes, c3 a9. Count bytes.");
        let lines = ["", "Hello", "é", "€", "🦀"].map(|text| count(text.as_bytes()));
        assert_snapshot!(lines.join("\n"), @r"
        : Ok(0)
        48 65 6c 6c 6f: Ok(5)
        c3 a9: Ok(2)
        e2 82 ac: Ok(3)
        f0 9f a6 80: Ok(4)
        ");
    });
}

/// The crab's four bytes may come in four fragments.
#[test]
fn leaves_out_the_beginning_of_a_character() {
    coach(
        "`error_len()` is None where the text ends within a character; `valid_up_to()` counts the rest.",
        || {
            clue(
                "InvalidUtf8",
                "The text ends within a character. Its rest may be in the next fragment: no error.",
            );
            let parts: [&[u8]; 5] = [b"\xc3", b"caf\xc3", b"\xe2\x82", b"\xf0\x9f\xa6", b"a\xf0"];
            assert_snapshot!(parts.map(count).join("\n"), @r"
            c3: Ok(0)
            63 61 66 c3: Ok(3)
            e2 82: Ok(0)
            f0 9f a6: Ok(0)
            61 f0: Ok(1)
            ");
        },
    );
}

/// No next byte can repair these: a byte out of place, a surrogate, an overlong form, too large.
#[test]
fn refuses_at_once_what_can_never_be_a_character() {
    coach(
        "`error_len()` is Some where the bytes are wrong whatever follows: InvalidUtf8.",
        || {
            clue(
                "Ok(",
                "These bytes are wrong whatever follows them: InvalidUtf8, without waiting.",
            );
            let parts: [&[u8]; 6] = [
                b"ab\xff",
                b"\x80",
                b"\xc3(",
                b"\xed\xa0\x80",
                b"\xc0\xaf",
                b"\xf4\x90",
            ];
            assert_snapshot!(parts.map(count).join("\n"), @r"
            61 62 ff: Err(InvalidUtf8)
            80: Err(InvalidUtf8)
            c3 28: Err(InvalidUtf8)
            ed a0 80: Err(InvalidUtf8)
            c0 af: Err(InvalidUtf8)
            f4 90: Err(InvalidUtf8)
            ");
        },
    );
}

/// Every beginning of two bytes: can any byte that may follow make a character of it?
#[test]
fn knows_what_can_still_become_a_character() {
    let advice = "Only `error_len` knows: None for a character that is not all there, Some for bytes that \
                  are wrong.";
    coach(advice, || {
        let next = [0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf];
        for first in 0x80..=0xff_u8 {
            for second in 0..=0xff_u8 {
                let is_text = |bytes: &[u8]| str::from_utf8(bytes).is_ok();
                let can_become = next.iter().any(|third| {
                    is_text(&[first, second, *third])
                        || next
                            .iter()
                            .any(|fourth| is_text(&[first, second, *third, *fourth]))
                });
                let expected = match is_text(&[first, second]) {
                    true => Some(2),
                    false if can_become => Some(0),
                    false => None,
                };
                let counted = frames::whole_characters(&[first, second]).ok();
                assert_eq!(counted, expected, "whole bytes of {first:02x} {second:02x}");
            }
        }
    });
}
