//! The echo server on real sockets, with tungstenite for a client.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, client};

/// Serves as `main` does, on a free port.
async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(frames_solution::serve(stream));
        }
    });
    address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    let limit = Some(Duration::from_secs(5));
    stream.set_read_timeout(limit).expect("5 s is a timeout");
    stream.set_write_timeout(limit).expect("5 s is a timeout");
    stream
}

/// Runs a client that blocks while the server runs on this thread.
async fn beside(client: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(client)
        .await
        .expect("the client does not panic");
}

#[tokio::test]
async fn echoes_and_closes_with_the_clients_own_code() {
    let address = serve().await;
    beside(move || {
        let url = format!("ws://{address}/any/path");
        let (mut socket, _) = client(url, connect(address)).expect("a handshake");
        for message in [
            Message::text("grüß dich 🦀"),
            Message::binary(vec![0, 255]),
            Message::binary(vec![7; 1 << 20]),
            Message::text(""),
        ] {
            socket.send(message.clone()).expect("it is connected");
            assert_eq!(socket.read().expect("an echo"), message);
        }
        socket
            .send(Message::Ping("?".into()))
            .expect("it is connected");
        assert_eq!(socket.read().expect("a pong"), Message::Pong("?".into()));

        let close = CloseFrame {
            code: 4000.into(),
            reason: "enough".into(),
        };
        socket.close(Some(close.clone())).expect("it is connected");
        assert_eq!(socket.read().expect("a close"), Message::Close(Some(close)));
        socket.read().expect_err("the server ends the connection");
    })
    .await;
}

/// A reset would destroy the close frame: bytes are left unread when the server has seen enough.
#[tokio::test]
async fn says_what_was_wrong_while_bytes_still_arrive() {
    let address = serve().await;
    beside(move || {
        let mut stream = connect(address);
        let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        stream
            .write_all(request.as_bytes())
            .expect("it is connected");
        // Opcode 3, then a megabyte that nobody asked for.
        stream
            .write_all(b"\x83\x80\0\0\0\0")
            .expect("it is connected");
        stream
            .write_all(&vec![0; 1 << 20])
            .expect("the server reads on");
        let mut answer = Vec::new();
        let mut reader = stream.try_clone().expect("a socket can be shared");
        // The server's end of the stream comes while ours is open.
        reader.read_to_end(&mut answer).expect("no reset");
        let at = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("a head")
            + 4;
        assert_eq!(&answer[at..at + 4], b"\x88\x16\x03\xea");
        assert_eq!(&answer[at + 4..], b"opcode 3 is reserved");
    })
    .await;
}

#[tokio::test]
async fn serves_many_clients_at_once() {
    let address = serve().await;
    beside(move || {
        let mut sockets: Vec<_> = (0..50)
            .map(|_| {
                client(format!("ws://{address}/"), connect(address))
                    .expect("a handshake")
                    .0
            })
            .collect();
        let workers: Vec<_> = sockets
            .drain(..)
            .enumerate()
            .map(|(n, mut socket)| {
                thread::spawn(move || {
                    for turn in 0..10 {
                        let message = Message::text(format!("{n} says {turn}"));
                        socket.send(message.clone()).expect("it is connected");
                        assert_eq!(socket.read().expect("an echo"), message);
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().expect("every client hears its own messages");
        }
    })
    .await;
}
