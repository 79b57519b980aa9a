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
