//! A token in a header that is a list.

use super::*;

// ANCHOR: finds_a_token
/// A browser may send this: a list with two options (RFC 9110, section 7.6.1).
#[test]
fn finds_a_token_among_others() {
    coach(
        "A header's value is a list. Split it at commas and trim each item.",
        || {
            assert!(
                lists_token(&["keep-alive, Upgrade"], "Upgrade"),
                "`Connection: keep-alive, Upgrade` lists Upgrade"
            );
            assert!(
                lists_token(&["keep-alive ,\tUpgrade\t ,close"], "Upgrade"),
                "blanks and tabs may stand on either side of a comma"
            );
            assert!(
                lists_token(&["Upgrade, keep-alive"], "Upgrade"),
                "`Connection: Upgrade, keep-alive` lists Upgrade"
            );
        },
    );
}
// ANCHOR_END: finds_a_token

/// Tokens compare in any case: browsers send `websocket`, old servers `WebSocket`.
#[test]
fn ignores_case() {
    coach("Compare tokens with eq_ignore_ascii_case.", || {
        assert!(
            lists_token(&["WebSocket"], "websocket"),
            "`Upgrade: WebSocket` lists websocket"
        );
        assert!(
            lists_token(&["upgrade"], "Upgrade"),
            "`Connection: upgrade` lists Upgrade"
        );
    });
}

/// axum 0.8 looks for the text anywhere, and takes this for an upgrade.
#[test]
fn wants_the_whole_token() {
    coach(
        "A token is found whole or not at all. Compare items, do not search for text.",
        || {
            assert!(
                !lists_token(&["no-upgrade-please"], "Upgrade"),
                "`Connection: no-upgrade-please` does not list Upgrade"
            );
            assert!(
                !lists_token(&["Upgrade-Later"], "Upgrade"),
                "`Connection: Upgrade-Later` does not list Upgrade"
            );
            assert!(
                !lists_token(&["Up"], "Upgrade"),
                "`Connection: Up` does not list Upgrade"
            );
            assert!(!lists_token(&[], "Upgrade"), "no line, no token");
            assert!(
                !lists_token(&["websoc\u{212a}et"], "websocket"),
                "the sign for kelvin is no k: tokens are ASCII, and so is their case"
            );
            assert!(
                !lists_token(&["keep-alive Upgrade"], "Upgrade"),
                "a list has commas: `keep-alive Upgrade` is one item"
            );
        },
    );
}

/// Two lines of one name are one list (RFC 9110, section 5.3).
#[test]
fn looks_at_every_line() {
    coach(
        "A repeated header is one list in several lines. Look at all of them.",
        || {
            assert!(
                lists_token(&["keep-alive", "Upgrade"], "Upgrade"),
                "the second line lists Upgrade"
            );
            assert!(
                lists_token(&["Upgrade", "keep-alive"], "Upgrade"),
                "the first line lists Upgrade"
            );
            assert!(
                lists_token(&["TE", "close, Upgrade", "keep-alive"], "Upgrade"),
                "the second of three lines lists Upgrade"
            );
        },
    );
}
