//! The same server on real sockets: the kernel buffers, splits and resets as it likes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use emit_vs_broadcast_solution::{Hub, Limits, WhenFull, app};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

type Client = WebSocketStream<TcpStream>;

async fn serve(limits: Limits) -> (Hub, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hub = Hub::new(limits);
    let app = app(hub.clone(), Arc::new(|_| {}));
    tokio::spawn(async { axum::serve(listener, app).await });
    (hub, address)
}

async fn connect(address: SocketAddr) -> Client {
    let stream = TcpStream::connect(address).await.unwrap();
    let url = format!("ws://{address}/chat");
    client_async(url, stream).await.unwrap().0
}

/// The next message as text, or the close frame's code and reason.
async fn next(client: &mut Client) -> String {
    let message = timeout(Duration::from_secs(5), client.next()).await;
    match message.expect("something comes").transpose() {
        Ok(Some(Message::Close(Some(frame)))) => format!("{} {}", frame.code, frame.reason),
        Ok(Some(Message::Close(None)) | None) => "closed".to_owned(),
        Ok(Some(message)) => message.into_text().unwrap().to_string(),
        Err(error) => format!("error: {error}"),
    }
}

#[tokio::test]
async fn three_people_chat() {
    let (_, address) = serve(Limits::default()).await;
    let mut ann = connect(address).await;
    assert_eq!(next(&mut ann).await, r#"2["welcome",1]"#);
    let mut bob = connect(address).await;
    assert_eq!(next(&mut bob).await, r#"2["welcome",2]"#);
    assert_eq!(next(&mut ann).await, r#"2["joined",2]"#);

    let packet = Message::text(r#"2["socket.broadcast.emit","hello"]"#);
    ann.send(packet).await.unwrap();
    assert_eq!(next(&mut bob).await, r#"2["chat",1,"hello"]"#);
    ann.close(None).await.unwrap();
    assert_eq!(next(&mut bob).await, r#"2["left",1]"#);
    assert_eq!(next(&mut ann).await, "closed");
}

/// The server stops reading in the middle of ten megabytes. Closed at once, it would reset the
/// connection, and the client might lose the Close that tells it why.
#[tokio::test]
async fn a_message_that_is_far_too_long_is_1009() {
    let (_, address) = serve(Limits::default()).await;
    let ann = connect(address).await;
    let (mut sink, stream) = ann.split();
    let sending = tokio::spawn(async move {
        let packet = Message::text("x".repeat(10_000_000));
        // It fails half way: nobody reads on.
        let _ = sink.send(packet).await;
        sink
    });
    let closes = stream.filter_map(async |message| match message {
        Ok(Message::Close(Some(frame))) => Some(u16::from(frame.code)),
        _ => None,
    });
    let code = timeout(Duration::from_secs(5), Box::pin(closes).next()).await;
    assert_eq!(code.expect("something comes"), Some(1009));
    sending.abort();
}

/// The kernel takes megabytes for a client that does not read. Then its queue fills, and it goes.
#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let limits = Limits {
        queue: 16,
        when_full: WhenFull::DropClient,
    };
    let (hub, address) = serve(limits).await;
    let mut ann = connect(address).await;
    assert_eq!(next(&mut ann).await, r#"2["welcome",1]"#);
    let bob = connect(address).await;
    assert_eq!(next(&mut ann).await, r#"2["joined",2]"#);

    let words = format!(r#"2["socket.broadcast.emit","{}"]"#, "x".repeat(60_000));
    let mut sent = 0;
    while hub.ids().len() > 1 {
        ann.send(Message::text(words.clone())).await.unwrap();
        sent += 1;
        assert!(sent < 10_000, "600 MB, and bob is still there");
    }
    assert_eq!(next(&mut ann).await, r#"2["left",2]"#);
    drop(bob);
}
