//! A network in memory: connections that behave like TCP's, and hostile ones on demand.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::coach::{coach_boxed, fail_at, show_transcript};
use crate::recorder::{Direction, Recorder, Traffic};
use crate::transcript::{Transcript, duration};

/// How long a client waits for an answer. The clock is paused: it costs nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Reads after the end, or writes after the peer left, that count as a loop.
const TOO_OFTEN: u32 = 1000;

/// Runs an asynchronous test on a network of its own, on one thread and on a paused clock.
///
/// When the test fails, `advice` is printed first; see [`coach`](crate::coach).
#[track_caller]
pub fn wire(advice: &str, test: impl AsyncFnOnce(Net) + Send + 'static) {
    coach_boxed(
        advice,
        Box::new(|| run(Box::new(|net| Box::pin(async move { test(net).await })))),
    );
}

type Test = Box<dyn FnOnce(Net) -> Pin<Box<dyn Future<Output = ()>>>>;

fn run(test: Test) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing of the system");
    runtime.block_on(async {
        let net = Net::new();
        let recorder = net.recorder.clone();
        show_transcript(move || match recorder.try_lock() {
            Ok(recorder) => recorder.transcript().to_string(),
            Err(_) => String::new(),
        });
        test(net).await;
    });
}

pub(crate) type SharedRecorder = Arc<Mutex<Recorder>>;

/// Waits until every task waits: only then does the clock move, and by 1 ms at least. The
/// transcript's own clock does not count it.
pub(crate) async fn settle(recorder: &Mutex<Recorder>) {
    let least = Duration::from_millis(1);
    sleep(least).await;
    recorder.lock().unwrap().discount(least);
}

/// An in-memory network with one server and any number of named clients.
#[derive(Clone)]
pub struct Net {
    recorder: SharedRecorder,
    connections: mpsc::UnboundedSender<Stream>,
    incoming: Arc<Mutex<Option<mpsc::UnboundedReceiver<Stream>>>>,
    hostility: Arc<Mutex<Hostility>>,
}

/// How connections treat the server from now on.
#[derive(Clone, Copy)]
struct Hostility {
    /// Bytes that one read, or one write, of the server moves at most.
    piece: usize,
    /// Bytes that fit between server and client before a writer has to wait.
    capacity: usize,
}

impl Net {
    fn new() -> Net {
        let (connections, incoming) = mpsc::unbounded_channel();
        Net {
            recorder: Arc::new(Mutex::new(Recorder::new())),
            connections,
            incoming: Arc::new(Mutex::new(Some(incoming))),
            hostility: Arc::new(Mutex::new(Hostility {
                piece: usize::MAX,
                capacity: 64 * 1024,
            })),
        }
    }

    /// The server's reads and writes move `bytes` bytes at most, on connections made from now on.
    pub fn in_pieces_of(&self, bytes: usize) {
        self.hostility.lock().unwrap().piece = bytes;
    }

    /// A writer waits once `bytes` bytes are unread, on connections made from now on. As with
    /// TCP, a peer that stops reading stops its writer.
    pub fn with_capacity(&self, bytes: usize) {
        self.hostility.lock().unwrap().capacity = bytes;
    }

    /// Connections carry WebSocket frames from their first byte, without a handshake.
    pub fn without_handshake(&self) {
        self.recorder.lock().unwrap().without_handshake = true;
    }

    /// Connects as `name`. The other end goes to [`Net::serve`] or [`Net::listener`].
    pub async fn connect(&self, name: &str) -> Client {
        let (client, server) = self.pair(name);
        // The receiver is gone only when the server has ended: then the client sees the end too.
        _ = self.connections.send(server);
        client
    }

    /// Both ends of a connection, for a test that hands the server's end on itself.
    pub fn pair(&self, name: &str) -> (Client, Stream) {
        let Hostility { piece, capacity } = *self.hostility.lock().unwrap();
        let (client, server) = tokio::io::duplex(capacity);
        let connection = self.recorder.lock().unwrap().connect(name);
        let end = |side, io, piece| Stream {
            io,
            side,
            connection,
            recorder: self.recorder.clone(),
            piece,
            fruitless: 0,
            ended: false,
        };
        let client = Client {
            name: name.to_owned(),
            stream: end(Direction::Up, client, usize::MAX),
            received: Vec::new(),
        };
        (client, end(Direction::Down, server, piece))
    }

    /// Runs `serve` in a task of its own for each connection.
    pub fn serve<F, R>(&self, serve: impl Fn(Stream) -> F + Send + 'static)
    where
        F: Future<Output = R> + Send + 'static,
        R: Debug + Send + 'static,
    {
        let mut listener = self.listener();
        tokio::spawn(async move {
            loop {
                let stream = listener.accept().await;
                let recorder = listener.recorder.clone();
                let connection = stream.connection;
                let served = serve(stream);
                tokio::spawn(async move {
                    let result = format!("{:?}", served.await);
                    recorder.lock().unwrap().result(connection, result);
                });
            }
        });
    }

    /// Where connections arrive: an `axum::serve::Listener` with the kit's feature `axum`.
    ///
    /// # Panics
    ///
    /// A network has one server: when it is taken already.
    pub fn listener(&self) -> Listener {
        let incoming = self.incoming.lock().unwrap().take();
        Listener {
            incoming: incoming.expect("a network has one server"),
            recorder: self.recorder.clone(),
        }
    }

    /// Waits until every task waits: what was sent has been handled.
    pub async fn settle(&self) {
        settle(&self.recorder).await;
    }

    /// Lets `time` pass.
    pub async fn pass(&self, time: Duration) {
        sleep(time).await;
    }

    /// The time that has passed since the network was made.
    pub fn now(&self) -> Duration {
        self.recorder.lock().unwrap().now()
    }

    /// What has crossed the wire so far.
    pub fn transcript(&self) -> Transcript {
        self.recorder.lock().unwrap().transcript()
    }

    /// How many writes of the server have gone to the client called `name`, so far.
    pub fn writes(&self, name: &str) -> usize {
        self.recorder.lock().unwrap().writes(name)
    }

    /// Bytes of all connections of the client called `name`, so far.
    pub fn traffic(&self, name: &str) -> Traffic {
        self.recorder.lock().unwrap().traffic(name)
    }
}

/// Accepts the connections of a [`Net`].
pub struct Listener {
    incoming: mpsc::UnboundedReceiver<Stream>,
    recorder: SharedRecorder,
}

impl Listener {
    /// Waits for the next connection; for ever, once the network is gone.
    pub async fn accept(&mut self) -> Stream {
        match self.incoming.recv().await {
            Some(stream) => stream,
            None => std::future::pending().await,
        }
    }
}

#[cfg(feature = "axum")]
impl axum::serve::Listener for Listener {
    type Io = Stream;
    type Addr = String;

    async fn accept(&mut self) -> (Stream, String) {
        let stream = Listener::accept(self).await;
        let name = stream.recorder.lock().unwrap().name(stream.connection);
        (stream, name)
    }

    fn local_addr(&self) -> io::Result<String> {
        Ok("server".to_owned())
    }
}

/// One end of a connection. All that is written to it goes into the transcript.
pub struct Stream {
    io: DuplexStream,
    /// Where this end's bytes go: a client's go up, the server's go down.
    side: Direction,
    connection: usize,
    recorder: SharedRecorder,
    piece: usize,
    fruitless: u32,
    ended: bool,
}

impl Stream {
    #[cfg(feature = "websocket")]
    pub(crate) fn recorder(&self) -> SharedRecorder {
        self.recorder.clone()
    }

    fn end(&mut self, vanished: bool) {
        if !self.ended {
            self.ended = true;
            // Poisoned only by a panic in the kit, which has been reported.
            if let Ok(mut recorder) = self.recorder.lock() {
                recorder.end(self.connection, self.side, vanished);
            }
        }
    }

    /// Stops a loop that would spin for ever on a connection that has ended.
    fn count_fruitless(&mut self, advice: &str) {
        self.fruitless += 1;
        assert!(self.fruitless < TOO_OFTEN, "{advice}");
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wanted = buf.remaining().min(self.piece);
        let before = buf.filled().len();
        if wanted == buf.remaining() {
            ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        } else {
            let mut bytes = vec![0; wanted];
            let mut piece = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
            buf.put_slice(piece.filled());
        }
        let read = buf.filled().len() - before;
        if read == 0 && wanted > 0 {
            self.count_fruitless(
                "the peer has closed the connection, so every read returns Ok(0), and this code \
                 goes on reading: treat 0 bytes as the end",
            );
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let piece = &bytes[..bytes.len().min(self.piece)];
        match ready!(Pin::new(&mut self.io).poll_write(cx, piece)) {
            Ok(written) => {
                let mut recorder = self.recorder.lock().unwrap();
                recorder.bytes(self.connection, self.side, &piece[..written]);
                Poll::Ready(Ok(written))
            }
            Err(error) => {
                self.count_fruitless(
                    "the peer is gone, so every write fails, and this code goes on writing: \
                     let an error end the task",
                );
                Poll::Ready(Err(error))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.end(false);
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end(self.side == Direction::Up);
    }
}

impl Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}

/// A client that speaks in bytes. Dropping it is a peer that vanishes.
pub struct Client {
    name: String,
    stream: Stream,
    received: Vec<u8>,
}

/// An HTTP response as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    /// The first header called `name`, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        self.headers.iter().find(named).map(|(_, value)| &value[..])
    }
}

impl Client {
    /// Sends bytes in one write. A server that is gone already is no error here.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Sends `bytes` in writes of `size` bytes; the server handles each before the next comes.
    pub async fn send_in_pieces(&mut self, bytes: impl AsRef<[u8]>, size: usize) {
        for piece in bytes.as_ref().chunks(size) {
            self.send(piece).await;
            settle(&self.stream.recorder).await;
        }
    }

    /// Says that no more bytes will come, and still reads (TCP's FIN).
    pub async fn finish(&mut self) {
        _ = self.stream.shutdown().await;
    }

    /// Reads one HTTP response, and as much body as its `Content-Length` says.
    #[track_caller]
    pub fn response(&mut self) -> impl Future<Output = Response> {
        let at = Location::caller();
        async move {
            let (mut response, length) = loop {
                match parse_response(&self.received) {
                    Ok(Some(parsed)) => break parsed,
                    Ok(None) => self.read_more("an HTTP response", at).await,
                    Err(error) => {
                        let text = crate::recorder::data(&self.received);
                        fail_at(at, &format!("not an HTTP response ({error}): {text}"))
                    }
                }
            };
            let body = response
                .header("content-length")
                .and_then(|value| value.parse().ok())
                .unwrap_or(0);
            while self.received.len() < length + body {
                self.read_more("the rest of the body", at).await;
            }
            response.body = self.received[length..length + body].to_vec();
            self.received.drain(..length + body);
            response
        }
    }

    /// Reads exactly `count` bytes.
    #[track_caller]
    pub fn bytes(&mut self, count: usize) -> impl Future<Output = Vec<u8>> {
        let at = Location::caller();
        async move {
            while self.received.len() < count {
                self.read_more(&format!("{count} bytes"), at).await;
            }
            self.received.drain(..count).collect()
        }
    }

    /// Reads whatever comes next: one byte at least.
    #[track_caller]
    pub fn some_bytes(&mut self) -> impl Future<Output = Vec<u8>> {
        let at = Location::caller();
        async move {
            if self.received.is_empty() {
                self.read_more("an answer", at).await;
            }
            std::mem::take(&mut self.received)
        }
    }

    /// Waits for the server to close the connection, and returns what it sent before.
    #[track_caller]
    pub fn closed(&mut self) -> impl Future<Output = Vec<u8>> {
        let at = Location::caller();
        async move {
            let mut rest = std::mem::take(&mut self.received);
            match timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await {
                Ok(_) => rest,
                Err(_) => {
                    let message = format!(
                        "{} waited for the server to close the connection. It stayed open.",
                        self.name
                    );
                    fail_at(at, &message)
                }
            }
        }
    }

    /// Asserts that the server has sent nothing that was not read, and has not closed.
    #[track_caller]
    pub fn hears_nothing(&mut self) -> impl Future<Output = ()> {
        self.silence(Duration::ZERO, Location::caller())
    }

    /// Lets `time` pass, and asserts that nothing came.
    #[track_caller]
    pub fn hears_nothing_for(&mut self, time: Duration) -> impl Future<Output = ()> {
        self.silence(time, Location::caller())
    }

    async fn silence(&mut self, time: Duration, at: &'static Location<'static>) {
        settle(&self.stream.recorder).await;
        let mut byte = [0];
        let heard = match timeout(time, self.stream.read(&mut byte)).await {
            _ if !self.received.is_empty() => "heard something",
            Err(_) => return self.recorder().silence(&self.name, time),
            Ok(Ok(1)) => "heard something",
            Ok(_) => "lost the connection",
        };
        fail_at(
            at,
            &format!("{} should hear nothing, but {heard}.", self.name),
        )
    }

    fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.stream.recorder.lock().unwrap()
    }

    /// Reads at least one byte, or fails the test: `wanted` did not come.
    async fn read_more(&mut self, wanted: &str, at: &'static Location<'static>) {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.received)).await;
        let ending = match read {
            Ok(Ok(read)) if read > 0 => return,
            Ok(_) => "The server closed the connection.".to_owned(),
            Err(_) => format!("None came within {}.", duration(PATIENCE)),
        };
        let mut message = format!("{} waited for {wanted}. {ending}", self.name);
        if let Some(result) = self.recorder().result_of(self.stream.connection) {
            message += &format!(" The server's function returned {result}.");
        }
        fail_at(at, &message)
    }

    #[cfg(feature = "websocket")]
    pub(crate) fn into_parts(self) -> (String, Stream) {
        (self.name, self.stream)
    }
}

/// The head of a response and its length, or `None` if there is more to come.
fn parse_response(bytes: &[u8]) -> Result<Option<(Response, usize)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = head.parse(bytes)? else {
        return Ok(None);
    };
    let response = Response {
        status: head.code.unwrap_or_default(),
        headers: crate::recorder::headers(head.headers),
        body: Vec::new(),
    };
    Ok(Some((response, length)))
}
