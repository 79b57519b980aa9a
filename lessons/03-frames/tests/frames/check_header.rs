//! The rules that a header can break.

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
                    ("empty, no FIN", false, 0),
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
            Close, empty, no FIN: ControlFragmented
            Ping, 125 bytes: Ok
            Ping, 126 bytes: ControlTooLong
            Ping, no FIN: ControlFragmented
            Ping, empty, no FIN: ControlFragmented
            Pong, 125 bytes: Ok
            Pong, 126 bytes: ControlTooLong
            Pong, no FIN: ControlFragmented
            Pong, empty, no FIN: ControlFragmented
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
            clue(
                "Ok",
                "The limit is for every frame, control frames too: a payload of 11 bytes is above 10.",
            );
            for opcode in [
                OpCode::Text,
                OpCode::Continuation,
                OpCode::Ping,
                OpCode::Close,
            ] {
                let header = from_client(opcode, true, 11);
                let result = check(&header, Role::Server, 10);
                assert_eq!(result, "TooBig", "{opcode:?}, 11 bytes");
            }
        },
    );
}

/// Thousands of headers, and what each breaks. None of the rules knows an exception.
#[test]
fn holds_for_every_header() {
    let advice =
        "Each rule is for every header that it is about: whatever its opcode, length or role.";
    coach(advice, || {
        for header in headers(&[0, 1, 125, 126, 1000, 1001]) {
            for (role, limit) in [
                (Role::Server, 0),
                (Role::Server, 1000),
                (Role::Client, 1000),
            ] {
                let is_control =
                    matches!(header.opcode, OpCode::Close | OpCode::Ping | OpCode::Pong);
                let rules = [
                    ("ReservedBits", header.rsv != 0),
                    ("NotMasked", role == Role::Server && header.mask.is_none()),
                    ("Masked", role == Role::Client && header.mask.is_some()),
                    ("ControlFragmented", is_control && !header.fin),
                    ("ControlTooLong", is_control && header.length > 125),
                    ("TooBig", header.length > limit as u64),
                ];
                let broken: Vec<_> = rules
                    .iter()
                    .filter(|rule| rule.1)
                    .map(|rule| rule.0)
                    .collect();
                let told = match frames::check_header(&header, role, limit) {
                    Ok(()) => "Ok".to_owned(),
                    Err(error) => format!("{error:?}"),
                };
                let right = match broken.is_empty() {
                    true => told == "Ok",
                    false => broken.contains(&told.as_str()),
                };
                assert!(
                    right,
                    "{header:?}\nread as {role:?} with a limit of {limit} breaks {broken:?}, and the \
                     answer is {told}"
                );
            }
        }
    });
}
