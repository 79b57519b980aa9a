//! The in-memory network, its transcript and its hostile connections.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::routing::any;
use kit::{Net, Stream, Traffic, assert_snapshot, wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const TEN_SECONDS: Duration = Duration::from_secs(10);

/// Answers every read in the same words.
async fn parrot(mut stream: Stream) -> std::io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..read]).await?;
    }
}

#[test]
fn tells_who_said_what_when() {
    wire("", async |net: Net| {
        net.serve(async |mut stream: Stream| {
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).await?;
            assert!(buffer[..read].starts_with(b"GET"));
            tokio::time::sleep(Duration::from_millis(2500)).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
            stream.write_all(answer).await
        });
        let mut ann = net.connect("ann").await;
        ann.send("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n")
            .await;
        let response = ann.response().await;
        assert_eq!((response.status, &response.body[..]), (200, &b"hello"[..]));
        assert_eq!(response.header("content-LENGTH"), Some("5"));
        assert_eq!(ann.closed().await, b"");
        assert_snapshot!(net.transcript(), @r"
        ann → server   GET / HTTP/1.1
                       Host: server.example.com
        +2.5 s
        server → ann   HTTP/1.1 200 OK
                       Content-Length: 5

                       hello
        server         closes the connection to ann
        ");
        assert_eq!(net.traffic("ann"), Traffic { up: 44, down: 43 });
    });
}

#[test]
fn reads_frames_after_an_upgrade_and_leaves_the_rest_as_data() {
    wire("", async |net: Net| {
        let (mut ann, mut stream) = net.pair("ann");
        // The first frame comes in the same packet as the handshake.
        ann.send(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\x81\x82\0\0\0\0hi")
            .await;
        stream
            .write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            .await
            .unwrap();
        stream
            .write_all(b"\x01\x03Hel\x89\0\x80\x02lo")
            .await
            .unwrap();
        stream
            .write_all(b"\x82\x03\0\x01\xff\x88\x05\x03\xe8bye")
            .await
            .unwrap();
        ann.send(b"\x81\x02hi\x88\x80\0\0\0\0").await;
        ann.send(b"\xc1\x80\0\0\0\0").await;
        ann.send(b"\x83\x80\0\0\0\0").await;
        ann.send(b"what?\r\n").await;
        drop(ann);
        assert_snapshot!(net.transcript(), @r#"
        ann → server   GET / HTTP/1.1
                       Upgrade: websocket
        ann → server   text hi
        server → ann   HTTP/1.1 101 Switching Protocols
        server → ann   text (fragment) Hel
        server → ann   ping
        server → ann   continuation lo
        server → ann   binary 00 01 ff
        server → ann   close 1000 "bye"
        ann → server   text (unmasked) hi
        ann → server   close
        ann → server   text (reserved bits)
        ann → server   opcode 0x3
        ann → server   data what?\r\n
        ann            vanishes
        "#);
    });
}

/// A server answers several clients in any order. The transcript shows them by name.
#[test]
fn sorts_the_receivers_of_one_step() {
    wire("", async |net: Net| {
        net.without_handshake();
        let (mut cat, mut to_cat) = net.pair("cat");
        let (mut bob, mut to_bob) = net.pair("bob");
        to_cat.write_all(b"\x81\x011\x81\x012").await.unwrap();
        to_bob.write_all(b"\x81\x013").await.unwrap();
        assert_eq!(cat.bytes(6).await, b"\x81\x011\x81\x012");
        assert_eq!(bob.some_bytes().await, b"\x81\x013");
        bob.hears_nothing().await;
        cat.hears_nothing_for(TEN_SECONDS).await;
        net.pass(TEN_SECONDS).await;
        to_bob.write_all(b"\x89\0").await.unwrap();
        assert_snapshot!(net.transcript(), @r"
        server → bob   text 3
        server → cat   text 1
        server → cat   text 2
        bob            hears nothing
        cat            hears nothing for 10 s
        +10 s
        server → bob   ping
        ");
    });
}

#[test]
fn moves_bytes_in_pieces_either_way() {
    wire("", async |net: Net| {
        net.in_pieces_of(1);
        let (mut ann, mut stream) = net.pair("ann");
        ann.send("abc").await;
        let mut buffer = [0; 8];
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 1);
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 1);
        assert_eq!(buffer, *b"b\0\0\0\0\0\0\0");
        assert_eq!(stream.write(b"xyz").await.unwrap(), 1);
        assert_eq!(ann.some_bytes().await, b"x");
    });
}

#[test]
fn stops_a_writer_whose_peer_does_not_read() {
    wire("", async |net: Net| {
        net.with_capacity(8);
        let (ann, mut stream) = net.pair("ann");
        let write = stream.write_all(b"nine bytes");
        assert!(tokio::time::timeout(TEN_SECONDS, write).await.is_err());
        drop(ann);
        assert!(stream.write_all(b"gone").await.is_err());
    });
}

#[test]
fn closes_one_half() {
    wire("", async |net: Net| {
        net.serve(parrot);
        let mut ann = net.connect("ann").await;
        ann.send_in_pieces("one two", 4).await;
        ann.finish().await;
        assert_eq!(ann.closed().await, b"one two");
        assert_snapshot!(net.transcript(), @r"
        ann → server   data one\u{20}
        server → ann   data one\u{20}
        ann → server   data two
        server → ann   data two
        ann            closes its half
        server         closes the connection to ann
        ");
    });
}

#[test]
fn serves_axum_and_tungstenite() {
    wire("", async |net: Net| {
        let app = Router::new().route(
            "/echo",
            any(async |upgrade: WebSocketUpgrade| {
                upgrade.on_upgrade(async |mut socket| {
                    while let Some(Ok(message)) = socket.recv().await {
                        if let Message::Text(_) = message {
                            _ = socket.send(message).await;
                        }
                    }
                })
            }),
        );
        let listener = net.listener();
        tokio::spawn(async { axum::serve(listener, app).await });

        let mut ann = net.websocket("ann", "/echo").await;
        ann.text("hello").await;
        assert_eq!(ann.next_text().await, "hello");
        ann.hears_nothing_for(TEN_SECONDS).await;
        ann.close(4000, "enough").await;
        assert_eq!(ann.closed().await, (4000, "enough".to_owned()));
        assert!(net.try_websocket("bob", "/nowhere").await.is_err());
    });
}
