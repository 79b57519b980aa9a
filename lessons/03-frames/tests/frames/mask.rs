//! The mask over a payload.

use super::*;

fn masked(text: &str, key: [u8; 4]) -> Vec<u8> {
    clue(
        "index out of bounds",
        "The key has 4 bytes and repeats: take byte i mod 4.",
    );
    let mut payload = text.as_bytes().to_vec();
    frames::mask(&mut payload, key);
    payload
}

/// Five bytes and four bytes of key: the fifth byte meets the first byte of the key again.
#[test]
fn masks_hello_as_the_rfc_does() {
    coach(
        "Byte i of the payload is XORed (`^`) with byte i mod 4 of the key.",
        || {
            clue(
                "7f 9f 4d 51 6f",
                "Only the first 4 bytes are masked. The key repeats, also for a rest of fewer than 4: `cycle`, or i mod 4.",
            );
            clue(
                "7f 52 5b 5b 58",
                "You used one byte of the key for all bytes.",
            );
            clue(
                "0a 44 9b 56",
                "Your key runs backwards. Its first byte masks the payload's first byte.",
            );
            clue(
                "48 65 6c 6c 6f",
                "The payload is unchanged. Change its bytes in place: `iter_mut`.",
            );
            assert_snapshot!(hex(&masked("Hello", KEY)), @"7f 9f 4d 51 58");
        },
    );
}

/// XOR undoes itself, so one function masks and unmasks.
#[test]
fn masking_twice_gives_the_payload_back() {
    coach(
        "XOR (`^`) with the same byte twice changes nothing. Other operations do.",
        || {
            let mut payload = masked("Hello", KEY);
            frames::mask(&mut payload, KEY);
            assert_snapshot!(contents(&payload), @r#""Hello""#);
        },
    );
}

/// A version that takes several bytes at a time has a rest to look after.
#[test]
fn masks_payloads_of_every_length() {
    coach(
        "Every byte is masked, to the last one of any length, and whatever its value.",
        || {
            for length in 0..=33 {
                let zeros = "\0".repeat(length);
                let expected: Vec<u8> = KEY.into_iter().cycle().take(length).collect();
                assert_eq!(
                    masked(&zeros, KEY),
                    expected,
                    "{length} zeros, masked: the key itself, over and over"
                );
            }
            for length in [127, 1001, 4097, 65_537, 200_003] {
                let bytes = masked(&"\0".repeat(length), KEY);
                let wrong = (0..length).find(|&i| bytes.get(i) != Some(&KEY[i % 4]));
                assert_eq!(
                    wrong, None,
                    "the first wrong byte of {length}. The key goes on where it was: byte i of \
                     the whole payload meets byte i mod 4 of the key"
                );
            }
        },
    );
}
