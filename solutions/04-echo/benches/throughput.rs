//! Messages per second of the echo, next to tokio-tungstenite's own example of an echo server.
//!
//! `cargo bench -p echo-solution` takes about a minute. One client takes turns with the two servers,
//! and the median of the turns counts.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use echo_solution::Server;
use futures_util::{StreamExt, TryStreamExt, future};
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;

/// Bytes in a message, and how many messages the client sends before it reads the answers.
const CASES: [(usize, usize); 6] = [
    (64, 1),
    (64, 64),
    (4096, 1),
    (4096, 16),
    (64 << 10, 4),
    (1 << 20, 1),
];
/// Connections, each with as many messages under way.
const CONNECTIONS: usize = 4;
/// How often the client visits each server, and for how long.
const TURNS: usize = 101;
const TURN: Duration = Duration::from_millis(50);

fn main() -> io::Result<()> {
    let [ours, theirs] = start();
    println!("       message         in flight    example's msg/s       echo's msg/s    ratio");
    for (size, window) in CASES {
        let mut ours = Client::new(ours, size, window)?;
        let mut theirs = Client::new(theirs, size, window)?;
        let (mut our_rates, mut their_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            // Who goes first changes, so that neither always follows the other.
            let (first, second) = match turn % 2 {
                0 => (&mut ours, &mut theirs),
                _ => (&mut theirs, &mut ours),
            };
            let rates = (first.turn()?, second.turn()?);
            let (ours, theirs) = if turn % 2 == 0 {
                rates
            } else {
                (rates.1, rates.0)
            };
            our_rates.push(ours);
            their_rates.push(theirs);
            ratios.push(ours / theirs);
        }
        println!(
            "{size:>8} bytes   {CONNECTIONS} x {window:>2} messages {:>18.0} {:>18.0} {:>7.1} %",
            median(&mut their_rates),
            median(&mut our_rates),
            100.0 * median(&mut ratios),
        );
    }
    Ok(())
}

/// Starts both servers, and tells their addresses: ours and the example's.
///
/// They share a thread, so that neither has the better place on a busy machine.
fn start() -> [SocketAddr; 2] {
    let (tell, addresses) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let ours = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let theirs = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addresses = [ours.local_addr().unwrap(), theirs.local_addr().unwrap()];
            tell.send(addresses).unwrap();
            let server = Server::new(CONNECTIONS * CASES.len(), |_| {});
            tokio::join!(server.run(ours, future::pending()), example(theirs));
        });
    });
    addresses.recv().unwrap()
}

/// The loop of tokio-tungstenite's `examples/echo-server.rs`, in our words.
async fn example(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            // Ours sets it too: the loops are compared, not the socket options.
            stream.set_nodelay(true).unwrap();
            let socket = accept_async(stream).await.unwrap();
            let (write, read) = socket.split();
            let data = read.try_filter(|m| future::ready(m.is_text() || m.is_binary()));
            let _ = data.forward(write).await;
        });
    }
}

/// A client that costs next to nothing: its frames are made beforehand, and answers are counted.
struct Client {
    streams: Vec<TcpStream>,
    frames: Vec<u8>,
    answers: Vec<u8>,
    messages: usize,
}

impl Client {
    fn new(server: SocketAddr, size: usize, window: usize) -> io::Result<Self> {
        let head = match size {
            ..126 => vec![0x82, 0x80 | size as u8],
            126..65536 => [&[0x82, 0xfe], &(size as u16).to_be_bytes()[..]].concat(),
            _ => [&[0x82, 0xff], &(size as u64).to_be_bytes()[..]].concat(),
        };
        let frame = [&head[..], &[1, 2, 3, 4], &vec![b'a'; size]].concat();
        let connections = 0..CONNECTIONS;
        Ok(Client {
            streams: connections
                .map(|_| connect(server))
                .collect::<io::Result<_>>()?,
            frames: frame.repeat(window),
            answers: vec![0; (head.len() + size) * window],
            messages: CONNECTIONS * window,
        })
    }

    /// Sends and receives for a while; returns messages per second.
    fn turn(&mut self) -> io::Result<f64> {
        let start = Instant::now();
        let mut count = 0;
        while start.elapsed() < TURN {
            for stream in &mut self.streams {
                stream.write_all(&self.frames)?;
            }
            for stream in &mut self.streams {
                stream.read_exact(&mut self.answers)?;
            }
            count += self.messages;
        }
        Ok(count as f64 / start.elapsed().as_secs_f64())
    }
}

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(stream)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
