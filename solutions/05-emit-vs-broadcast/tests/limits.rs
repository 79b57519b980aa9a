//! What a client may cost, and what nobody limits yet: given code, on the in-memory network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use emit_vs_broadcast_solution::{Hub, To, WRITE_LIMIT, app};
use kit::{Client, Net, wire};

const HANDSHAKE: &str = "GET /chat HTTP/1.1\r\n\
    Host: server.example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// What fits between server and client before a writer waits.
const NETWORK: usize = 1024;

type Lines = Arc<Mutex<Vec<String>>>;

/// The chat's hub, and its log.
fn chat(net: &Net) -> (Hub, Lines) {
    let (hub, log) = (Hub::default(), Lines::default());
    let lines = log.clone();
    let log_line = move |line: &str| lines.lock().unwrap().push(line.to_owned());
    let (listener, app) = (net.listener(), app(hub.clone(), Arc::new(log_line)));
    tokio::spawn(async { axum::serve(listener, app).await });
    (hub, log)
}

/// Bob has sent a megabyte of pings, at last the ping `last`, and read none of the pongs.
async fn bob_pings(net: &Net) -> Client {
    net.with_capacity(NETWORK);
    let mut bob = net.connect("bob").await;
    bob.send(HANDSHAKE).await;
    assert_eq!(bob.response().await.status, 101);
    net.settle().await;
    let ping = |payload: &[u8]| {
        let length = 0x80 | payload.len() as u8;
        [&[0x89, length, 0, 0, 0, 0], payload].concat()
    };
    bob.send(ping(&[b'?'; 125]).repeat(8192)).await;
    bob.send(ping(b"last")).await;
    net.settle().await;
    bob
}

/// tungstenite reads on while a pong cannot be written, and keeps it. There is a limit; then the
/// newest ping's pong is enough (RFC 6455, section 5.5.3).
#[test]
fn pongs_that_nobody_reads_are_not_kept_for_ever() {
    wire("`limited` sets the limit.", async |net: Net| {
        let (hub, _) = chat(&net);
        let mut bob = bob_pings(&net).await;
        let before = net.traffic("bob").down;
        let last = b"\x8a\x04last";
        let mut tail = Vec::new();
        while !tail.ends_with(last) {
            tail.extend(bob.some_bytes().await);
            tail.drain(..tail.len().saturating_sub(last.len()));
        }
        let kept = net.traffic("bob").down - before;
        assert!(kept > 4000 * 127, "{kept} bytes of pongs");
        assert!(kept <= WRITE_LIMIT + last.len(), "{kept} bytes of pongs");
        assert_eq!(hub.ids().len(), 1);
    });
}

/// What the hub has to say finds no room behind the pongs. Bob's connection ends, and no other.
#[test]
fn a_packet_that_has_no_room_behind_the_pongs_ends_the_connection() {
    wire("`write` fails: `End::Gone`.", async |net: Net| {
        let (hub, log) = chat(&net);
        let bob = bob_pings(&net).await;
        let ann = hub.join();
        let longer_than_a_pong = Utf8Bytes::from("x".repeat(200));
        assert_eq!(hub.deliver(To::All, &longer_than_a_pong), 2);
        net.settle().await;
        assert_eq!(hub.ids(), [ann.membership.id()]);
        net.pass(Duration::from_secs(5)).await;
        let log = log.lock().unwrap().join(", ");
        assert_eq!(log, "a user connected: 1, user 1 gone");
        drop(bob);
    });
}

/// hyper waits for a head for 30 seconds, if it has a timer. `axum::serve` gives it none.
#[test]
fn half_a_head_is_waited_for_without_end() {
    wire("The chapter says so.", async |net: Net| {
        chat(&net);
        let mut ann = net.connect("ann").await;
        ann.send("GET / HTTP/1.1\r\nHost: ").await;
        ann.hears_nothing_for(Duration::from_secs(24 * 60 * 60))
            .await;
        ann.send("server.example.com\r\n\r\n").await;
        assert_eq!(ann.response().await.status, 200);
    });
}
