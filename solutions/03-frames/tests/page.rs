//! The book's frame lab reads frames in the page, by the same rules as the reference.

use frames_solution::ProtocolError::*;

const SCRIPT: &str = include_str!("../../../book/src/assets/labs/codec.js");

#[test]
fn the_page_says_what_the_reference_says() {
    for error in [
        ReservedBits,
        ReservedOpCode(3),
        NotMasked,
        Masked,
        LengthNotMinimal,
        LengthTooLong,
        ControlFragmented,
        ControlTooLong,
        NothingToContinue,
        MessageUnfinished,
        ClosePayload,
        CloseCode(1006),
        InvalidUtf8,
    ] {
        let text = error.to_string();
        // Up to a number, which the page fills in.
        let says = text.split(|c: char| c.is_ascii_digit()).next().unwrap();
        assert!(SCRIPT.contains(says), "{says}");
    }
}
