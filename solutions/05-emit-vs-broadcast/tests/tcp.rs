//! The same server on real sockets, with a client that is not ours.

use std::sync::Arc;
use std::time::Duration;

use emit_vs_broadcast_solution::{Hub, app};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

async fn connect(address: std::net::SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    client_async(format!("ws://{address}/chat"), stream)
        .await
        .unwrap()
        .0
}

#[tokio::test]
async fn oversized() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(Hub::default(), Arc::new(|line| eprintln!("{line}")));
    tokio::spawn(async { axum::serve(listener, app).await });
    for size in [65536, 65537, 100_000, 1_000_000, 10_000_000, 30_000_000] {
        let mut ann = connect(address).await;
        let text = format!("2[\"x\",\"{}\"]", "a".repeat(size - 9));
        assert_eq!(text.len(), size);
        let t = std::time::Instant::now();
        let sent = ann.send(Message::text(text)).await;
        println!("{size}: sent {sent:?} after {:?}", t.elapsed());
        loop {
            let m = tokio::time::timeout(Duration::from_millis(2500), ann.next()).await;
            println!("   {m:?} {:?}", t.elapsed());
            if !matches!(m, Ok(Some(Ok(_)))) {
                break;
            }
        }
        // a reader task at once
        let (mut sink, mut stream) = connect(address).await.split();
        let text = format!("2[\"x\",\"{}\"]", "a".repeat(size - 9));
        let t = std::time::Instant::now();
        let w = tokio::spawn(async move {
            let r = sink.send(Message::text(text)).await;
            println!("   [2] sent {r:?}");
            sink
        });
        loop {
            let m = tokio::time::timeout(Duration::from_millis(2500), stream.next()).await;
            println!("   [2] {m:?} {:?}", t.elapsed());
            if !matches!(m, Ok(Some(Ok(_)))) {
                break;
            }
        }
        w.abort();
    }
}
