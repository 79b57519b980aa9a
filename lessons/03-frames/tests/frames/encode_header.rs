//! A header, as bytes.

use super::*;

const OPCODES: [OpCode; 6] = [
    OpCode::Continuation,
    OpCode::Text,
    OpCode::Binary,
    OpCode::Close,
    OpCode::Ping,
    OpCode::Pong,
];

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
                "7f 00 00 01 00 00 00 00 00",
                "Lengths go most significant byte first, in 8 bytes too: `put_u64` does that.",
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
        "MASK is the highest bit of byte 1. The key comes after the length.",
        || {
            clue(
                "37 fa 21 3d 7e",
                "The key comes after the whole length, not in the middle of it.",
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
                "The three reserved bits are not between FIN and the opcode: `header.rsv << 4`.",
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

/// Every bit has its place, whatever the others are. A key of zeros is a key.
#[test]
fn holds_for_every_header() {
    let advice =
        "Byte 0, byte 1, the longer length, the key: each as the contract says, for any header.";
    coach(advice, || {
        for header in headers(&[0, 125, 126, 65535, 65536, u64::MAX >> 1]) {
            let mut out = BytesMut::new();
            frames::encode_header(&header, &mut out);
            assert_eq!(hex(&out), hex(&header_bytes(&header)), "{header:?}");
        }
    });
}
