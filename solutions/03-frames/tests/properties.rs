//! Any message, in any fragments, any reads and with any key: it comes out as it went in, here and
//! in tungstenite. Any other bytes: no panic, no memory for what did not arrive.
//!
//! `PROPTEST_CASES=100000 cargo test -p frames-solution --test properties` looks longer.

use std::io::{self, Read, Write};

use bytes::{Bytes, BytesMut};
use frames_solution::{
    Assembler, CloseCode, CloseFrame, Frame, Message, OpCode, ProtocolError, Role, decode,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio_tungstenite::tungstenite;

const LIMIT: usize = 1 << 20;

/// A message and how it is sent.
#[derive(Clone, Debug)]
struct Sent {
    message: Message,
    /// Where its payload is cut; a control frame is not.
    cuts: Vec<Index>,
    /// What comes between its fragments.
    ping: Option<Bytes>,
    key: [u8; 4],
}

fn any_message() -> impl Strategy<Value = Message> {
    let bytes = |size| vec(any::<u8>(), size).prop_map(Bytes::from);
    let code = prop_oneof![1000u16..=1003, 1007u16..=1013, 3000u16..=4999];
    let close = (code, ".{0,30}").prop_map(|(code, reason)| CloseFrame {
        code: CloseCode(code),
        reason,
    });
    prop_oneof![
        12 => "\\PC{0,60}".prop_map(|text| Message::Text(text.into())),
        9 => bytes(0..300).prop_map(Message::Binary),
        1 => bytes(65_500..65_600).prop_map(Message::Binary),
        3 => bytes(0..126).prop_map(Message::Ping),
        3 => bytes(0..126).prop_map(Message::Pong),
        3 => proptest::option::of(close).prop_map(Message::Close),
    ]
}

fn any_sent() -> impl Strategy<Value = Sent> {
    let ping = proptest::option::of(vec(any::<u8>(), 0..20).prop_map(Bytes::from));
    (
        any_message(),
        vec(any::<Index>(), 0..4),
        ping,
        any::<[u8; 4]>(),
    )
        .prop_map(|(message, cuts, ping, key)| Sent {
            message,
            cuts,
            ping,
            key,
        })
}

impl Sent {
    /// The frames, and the messages that a reader makes of them.
    fn frames(&self) -> (Vec<Frame>, Vec<Message>) {
        let Frame {
            opcode, payload, ..
        } = self.message.clone().into_frame();
        let whole = |opcode, payload| Frame {
            fin: true,
            opcode,
            payload,
        };
        if opcode.is_control() {
            return (vec![whole(opcode, payload)], vec![self.message.clone()]);
        }
        let mut cuts: Vec<_> = self
            .cuts
            .iter()
            .map(|cut| cut.index(payload.len() + 1))
            .collect();
        cuts.sort_unstable();
        let (mut frames, mut messages) = (Vec::new(), Vec::new());
        let mut from = 0;
        for (n, to) in cuts.iter().chain([&payload.len()]).enumerate() {
            frames.push(Frame {
                fin: n == cuts.len(),
                opcode: if n == 0 { opcode } else { OpCode::Continuation },
                payload: payload.slice(from..*to),
            });
            from = *to;
            if let Some(ping) = self.ping.clone().filter(|_| n == 0 && !cuts.is_empty()) {
                frames.push(whole(OpCode::Ping, ping.clone()));
                messages.push(Message::Ping(ping));
            }
        }
        messages.push(self.message.clone());
        (frames, messages)
    }

    fn encode(&self, role: Role, out: &mut BytesMut) {
        for frame in self.frames().0 {
            let key = (role == Role::Client).then_some(self.key);
            frame.encode(key, out);
        }
    }
}

/// Several messages; nothing follows a close.
fn any_session() -> impl Strategy<Value = Vec<Sent>> {
    vec(any_sent(), 1..5).prop_map(|mut sent| {
        let close = |sent: &Sent| matches!(sent.message, Message::Close(_));
        if let Some(at) = sent.iter().position(close) {
            sent.truncate(at + 1);
        }
        sent
    })
}

/// What a reader makes of `bytes` that arrive in pieces of these sizes, over and over.
fn read(bytes: &[u8], role: Role, pieces: &[usize]) -> (Vec<Message>, Option<ProtocolError>) {
    let mut buffer = BytesMut::new();
    let mut assembler = Assembler::new(LIMIT);
    let mut messages = Vec::new();
    let (mut at, mut turn) = (0, 0);
    loop {
        let step = match decode(&mut buffer, role, LIMIT) {
            Ok(Some(frame)) => assembler
                .push(frame)
                .map(|message| messages.extend(message)),
            Ok(None) if at == bytes.len() => return (messages, None),
            Ok(None) => {
                let piece = pieces[turn % pieces.len()].min(bytes.len() - at);
                buffer.extend_from_slice(&bytes[at..at + piece]);
                (at, turn) = (at + piece, turn + 1);
                Ok(())
            }
            Err(error) => Err(error),
        };
        // What has arrived, doubled at most by the growth of a buffer, and 64 bytes to begin with.
        assert!(
            buffer.capacity() <= 2 * bytes.len() + 64,
            "{} bytes are reserved, {at} of {} have arrived",
            buffer.capacity(),
            bytes.len()
        );
        if let Err(error) = step {
            return (messages, Some(error));
        }
        if matches!(messages.last(), Some(Message::Close(_))) {
            return (messages, None);
        }
    }
}

/// Reads from memory; what is written goes to memory.
struct Memory<'a> {
    input: &'a [u8],
    output: Vec<u8>,
}

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tungstenite(input: &[u8], role: Role) -> tungstenite::WebSocket<Memory<'_>> {
    let role = match role {
        Role::Client => tungstenite::protocol::Role::Client,
        Role::Server => tungstenite::protocol::Role::Server,
    };
    let config = tungstenite::protocol::WebSocketConfig::default()
        .read_buffer_size(4096)
        .max_frame_size(Some(LIMIT))
        .max_message_size(Some(LIMIT));
    let output = Vec::new();
    tungstenite::WebSocket::from_raw_socket(Memory { input, output }, role, Some(config))
}

/// What tungstenite makes of `bytes`; `true` if it found no fault in them.
fn tungstenite_reads(bytes: &[u8], role: Role) -> (Vec<Message>, bool) {
    let mut socket = tungstenite(bytes, role);
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            // This is how it reports a close frame with a code that is not allowed.
            Ok(tungstenite::Message::Close(Some(close)))
                if close.reason == "Protocol violation" =>
            {
                return (messages, false);
            }
            Ok(message) => messages.push(ours(message)),
            Err(tungstenite::Error::ConnectionClosed) => return (messages, true),
            Err(tungstenite::Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return (messages, true),
            Err(_) => return (messages, false),
        }
        if matches!(messages.last(), Some(Message::Close(_))) {
            return (messages, true);
        }
    }
}

fn ours(message: tungstenite::Message) -> Message {
    match message {
        tungstenite::Message::Text(text) => Message::Text(text.as_str().to_owned().into()),
        tungstenite::Message::Binary(payload) => Message::Binary(payload),
        tungstenite::Message::Ping(payload) => Message::Ping(payload),
        tungstenite::Message::Pong(payload) => Message::Pong(payload),
        tungstenite::Message::Close(close) => Message::Close(close.map(|close| CloseFrame {
            code: CloseCode(close.code.into()),
            reason: close.reason.as_str().to_owned(),
        })),
        tungstenite::Message::Frame(_) => unreachable!("only a writer uses it"),
    }
}

fn theirs(message: Message) -> tungstenite::Message {
    match message {
        Message::Text(text) => tungstenite::Message::text(text.as_str()),
        Message::Binary(payload) => tungstenite::Message::Binary(payload),
        Message::Ping(payload) => tungstenite::Message::Ping(payload),
        Message::Pong(payload) => tungstenite::Message::Pong(payload),
        Message::Close(close) => {
            tungstenite::Message::Close(close.map(|close| tungstenite::protocol::CloseFrame {
                code: close.code.0.into(),
                reason: close.reason.into(),
            }))
        }
    }
}

fn other(role: Role) -> Role {
    match role {
        Role::Client => Role::Server,
        Role::Server => Role::Client,
    }
}

fn any_role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Client), Just(Role::Server)]
}

/// A frame that may break any rule: any bits, any opcode, any form of length, right or wrong.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        3 => prop::sample::select(vec![0x81u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8a]),
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        3 => "\\PC{0,20}".prop_map(String::into_bytes),
        2 => vec(any::<u8>(), 0..140),
        1 => (prop_oneof![990u16..1020, 2990u16..3010, 4990u16..5010], "[a-z]{0,3}").prop_map(
            |(code, reason)| [&code.to_be_bytes(), reason.as_bytes()].concat()
        ),
    ];
    let form = prop_oneof![8 => Just(0), 1 => Just(2), 1 => Just(8)];
    let wrong = proptest::option::weighted(0.05, any::<u64>());
    let masked = prop::bool::weighted(0.95);
    (first, payload, form, wrong, masked, any::<[u8; 4]>()).prop_map(
        |(first, mut payload, form, wrong, masked, key)| {
            let length = wrong.unwrap_or(payload.len() as u64);
            let mask = if masked { 0x80 } else { 0 };
            let mut bytes = vec![first];
            match form {
                0 if length < 126 => bytes.push(mask | length as u8),
                0 | 2 if length < 0x1_0000 => {
                    bytes.push(mask | 126);
                    bytes.extend((length as u16).to_be_bytes());
                }
                _ => {
                    bytes.push(mask | 127);
                    bytes.extend(length.to_be_bytes());
                }
            }
            if masked {
                bytes.extend(key);
                frames_solution::mask(&mut payload, key);
            }
            bytes.extend(payload);
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comes_out_as_it_went_in(
        session in any_session(),
        role in any_role(),
        pieces in vec(1usize..5000, 1..4),
    ) {
        let mut bytes = BytesMut::new();
        let mut expected = Vec::new();
        for sent in &session {
            sent.encode(role, &mut bytes);
            expected.extend(sent.frames().1);
        }
        prop_assert_eq!(read(&bytes, other(role), &pieces), (expected, None));
    }

    #[test]
    fn tungstenite_reads_what_we_send(session in any_session(), role in any_role()) {
        let mut bytes = BytesMut::new();
        let mut expected = Vec::new();
        for sent in &session {
            sent.encode(role, &mut bytes);
            expected.extend(sent.frames().1);
        }
        prop_assert_eq!(tungstenite_reads(&bytes, other(role)), (expected, true));
    }

    #[test]
    fn we_read_what_tungstenite_sends(
        session in any_session(),
        role in any_role(),
        pieces in vec(1usize..5000, 1..4),
    ) {
        let mut socket = tungstenite(b"", role);
        let mut expected = Vec::new();
        for sent in session {
            expected.push(sent.message.clone());
            socket.send(theirs(sent.message)).expect("memory takes every byte");
        }
        let bytes = &socket.get_ref().output;
        prop_assert_eq!(read(bytes, other(role), &pieces), (expected, None));
    }

    /// We are stricter in one rule (tungstenite takes a length in any form) and newer in another
    /// (close code 1014). Apart from these we agree with it on any frames whatever.
    #[test]
    fn agrees_with_tungstenite_on_what_is_wrong(
        frames in vec(any_frame(), 1..6),
        pieces in vec(1usize..300, 1..4),
    ) {
        let bytes = frames.concat();
        let (messages, error) = read(&bytes, Role::Server, &pieces);
        let (theirs, fine) = tungstenite_reads(&bytes, Role::Server);
        let newer = |message: &Message| matches!(
            message,
            Message::Close(Some(CloseFrame { code: CloseCode(1014), .. }))
        );
        if messages.iter().any(newer) {
            return Ok(());
        }
        match error {
            Some(ProtocolError::LengthNotMinimal) => {
                prop_assert_eq!(&messages[..], &theirs[..messages.len()]);
            }
            error => {
                prop_assert_eq!((messages, error.is_none()), (theirs, fine), "{:?}", error);
            }
        }
    }

    /// A fuzz target's work, on stable Rust: `read` also watches the buffer's capacity.
    #[test]
    fn survives_any_bytes(
        bytes in prop_oneof![
            vec(any::<u8>(), 0..400),
            vec(any_frame(), 1..6).prop_map(|frames| frames.concat()),
        ],
        role in any_role(),
        pieces in vec(1usize..100, 1..4),
    ) {
        let (messages, error) = read(&bytes, role, &pieces);
        // The answer does not depend on how the bytes arrive.
        prop_assert_eq!(read(&bytes, role, &[bytes.len().max(1)]), (messages, error));
    }
}
