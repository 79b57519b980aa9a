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

/// A limit is no order for memory. Here it is the largest number there is.
#[test]
fn reserves_nothing_for_fragments_that_have_not_come() {
    coach(
        "Let the unfinished payload grow with the fragments: `BytesMut::new`.",
        || {
            clue(
                "capacity overflow",
                "You reserved `limit` bytes for a message that has begun. Reserve nothing: \
                 `extend_from_slice` grows the buffer.",
            );
            let mut assembler = Assembler::new(usize::MAX);
            let frames = [frame(false, Text, b"Hel"), frame(true, Continuation, b"lo")];
            assert_snapshot!(messages(&mut assembler, &frames), @r#"
            text (fragment) "Hel" → None
            continuation "lo" → text "Hello"
            "#);
        },
    );
}

/// The limit is a number like any other. With 0, only empty messages pass.
#[test]
fn takes_0_for_a_limit() {
    coach("Nothing is above the limit but what is longer.", || {
        for (payload, expected) in [(&b""[..], "text \"\""), (b"a", "TooBig")] {
            let pushed = Assembler::new(0).push(frame(true, Text, payload));
            let pushed = pushed.map(|message| message.map_or("None".to_owned(), |m| line(&m)));
            let pushed = pushed.unwrap_or_else(|error| format!("{error:?}"));
            assert_eq!(pushed, expected);
        }
    });
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
            let frames: [(bool, OpCode, &[u8]); 6] = [
                (false, Text, b"Hel"),
                (true, Ping, b"?"),
                (false, Continuation, b"l"),
                (true, Pong, b"!"),
                (true, Close, b""),
                (true, Continuation, b"o"),
            ];
            assert_snapshot!(pushed(&frames), @r#"
            text (fragment) "Hel" → None
            ping "?" → ping "?"
            continuation (fragment) "l" → None
            pong "!" → pong "!"
            close → close None
            continuation "o" → text "Hello"
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
        "Each look begins after the last whole character: at `checked` bytes of the message.",
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

/// The first fragment, one in the middle, the last, and a message of a single frame.
#[test]
fn looks_at_each_fragment_of_a_text() {
    let advice = "Wrong bytes are InvalidUtf8 at once, in whichever fragment they come.";
    coach(advice, || {
        clue(
            "(fragment) ff → None",
            "Each fragment of a text is looked at as it comes, the first as well as the others.",
        );
        assert_snapshot!(pushed(&[(false, Text, b"\xff")]), @"text (fragment) ff → InvalidUtf8");
        assert_snapshot!(pushed(&[(false, Text, b"a"), (false, Continuation, b"\xff")]), @r#"
        text (fragment) "a" → None
        continuation (fragment) ff → InvalidUtf8
        "#);
        assert_snapshot!(pushed(&[(false, Text, b"a"), (true, Continuation, b"\xff")]), @r#"
        text (fragment) "a" → None
        continuation ff → InvalidUtf8
        "#);
        assert_snapshot!(pushed(&[(true, Text, b"\xff")]), @"text ff → InvalidUtf8");
    });
}

/// The limit is for memory, and a message that is not finished takes memory too.
#[test]
fn the_limit_holds_at_each_frame() {
    let advice = "Compare with the limit before you keep a frame's payload, FIN or not.";
    coach(advice, || {
        let push = |frames: &[(bool, OpCode, &[u8])]| {
            let frames = frames
                .iter()
                .map(|(fin, opcode, p)| frame(*fin, *opcode, p));
            messages(&mut Assembler::new(10), &frames.collect::<Vec<_>>())
        };
        clue(
            "→ None",
            "This message is above the limit already. Its FIN may never come: TooBig, now.",
        );
        assert_snapshot!(push(&[(false, Text, b"12345678901")]), @r#"text (fragment) "12345678901" → TooBig"#);
        let middle: [(bool, OpCode, &[u8]); 2] =
            [(false, Text, b"12345"), (false, Continuation, b"678901")];
        clue(
            "\"678901\" → None",
            "Both fragments together are above the limit. Their FIN may never come: TooBig, now.",
        );
        assert_snapshot!(push(&middle), @r#"
        text (fragment) "12345" → None
        continuation (fragment) "678901" → TooBig
        "#);
        clue(
            "→ text",
            "A message of one frame has the same limit as one of many.",
        );
        assert_snapshot!(push(&[(true, Text, b"12345678901")]), @r#"text "12345678901" → TooBig"#);
        clue("TooBig", "A message of exactly `limit` bytes is allowed.");
        assert_snapshot!(push(&[(true, Text, b"1234567890")]), @r#"text "1234567890" → text "1234567890""#);
    });
}

/// A new message may be whole or a first fragment, the old one text or binary, begun or well under
/// way, empty or not.
#[test]
fn no_new_message_begins_before_the_last_one_ends() {
    let advice = "While a message is unfinished, text and binary are MessageUnfinished.";
    coach(advice, || {
        let beginnings: [&[(bool, OpCode, &[u8])]; 4] = [
            &[(false, Text, b"Hel")],
            &[(false, Binary, b"\x01")],
            &[(false, Text, b"")],
            &[
                (false, Text, b"Hel"),
                (false, Continuation, b""),
                (true, Ping, b""),
            ],
        ];
        for begun in beginnings {
            for (fin, opcode) in [(false, Text), (true, Text), (false, Binary), (true, Binary)] {
                let mut assembler = Assembler::new(1000);
                for (fin, opcode, payload) in begun {
                    let result = assembler.push(frame(*fin, *opcode, payload));
                    assert!(result.is_ok(), "a fragment or a ping: {result:?}");
                }
                let new = frame(fin, opcode, b"new");
                let what = shown(&Ok(Some(new.clone())));
                let result = assembler.push(new);
                assert_eq!(
                    result.map(|message| message.is_some()),
                    Err(ProtocolError::MessageUnfinished),
                    "{what} comes while another message is unfinished, whose first frame was \
                     {}",
                    shown(&Ok(Some(frame(begun[0].0, begun[0].1, begun[0].2))))
                );
            }
        }
    });
}

/// A sender that does not know yet what it will say may begin with nothing.
#[test]
fn a_first_fragment_may_be_empty() {
    let advice = "A message has begun with its first frame, even if that has no payload.";
    coach(advice, || {
        clue(
            "NothingToContinue",
            "The first fragment was empty, and still it began a message: keep its opcode.",
        );
        let frames: [(bool, OpCode, &[u8]); 5] = [
            (false, Text, b""),
            (false, Continuation, b""),
            (true, Continuation, b"late"),
            (false, Binary, b""),
            (true, Continuation, b""),
        ];
        assert_snapshot!(pushed(&frames), @r#"
        text (fragment) → None
        continuation (fragment) → None
        continuation "late" → text "late"
        binary (fragment) → None
        continuation → binary
        "#);
    });
}

/// What one message leaves behind must not be part of the next.
#[test]
fn each_message_begins_anew() {
    let advice = "After FIN nothing is left: neither payload, nor opcode, nor `checked`.";
    coach(advice, || {
        let crab = "🦀".as_bytes();
        let frames: [(bool, OpCode, &[u8]); 8] = [
            (false, Text, b"first"),
            (true, Continuation, b"!"),
            (false, Text, &crab[..2]),
            (true, Continuation, &crab[2..]),
            (false, Binary, b"\xff"),
            (true, Continuation, b"\xfe"),
            (true, Text, b"last"),
            (true, Continuation, b"?"),
        ];
        assert_snapshot!(pushed(&frames), @r#"
        text (fragment) "first" → None
        continuation "!" → text "first!"
        text (fragment) f0 9f → None
        continuation a6 80 → text "🦀"
        binary (fragment) ff → None
        continuation fe → binary ff fe
        text "last" → text "last"
        continuation "?" → NothingToContinue
        "#);
    });
}

/// A close frame with half a code is as wrong between fragments as anywhere.
#[test]
fn passes_on_what_is_wrong_with_a_control_frame() {
    coach("An error of `Message::control` is your error too.", || {
        let frames: [(bool, OpCode, &[u8]); 2] = [(false, Text, b"Hel"), (true, Close, b"\x03")];
        assert_snapshot!(pushed(&frames), @r#"
        text (fragment) "Hel" → None
        close 03 → ClosePayload
        "#);
        assert_snapshot!(pushed(&frames[1..]), @"close 03 → ClosePayload");
    });
}
