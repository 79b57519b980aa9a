//! Lesson 3, as a specification. Each module is named after the exercise that it checks.

use bytes::{Bytes, BytesMut};
use frames::{
    Assembler, CloseFrame, Frame, Header, Limits, Message, OpCode, ProtocolError, Role, WebSocket,
};
use kit::transcript::hex;
use kit::{Net, Xray, assert_snapshot, clue, coach, missing, wire};

/// The key of the examples in RFC 6455, section 5.7.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// The limit that the tests decode with.
const LIMIT: usize = 16 << 20;

const OPCODES: [OpCode; 6] = [
    OpCode::Continuation,
    OpCode::Text,
    OpCode::Binary,
    OpCode::Close,
    OpCode::Ping,
    OpCode::Pong,
];

/// The header of a whole binary frame that is not masked.
fn header(length: u64) -> Header {
    Header {
        fin: true,
        rsv: 0,
        opcode: OpCode::Binary,
        mask: None,
        length,
    }
}

fn frame(fin: bool, opcode: OpCode, payload: &[u8]) -> Frame {
    Frame {
        fin,
        opcode,
        payload: Bytes::copy_from_slice(payload),
    }
}

/// A frame as the learner's code encodes it.
fn encoded(key: Option<[u8; 4]>, fin: bool, opcode: OpCode, payload: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    frame(fin, opcode, payload).encode(key, &mut out);
    out
}

/// A masked frame, made here: byte 0, then the length in the form that is asked for.
fn masked(first: u8, length: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    bytes.extend(length);
    bytes[1] |= 0x80;
    bytes.extend(KEY);
    bytes.extend(payload.iter().zip(KEY.iter().cycle()).map(|(b, k)| b ^ k));
    bytes
}

/// A masked frame with a short payload.
fn short(first: u8, payload: &[u8]) -> Vec<u8> {
    masked(first, &[payload.len() as u8], payload)
}

/// What was decoded, in a line.
fn shown(result: &Result<Option<Frame>, ProtocolError>) -> String {
    match result {
        Ok(Some(Frame {
            fin,
            opcode,
            payload,
        })) => {
            let more = if *fin { "" } else { " (fragment)" };
            let opcode = format!("{opcode:?}").to_lowercase();
            format!("{opcode}{more} {}", contents(payload))
                .trim_end()
                .to_owned()
        }
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

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

fn line(message: &Message) -> String {
    match message {
        Message::Text(text) => format!("text {text:?}"),
        Message::Binary(payload) => format!("binary {}", hex(payload)),
        Message::Ping(payload) => format!("ping {}", contents(payload)),
        Message::Pong(payload) => format!("pong {}", contents(payload)),
        Message::Close(close) => format!("close {}", reason(&Ok(close.clone()))),
    }
}

fn contents(payload: &[u8]) -> String {
    match str::from_utf8(payload) {
        Ok("") => String::new(),
        Ok(text) if text.len() <= 32 && !text.contains(char::is_control) => format!("{text:?}"),
        _ => hex(payload),
    }
}

fn reason(result: &Result<Option<CloseFrame>, ProtocolError>) -> String {
    match result {
        Ok(Some(close)) => format!("{} {:?}", close.code.0, close.reason),
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

mod mask {
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
                    "Your key ended after 4 bytes. It repeats: `cycle`, or i mod 4.",
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
            "A length that is not a multiple of 4 is masked to its last byte.",
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
            },
        );
    }
}

mod encode_header {
    use super::*;

    fn bytes(header: &Header) -> BytesMut {
        clue(
            "index out of bounds",
            "`out` may be empty, and has no byte 0 to write to: append with `put_u8`.",
        );
        clue(
            "`Option::unwrap()`",
            "A frame that is not masked has no key: `if let Some(key) = header.mask`.",
        );
        let mut out = BytesMut::new();
        frames::encode_header(header, &mut out);
        out
    }

    /// Two bytes are a whole header.
    #[test]
    fn writes_fin_and_opcode_then_the_length() {
        coach(
            "Byte 0: FIN is the highest bit, the opcode the four lowest. Byte 1: the length.",
            || {
                clue("01 ", "FIN is missing: it is the highest bit of byte 0.");
                clue(
                    "08 ",
                    "The bits of byte 0 are in reverse: FIN is 0x80, text 0x01.",
                );
                let text = Header {
                    opcode: OpCode::Text,
                    ..header(5)
                };
                assert_snapshot!(Xray::of(&bytes(&text)), @r"
                81   FIN, text
                05   5 bytes
                ");
            },
        );
    }

    /// 126 and 127 are no lengths but signs: the length follows, in 2 or in 8 bytes.
    #[test]
    fn takes_the_shortest_form_of_each_length() {
        coach(
            "0 to 125: in byte 1. 126 to 65535: 126, then 2 bytes. From 65536: 127, then 8 bytes.",
            || {
                clue(
                    "7e 7e 00",
                    "Lengths go most significant byte first: 126 is 00 7e. `put_u16` does that.",
                );
                clue(
                    "82 7e\n",
                    "126 does not fit in byte 1: there it means that 2 bytes follow.",
                );
                clue(
                    "7e 00 7d",
                    "125 fits in byte 1. A longer form breaks the rules.",
                );
                clue(
                    "00 00 00 00 00 00 ff ff",
                    "65535 fits in 2 bytes. A longer form breaks the rules.",
                );
                clue(
                    "65536   82 7e",
                    "65536 does not fit in 2 bytes: it takes 127 and 8 bytes.",
                );
                clue(
                    "7f 00 01 00 00\n",
                    "After 127 the length has 8 bytes, not 4: `put_u64`.",
                );
                clue(
                    "65536   82 00 00",
                    "Byte 1 says 127, and then the 8 bytes follow. It is missing.",
                );
                let lines = [0, 125, 126, 127, 65535, 65536, 1 << 40]
                    .map(|length| format!("{length:13}   {}", hex(&bytes(&header(length)))));
                assert_snapshot!(lines.join("\n"), @r"
                            0   82 00
                          125   82 7d
                          126   82 7e 00 7e
                          127   82 7e 00 7f
                        65535   82 7e ff ff
                        65536   82 7f 00 00 00 00 00 01 00 00
                1099511627776   82 7f 00 00 01 00 00 00 00 00
                ");
            },
        );
    }

    /// The masking key is the last thing before the payload, whatever the length's form.
    #[test]
    fn writes_the_key_behind_the_length() {
        coach(
            "MASK is the highest bit of byte 1. The key comes behind the length.",
            || {
                clue(
                    "37 fa 21 3d 7e",
                    "The key comes behind the whole length, not in the middle of it.",
                );
                clue(
                    "82 05 37",
                    "A key follows, and MASK does not say so: it is the highest bit of byte 1.",
                );
                clue("82 85\n", "MASK promises a key, and no key follows.");
                clue(
                    "82 7e 01 00",
                    "MASK is missing with longer lengths: it is the highest bit of byte 1 there too.",
                );
                let lines = [5, 256, 65536].map(|length| {
                    let header = Header {
                        mask: Some(KEY),
                        ..header(length)
                    };
                    hex(&bytes(&header))
                });
                assert_snapshot!(lines.join("\n"), @r"
                82 85 37 fa 21 3d
                82 fe 01 00 37 fa 21 3d
                82 ff 00 00 00 00 00 01 00 00 37 fa 21 3d
                ");
            },
        );
    }

    /// FIN is a bit of its own: it says nothing about the opcode.
    #[test]
    fn writes_each_opcode_with_and_without_fin() {
        coach(
            "Byte 0 is FIN, three reserved bits and the opcode, in that order.",
            || {
                let lines = OPCODES.map(|opcode| {
                    let byte = |fin, rsv| {
                        let header = Header {
                            fin,
                            rsv,
                            opcode,
                            ..header(0)
                        };
                        format!("{:02x}", bytes(&header)[0])
                    };
                    let name = format!("{opcode:?}");
                    let (fin, none, rsv1) = (byte(true, 0), byte(false, 0), byte(true, 0b100));
                    format!("{name:12}   FIN {fin}   no FIN {none}   FIN and RSV1 {rsv1}")
                });
                clue(
                    "no FIN 81",
                    "FIN is set in every frame. It is `header.fin` that says whether it is.",
                );
                clue(
                    "RSV1 84",
                    "The reserved bits stand between FIN and the opcode: shift them by 4.",
                );
                clue(
                    "RSV1 81",
                    "The reserved bits are missing: `header.rsv`, shifted by 4.",
                );
                assert_snapshot!(lines.join("\n"), @r"
                Continuation   FIN 80   no FIN 00   FIN and RSV1 c0
                Text           FIN 81   no FIN 01   FIN and RSV1 c1
                Binary         FIN 82   no FIN 02   FIN and RSV1 c2
                Close          FIN 88   no FIN 08   FIN and RSV1 c8
                Ping           FIN 89   no FIN 09   FIN and RSV1 c9
                Pong           FIN 8a   no FIN 0a   FIN and RSV1 ca
                ");
            },
        );
    }

    // ANCHOR: appends
    /// `out` may hold frames already: a connection collects several before it writes.
    #[test]
    fn appends_to_what_is_there() {
        coach("Append to `out`; what it held stays.", || {
            let mut out = BytesMut::from(&[0x89, 0][..]);
            frames::encode_header(&header(5), &mut out);
            assert_snapshot!(hex(&out), @"89 00 82 05");
        });
    }
    // ANCHOR_END: appends
}

mod decode_header {
    use super::*;

    /// What the learner's function makes of the bytes, in a line.
    fn read(bytes: &[u8]) -> String {
        clue(
            "shift left with overflow",
            "A `u8` has no room for `<< 8`: make a `u64` of it first, or use `from_be_bytes`.",
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
                    "The key is not the header's first four bytes: it comes behind the length.",
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
    fn refuses_a_length_of_64_bits() {
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
}

mod check_header {
    use super::*;

    fn check(header: &Header, role: Role, limit: usize) -> String {
        // In all tests but that one the frames are masked, and a server reads them.
        clue(
            "Masked",
            "You refuse a frame for its mask: mend `a_client_masks_every_frame_and_a_server_none` first.",
        );
        match frames::check_header(header, role, limit) {
            Ok(()) => "Ok".to_owned(),
            Err(error) => format!("{error:?}"),
        }
    }

    /// A masked frame as a server receives it.
    fn from_client(opcode: OpCode, fin: bool, length: u64) -> Header {
        Header {
            fin,
            opcode,
            mask: Some(KEY),
            ..header(length)
        }
    }

    /// `role` is ours. A server reads frames of a client, and the other way round.
    #[test]
    fn a_client_masks_every_frame_and_a_server_none() {
        coach(
            "A server reads masked frames only; a client reads unmasked frames only.",
            || {
                clue(
                    "server reads a masked frame: Masked",
                    "`role` is our own: a server reads what a client sent, and that is masked.",
                );
                clue(
                    "server reads an unmasked frame: Ok",
                    "A client has to mask. A server refuses a frame that is not masked: NotMasked.",
                );
                clue(
                    "client reads a masked frame: Ok",
                    "A server must not mask. A client refuses a masked frame: Masked.",
                );
                let (unmasked, masked) = (header(5), from_client(OpCode::Binary, true, 5));
                let lines = [
                    ("server reads a masked frame", Role::Server, masked),
                    ("server reads an unmasked frame", Role::Server, unmasked),
                    ("client reads a masked frame", Role::Client, masked),
                    ("client reads an unmasked frame", Role::Client, unmasked),
                ]
                .map(|(what, role, header)| format!("{what}: {}", check(&header, role, LIMIT)));
                assert_snapshot!(lines.join("\n"), @r"
                server reads a masked frame: Ok
                server reads an unmasked frame: NotMasked
                client reads a masked frame: Masked
                client reads an unmasked frame: Ok
                ");
            },
        );
    }

    /// An extension gives them a meaning. We have agreed on none.
    #[test]
    fn reserved_bits_are_0() {
        coach(
            "Without an extension, each of the three reserved bits must be 0.",
            || {
                clue(
                    "Ok",
                    "A reserved bit is set, and no extension gave it a meaning: ReservedBits.",
                );
                let lines = [0b100, 0b010, 0b001].map(|rsv| {
                    let header = Header {
                        rsv,
                        ..from_client(OpCode::Text, true, 5)
                    };
                    format!("RSV {rsv:03b}: {}", check(&header, Role::Server, LIMIT))
                });
                assert_snapshot!(lines.join("\n"), @r"
                RSV 100: ReservedBits
                RSV 010: ReservedBits
                RSV 001: ReservedBits
                ");
            },
        );
    }

    /// A control frame may come between two fragments, so it cannot be one, nor be long.
    #[test]
    fn a_control_frame_is_whole_and_short() {
        coach(
            "Close, ping and pong have FIN, and a payload of 125 bytes at most.",
            || {
                clue(
                    "bytes: ControlFragmented",
                    "These frames have FIN. A control frame without it is ControlFragmented.",
                );
                clue(
                    "no FIN: Ok",
                    "A control frame without FIN is ControlFragmented.",
                );
                clue(
                    "126 bytes: Ok",
                    "A control frame of more than 125 bytes is ControlTooLong.",
                );
                clue(
                    "125 bytes: ControlTooLong",
                    "125 bytes are still allowed in a control frame.",
                );
                let mut lines = Vec::new();
                for opcode in [OpCode::Close, OpCode::Ping, OpCode::Pong] {
                    for (what, fin, length) in [
                        ("125 bytes", true, 125),
                        ("126 bytes", true, 126),
                        ("no FIN", false, 5),
                    ] {
                        let header = from_client(opcode, fin, length);
                        let result = check(&header, Role::Server, LIMIT);
                        lines.push(format!("{opcode:?}, {what}: {result}"));
                    }
                }
                assert_snapshot!(lines.join("\n"), @r"
                Close, 125 bytes: Ok
                Close, 126 bytes: ControlTooLong
                Close, no FIN: ControlFragmented
                Ping, 125 bytes: Ok
                Ping, 126 bytes: ControlTooLong
                Ping, no FIN: ControlFragmented
                Pong, 125 bytes: Ok
                Pong, 126 bytes: ControlTooLong
                Pong, no FIN: ControlFragmented
                ");
            },
        );
    }

    /// Text, binary and continuation frames may do both.
    #[test]
    fn a_data_frame_may_be_long_and_lack_fin() {
        coach(
            "The rules for FIN and 125 bytes are for control frames only.",
            || {
                for opcode in [OpCode::Continuation, OpCode::Text, OpCode::Binary] {
                    let header = from_client(opcode, false, 70_000);
                    assert_eq!(
                        check(&header, Role::Server, LIMIT),
                        "Ok",
                        "{opcode:?} without FIN, 70000 bytes"
                    );
                }
            },
        );
    }

    /// A header can promise 8 EiB. The limit is compared before a number is cut to `usize`.
    #[test]
    fn a_payload_above_the_limit_is_refused() {
        coach(
            "The limit is the largest payload that is allowed; one byte more is TooBig.",
            || {
                clue(
                    "Control",
                    "These frames are binary. The rules for control frames are not for them.",
                );
                clue(
                    "1000 bytes: TooBig",
                    "A payload of exactly `limit` bytes is allowed.",
                );
                clue(
                    "1001 bytes: Ok",
                    "A payload of more than `limit` bytes is TooBig.",
                );
                clue(
                    "4294967296 bytes: Ok",
                    "The length lost its high bits before you compared it. Compare as u64.",
                );
                let lines = [1000, 1001, 1 << 32, u64::MAX >> 1].map(|length| {
                    let header = from_client(OpCode::Binary, true, length);
                    format!("{length} bytes: {}", check(&header, Role::Server, 1000))
                });
                assert_snapshot!(lines.join("\n"), @r"
                1000 bytes: Ok
                1001 bytes: TooBig
                4294967296 bytes: TooBig
                9223372036854775807 bytes: TooBig
                ");
            },
        );
    }
}

mod decode {
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
                let mut buffer = BytesMut::with_capacity(64);
                buffer
                    .extend_from_slice(b"\x82\xff\x00\x00\x00\x00\x01\x00\x00\x00\x37\xfa\x21\x3d");
                assert_eq!(next(&mut buffer), Ok(None));
                let capacity = buffer.capacity();
                assert!(
                    capacity <= 64,
                    "14 bytes have arrived, 16 MiB are promised: {capacity} bytes are reserved"
                );
            },
        );
    }

    /// The payload stays where it was received: the frame takes over that part of the buffer.
    #[test]
    fn does_not_copy_the_payload() {
        coach(
            "`split_to` takes the payload out of the buffer without a copy, `freeze` makes it Bytes.",
            || {
                let mut buffer = BytesMut::from(&short(0x82, &[1; 100])[..]);
                let received = buffer.as_ptr() as usize;
                let frame = match next(&mut buffer) {
                    Ok(Some(frame)) => frame,
                    other => panic!("a whole frame was there, and the answer is {other:?}"),
                };
                let distance = (frame.payload.as_ptr() as usize).wrapping_sub(received);
                assert_eq!(
                    distance, 6,
                    "the payload begins 6 bytes behind the start of the frame, in the same memory"
                );
            },
        );
    }
}

mod decode_close {
    use super::*;

    fn decode(payload: &[u8]) -> Result<Option<CloseFrame>, ProtocolError> {
        clue(
            "shift left with overflow",
            "A `u8` has no room for `<< 8`: use `u16::from_be_bytes`, or make a `u16` of it first.",
        );
        frames::decode_close(payload)
    }

    fn close(payload: &[u8]) -> String {
        reason(&decode(payload))
    }

    /// What a browser's `socket.close(1000, "bye")` sends.
    #[test]
    fn reads_a_code_and_a_reason() {
        coach(
            "Two bytes of code, most significant first, then the reason in UTF-8.",
            || {
                clue(
                    "59395",
                    "The most significant byte of the code comes first: `from_be_bytes`.",
                );
                clue(
                    "\\u{3}",
                    "The reason begins behind the two bytes of the code.",
                );
                assert_snapshot!(close(b"\x03\xe8bye"), @r#"1000 "bye""#);
                assert_snapshot!(close(b"\x0f\xa0"), @r#"4000 """#);
            },
        );
    }

    /// `socket.close()` without an argument sends a close frame of no bytes.
    #[test]
    fn an_empty_payload_has_no_code() {
        coach(
            "No payload, no code: Ok(None). 1005 is what an API reports then, never what is sent.",
            || {
                clue(
                    "1005",
                    "1005 means 'no code' in an API. Here it is Ok(None).",
                );
                assert_snapshot!(close(b""), @"None");
            },
        );
    }

    /// Half a code.
    #[test]
    fn one_byte_is_an_error() {
        coach("A code has two bytes. One byte is ClosePayload.", || {
            clue(
                "None",
                "One byte is not an empty payload: it is ClosePayload.",
            );
            assert_snapshot!(close(b"\x03"), @"ClosePayload");
        });
    }

    /// 1005, 1006 and 1015 are for an API to report. Sent over the wire they are a lie.
    #[test]
    fn refuses_codes_that_no_peer_may_send() {
        coach(
            "Allowed are 1000 to 1003, 1007 to 1014, and 3000 to 4999.",
            || {
                clue("1005: Ok", "1005 stands for 'no code'. No peer sends it.");
                clue(
                    "1006: Ok",
                    "1006 stands for 'no close frame'. No peer sends it.",
                );
                clue(
                    "1015: Ok",
                    "1015 stands for a failed TLS handshake. No peer sends it.",
                );
                clue("1004: Ok", "1004 is reserved: it has no meaning yet.");
                clue("999: Ok", "Codes below 1000 are not used.");
                clue(
                    "1016: Ok",
                    "1016 to 2999 are reserved for later versions of the protocol.",
                );
                clue("5000: Ok", "There are no codes from 5000 on.");
                clue(
                    "3000: CloseCode",
                    "3000 to 3999 are for libraries and frameworks: allowed.",
                );
                clue(
                    "4000: CloseCode",
                    "4000 to 4999 are for applications: allowed.",
                );
                clue(
                    "1012: CloseCode",
                    "1012 to 1014 came after the RFC, in IANA's registry: allowed.",
                );
                let codes = [
                    0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 1016, 2999,
                    3000, 3999, 4000, 4999, 5000, 65535,
                ];
                let lines = codes.map(|code: u16| {
                    let result = match decode(&code.to_be_bytes()) {
                        Ok(Some(close)) => format!("Ok, {}", close.code.0),
                        Ok(None) => "None".to_owned(),
                        Err(error) => format!("{error:?}"),
                    };
                    format!("{code}: {result}")
                });
                assert_snapshot!(lines.join("\n"), @r"
                0: CloseCode(0)
                999: CloseCode(999)
                1000: Ok, 1000
                1003: Ok, 1003
                1004: CloseCode(1004)
                1005: CloseCode(1005)
                1006: CloseCode(1006)
                1007: Ok, 1007
                1011: Ok, 1011
                1012: Ok, 1012
                1014: Ok, 1014
                1015: CloseCode(1015)
                1016: CloseCode(1016)
                2999: CloseCode(2999)
                3000: Ok, 3000
                3999: Ok, 3999
                4000: Ok, 4000
                4999: Ok, 4999
                5000: CloseCode(5000)
                65535: CloseCode(65535)
                ");
            },
        );
    }

    /// The reason is text, though it stands in a control frame.
    #[test]
    fn a_reason_is_utf_8() {
        coach("A reason that is not UTF-8 is InvalidUtf8.", || {
            clue(
                "\u{fffd}",
                "Replacing wrong bytes hides the peer's mistake: answer InvalidUtf8.",
            );
            assert_snapshot!(close(b"\x03\xe8\xff"), @"InvalidUtf8");
        });
    }
}

mod whole_characters {
    use super::*;

    fn count(text: &[u8]) -> String {
        let result = frames::whole_characters(text);
        format!("{}: {result:?}", hex(text))
    }

    /// A character has one to four bytes.
    #[test]
    fn counts_bytes_and_not_characters() {
        coach("Count bytes: 'é' is one character and two bytes.", || {
            clue("c3 a9: Ok(1)", "'é' has two bytes, c3 a9. Count bytes.");
            let lines = ["", "Hello", "é", "€", "🦀"].map(|text| count(text.as_bytes()));
            assert_snapshot!(lines.join("\n"), @r"
            : Ok(0)
            48 65 6c 6c 6f: Ok(5)
            c3 a9: Ok(2)
            e2 82 ac: Ok(3)
            f0 9f a6 80: Ok(4)
            ");
        });
    }

    /// The crab's four bytes may come in four fragments.
    #[test]
    fn leaves_out_the_beginning_of_a_character() {
        coach(
            "`error_len()` is None where the text ends within a character; `valid_up_to()` counts the rest.",
            || {
                clue(
                    "InvalidUtf8",
                    "The text ends within a character. Its rest may be in the next fragment: no error.",
                );
                let parts: [&[u8]; 5] =
                    [b"\xc3", b"caf\xc3", b"\xe2\x82", b"\xf0\x9f\xa6", b"a\xf0"];
                assert_snapshot!(parts.map(count).join("\n"), @r"
                c3: Ok(0)
                63 61 66 c3: Ok(3)
                e2 82: Ok(0)
                f0 9f a6: Ok(0)
                61 f0: Ok(1)
                ");
            },
        );
    }

    /// No next byte can repair these: a byte out of place, a surrogate, an overlong form, too large.
    #[test]
    fn refuses_at_once_what_can_never_be_a_character() {
        coach(
            "`error_len()` is Some where the bytes are wrong whatever follows: InvalidUtf8.",
            || {
                clue(
                    "Ok(",
                    "These bytes are wrong whatever follows them: InvalidUtf8, without waiting.",
                );
                let parts: [&[u8]; 6] = [
                    b"ab\xff",
                    b"\x80",
                    b"\xc3(",
                    b"\xed\xa0\x80",
                    b"\xc0\xaf",
                    b"\xf4\x90",
                ];
                assert_snapshot!(parts.map(count).join("\n"), @r"
                61 62 ff: Err(InvalidUtf8)
                80: Err(InvalidUtf8)
                c3 28: Err(InvalidUtf8)
                ed a0 80: Err(InvalidUtf8)
                c0 af: Err(InvalidUtf8)
                f4 90: Err(InvalidUtf8)
                ");
            },
        );
    }
}

mod push {
    use super::*;
    use OpCode::{Binary, Close, Continuation, Ping, Pong, Text};

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
}

mod whole {
    use super::*;

    /// Runs the learner's server on frames from the first byte on: no handshake.
    fn serve(net: &Net) {
        net.without_handshake();
        net.serve(async |stream| {
            let mut socket = WebSocket::new(stream, BytesMut::new(), Limits::default());
            frames::echo(&mut socket).await
        });
    }

    /// Section 5.7, in its order. A test of the bytes: the RFC prints every one of them.
    #[test]
    fn encodes_the_examples_of_the_rfc() {
        coach(
            "The examples of section 5.7, byte by byte. Compare each line.",
            || {
                let hello = b"Hello";
                let text = encoded(None, true, OpCode::Text, hello);
                assert_snapshot!("rfc-text", Xray::of(&text));
                let masked = encoded(Some(KEY), true, OpCode::Text, hello);
                assert_snapshot!("rfc-text-masked", Xray::of(&masked));
                let mut fragments = encoded(None, false, OpCode::Text, b"Hel");
                fragments.extend(encoded(None, true, OpCode::Continuation, b"lo"));
                assert_snapshot!("rfc-fragments", Xray::of(&fragments));
                let mut ping = encoded(None, true, OpCode::Ping, hello);
                ping.extend(encoded(Some(KEY), true, OpCode::Pong, hello));
                assert_snapshot!("rfc-ping-pong", Xray::of(&ping));
                let binary = encoded(None, true, OpCode::Binary, &[0xab; 256]);
                assert_snapshot!("rfc-binary-256", Xray::of(&binary));
                let binary = encoded(None, true, OpCode::Binary, &[0xab; 65536]);
                assert_snapshot!("rfc-binary-64k", Xray::of(&binary));
            },
        );
    }

    /// Section 10.3: what a page sends could look like an HTTP request, if it were not masked.
    #[test]
    fn a_mask_hides_what_looks_like_a_request() {
        coach(
            "The same text twice: as a server sends it, and as a client does.",
            || {
                let request = b"GET /ad HTTP/1.1";
                let mut both = encoded(None, true, OpCode::Text, request);
                both.extend(encoded(Some(KEY), true, OpCode::Text, request));
                assert_snapshot!("looks-like-http", Xray::of(&both));
            },
        );
    }

    /// A close frame's payload: a code, then a reason.
    #[test]
    fn encodes_a_close_frame() {
        coach("Two bytes of code, then the reason.", || {
            let code = frames::CloseCode::NORMAL;
            let reason = "bye".to_owned();
            let mut out = BytesMut::new();
            let close = Message::Close(Some(CloseFrame { code, reason }));
            close.into_frame().encode(None, &mut out);
            assert_snapshot!("close", Xray::of(&out));
        });
    }

    /// RFC 7692, section 7.2.3.1: 'Hello' compressed. RSV1 says so, to those who agreed on it.
    #[test]
    fn a_compressed_frame_is_refused() {
        coach("Nobody agreed on compression, so RSV1 is an error.", || {
            let compressed = b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00";
            assert_snapshot!("compressed", Xray::of(compressed));
            let result = frames::decode(&mut BytesMut::from(&compressed[..]), Role::Client, LIMIT);
            assert_snapshot!(shown(&result), @"ReservedBits");
        });
    }

    /// Masked on the way there, not on the way back.
    #[test]
    fn echoes_text_and_binary() {
        wire(
            "The echo server stands on all your exercises.",
            async |net: Net| {
                serve(&net);
                let mut ann = net.connect("ann").await;
                ann.send(short(0x81, b"Hello")).await;
                assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
                ann.send(short(0x82, &[0, 1, 254, 255])).await;
                assert_eq!(hex(&ann.bytes(6).await), "82 04 00 01 fe ff");
                assert_snapshot!("echo", net.transcript());
            },
        );
    }

    /// The fragments come out as one message, the ping is answered before it.
    #[test]
    fn answers_a_ping_between_fragments() {
        wire(
            "Control frames pass between fragments.",
            async |net: Net| {
                serve(&net);
                let mut ann = net.connect("ann").await;
                ann.send(short(0x01, b"Hel")).await;
                ann.send(short(0x89, b"still there?")).await;
                ann.bytes(14).await;
                ann.send(short(0x80, b"lo")).await;
                ann.bytes(7).await;
                assert_snapshot!("ping-between-fragments", net.transcript());
            },
        );
    }

    /// The side that did not begin answers with the same code. Then the server ends the stream.
    #[test]
    fn echoes_a_close_and_ends() {
        wire(
            "A close frame is answered with a close frame.",
            async |net: Net| {
                serve(&net);
                let mut ann = net.connect("ann").await;
                ann.send(short(0x88, b"\x03\xe8bye")).await;
                assert_eq!(hex(&ann.closed().await), "88 05 03 e8 62 79 65");
                assert_snapshot!("closing-handshake", net.transcript());
            },
        );
    }

    /// A close frame without a code is answered without one.
    #[test]
    fn echoes_a_close_without_a_code() {
        wire("Echo what came: no code for no code.", async |net: Net| {
            serve(&net);
            let mut ann = net.connect("ann").await;
            ann.send(short(0x88, b"")).await;
            assert_eq!(hex(&ann.closed().await), "88 00");
        });
    }

    /// A frame in pieces of one byte, and three frames in one write.
    #[test]
    fn does_not_care_how_the_bytes_arrive() {
        wire(
            "`Ok(None)` until a frame is whole, then one frame a call.",
            async |net: Net| {
                serve(&net);
                let mut ann = net.connect("ann").await;
                ann.send_in_pieces(short(0x81, b"Hello"), 1).await;
                assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
                ann.send([short(0x81, b"1"), short(0x81, b"2"), short(0x81, b"3")].concat())
                    .await;
                assert_eq!(hex(&ann.bytes(9).await), "81 01 31 81 01 32 81 01 33");
                let long = [9; 70_000];
                let length = [127, 0, 0, 0, 0, 0, 1, 0x11, 0x70];
                ann.send(masked(0x82, &length, &long)).await;
                let header = ann.bytes(10).await;
                assert_eq!(hex(&header), "82 7f 00 00 00 00 00 01 11 70");
                assert!(
                    ann.bytes(70_000).await == long,
                    "70000 bytes come back unchanged"
                );
            },
        );
    }

    /// Each rule, broken by a client of its own. Each is told, and bob notices nothing.
    #[test]
    fn the_peer_is_told_what_it_did_wrong() {
        let (none, some): (&[u8], &[u8]) = (b"", b"Hello");
        let cases: Vec<(&str, Vec<u8>)> = vec![
            ("RSV1 without an extension", short(0xc1, some)),
            ("opcode 3", short(0x83, some)),
            ("opcode 11", short(0x8b, none)),
            ("no mask", b"\x81\x05Hello".to_vec()),
            ("5 in 2 bytes", masked(0x81, &[126, 0, 5], some)),
            (
                "5 in 8 bytes",
                masked(0x81, &[127, 0, 0, 0, 0, 0, 0, 0, 5], some),
            ),
            (
                "a length of 64 bits",
                masked(0x82, &[127, 128, 0, 0, 0, 0, 0, 0, 0], none),
            ),
            ("a ping without FIN", short(0x09, some)),
            (
                "a ping of 126 bytes",
                masked(0x89, &[126, 0, 126], &[0; 126]),
            ),
            ("a continuation of nothing", short(0x80, some)),
            (
                "a text inside a text",
                [short(0x01, some), short(0x81, some)].concat(),
            ),
            ("a close of 1 byte", short(0x88, b"\x03")),
            ("close code 1005", short(0x88, b"\x03\xed")),
            ("close code 999", short(0x88, b"\x03\xe7")),
            ("a reason that is not UTF-8", short(0x88, b"\x03\xe8\xff")),
            ("a text that is not UTF-8", short(0x81, b"\xc3(")),
            ("a text that ends in a character", short(0x81, b"caf\xc3")),
            (
                "a frame of 17 MiB",
                masked(0x82, &[127, 0, 0, 0, 0, 1, 16, 0, 0], none),
            ),
        ];
        wire(
            "Each broken rule has its close code: 1002, 1007 or 1009.",
            async move |net: Net| {
                serve(&net);
                let mut bob = net.connect("bob").await;
                let mut lines = Vec::new();
                for (what, bytes) in cases {
                    let mut ann = net.connect("ann").await;
                    ann.send(bytes).await;
                    let answer = ann.closed().await;
                    let close = match &answer[..] {
                        [0x88, _, payload @ ..] => close_of(payload),
                        _ => format!("no close frame, but \"{}\"", hex(&answer)),
                    };
                    lines.push(format!("{what:33}{close}"));
                }
                bob.send(short(0x81, b"Hello")).await;
                assert_eq!(hex(&bob.bytes(7).await), "81 05 48 65 6c 6c 6f");
                assert_snapshot!("close-codes", lines.join("\n"));
            },
        );
    }

    fn close_of(payload: &[u8]) -> String {
        match payload {
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                format!("{code} {:?}", String::from_utf8_lossy(reason))
            }
            _ => "a close without a code".to_owned(),
        }
    }

    /// The limits are the server's to choose. Small frames add up.
    #[test]
    fn a_message_above_the_limit_is_refused() {
        wire("The limit counts the whole message.", async |net: Net| {
            let (mut ann, stream) = net.pair("ann");
            let limits = Limits {
                frame: 100,
                message: 300,
            };
            let mut socket = WebSocket::new(stream, BytesMut::new(), limits);
            let server = tokio::spawn(async move { frames::echo(&mut socket).await });
            for first in [0x02, 0x00, 0x00] {
                ann.send(short(first, &[0; 100])).await;
            }
            ann.hears_nothing().await;
            ann.send(short(0x80, b"!")).await;
            let close = ann.closed().await;
            assert_eq!(
                close_of(&close[2..]),
                "1009 \"the frame or the message is too big\""
            );
            drop(ann);
            let error = server
                .await
                .expect("the server does not panic")
                .unwrap_err();
            assert_eq!(error.to_string(), "the frame or the message is too big");
        });
    }

    /// A peer that goes on sending hears the reason all the same, and the server ends.
    #[test]
    fn a_close_frame_gets_past_bytes_that_still_arrive() {
        wire(
            "The server reads on until the peer ends, 5 s at most.",
            async |net: Net| {
                serve(&net);
                let mut ann = net.connect("ann").await;
                ann.send([short(0x83, b""), vec![0; 10_000]].concat()).await;
                ann.send(vec![0; 200_000]).await;
                let close = ann.closed().await;
                assert_eq!(close_of(&close[2..]), "1002 \"opcode 3 is reserved\"");
            },
        );
    }

    /// The stream ends in the middle of a frame: there is nobody to tell.
    #[test]
    fn a_peer_that_vanishes_ends_the_task() {
        wire(
            "The end of the stream is the end of the echo.",
            async |net: Net| {
                let (mut ann, stream) = net.pair("ann");
                ann.send(&short(0x81, b"Hello")[..4]).await;
                drop(ann);
                let mut socket = WebSocket::new(stream, BytesMut::new(), Limits::default());
                let end = frames::echo(&mut socket)
                    .await
                    .map_err(|error| error.kind());
                assert_eq!(end, Ok(()));
            },
        );
    }

    /// Lessons 01, 02 and 03 together. The first frame comes in the same packet as the request.
    #[test]
    fn reads_a_frame_that_comes_with_the_handshake() {
        wire(
            "Your lessons 01 and 02 do the handshake. Are their tests green?",
            async |net: Net| {
                net.serve(frames::serve);
                let mut ann = net.connect("ann").await;
                let request = "GET /any/path HTTP/1.1\r\n\
                    Host: server.example.com\r\n\
                    Upgrade: websocket\r\n\
                    Connection: Upgrade\r\n\
                    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                    Sec-WebSocket-Version: 13\r\n\r\n";
                ann.send([request.as_bytes(), &short(0x81, b"Hello")].concat())
                    .await;
                assert_eq!(ann.response().await.status, 101);
                clue(
                    "101 Switching Protocols",
                    "The handshake went through. The frame that came with it did not: look at `decode` and `push`.",
                );
                assert_eq!(hex(&ann.bytes(7).await), "81 05 48 65 6c 6c 6f");
                ann.send(short(0x88, b"\x03\xe8")).await;
                ann.closed().await;
                assert_snapshot!("session", net.transcript());
            },
        );
    }
}
