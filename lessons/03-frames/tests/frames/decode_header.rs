//! Bytes, as a header, or too few of them.

use super::*;

/// What the learner's function makes of the bytes, in a line.
fn read(bytes: &[u8]) -> String {
    clue(
        "shift left with overflow",
        "A `u8` has no room for `<< 8`, and `+` binds tighter than `<<`: use `from_be_bytes`.",
    );
    match frames::decode_header(bytes) {
        Ok(Some(header)) => {
            let opcode = format!("{:?}", header.opcode).to_lowercase();
            let fin = if header.fin { "FIN" } else { "no FIN" };
            let mask = header.mask.map(|key| format!(", key {}", hex(&key)));
            let rsv = match header.rsv {
                0 => String::new(),
                bits => format!(", RSV {bits:03b}"),
            };
            let length = header.length;
            format!(
                "{fin}{rsv}, {opcode}{}, length {length}",
                mask.unwrap_or_default()
            )
        }
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// The first two bytes of section 5.7's first two examples.
#[test]
fn reads_both_headers_of_hello() {
    coach(
        "Byte 0: FIN is bit 0x80, the opcode 0x0f. Byte 1: MASK is bit 0x80, the length 0x7f.",
        || {
            clue("no FIN", "FIN is the highest bit of byte 0: `& 0x80`.");
            clue(
                "ReservedOpCode",
                "The opcode is the four low bits of byte 0 alone: `& 0x0f`.",
            );
            clue(
                "key 48 65 6c 6c",
                "MASK is not set, so no key follows: these bytes are the payload.",
            );
            assert_snapshot!(read(b"\x81\x05Hello"), @"FIN, text, length 5");
            clue(
                "length 133",
                "MASK is no part of the length: take the low seven bits, `& 0x7f`.",
            );
            missing(
                "key",
                "MASK is set, so a key follows. `byte & 0x80` is 0 or 0x80, and never 1.",
            );
            clue(
                "key 85",
                "The key is not the header's first four bytes: it comes after the length.",
            );
            assert_snapshot!(
                read(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"),
                @"FIN, text, key 37 fa 21 3d, length 5"
            );
        },
    );
}

/// The reserved bits are read here and judged by `check_header`.
#[test]
fn reads_the_bits_of_byte_0() {
    coach(
        "FIN is bit 0x80, the reserved bits 0x70, the opcode 0x0f.",
        || {
            clue(
                "80   None",
                "Two bytes are a whole header, unless they say that more follows.",
            );
            clue("80   no FIN", "FIN is the highest bit of byte 0: `& 0x80`.");
            clue(
                "ReservedOpCode",
                "The opcode is the four low bits of byte 0 alone: `& 0x0f`.",
            );
            clue(
                "RSV 1000000",
                "The reserved bits are the three low bits of `rsv`: shift them down by 4.",
            );
            clue(
                "RSV 1000",
                "FIN is not one of the reserved bits: shift by 4, then `& 0b111`.",
            );
            clue(
                "RSV 1100",
                "FIN is not one of the reserved bits: shift by 4, then `& 0b111`.",
            );
            let lines = [0x80, 0x01, 0xc1, 0x29, 0x1a, 0xf8]
                .map(|first| format!("{first:02x}   {}", read(&[first, 0])));
            assert_snapshot!(lines.join("\n"), @r"
            80   FIN, continuation, length 0
            01   no FIN, text, length 0
            c1   FIN, RSV 100, text, length 0
            29   no FIN, RSV 010, ping, length 0
            1a   no FIN, RSV 001, pong, length 0
            f8   FIN, RSV 111, close, length 0
            ");
        },
    );
}

/// The last length is the largest there is: 63 bits.
#[test]
fn reads_each_form_of_length() {
    coach(
        "126 in byte 1: the length is in the next 2 bytes. 127: in the next 8.",
        || {
            clue(
                "length 32256",
                "The most significant byte comes first: `from_be_bytes`.",
            );
            clue(
                "82 7d: None",
                "The header is whole. Its payload need not be there yet: that is for `decode`.",
            );
            clue(
                "82 7e 00 7e: LengthNotMinimal",
                "126 does not fit in byte 1, where it is a sign: 2 bytes are right for it.",
            );
            clue(
                "00 01 00 00: FIN, binary, length 1099511627776",
                "The most significant byte comes first: `from_be_bytes`.",
            );
            clue(
                "00 01 00 00: LengthTooLong",
                "65536 is no long length. Too long is one whose very first bit is set, and no other.",
            );
            clue(
                "LengthTooLong",
                "Too long is a length whose very first bit, of 64, is set, and no other.",
            );
            clue(
                "00 01 00 00: LengthNotMinimal",
                "65536 does not fit in 2 bytes: 8 bytes are right for it.",
            );
            clue(
                "length 126\n82 7e ff ff: FIN, binary, length 126",
                "126 in byte 1 is no length: the length is in the next 2 bytes.",
            );
            let headers: [&[u8]; 6] = [
                b"\x82\x00",
                b"\x82\x7d",
                b"\x82\x7e\x00\x7e",
                b"\x82\x7e\xff\xff",
                b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
                b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff",
            ];
            let lines = headers.map(|bytes| format!("{}: {}", hex(bytes), read(bytes)));
            assert_snapshot!(lines.join("\n"), @r"
            82 00: FIN, binary, length 0
            82 7d: FIN, binary, length 125
            82 7e 00 7e: FIN, binary, length 126
            82 7e ff ff: FIN, binary, length 65535
            82 7f 00 00 00 00 00 01 00 00: FIN, binary, length 65536
            82 7f 7f ff ff ff ff ff ff ff: FIN, binary, length 9223372036854775807
            ");
        },
    );
}

/// TCP cuts where it likes, also inside a length or a key. A frame may be all there is.
#[test]
fn asks_for_more_until_the_header_is_whole() {
    coach(
        "With too few bytes, answer Ok(None): more will come.",
        || {
            clue(
                "index out of",
                "Your code reads bytes that are not there. `split_first_chunk` gives None then.",
            );
            clue(
                "out of range",
                "Your code reads bytes that are not there. `split_first_chunk` gives None then.",
            );
            clue(
                "LengthNotMinimal",
                "256 needs 2 bytes and 65536 needs 8: no error.",
            );
            clue(
                "bytes of header",
                "A header that is not whole is no header yet: Ok(None).",
            );
            clue(
                "is there",
                "The header is whole, and you wait for more. Its payload is for `decode`.",
            );
            for whole in [
                &b"\x81\x05"[..],
                b"\x81\x85\x37\xfa\x21\x3d",
                b"\x82\xfe\x01\x00\x37\xfa\x21\x3d",
                b"\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00\x37\xfa\x21\x3d",
            ] {
                for length in 0..whole.len() {
                    let part = read(&whole[..length]);
                    assert_eq!(
                        part,
                        "None",
                        "{length} bytes of header {}: \"{}\"",
                        hex(whole),
                        hex(&whole[..length])
                    );
                }
                let all = read(whole);
                assert!(all != "None", "all of the header {} is there", hex(whole));
            }
        },
    );
}

/// Two spellings of one length would let two programs see two different frames.
#[test]
fn refuses_a_length_in_more_bytes_than_it_needs() {
    coach(
        "A length up to 125 in 2 bytes, or up to 65535 in 8, is LengthNotMinimal.",
        || {
            clue(
                "length 125",
                "125 fits in byte 1: in 2 bytes it is LengthNotMinimal.",
            );
            clue(
                "length 65535",
                "65535 fits in 2 bytes: in 8 bytes it is LengthNotMinimal.",
            );
            let headers: [&[u8]; 4] = [
                b"\x82\x7e\x00\x00",
                b"\x82\x7e\x00\x7d",
                b"\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x7e",
                b"\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff",
            ];
            let lines = headers.map(|bytes| format!("{}: {}", hex(bytes), read(bytes)));
            assert_snapshot!(lines.join("\n"), @r"
            82 7e 00 00: LengthNotMinimal
            82 7e 00 7d: LengthNotMinimal
            82 7f 00 00 00 00 00 00 00 7e: LengthNotMinimal
            82 7f 00 00 00 00 00 00 ff ff: LengthNotMinimal
            ");
        },
    );
}

/// Read as a signed number, such a length is negative; some language has no other numbers.
#[test]
fn refuses_a_length_whose_first_bit_is_set() {
    coach(
        "The first bit of an 8-byte length is 0, or it is LengthTooLong.",
        || {
            clue(
                "length 9223372036854775808",
                "The first bit of the 8-byte length is set: LengthTooLong.",
            );
            assert_snapshot!(read(b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"), @"LengthTooLong");
            assert_snapshot!(read(b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), @"LengthTooLong");
        },
    );
}

/// Ten of the sixteen opcodes have no meaning.
#[test]
fn refuses_reserved_opcodes() {
    coach(
        "Opcodes 3 to 7 and 11 to 15 mean nothing: let the error of OpCode::from_bits pass.",
        || {
            clue(
                "ReservedOpCode(131)",
                "The opcode is the four low bits of byte 0 alone: `& 0x0f`.",
            );
            clue(
                "Ok(None)",
                "Two bytes are a whole header, unless they say that more follows.",
            );
            for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
                assert_eq!(
                    frames::decode_header(&[0x80 | opcode, 0]),
                    Err(ProtocolError::ReservedOpCode(opcode))
                );
            }
        },
    );
}

/// Every bit has its place, whatever the others are. A key of zeros is a key.
#[test]
fn holds_for_every_header() {
    let advice = "Byte 0, byte 1, the longer length, and only then the key: for any header.";
    coach(advice, || {
        for header in headers(&[0, 125, 126, 65535, 65536, u64::MAX >> 1]) {
            let mut bytes = header_bytes(&header);
            bytes.extend([7; 9]);
            let read = frames::decode_header(&bytes);
            assert_eq!(read, Ok(Some(header)), "{}", hex(&bytes));
        }
    });
}
