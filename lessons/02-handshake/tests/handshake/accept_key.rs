//! The answer to a key.

use super::*;

/// A key is text. Decoding it first gives 28 plausible characters, all wrong.
#[test]
fn answers_the_example_of_the_rfc() {
    coach(
        "The answer is 28 characters: the base64 of the 20 bytes of SHA-1(key + GUID).",
        || {
            clue(
                "BXhwxM0SZasKmCD9S4BfpPmCnEw=",
                "You decoded the key before you hashed it. Hash its 24 characters as text.",
            );
            clue(
                "2OZf2Seed9yzIpkj+zvC9KS9Mjw=",
                "You hashed the GUID before the key. The key comes first.",
            );
            clue(
                "YjM3YTRmMmNjMDYyNGYxNjkwZjY0NjA2Y2YzODU5NDViMmJlYzRlYQ==",
                "56 characters: you encoded the digest's hex text. Encode its 20 bytes.",
            );
            clue(
                "s3pPLMBiTxaQ9kYGzzhZRbK-xOo",
                "You used the URL-safe alphabet. The answer is in the standard one: + and /.",
            );
            assert_snapshot!(accept_key(RFC_KEY), @"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        },
    );
}

/// The pair of the chapter's first figure. Its answer holds neither `+` nor `/`.
#[test]
fn answers_the_example_of_the_chapter() {
    coach(
        "The same rule as for the RFC's key: base64(SHA-1(key + GUID)).",
        || {
            assert_snapshot!(accept_key("x3JJHMbDL1EzLkh9GBhXDw=="), @"HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
        },
    );
}
