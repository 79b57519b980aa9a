//! What tungstenite does, and what it leaves to you. The chapter shows these.

use super::*;

/// Nobody flushes, so the pong waits until somebody reads on.
#[test]
fn a_pong_waits_until_the_next_read() {
    wire(
        "This test is about tungstenite, not about your code.",
        async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            ann.send(frame(PING, "?")).await;
            let _ = socket.next().await;
            ann.hears_nothing_for(Duration::from_secs(60)).await;
            let _ = timeout(Duration::ZERO, socket.next()).await;
            assert_snapshot!("pong-waits", net.transcript());
        },
    );
}

/// A peer that broke the rules sees the end, and never learns why.
#[test]
fn tungstenite_alone_ends_without_a_word() {
    wire(
        "This test is about tungstenite, not about your code.",
        async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            ann.send(b"\x81\x05Hello").await;
            while let Some(Ok(_)) = socket.next().await {}
            drop(socket);
            ann.closed().await;
            assert_snapshot!("without-a-word", net.transcript());
        },
    );
}

/// So whoever broke a rule is not waited for, however long they stay.
#[test]
fn tungstenite_reads_nothing_more_after_an_error() {
    wire(
        "This test is about tungstenite, not about your code.",
        async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            ann.send(b"\x81\x05Hello").await;
            assert!(matches!(socket.next().await, Some(Err(_))));
            ann.send(frame(TEXT, "Hello")).await;
            assert!(socket.next().await.is_none());
            assert_eq!(net.now(), Duration::ZERO);
        },
    );
}

/// Whoever returns at the close frame takes the answer with them: the client sees 1006.
#[test]
fn a_loop_that_returns_at_the_close_leaves_1006() {
    wire(
        "This test is about tungstenite, not about your code.",
        async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            ann.send(frame(CLOSE, goodbye(1000, "bye"))).await;
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    break;
                }
            }
            drop(socket);
            ann.closed().await;
            assert_snapshot!("not-drained", net.transcript());
        },
    );
}

/// RFC 6455, section 5.2, wants the shortest form of a length. tungstenite takes any.
#[test]
fn tungstenite_takes_a_length_in_more_bytes_than_it_needs() {
    wire(
        "This test is about tungstenite, not about your code.",
        async |net: Net| {
            let (mut ann, mut socket) = socket(&net).await;
            ann.send(b"\x81\xfe\x00\x02\0\0\0\0Hi").await;
            let message = socket.next().await;
            assert_snapshot!(format!("{message:?}"), @r#"Some(Ok(Text(Utf8Bytes(b"Hi"))))"#);
        },
    );
}
