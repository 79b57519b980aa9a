//! The codec and tungstenite on the same bytes: `cargo bench -p frames-solution`.
//!
//! After the tables it compares the two in turns, and fails if we are slower than 0.9 of it.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use divan::Bencher;
use divan::counter::BytesCount;
use frames_solution::{Assembler, Frame, Header, OpCode, Role, decode, encode_header, mask};
use tokio_tungstenite::tungstenite;
use tungstenite::protocol::frame::Frame as TheirFrame;
use tungstenite::protocol::frame::coding::{Data, OpCode as TheirOpCode};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const SIZES: [usize; 2] = [64, 64 * 1024];
/// Bytes of payload in one run.
const TOTAL: usize = 4 << 20;
const LIMIT: usize = 16 << 20;

fn main() {
    divan::main();
    if std::env::args().any(|argument| argument == "--bench") {
        compare();
    }
}

/// A byte at a time: what the lesson asks for first.
fn mask_bytes(payload: &mut [u8], key: [u8; 4]) {
    for (i, byte) in payload.iter_mut().enumerate() {
        *byte ^= key[i % 4];
    }
}

#[divan::bench(args = SIZES)]
fn mask_a_byte_at_a_time(bencher: Bencher, size: usize) {
    let mut payload = vec![b'x'; size];
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| mask_bytes(black_box(&mut payload), black_box(KEY)));
}

#[divan::bench(args = SIZES)]
fn mask_a_word_at_a_time(bencher: Bencher, size: usize) {
    let mut payload = vec![b'x'; size];
    bencher
        .counter(BytesCount::new(size))
        .bench_local(|| mask(black_box(&mut payload), black_box(KEY)));
}

#[divan::bench(args = SIZES)]
fn decode_text(bencher: Bencher, size: usize) {
    let input = masked_frames(OpCode::Text, size);
    bencher
        .counter(BytesCount::new(TOTAL))
        .bench_local(|| our_decode(&input));
}

#[divan::bench(args = SIZES)]
fn decode_text_tungstenite(bencher: Bencher, size: usize) {
    let input = masked_frames(OpCode::Text, size);
    bencher
        .counter(BytesCount::new(TOTAL))
        .bench_local(|| their_decode(&input));
}

#[divan::bench(args = SIZES)]
fn decode_binary(bencher: Bencher, size: usize) {
    let input = masked_frames(OpCode::Binary, size);
    bencher
        .counter(BytesCount::new(TOTAL))
        .bench_local(|| our_decode(&input));
}

#[divan::bench(args = SIZES)]
fn decode_binary_tungstenite(bencher: Bencher, size: usize) {
    let input = masked_frames(OpCode::Binary, size);
    bencher
        .counter(BytesCount::new(TOTAL))
        .bench_local(|| their_decode(&input));
}

/// A megabyte of payload, in frames of `size` bytes.
fn masked_frames(opcode: OpCode, size: usize) -> Vec<u8> {
    let frame = Frame {
        fin: true,
        opcode,
        payload: Bytes::from(vec![b'x'; size]),
    };
    let mut out = BytesMut::new();
    for _ in 0..TOTAL / size {
        frame.encode(Some(KEY), &mut out);
    }
    out.to_vec()
}

/// Bytes to read; what is written is dropped.
struct Memory<'a>(&'a [u8]);

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        black_box(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Messages out of bytes, as `WebSocket::receive` does it: 16 KiB a read.
fn our_decode(mut input: &[u8]) -> usize {
    let mut buffer = BytesMut::new();
    let mut assembler = Assembler::new(LIMIT);
    let mut messages = 0;
    loop {
        while let Some(frame) = decode(&mut buffer, Role::Server, LIMIT).expect("good frames") {
            let message = assembler.push(frame).expect("good frames");
            messages += usize::from(black_box(message).is_some());
        }
        if input.is_empty() {
            return messages;
        }
        let (piece, rest) = input.split_at(input.len().min(16 * 1024));
        buffer.reserve(16 * 1024);
        buffer.extend_from_slice(piece);
        input = rest;
    }
}

fn their_decode(input: &[u8]) -> usize {
    let server = tungstenite::protocol::Role::Server;
    let mut socket = tungstenite::WebSocket::from_raw_socket(Memory(input), server, None);
    let mut messages = 0;
    while let Ok(message) = socket.read() {
        black_box(message);
        messages += 1;
    }
    messages
}

/// Payloads to mask in place.
fn payloads(size: usize) -> Vec<Vec<u8>> {
    vec![vec![b'x'; size]; (TOTAL / 4 / size).min(4096)]
}

/// A header, and the payload masked where it is.
fn our_mask(payloads: Vec<Vec<u8>>) -> usize {
    let mut out = BytesMut::with_capacity(14);
    let count = payloads.len();
    for mut payload in payloads {
        let header = Header {
            fin: true,
            rsv: 0,
            opcode: OpCode::Binary,
            mask: Some(KEY),
            length: payload.len() as u64,
        };
        out.clear();
        encode_header(&header, &mut out);
        mask(&mut payload, KEY);
        black_box((&out, payload));
    }
    count
}

/// The same: `format` masks in place a payload that nobody else holds.
fn their_mask(payloads: Vec<Vec<u8>>) -> usize {
    let count = payloads.len();
    for payload in payloads {
        let mut frame = TheirFrame::message(payload, TheirOpCode::Data(Data::Binary), true);
        frame.header_mut().mask = Some(KEY);
        frame
            .format(&mut Memory(&[]))
            .expect("memory takes every byte");
    }
    count
}

/// Compares the two, prints the table, and writes it to the file that `RECORD` names: the chapter
/// includes `benches/measured.txt`.
fn compare() {
    let mut table = format!("{:32}{:>10}{:>12}\n", "", "64 B", "64 KiB");
    let mut row = |what: &str, cells: [String; 2]| {
        let [small, large] = cells;
        table += &format!("{what:32}{small:>10}{large:>12}\n");
    };
    let speed = |mask| SIZES.map(|size| format!("{:.1} GB/s", gigabytes_per_second(size, mask)));
    row("mask, a byte at a time", speed(mask_bytes));
    row("mask, a word at a time", speed(mask));

    let text = SIZES.map(|size| masked_frames(OpCode::Text, size));
    let binary = SIZES.map(|size| masked_frames(OpCode::Binary, size));
    let ratios = [
        (
            "mask",
            [0, 1].map(|n| ratio(|| payloads(SIZES[n]), our_mask, their_mask)),
        ),
        (
            "decode text",
            [0, 1].map(|n| ratio(|| &text[n][..], our_decode, their_decode)),
        ),
        (
            "decode binary",
            [0, 1].map(|n| ratio(|| &binary[n][..], our_decode, their_decode)),
        ),
    ];
    for (what, ratios) in &ratios {
        let what = format!("{what}, tungstenite = 1");
        row(&what, ratios.map(|ratio| format!("{ratio:.2}")));
    }
    println!("\n{table}");
    if let Some(file) = std::env::var_os("RECORD") {
        std::fs::write(file, table).expect("`RECORD` names a file that can be written");
    }
    let slowest = ratios
        .iter()
        .flat_map(|(_, ratios)| *ratios)
        .fold(f64::INFINITY, f64::min);
    assert!(
        slowest >= 0.9,
        "{slowest:.2} of tungstenite's speed: 0.9 is wanted"
    );
}

/// The best of many rounds.
fn gigabytes_per_second(size: usize, mask: fn(&mut [u8], [u8; 4])) -> f64 {
    let mut payload = vec![b'x'; size];
    let rounds = TOTAL / size;
    let mut best = Duration::MAX;
    for _ in 0..50 {
        let start = Instant::now();
        for _ in 0..rounds {
            mask(black_box(&mut payload), black_box(KEY));
        }
        best = best.min(start.elapsed());
    }
    (rounds * size) as f64 / best.as_nanos() as f64
}

/// How many times as fast `ours` is; `input` is made before the clock starts.
///
/// Both in turns, so that a busy machine slows both; the best of many rounds counts.
fn ratio<T>(input: impl Fn() -> T, ours: impl Fn(T) -> usize, theirs: impl Fn(T) -> usize) -> f64 {
    assert_eq!(
        ours(input()),
        theirs(input()),
        "both find the same messages"
    );
    let time = |work: &dyn Fn(T) -> usize| {
        let input = black_box(input());
        let start = Instant::now();
        black_box(work(input));
        start.elapsed()
    };
    let mut best = [Duration::MAX; 2];
    for _ in 0..200 {
        best[0] = best[0].min(time(&ours));
        best[1] = best[1].min(time(&theirs));
    }
    best[1].as_secs_f64() / best[0].as_secs_f64()
}
