//! What the packets, the page and the channels promise.

use super::*;

#[test]
fn a_packet_of_another_kind_is_refused_by_name() {
    coach("Given: `src/event.rs`.", || {
        let packets = ["", "hello", "4[]", "20[\"ferret\"]", "2/admin,[\"x\"]"];
        let rows = packets.map(|packet| (packet, shown(Event::from_packet(packet))));
        assert_snapshot!(table(rows), @r#"
                                 error: an empty packet
        hello                    error: packet type 'h': only 2, event
        4[]                      error: packet type '4': only 2, event
        20["ferret"]             error: an id: nobody answers events here
        2/admin,["x"]            error: a namespace: there is only one here
        "#);
    });
}

/// A close frame has room for 123 bytes of reason, and they are UTF-8.
#[test]
fn a_reason_is_cut_at_a_character() {
    coach("Given: `src/connection.rs`.", || {
        let frame = close_frame(1008, &"ö".repeat(100));
        assert_snapshot!(frame.reason.len(), @"122");
    });
}

/// A place in a queue costs little. Its text is shared.
#[test]
fn a_packet_in_a_queue_is_four_words() {
    coach("Given: axum's `Utf8Bytes`.", || {
        let words = size_of::<Utf8Bytes>() / size_of::<usize>();
        assert_snapshot!(words, @"4");
    });
}

#[test]
fn a_connection_that_is_cut_needs_no_close_code() {
    coach("Given: `src/connection.rs`.", || {
        use tungstenite::error::{Error, ProtocolError};
        let cut = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
        let unmasked = Error::Protocol(ProtocolError::UnmaskedFrameFromClient);
        let io = Error::Io(std::io::ErrorKind::BrokenPipe.into());
        let ends = [cut, unmasked, io].map(|error| failure(axum::Error::new(error)));
        assert_snapshot!(ends.map(|end| end.to_string()).join("\n"), @r#"
        gone
        closed by the server: 1002 "WebSocket protocol error: Received an unmasked frame from client"
        gone
        "#);
    });
}

#[test]
fn the_page_is_at_the_root() {
    wire("Given: `src/chat.rs`.", async |net: Net| {
        Chat::start(&net, Limits::default());
        let mut ann = net.connect("ann").await;
        ann.send("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n")
            .await;
        let page = ann.response().await;
        assert_eq!(page.status, 200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
    });
}

/// `tokio::sync::broadcast` keeps one queue for all. It never waits for a slow reader either.
#[test]
fn a_broadcast_channel_overwrites_what_a_slow_reader_has_not_read() {
    coach("Given: tokio's own channel.", || {
        let (sender, mut slow) = broadcast::channel(100);
        (0..200).for_each(|n| _ = sender.send(n));
        let (first, second) = (slow.try_recv(), slow.try_recv());
        std::mem::drop(slow);
        let rows = [
            ("first", format!("{first:?}")),
            ("second", format!("{second:?}")),
            ("nobody there", format!("{:?}", sender.send(200))),
        ];
        assert_snapshot!("lagged", table(rows));
    });
}
