//! What counts as a key.

use super::*;

#[test]
fn accepts_16_bytes_in_base64() {
    coach(
        "Decode the key with STANDARD: this one is 16 bytes.",
        || {
            assert!(is_valid_key(RFC_KEY), "{RFC_KEY}");
            assert!(
                is_valid_key("x3JJHMbDL1EzLkh9GBhXDw=="),
                "x3JJHMbDL1EzLkh9GBhXDw== is 16 bytes"
            );
        },
    );
}

/// Not every server looks: axum 0.8.9 and tungstenite 0.29 answer a key of `abc` with 101.
#[test]
fn refuses_any_other_length() {
    coach(
        "The decoded key must be 16 bytes, no more, no less.",
        || {
            assert!(!is_valid_key(""), "the empty key is 0 bytes");
            assert!(!is_valid_key("YWJj"), "YWJj is 3 bytes");
            assert!(
                !is_valid_key("MDEyMzQ1Njc4OWFiY2RlZjA="),
                "24 characters, and 17 bytes"
            );
        },
    );
}

#[test]
fn refuses_what_is_not_base64() {
    coach("What does not decode is not a key.", || {
        assert!(!is_valid_key("abc"), "abc");
        assert!(
            !is_valid_key("!!!!!!!!!!!!!!!!!!!!!!=="),
            "24 characters, but not base64's"
        );
        let key = "+/+/+/+/+/+/+/+/+/+/+A==";
        assert!(is_valid_key(key), "{key} is 16 bytes");
        let url_safe = key.replace('+', "-").replace('/', "_");
        assert!(
            !is_valid_key(&url_safe),
            "{url_safe} is in the alphabet for URLs, and a key is in the standard one"
        );
        for (before, after) in [(" ", ""), ("", " "), ("", "\n")] {
            let key = format!("{before}{RFC_KEY}{after}");
            assert!(!is_valid_key(&key), "{key:?}: a space is not in base64");
        }
        for unpadded in ["dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ="] {
            assert!(
                !is_valid_key(unpadded),
                "{unpadded}: the padding is missing"
            );
        }
    });
}

/// RFC 6455 prints this key in section 4.1. Its last bits are not zero (erratum 3150).
#[test]
fn refuses_the_key_that_the_rfc_misprints() {
    coach("A strict decoder refuses bits that are left over.", || {
        assert!(
            !is_valid_key("AQIDBAUGBwgJCgsMDQ4PEC=="),
            "the last bits of AQIDBAUGBwgJCgsMDQ4PEC== are not zero"
        );
        assert!(
            is_valid_key("AQIDBAUGBwgJCgsMDQ4PEA=="),
            "those of AQIDBAUGBwgJCgsMDQ4PEA== are"
        );
    });
}
