//! Frames that become messages.

use super::*;
use OpCode::{Binary, Close, Continuation, Ping, Pong, Text};

/// A line for each of `frames`: what is pushed, and what comes of it.
fn messages(assembler: &mut Assembler, frames: &[Frame]) -> String {
    clue(
        "NothingToContinue",
        "A first fragment has gone before: keep it in `self.unfinished`.",
    );
    let mut lines = Vec::new();
    for frame in frames {
        let what = shown(&Ok(Some(frame.clone())));
        let result = assembler.push(frame.clone());
        let answer = match &result {
            Ok(None) => "None".to_owned(),
            Ok(Some(message)) => line(message),
            Err(error) => format!("{error:?}"),
        };
        lines.push(format!("{what} → {answer}"));
        if result.is_err() {
            break;
        }
    }
    lines.join("\n")
}

fn pushed(frames: &[(bool, OpCode, &[u8])]) -> String {
    let frames: Vec<_> = frames
        .iter()
        .map(|(fin, opcode, payload)| frame(*fin, *opcode, payload))
        .collect();
    messages(&mut Assembler::new(1000), &frames)
}

/// Most messages are one frame.
#[test]
fn a_frame_with_fin_is_a_message() {
    coach(
        "A frame with FIN completes its message: `Message::data` makes it.",
        || {
            clue(
                "InvalidUtf8",
                "This message is binary: its bytes mean nothing to us.",
            );
            let frames: [(bool, OpCode, &[u8]); 3] = [
                (true, Text, b"Hello"),
                (true, Binary, b"\x00\xff"),
                (true, Text, b""),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text "Hello" → text "Hello"
            binary 00 ff → binary 00 ff
            text → text ""
            "#);
        },
    );
}

/// A control frame is a message of its own.
#[test]
fn control_frames_are_messages() {
    coach(
        "`Message::control` makes a message of a close, ping or pong frame.",
        || {
            let frames: [(bool, OpCode, &[u8]); 3] = [
                (true, Ping, b"1"),
                (true, Pong, b"2"),
                (true, Close, b"\x03\xe8bye"),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            ping "1" → ping "1"
            pong "2" → pong "2"
            close 03 e8 62 79 65 → close 1000 "bye"
            "#);
        },
    );
}

/// Only the first fragment says what the message is.
#[test]
fn joins_fragments() {
    coach(
        "The first fragment has the opcode, the others are continuations, the last has FIN.",
        || {
            clue(
                "→ binary 6c 6f",
                "FIN ends a message, and is not all of it: its beginning is in `self.unfinished`.",
            );
            clue(
                "→ binary 48 65 6c 6c 6f",
                "The message has the opcode of its first frame, not of its last.",
            );
            clue(
                "→ text \"lo\"",
                "The message is all its fragments, not the last one.",
            );
            let frames: [(bool, OpCode, &[u8]); 6] = [
                (false, Text, b"Hel"),
                (true, Continuation, b"lo"),
                (false, Binary, b"\x01"),
                (false, Continuation, b""),
                (false, Continuation, b"\x02"),
                (true, Continuation, b"\x03"),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) "Hel" → None
            continuation "lo" → text "Hello"
            binary (fragment) 01 → None
            continuation (fragment) → None
            continuation (fragment) 02 → None
            continuation 03 → binary 01 02 03
            "#);
        },
    );
}

/// Between fragments a ping must get through, or a long message would look like a dead peer.
#[test]
fn lets_a_ping_pass_between_fragments() {
    coach(
        "A control frame is answered at once. The unfinished message stays as it is.",
        || {
            clue(
                "→ binary 3f",
                "A ping is a message of its own: `Message::control`.",
            );
            clue(
                "→ binary 6c 6f",
                "The ping threw the unfinished message away: look at control frames before `take`.",
            );
            clue(
                "NothingToContinue",
                "Is `joins_fragments` green? The ping threw the unfinished message away: look at control frames before `take`.",
            );
            clue(
                "MessageUnfinished",
                "A ping begins no message: it may come in between.",
            );
            let frames: [(bool, OpCode, &[u8]); 3] = [
                (false, Text, b"Hel"),
                (true, Ping, b"?"),
                (true, Continuation, b"lo"),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) "Hel" → None
            ping "?" → ping "?"
            continuation "lo" → text "Hello"
            "#);
        },
    );
}

/// Also after a message has ended.
#[test]
fn refuses_a_continuation_of_nothing() {
    coach(
        "A continuation needs a first fragment: else NothingToContinue.",
        || {
            let frames: [(bool, OpCode, &[u8]); 3] = [
                (false, Text, b"Hel"),
                (true, Continuation, b"lo"),
                (true, Continuation, b"!"),
            ];
            assert_snapshot!(pushed(&frames[1..]), @r#"continuation "lo" → NothingToContinue"#);
            clue(
                "continuation \"!\" → text",
                "The message before has ended. Nothing is left to continue: `take` it out.",
            );
            clue(
                "\"lo\" → NothingToContinue",
                "A first fragment has gone before: keep it in `self.unfinished`.",
            );
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) "Hel" → None
            continuation "lo" → text "Hello"
            continuation "!" → NothingToContinue
            "#);
        },
    );
}

/// Messages do not interleave.
#[test]
fn refuses_a_new_message_before_the_last_one_ends() {
    coach(
        "Text or binary before the last fragment of another message is MessageUnfinished.",
        || {
            clue(
                "→ text",
                "The message before was not finished: MessageUnfinished.",
            );
            clue(
                "→ binary",
                "The message before was not finished: MessageUnfinished.",
            );
            let frames: [(bool, OpCode, &[u8]); 2] =
                [(false, Binary, b"\x01"), (true, Text, b"new")];
            assert_snapshot!(pushed(&frames), @r#"
            binary (fragment) 01 → None
            text "new" → MessageUnfinished
            "#);
        },
    );
}

/// Fragments are cut at bytes. A peer may cut a character.
#[test]
fn a_character_may_span_fragments() {
    coach(
        "A text is UTF-8 as a whole. A fragment of it need not be.",
        || {
            clue(
                "InvalidUtf8",
                "You checked a fragment by itself. Check the message: the character goes on in the next fragment.",
            );
            clue("\u{fffd}", "Join the bytes first. Then make text of them.");
            let crab = "🦀".as_bytes();
            let frames: [(bool, OpCode, &[u8]); 4] = [
                (false, Text, &crab[..1]),
                (false, Continuation, &crab[1..3]),
                (false, Continuation, b""),
                (true, Continuation, &crab[3..]),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) f0 → None
            continuation (fragment) 9f a6 → None
            continuation (fragment) → None
            continuation 80 → text "🦀"
            "#);
        },
    );
}

/// `checked` counts from the start of the message, `whole_characters` from where it begins.
#[test]
fn good_text_passes_every_look() {
    coach(
        "Each look begins behind the last whole character: at `checked` bytes of the message.",
        || {
            clue(
                "InvalidUtf8",
                "This is good text, and you began within a character: add to `checked`, do not replace it.",
            );
            let frames: [(bool, OpCode, &[u8]); 4] = [
                (false, Text, b"ab"),
                (false, Continuation, "a🦀".as_bytes()),
                (false, Continuation, b"b"),
                (true, Continuation, b"!"),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) "ab" → None
            continuation (fragment) "a🦀" → None
            continuation (fragment) "b" → None
            continuation "!" → text "aba🦀b!"
            "#);
        },
    );
}

/// A client that sends a wrong byte first need not send 16 MiB before it is told.
#[test]
fn wrong_bytes_end_a_text_at_once() {
    coach(
        "Look at each fragment of a text with `whole_characters`: wrong bytes are InvalidUtf8 at once.",
        || {
            clue(
                "\"(!\" → None",
                "No later fragment can repair these bytes: check what has come, do not wait for FIN.",
            );
            let frames: [(bool, OpCode, &[u8]); 3] = [
                (false, Text, b"caf\xc3"),
                (false, Continuation, b"(!"),
                (true, Continuation, b""),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) 63 61 66 c3 → None
            continuation (fragment) "(!" → InvalidUtf8
            "#);
        },
    );
}

/// At the end there is no next fragment.
#[test]
fn a_text_does_not_end_within_a_character() {
    coach(
        "With FIN the text must be UTF-8 to its last byte: `Message::data`.",
        || {
            clue(
                "→ text",
                "The text ends within a character. With FIN that is InvalidUtf8.",
            );
            let whole: [(bool, OpCode, &[u8]); 1] = [(true, Text, b"caf\xc3")];
            let parts: [(bool, OpCode, &[u8]); 2] =
                [(false, Text, b"caf\xc3"), (true, Continuation, b"")];
            assert_snapshot!(pushed(&whole), @"text 63 61 66 c3 → InvalidUtf8");
            clue(
                "→ text",
                "The text ends within a character. With FIN that is InvalidUtf8.",
            );
            assert_snapshot!(pushed(&parts), @r"
            text (fragment) 63 61 66 c3 → None
            continuation → InvalidUtf8
            ");
        },
    );
}

/// Binary is whatever the two ends agree on.
#[test]
fn binary_may_hold_any_bytes() {
    coach("Only text is UTF-8.", || {
        clue(
            "InvalidUtf8",
            "This message is binary: its bytes mean nothing to us.",
        );
        let frames: [(bool, OpCode, &[u8]); 2] =
            [(false, Binary, b"\xff"), (true, Continuation, b"\xfe")];
        assert_snapshot!(pushed(&frames), @r"
        binary (fragment) ff → None
        continuation fe → binary ff fe
        ");
    });
}

/// Small frames make a large message too.
#[test]
fn the_limit_counts_all_fragments() {
    coach(
        "A message of more than `limit` bytes is TooBig, in however many frames it comes.",
        || {
            clue("TooBig", "A message of exactly `limit` bytes is allowed.");
            let allowed = [
                frame(false, Binary, b"12345"),
                frame(true, Ping, b"123456789"),
                frame(true, Continuation, b"67890"),
            ];
            let too_big = [
                frame(false, Binary, b"12345"),
                frame(false, Continuation, b"67890"),
                frame(true, Continuation, b"!"),
            ];
            assert_snapshot!(messages(&mut Assembler::new(10), &allowed), @r#"
            binary (fragment) "12345" → None
            ping "123456789" → ping "123456789"
            continuation "67890" → binary 31 32 33 34 35 36 37 38 39 30
            "#);
            clue(
                "→ binary",
                "Each frame is small, the message is not: add their lengths up.",
            );
            assert_snapshot!(messages(&mut Assembler::new(10), &too_big), @r#"
            binary (fragment) "12345" → None
            continuation (fragment) "67890" → None
            continuation "!" → TooBig
            "#);
        },
    );
}
