//! A frame, taken off the buffer.

use super::*;

fn next(buffer: &mut BytesMut) -> Result<Option<Frame>, ProtocolError> {
    clue(
        "out of bounds",
        "You take more than is there. A frame is whole with `header.size()` bytes and the payload.",
    );
    for_a_server();
    frames::decode(buffer, Role::Server, LIMIT)
}

fn for_a_server() {
    clue(
        "Masked",
        "A server reads masked frames. Hand your own `role` to check_header.",
    );
}

/// What is taken off the buffer, in a line, and what is left of it.
fn taken(buffer: &mut BytesMut) -> String {
    let result = shown(&next(buffer));
    match buffer.len() {
        0 => format!("{result}, nothing left"),
        _ => format!("{result}, left: {}", hex(buffer)),
    }
}

/// The RFC's masked example.
#[test]
fn takes_a_frame_off_the_buffer_and_unmasks_it() {
    coach(
        "decode_header, check_header, then: drop the header, split the payload off, unmask it.",
        || {
            for_a_server();
            clue(
                "left: 81",
                "The frame is still in the buffer: `advance` over the header, `split_to` takes the payload.",
            );
            clue(
                "left: 7f",
                "The payload is still in the buffer: take it with `split_to`.",
            );
            clue(
                "7f 9f 4d 51 58",
                "The payload is still masked. The key is in the header.",
            );
            clue(
                "b6 7f 16 c7",
                "The payload begins with the header. `advance` over it first.",
            );
            clue(
                "00 00 00 00 48",
                "The payload begins with the key. The header is longer than 2 bytes: `header.size()`.",
            );
            let mut buffer = BytesMut::from(&short(0x81, b"Hello")[..]);
            assert_snapshot!(taken(&mut buffer), @r#"text "Hello", nothing left"#);
        },
    );
}

/// A client reads what a server sent: nothing to unmask.
#[test]
fn takes_a_frame_without_a_mask() {
    coach(
        "Without a key in the header there is nothing to unmask.",
        || {
            clue(
                "Masked",
                "A client reads frames without a mask. Hand your own `role` to check_header.",
            );
            let mut buffer = BytesMut::from(&b"\x81\x05Hello"[..]);
            let result = frames::decode(&mut buffer, Role::Client, LIMIT);
            assert_snapshot!(shown(&result), @r#"text "Hello""#);
        },
    );
}

/// The header knows whether a frame is the last of its message, and what it begins.
#[test]
fn keeps_fin_and_the_opcode() {
    coach(
        "FIN and the opcode of the frame are those of its header.",
        || {
            for_a_server();
            clue(
                "left: ",
                "The frame is still in the buffer: `advance` over the header, `split_to` takes the payload.",
            );
            missing(
                "(fragment)",
                "A frame without FIN is a fragment, and you say that it is whole: `header.fin`.",
            );
            let fragments = [(0x01, "text"), (0x02, "binary"), (0x00, "continuation")];
            for (first, opcode) in fragments {
                let mut buffer = BytesMut::from(&short(first, b"Hel")[..]);
                let expected = format!("{opcode} (fragment) \"Hel\", nothing left");
                assert_eq!(taken(&mut buffer), expected);
            }
        },
    );
}

/// The caller's limit, whatever it is.
#[test]
fn hands_its_limit_on() {
    coach(
        "`limit` is the caller's: hand it to check_header as it is.",
        || {
            for_a_server();
            let decoded = |limit, frame: &[u8]| {
                shown(&frames::decode(
                    &mut BytesMut::from(frame),
                    Role::Server,
                    limit,
                ))
            };
            let hello = short(0x81, b"Hello");
            missing(
                r#"text "Hello""#,
                "The frame is not what was sent: mend `takes_a_frame_off_the_buffer_and_unmasks_it` first.",
            );
            assert_snapshot!(decoded(4, &hello), @"TooBig");
            assert_snapshot!(decoded(5, &hello), @r#"text "Hello""#);
            let promise = b"\x82\xff\x00\x00\x00\x00\x01\x10\x00\x00\x37\xfa\x21\x3d";
            assert_snapshot!(decoded(16 << 20, promise), @"TooBig");
            assert_snapshot!(decoded(32 << 20, promise), @"None");
        },
    );
}

/// One read may bring two frames and the beginning of a third.
#[test]
fn leaves_what_follows_in_the_buffer() {
    coach(
        "Take one frame. What follows it belongs to the next call.",
        || {
            for_a_server();
            clue(
                "nothing left\nNone",
                "The second frame is lost: keep what follows the first one in the buffer.",
            );
            clue(
                "left: 81",
                "The frame is still in the buffer, and comes again: take it off the front.",
            );
            clue(
                "None, left: 43",
                "You took a header off whose payload is not all there.",
            );
            missing(
                "text \"one\"",
                "The first frame is not what was sent: mend `takes_a_frame_off_the_buffer_and_unmasks_it` first.",
            );
            let mut buffer = BytesMut::new();
            buffer.extend_from_slice(&short(0x81, b"one"));
            buffer.extend_from_slice(&short(0x89, b""));
            buffer.extend_from_slice(&short(0x82, b"three")[..7]);
            let lines = [taken(&mut buffer), taken(&mut buffer), taken(&mut buffer)];
            assert_snapshot!(lines.join("\n"), @r#"
            text "one", left: 89 80 37 fa 21 3d 82 85 37 fa 21 3d 43
            ping, left: 82 85 37 fa 21 3d 43
            None, left: 82 85 37 fa 21 3d 43
            "#);
        },
    );
}

/// The buffer grows by a byte at a time, the worst that a network can do.
#[test]
fn waits_until_the_last_byte_is_there() {
    coach(
        "Take nothing off the buffer before the whole frame is there: Ok(None) until then.",
        || {
            clue(
                "is all there",
                "You waited, and then the frame is wrong: mend `takes_a_frame_off_the_buffer_and_unmasks_it` first.",
            );
            clue(
                "bytes of a frame",
                "Without the whole frame: answer Ok(None), and leave the buffer as it is.",
            );
            for payload in [&b""[..], b"Hello", &[7; 200]] {
                let length: &[u8] = match payload.len() {
                    200 => &[126, 0, 200],
                    0 => &[0],
                    _ => &[5],
                };
                let whole = masked(0x82, length, payload);
                let mut buffer = BytesMut::new();
                for (n, byte) in whole[..whole.len() - 1].iter().enumerate() {
                    buffer.extend_from_slice(&[*byte]);
                    let result = next(&mut buffer);
                    let there = n + 1;
                    assert_eq!(
                        (shown(&result), buffer.len()),
                        ("None".to_owned(), there),
                        "the answer, and what is left, with {there} bytes of a frame of {}",
                        whole.len()
                    );
                }
                buffer.extend_from_slice(&whole[whole.len() - 1..]);
                let all = next(&mut buffer);
                assert!(
                    all == Ok(Some(frame(true, OpCode::Binary, payload))),
                    "a frame with {} bytes of payload is all there, and it is not what was sent",
                    payload.len()
                );
            }
        },
    );
}

/// Six bytes can break a rule. Waiting for 16 MiB to say so helps nobody.
#[test]
fn checks_the_header_before_the_payload_is_there() {
    coach(
        "Call check_header as soon as there is a header, whatever is there of the payload.",
        || {
            clue(
                "17 MiB: None",
                "The limit is 16 MiB, and you wait for 17: hand `limit` to check_header, and do so \
                 before you wait.",
            );
            clue(
                "None",
                "The header breaks a rule, and you wait for its payload: check first.",
            );
            let mut lines = Vec::new();
            for (what, bytes) in [
                ("RSV1", &b"\xc1\x85\x37\xfa\x21\x3d"[..]),
                ("no mask", b"\x81\x05"),
                (
                    "17 MiB",
                    b"\x82\xff\x00\x00\x00\x00\x01\x10\x00\x00\x37\xfa\x21\x3d",
                ),
                (
                    "8 EiB",
                    b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x37\xfa\x21\x3d",
                ),
            ] {
                let mut buffer = BytesMut::from(bytes);
                lines.push(format!("{what}: {}", shown(&next(&mut buffer))));
            }
            assert_snapshot!(lines.join("\n"), @r"
            RSV1: ReservedBits
            no mask: NotMasked
            17 MiB: TooBig
            8 EiB: TooBig
            ");
        },
    );
}

/// A thousand clients that promise 16 MiB each would fill the memory with 14 bytes each.
#[test]
fn reserves_nothing_for_bytes_that_are_only_promised() {
    coach(
        "A length is a promise. Let the buffer grow with the bytes that arrive.",
        || {
            clue(
                "reserved",
                "You reserved memory on the word of a length field. Reserve nothing: reading grows the buffer.",
            );
            for opcode in [OpCode::Text, OpCode::Binary, OpCode::Continuation] {
                for (role, mask) in [(Role::Server, Some(KEY)), (Role::Client, None)] {
                    let header = Header {
                        fin: true,
                        rsv: 0,
                        opcode,
                        mask,
                        length: LIMIT as u64,
                    };
                    let mut buffer = BytesMut::with_capacity(64);
                    buffer.extend_from_slice(&header_bytes(&header));
                    assert_eq!(frames::decode(&mut buffer, role, LIMIT), Ok(None));
                    let capacity = buffer.capacity();
                    assert!(
                        capacity <= 64,
                        "a header has arrived, 16 MiB are promised: {capacity} bytes are reserved"
                    );
                }
            }
        },
    );
}

/// The payload stays where it was received: the frame takes over that part of the buffer.
#[test]
fn does_not_copy_the_payload() {
    coach(
        "`advance` over the header; `split_to` takes the payload out of the buffer without a copy, \
         `freeze` makes it Bytes.",
        || {
            for length in [1, 63, 64, 125, 126, 2000] {
                for (role, mask) in [(Role::Server, Some(KEY)), (Role::Client, None)] {
                    let header = Header {
                        mask,
                        ..header(length as u64)
                    };
                    let mut bytes = header_bytes(&header);
                    let begin = bytes.len();
                    bytes.resize(begin + length + 1, 7);
                    let mut buffer = BytesMut::from(&bytes[..]);
                    let received = buffer.as_ptr() as usize;
                    let frame = match frames::decode(&mut buffer, role, LIMIT) {
                        Ok(Some(frame)) => frame,
                        other => panic!("a whole frame was there, and the answer is {other:?}"),
                    };
                    assert_eq!(
                        hex(&buffer),
                        "07",
                        "the byte that follows the frame is left"
                    );
                    let distance = |part: &[u8]| (part.as_ptr() as usize).wrapping_sub(received);
                    assert_eq!(
                        (distance(&frame.payload), distance(&buffer)),
                        (begin, begin + length),
                        "where the payload and the rest are, in the memory of the bytes received"
                    );
                }
            }
        },
    );
}
