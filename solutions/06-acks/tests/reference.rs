//! The reference: any packet at all, a great many calls, and a real socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use acks_solution::{CallError, Calls, Packet, Session, app};
use axum::extract::ws::CloseFrame;
use emit_vs_broadcast::{Event, Hub};
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[0-5]?[0-9]{0,22}\\PC{0,40}") {
        if let Ok(packet) = Packet::parse(&text) {
            prop_assert_eq!(Packet::parse(&packet.to_text()).unwrap(), packet);
        }
    }

    #[test]
    fn what_is_written_reads_back(
        id: u64,
        wants_answer: bool,
        name in "\\PC{0,10}",
        args in prop::collection::vec(any::<i64>().prop_map(Value::from), 0..4),
    ) {
        let event = Event { name, args: args.clone() };
        let event = Packet::Event { id: wants_answer.then_some(id), event };
        for packet in [event, Packet::Ack { id, args }] {
            prop_assert_eq!(Packet::parse(&packet.to_text()).unwrap(), packet);
        }
    }
}

/// Each of them for five seconds: almost six days on the paused clock.
#[tokio::test(start_paused = true)]
async fn after_100000_timeouts_the_table_is_empty() {
    let calls = Calls::default();
    let mut ann = calls.hub().join();
    let _session = Session::open(&calls, ann.membership.socket(), Arc::new(|_| {}));
    let event = Event::new("ferret", ["tobi"]);
    for _ in 0..100_000 {
        let call = calls.emit_with_ack(ann.membership.id(), &event, Duration::from_secs(5));
        assert_eq!(call.await, Err(CallError::TimedOut));
        ann.packets.try_recv().unwrap();
    }
    assert_eq!(calls.waiting(), 0);
}

/// The table's limits, as the chapter names them: 1000 other keys push one out, though its work is
/// still being done; and a key says nothing of its order.
#[test]
fn a_key_is_forgotten_after_1000_others() {
    for others in [999, 1000] {
        kit::wire(
            "The keys are in `src/once.rs`.",
            async move |net: kit::Net| {
                let app = app(Hub::default(), Arc::new(|_| {}));
                let listener = net.listener();
                tokio::spawn(async move { axum::serve(listener, app).await });
                let mut ann = net.websocket("ann", "/chat").await;
                let mut bob = net.websocket("bob", "/chat").await;
                ann.text(r#"20["order","hers",9]"#).await;
                net.settle().await;
                for key in 0..others {
                    bob.text(&format!(r#"2{key}["order","{key}",0]"#)).await;
                    while !bob.next_text().await.starts_with('3') {}
                }
                ann.text(r#"21["order","hers",0]"#).await;
                let mut answers = Vec::new();
                while answers.len() < 2 {
                    let packet = ann.next_text().await;
                    if packet.starts_with('3') {
                        answers.push(packet);
                    }
                }
                match others {
                    // The same ferret, although the second order was another one.
                    999 => assert_eq!(answers, ["30[1000]", "31[1000]"]),
                    _ => assert_eq!(answers, ["31[1001]", "30[1002]"]),
                }
            },
        );
    }
}

async fn serve() -> (Hub, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hub = Hub::default();
    let app = app(hub.clone(), Arc::new(|_| {}));
    tokio::spawn(async { axum::serve(listener, app).await });
    (hub, address)
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/chat");
        let mut client = Client(client_async(url, stream).await.unwrap().0);
        assert!(client.next().await.starts_with(r#"2["welcome","#));
        client
    }

    async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next message as text, or the code of a close frame.
    async fn next(&mut self) -> String {
        let message = timeout(Duration::from_secs(5), self.0.next()).await;
        match message
            .expect("something comes")
            .expect("the connection is open")
        {
            Ok(Message::Close(Some(frame))) => u16::from(frame.code).to_string(),
            Ok(message) => message.into_text().unwrap().to_string(),
            Err(error) => error.to_string(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_are_answered_on_tcp() {
    let (hub, address) = serve().await;
    let mut ann = Client::connect(address).await;
    ann.send(r#"20["ferret","tobi"]"#).await;
    assert_eq!(ann.next().await, r#"30["woot"]"#);

    let mut bob = Client::connect(address).await;
    assert_eq!(ann.next().await, r#"2["joined",2]"#);
    ann.send(r#"21["ask",5]"#).await;
    assert_eq!(bob.next().await, r#"20["ferret","tobi"]"#);
    bob.send(r#"30["meow"]"#).await;
    assert_eq!(ann.next().await, r#"31[[[2,"meow"]]]"#);

    // The server has had enough of bob, who holds on: his call fails at once all the same.
    ann.send(r#"22["ask",5]"#).await;
    assert_eq!(bob.next().await, r#"21["ferret","tobi"]"#);
    let bye = CloseFrame {
        code: 1000,
        reason: "bye".into(),
    };
    assert!(hub.disconnect(hub.ids()[1], bye));
    let told = [ann.next().await, ann.next().await];
    assert!(
        told.contains(&r#"32[[[2,null,"disconnected"]]]"#.to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&r#"2["left",2]"#.to_owned()), "{told:?}");

    ann.send("3nonsense").await;
    assert_eq!(ann.next().await, "1008");
}

/// Answers race with the calls that wait for them, on two threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_are_answered_on_tcp() {
    let (_, address) = serve().await;
    let mut ann = Client::connect(address).await;
    for id in 0..1000 {
        ann.send(&format!(r#"2{id}["ferret","tobi"]"#)).await;
        assert_eq!(ann.next().await, format!(r#"3{id}["woot"]"#));
    }
}
