//! The reference against tungstenite and on a real socket.

use handshake_solution::{accept, accept_key, connect, new_key};
use kit::tungstenite::handshake::derive_accept_key;
use proptest::prelude::*;
use tokio::net::{TcpListener, TcpStream};

proptest! {
    #[test]
    fn every_key_is_answered_as_tungstenite_does(random: [u8; 16], text in ".{0,40}") {
        let key = new_key(random);
        prop_assert_eq!(accept_key(&key), derive_accept_key(key.as_bytes()));
        prop_assert_eq!(accept_key(&text), derive_accept_key(text.as_bytes()));
    }
}

#[tokio::test]
async fn both_halves_meet_on_tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        accept(stream, &["chat"]).await.unwrap().subprotocol
    };
    let client = async {
        let stream = TcpStream::connect(address).await.unwrap();
        let key = new_key(*b"the sample nonce");
        let host = address.to_string();
        connect(stream, &host, "/", &key, &["chat"])
            .await
            .unwrap()
            .2
    };
    let (served, connected) = tokio::join!(server, client);
    assert_eq!(served.as_deref(), Some("chat"));
    assert_eq!(connected, served);
}
