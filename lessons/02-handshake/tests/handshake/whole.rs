//! Both ends meet, and each meets tungstenite.

use super::*;

/// An independent implementation on the other end: tungstenite checks every header.
#[test]
fn tungstenite_connects() {
    wire(
        "tungstenite refused the answer: compare it with the chapter's.",
        async |net: Net| {
            net.serve(async |stream| {
                let _open = accept(stream, &[]).await;
                std::future::pending::<()>().await;
            });
            let mut ann = net.websocket("ann", "/chat").await;
            ann.hears_nothing_for(std::time::Duration::from_secs(60))
                .await;
        },
    );
}

/// Your client against your server.
#[test]
fn both_halves_meet() {
    let advice = "Each half checks the other: start with the one whose own tests are red.";
    wire(advice, async |_| {
        let (client, server) = tokio::io::duplex(4096);
        let key = new_key(*b"the sample nonce");
        assert_eq!(key, RFC_KEY);
        let both = async {
            tokio::join!(
                accept(server, &["chat"]),
                connect(client, "server.example.com", "/chat", &key, &["v2", "chat"]),
            )
        };
        let both = tokio::time::timeout(std::time::Duration::from_secs(60), both).await;
        let (accepted, connected) =
            both.expect("one half waits for the other: was the 101 written?");
        accepted.expect("the server accepts");
        let (_, early, subprotocol) = connected.expect("the client accepts");
        assert_eq!(subprotocol.as_deref(), Some("chat"));
        assert!(early.is_empty());
    });
}
