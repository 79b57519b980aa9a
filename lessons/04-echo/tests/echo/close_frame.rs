//! What a peer is told about its mistake.

use super::*;

/// The frame for an error, in a line.
fn told(error: Error) -> String {
    match echo::close_frame(&error) {
        Some(frame) => format!("{} {}", u16::from(frame.code), frame.reason),
        None => "nothing".to_owned(),
    }
}

#[test]
fn says_1002_to_a_frame_against_the_rules() {
    let advice =
        "Error::Protocol is 1002, CloseCode::Protocol, and the reason is the error's text.";
    coach(advice, || {
        let error = Error::Protocol(ProtocolError::UnmaskedFrameFromClient);
        assert_snapshot!(told(error), @"1002 WebSocket protocol error: Received an unmasked frame from client");
        let error = Error::Protocol(ProtocolError::NonZeroReservedBits);
        assert_snapshot!(told(error), @"1002 WebSocket protocol error: Reserved bits are non-zero");
    });
}

#[test]
fn says_1007_to_a_text_that_is_not_utf_8() {
    coach("Error::Utf8 is 1007: CloseCode::Invalid.", || {
        clue(
            "1003",
            "1003 refuses a kind of data. Bad UTF-8 is 1007: CloseCode::Invalid.",
        );
        assert_snapshot!(told(Error::Utf8("bad byte 3".to_owned())), @"1007 UTF-8 encoding error: bad byte 3");
    });
}

#[test]
fn says_1009_to_a_message_above_the_limit() {
    coach("Error::Capacity is 1009: CloseCode::Size.", || {
        let error = Error::Capacity(CapacityError::MessageTooLong {
            size: 6,
            max_size: 5,
        });
        clue(
            "1002",
            "Nothing is wrong with the frame, it is only too long: 1009, CloseCode::Size.",
        );
        assert_snapshot!(told(error), @"1009 Space limit exceeded: Message too long: 6 > 5");
    });
}

/// tungstenite counts a connection that just ends among the protocol errors.
#[test]
fn says_nothing_to_a_peer_that_has_vanished() {
    coach(
        "A client that has vanished reads no close frame: None.",
        || {
            clue(
                "1002",
                "ResetWithoutClosingHandshake is a peer that is gone. Match it before the other Protocol errors.",
            );
            let error = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
            assert_snapshot!(told(error), @"nothing");
            assert_snapshot!(told(Error::Io(io::ErrorKind::ConnectionReset.into())), @"nothing");
            assert_snapshot!(told(Error::ConnectionClosed), @"nothing");
            clue(
                "10",
                "Only these three kinds of errors are the peer's mistakes. For any other: None.",
            );
            assert_snapshot!(told(Error::AlreadyClosed), @"nothing");
            assert_snapshot!(told(Error::AttackAttempt), @"nothing");
            let full = Error::WriteBufferFull(Box::new(Message::text("Hello")));
            assert_snapshot!(told(full), @"nothing");
        },
    );
}
