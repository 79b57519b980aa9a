//! The same code on real sockets: each read has what TCP made of the writes, and closing is TCP's.

use std::time::Duration;

use polling_solution::{Feed, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Starts a server on a free port and connects to it.
async fn connect(feed: &Feed) -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let feed = feed.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream, feed).await.unwrap();
    });
    TcpStream::connect(address).await.unwrap()
}

/// All that the server sends until it closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let read = timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await;
    read.expect("the server closes").unwrap();
    text
}

#[tokio::test]
async fn a_long_poll_is_answered_when_something_is_published() {
    let feed = Feed::default();
    let mut ann = connect(&feed).await;
    let head = "GET /updates/wait?since=0 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let (first, second) = head.split_at(20);
    ann.write_all(first.as_bytes()).await.unwrap();
    tokio::task::yield_now().await;
    ann.write_all(second.as_bytes()).await.unwrap();
    feed.publish("kick-off");
    let response = rest(&mut ann).await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    assert!(response.ends_with("\r\n\r\n1 kick-off\n"), "{response}");
}

/// A server that closes with bytes unread resets the connection, and the answer can be lost.
#[tokio::test]
async fn a_refusal_arrives_although_a_body_is_on_its_way() {
    let mut ann = connect(&Feed::default()).await;
    let head = "POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    ann.write_all(head.as_bytes()).await.unwrap();
    ann.write_all(&[b'x'; 1_000_000]).await.unwrap();
    ann.shutdown().await.unwrap();
    let response = rest(&mut ann).await;
    assert!(response.starts_with("HTTP/1.1 405 "), "{response}");
    assert!(response.contains("\r\nAllow: GET\r\n"), "{response}");
}
