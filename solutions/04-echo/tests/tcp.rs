//! The reference on a real socket, with tungstenite as the client.

use std::net::SocketAddr;
use std::time::Duration;

use echo_solution::{MESSAGE_LIMIT, Server};
use futures_util::{SinkExt, StreamExt};
use kit::tungstenite::protocol::CloseFrame;
use kit::tungstenite::protocol::frame::coding::CloseCode;
use kit::tungstenite::{Error, Message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<TcpStream>;

/// A server with three places, until the sender is dropped.
async fn start() -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = Server::new(3, |_| {}).run(listener, async {
        let _ = stopped.await;
    });
    (address, stop, tokio::spawn(server))
}

async fn connect(address: SocketAddr) -> Result<Socket, Error> {
    let stream = TcpStream::connect(address).await?;
    let (socket, _) = client_async(format!("ws://{address}/"), stream).await?;
    Ok(socket)
}

/// Connects once a place is free.
async fn when_free(address: SocketAddr) -> Socket {
    loop {
        match connect(address).await {
            Ok(socket) => return socket,
            Err(Error::Http(response)) => assert_eq!(response.status(), 503),
            Err(error) => panic!("{error}"),
        }
    }
}

async fn echoes(socket: &mut Socket, message: Message) {
    socket.send(message.clone()).await.unwrap();
    let answer = socket.next().await.unwrap().unwrap();
    assert!(answer == message, "{} bytes came back", answer.len());
}

/// The whole life of some connections, in real time: the wait is for the network alone.
#[tokio::test]
async fn serves_closes_refuses_and_stops_on_tcp() {
    let test = async {
        let (address, stop, server) = start().await;
        let mut ann = connect(address).await.unwrap();
        let mut bob = connect(address).await.unwrap();
        echoes(&mut ann, Message::text("Hello")).await;
        echoes(&mut bob, Message::binary(vec![0xff; MESSAGE_LIMIT])).await;

        // carol breaks the rules with more bytes behind: she still learns why.
        let mut carol = connect(address).await.unwrap();
        let stream = carol.get_mut();
        stream.write_all(b"\x81\x05Hello").await.unwrap();
        stream.write_all(&[0; 50_000]).await.unwrap();
        let told = carol.next().await.unwrap().unwrap();
        let Message::Close(Some(frame)) = told else {
            panic!("{told:?}")
        };
        assert_eq!(frame.code, CloseCode::Protocol);
        drop(carol);

        // Her place is free once the server has seen the end of her stream.
        let dave = when_free(address).await;
        let mut eve = TcpStream::connect(address).await.unwrap();
        let mut answer = String::new();
        eve.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        drop(eve);

        // fred sends a word and ends his direction at once. Each time, the word comes back.
        drop(dave);
        for _ in 0..20 {
            let mut fred = when_free(address).await;
            let word = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
            fred.get_mut().write_all(word).await.unwrap();
            fred.get_mut().shutdown().await.unwrap();
            let heard = fred.next().await.unwrap().unwrap();
            assert_eq!(heard, Message::text("Hello"));
        }

        let mut dave = when_free(address).await;
        let code = CloseCode::Library(4001);
        let reason = "bye".into();
        dave.close(Some(CloseFrame { code, reason })).await.unwrap();
        let Some(Ok(Message::Close(Some(frame)))) = dave.next().await else {
            panic!("no close frame")
        };
        assert_eq!(frame.code, code);
        assert!(dave.next().await.is_none());
        drop(dave);

        drop(stop);
        for mut socket in [ann, bob] {
            let Some(Ok(Message::Close(Some(frame)))) = socket.next().await else {
                panic!("no close frame")
            };
            assert_eq!(frame.code, CloseCode::Away);
            assert!(socket.next().await.is_none());
        }
        server.await.unwrap();
    };
    let limit = Duration::from_secs(10);
    timeout(limit, test).await.expect("it ends within seconds");
}
