//! From bytes to a transcript: heads of HTTP, then frames of WebSocket (RFC 6455, section 5.2).

use std::time::Duration;

use tokio::time::Instant;

use crate::frame::Frame;
use crate::transcript::{Entry, Transcript, duration, hex, visible};

/// Longer texts and lines are cut: a person reads the transcript.
const LONGEST_LINE: usize = 160;

/// Where bytes go: up to the server, or down to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

/// Bytes that a client sent and received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// From the client to the server.
    pub up: usize,
    /// From the server to the client.
    pub down: usize,
}

/// All that happened on a network, in order.
pub struct Recorder {
    started: Instant,
    /// Time that passed only for the sake of the test.
    discounted: Duration,
    connections: Vec<Connection>,
    moments: Vec<Duration>,
    notes: Vec<(usize, Entry)>,
    /// Moments that a note accounts for: no elapsed time is shown before them.
    accounted: Vec<usize>,
    pub without_handshake: bool,
}

struct Connection {
    name: String,
    up: Lane,
    down: Lane,
    result: Option<String>,
}

/// The bytes of one direction, and after which byte each write ended.
#[derive(Default)]
struct Lane {
    bytes: Vec<u8>,
    /// Length after the write, and the moment of the write.
    writes: Vec<(usize, usize)>,
    ended: bool,
}

impl Recorder {
    pub fn new() -> Recorder {
        Recorder {
            started: Instant::now(),
            discounted: Duration::ZERO,
            connections: Vec::new(),
            moments: Vec::new(),
            notes: Vec::new(),
            accounted: Vec::new(),
            without_handshake: false,
        }
    }

    pub fn now(&self) -> Duration {
        self.started.elapsed() - self.discounted
    }

    pub fn discount(&mut self, time: Duration) {
        self.discounted += time;
    }

    pub fn connect(&mut self, name: &str) -> usize {
        self.connections.push(Connection {
            name: name.to_owned(),
            up: Lane::default(),
            down: Lane::default(),
            result: None,
        });
        self.connections.len() - 1
    }

    #[cfg(feature = "axum")]
    pub fn name(&self, connection: usize) -> String {
        self.connections[connection].name.clone()
    }

    pub fn bytes(&mut self, connection: usize, direction: Direction, bytes: &[u8]) {
        let moment = self.moment();
        let lane = self.connections[connection].lane(direction);
        lane.bytes.extend_from_slice(bytes);
        lane.writes.push((lane.bytes.len(), moment));
    }

    /// Notes that one end was closed. What the other end does after that is a consequence.
    pub fn end(&mut self, connection: usize, direction: Direction, vanished: bool) {
        let connection = &mut self.connections[connection];
        let name = connection.name.clone();
        let other = match direction {
            Direction::Up => connection.down.ended,
            Direction::Down => connection.up.ended,
        };
        connection.lane(direction).ended = true;
        match (direction, vanished) {
            _ if other => {}
            (Direction::Up, true) => self.note(&name, "vanishes"),
            (Direction::Up, false) => {
                // Only one half is closed: what the server does next still counts.
                connection.up.ended = false;
                self.note(&name, "closes its half");
            }
            (Direction::Down, _) => {
                self.note("server", &format!("closes the connection to {name}"));
            }
        }
    }

    pub fn silence(&mut self, who: &str, time: Duration) {
        if time.is_zero() {
            self.note(who, "hears nothing");
        } else {
            self.note(who, &format!("hears nothing for {}", duration(time)));
            self.accounted.push(self.moments.len() - 1);
        }
    }

    pub fn result(&mut self, connection: usize, result: String) {
        self.connections[connection].result = Some(result);
    }

    pub fn result_of(&self, connection: usize) -> Option<String> {
        let result = self.connections[connection].result.clone();
        result.filter(|result| result != "()")
    }

    /// Of the server, to the client called `name`.
    pub fn writes(&self, name: &str) -> usize {
        let named = self.connections.iter().filter(|c| c.name == name);
        named.map(|connection| connection.down.writes.len()).sum()
    }

    pub fn traffic(&self, name: &str) -> Traffic {
        let named = self.connections.iter().filter(|c| c.name == name);
        named.fold(Traffic::default(), |sum, connection| Traffic {
            up: sum.up + connection.up.bytes.len(),
            down: sum.down + connection.down.bytes.len(),
        })
    }

    pub fn transcript(&self) -> Transcript {
        let mut timed = self.notes.clone();
        for connection in &self.connections {
            let mut conversation = Conversation {
                connection,
                entries: Vec::new(),
            };
            conversation.read(self.without_handshake);
            timed.extend(conversation.entries);
        }
        timed.sort_by_key(|(moment, _)| *moment);

        let mut entries = Vec::new();
        let mut now = Duration::ZERO;
        // What the server sends at one moment goes to several clients in no particular order.
        let mut step: Vec<Entry> = Vec::new();
        for (moment, entry) in timed {
            let then = self.moments[moment];
            let by_server = matches!(&entry, Entry::Message { from, .. } if from == "server")
                || matches!(&entry, Entry::Note { who, .. } if who == "server");
            if then > now || !by_server {
                flush(&mut step, &mut entries);
            }
            if then > now && !self.accounted.contains(&moment) {
                entries.push(Entry::Elapsed(then - now));
            }
            now = then;
            if by_server {
                step.push(entry);
            } else {
                entries.push(entry);
            }
        }
        flush(&mut step, &mut entries);
        Transcript { entries }
    }

    fn moment(&mut self) -> usize {
        self.moments.push(self.now());
        self.moments.len() - 1
    }

    fn note(&mut self, who: &str, text: &str) {
        let moment = self.moment();
        let (who, text) = (who.to_owned(), text.to_owned());
        self.notes.push((moment, Entry::Note { who, text }));
    }
}

fn flush(step: &mut Vec<Entry>, entries: &mut Vec<Entry>) {
    step.sort_by(|a, b| receiver(a).cmp(receiver(b)));
    entries.append(step);
}

fn receiver(entry: &Entry) -> &str {
    match entry {
        Entry::Message { to, .. } => to,
        Entry::Note { text, .. } => text.rsplit(' ').next().unwrap_or(""),
        Entry::Elapsed(_) => "",
    }
}

impl Connection {
    fn lane(&mut self, direction: Direction) -> &mut Lane {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}

impl Lane {
    /// The moment at which the first `length` bytes had been written.
    fn moment(&self, length: usize) -> usize {
        let write = self.writes.partition_point(|(end, _)| *end < length);
        self.writes[write].1
    }
}

/// Reads one connection's bytes.
struct Conversation<'a> {
    connection: &'a Connection,
    entries: Vec<(usize, Entry)>,
}

impl Conversation<'_> {
    fn read(&mut self, without_handshake: bool) {
        let (mut up, mut down) = (0, 0);
        let mut upgraded = without_handshake;
        // Request and response, in turn: only the response tells what follows the request.
        while !upgraded {
            let request = self.head(Direction::Up, &mut up);
            let response = self.head(Direction::Down, &mut down);
            upgraded = response == Some(101);
            if request.is_none() && response.is_none() {
                break;
            }
        }
        for (direction, mut at) in [(Direction::Up, up), (Direction::Down, down)] {
            if upgraded {
                while self.frame(direction, &mut at) {}
            }
            self.data(direction, at);
        }
    }

    fn push(&mut self, direction: Direction, end: usize, lines: Vec<String>) {
        let (client, server) = (self.connection.name.clone(), "server".to_owned());
        let (lane, from, to) = match direction {
            Direction::Up => (&self.connection.up, client, server),
            Direction::Down => (&self.connection.down, server, client),
        };
        let message = Entry::Message { from, to, lines };
        self.entries.push((lane.moment(end), message));
    }

    fn rest(&self, direction: Direction, at: usize) -> &[u8] {
        match direction {
            Direction::Up => &self.connection.up.bytes[at..],
            Direction::Down => &self.connection.down.bytes[at..],
        }
    }

    /// Reads a head and its body; returns a response's status, or 0 for a request.
    fn head(&mut self, direction: Direction, at: &mut usize) -> Option<u16> {
        let rest = self.rest(direction, *at);
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let (length, status, fields) = match direction {
            Direction::Up => {
                let mut head = httparse::Request::new(&mut headers);
                let length = head.parse(rest).ok().filter(|s| s.is_complete())?.unwrap();
                (length, 0, crate::recorder::headers(head.headers))
            }
            Direction::Down => {
                let mut head = httparse::Response::new(&mut headers);
                let length = head.parse(rest).ok().filter(|s| s.is_complete())?.unwrap();
                (length, head.code?, crate::recorder::headers(head.headers))
            }
        };
        let text = String::from_utf8_lossy(&rest[..length]);
        // Some clients send an empty line before a request (RFC 9112, section 2.2).
        let lines = text.trim().split("\r\n");
        let mut lines: Vec<_> = lines.map(without_date).map(|line| shorten(&line)).collect();
        let body: usize = fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.parse().ok())
            .unwrap_or(0);
        let body = &rest[length..(length.saturating_add(body)).min(rest.len())];
        if !body.is_empty() {
            lines.push(String::new());
            match std::str::from_utf8(body) {
                Ok(text) => lines.extend(text.trim_end().split('\n').map(shorten)),
                Err(_) => lines.push(hex(body)),
            }
        }
        *at += length + body.len();
        self.push(direction, *at, lines);
        Some(status)
    }

    /// Reads a frame; `false` if there is no whole one.
    fn frame(&mut self, direction: Direction, at: &mut usize) -> bool {
        let Some((line, length)) = frame(self.rest(direction, *at), direction) else {
            return false;
        };
        *at += length;
        self.push(direction, *at, vec![line]);
        true
    }

    /// What is neither head nor frame: one entry for each write.
    fn data(&mut self, direction: Direction, mut at: usize) {
        let lane = match direction {
            Direction::Up => &self.connection.up,
            Direction::Down => &self.connection.down,
        };
        for (end, _) in &lane.writes {
            if *end > at {
                let line = format!("data {}", data(&lane.bytes[at..*end]));
                self.push(direction, *end, vec![line]);
                at = *end;
            }
        }
    }
}

/// Bytes as text with visible line ends, or as hex.
pub fn data(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text_line(text),
        Err(_) => hex(bytes),
    }
}

/// A parsed head's headers, as text.
pub fn headers(headers: &[httparse::Header<'_>]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|header| {
            let value = String::from_utf8_lossy(header.value).into_owned();
            (header.name.to_owned(), value)
        })
        .collect()
}

fn text_line(text: &str) -> String {
    shorten(&visible(text))
}

/// A server's clock is not part of a snapshot.
fn without_date(line: &str) -> String {
    match line.split_once(':') {
        Some((name, _)) if name.eq_ignore_ascii_case("date") => format!("{name}: …"),
        _ => line.to_owned(),
    }
}

fn shorten(line: &str) -> String {
    let line = line.trim_end_matches('\r');
    let count = line.chars().count();
    if count <= LONGEST_LINE {
        return line.to_owned();
    }
    let start: String = line.chars().take(LONGEST_LINE / 4).collect();
    format!("{start}… ({count} characters)")
}

/// Describes the frame at the start of `bytes`, and tells its length. `None`: it is not whole.
fn frame(bytes: &[u8], direction: Direction) -> Option<(String, usize)> {
    let mut rest = bytes;
    let frame = Frame::take(&mut rest).filter(Frame::is_whole)?;
    let end = bytes.len() - rest.len();
    let payload = frame.unmasked();
    let Some(name) = frame.name() else {
        let opcode = frame.opcode();
        return Some((format!("opcode {opcode:#x} {}", data(&payload)), end));
    };
    let mut remarks = Vec::new();
    if frame.first & 0x80 == 0 {
        remarks.push("fragment");
    }
    if frame.first & 0x70 != 0 {
        remarks.push("reserved bits");
    }
    match (direction, frame.is_masked()) {
        (Direction::Up, false) => remarks.push("unmasked"),
        (Direction::Down, true) => remarks.push("masked"),
        _ => {}
    }
    let mut line = name.to_owned();
    if !remarks.is_empty() {
        line += &format!(" ({})", remarks.join(", "));
    }
    let shown = match (frame.opcode(), &payload[..]) {
        (_, []) => String::new(),
        (0x8, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            match std::str::from_utf8(reason) {
                Ok("") => code.to_string(),
                Ok(reason) => format!("{code} \"{}\"", visible(reason)),
                Err(_) => format!("{code} {}", hex(reason)),
            }
        }
        (0x2 | 0x8, _) => hex(&payload),
        _ => data(&payload),
    };
    if !shown.is_empty() {
        line = format!("{line} {shown}");
    }
    Some((line, end))
}
