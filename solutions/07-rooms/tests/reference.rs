//! The reference: any packet and any rooms at all, and a real socket on two threads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use emit_vs_broadcast::{ConnectionId, Hub, Limits};
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use rooms_solution::{Audience, Door, Sets, Spaces, app, put_namespace, take_namespace};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const NAMES: [&str; 4] = ["kitchen", "attic", "cellar", "garden"];

proptest! {
    #[test]
    fn what_is_put_in_is_taken_out(
        name in "/[^,]{0,20}",
        packet in "[0-4][0-9]{0,3}(\\[\\PC{0,20}\\])?",
    ) {
        let text = put_namespace(&name, Utf8Bytes::from(packet.as_str()));
        let (namespace, rest) = take_namespace(&text);
        prop_assert_eq!((namespace, rest.as_str()), (name.as_str(), packet.as_str()));
    }

    #[test]
    fn any_text_is_routed_or_refused(text in "[0-5]?\\PC{0,40}") {
        for door in [Door::Closed, Door::Open, Door::Shut] {
            let _ = Spaces::default().route(|_| door, &text);
        }
    }

    /// Beside a model that looks at everybody.
    #[test]
    fn an_audience_is_what_the_model_says(
        moves in prop::collection::vec((0..6usize, 0..4usize, 0..4u8), 0..60),
        to in prop::collection::vec(0..4usize, 0..3),
        except in prop::collection::vec(0..4usize, 0..3),
        sender in prop::option::of(0..6usize),
    ) {
        let hub = Hub::default();
        let ids = [(); 6].map(|()| hub.join().membership.id());
        let mut sets = Sets::default();
        let mut model: BTreeMap<ConnectionId, BTreeSet<String>> = BTreeMap::new();
        for (who, room, what) in moves {
            let (id, room) = (ids[who], NAMES[room]);
            match what {
                0 if !model.contains_key(&id) => {
                    sets.enter(id);
                    model.insert(id, BTreeSet::from([id.to_string()]));
                }
                0 => {
                    sets.remove(id);
                    model.remove(&id);
                }
                1 => {
                    let left = model.get_mut(&id).is_some_and(|rooms| rooms.remove(room));
                    prop_assert_eq!(sets.leave(id, room), left);
                }
                _ => {
                    let rooms = model.get_mut(&id);
                    let joined = rooms.is_some_and(|rooms| rooms.insert(room.to_owned()));
                    prop_assert_eq!(sets.join(id, room), joined);
                }
            }
        }
        prop_assert_eq!(&sets.rooms_of, &model);
        let of: BTreeSet<_> = model.values().flatten().collect();
        prop_assert_eq!(sets.members_of.keys().collect::<BTreeSet<_>>(), of);
        let names = |rooms: Vec<usize>| rooms.into_iter().map(|room| NAMES[room].to_owned()).collect();
        let to = Audience { rooms: names(to), except: names(except), sender: sender.map(|n| ids[n]) };
        let heard = model.iter().filter(|(id, rooms)| {
            let meant = to.rooms.is_empty() || to.rooms.iter().any(|room| rooms.contains(room));
            meant && !to.except.iter().any(|room| rooms.contains(room)) && to.sender != Some(**id)
        });
        prop_assert_eq!(sets.audience(&to), heard.map(|(id, _)| *id).collect::<Vec<_>>());
    }
}

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = app(Limits::default(), Arc::new(|_| {}));
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        let url = format!("ws://{address}/chat");
        Client(client_async(url, stream).await.unwrap().0)
    }

    async fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    async fn next(&mut self) -> String {
        let message = timeout(Duration::from_secs(5), self.0.next()).await;
        let message = message.expect("something comes").expect("it is open");
        message.unwrap().into_text().unwrap().to_string()
    }

    /// The next text that begins like this.
    async fn next_with(&mut self, begin: &str) -> String {
        loop {
            let text = self.next().await;
            if text.starts_with(begin) {
                return text;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_and_namespaces_on_tcp() {
    let address = serve().await;
    let (mut ann, mut bob) = (
        Client::connect(address).await,
        Client::connect(address).await,
    );
    for client in [&mut ann, &mut bob] {
        for packet in ["0", "0/admin"] {
            client.send(packet).await;
            client.next_with("0").await;
        }
        client.send(r#"2/admin,0["join","kitchen"]"#).await;
        assert_eq!(client.next_with("3").await, "3/admin,0[true]");
    }
    ann.send(r#"2/admin,1["to","kitchen",[],"soup?"]"#).await;
    assert_eq!(ann.next_with("3").await, "3/admin,1[1]");
    let heard = bob.next_with(r#"2/admin,["chat""#).await;
    assert_eq!(heard, r#"2/admin,["chat",1,"soup?",["kitchen"]]"#);
    ann.send("1/admin,").await;
    assert_eq!(
        bob.next_with(r#"2/admin,["left""#).await,
        r#"2/admin,["left",1,"kitchen"]"#
    );
    bob.send(r#"2/admin,2["to",[],[],"nobody"]"#).await;
    assert_eq!(bob.next_with("3").await, "3/admin,2[0]");
    ann.send(r#"20["ferret","tobi"]"#).await;
    assert_eq!(ann.next_with("3").await, r#"30["woot"]"#);
}

/// Twelve clients enter, join, write, leave and vanish at the same time; then everything is empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_comes_and_goes_on_tcp() {
    let address = serve().await;
    let visits = (0..12).map(|n| {
        tokio::spawn(async move {
            for round in 0..10 {
                let mut client = Client::connect(address).await;
                for namespace in ["/", "/admin"] {
                    let prefix = if namespace == "/" { "" } else { "/admin," };
                    client.send(&format!("0{prefix}")).await;
                    let sid = client.next_with(&format!("0{prefix}{{")).await;
                    assert!(sid.contains("sid"), "{sid}");
                    for (id, event) in [
                        r#"["join","kitchen"]"#,
                        r#"["to","kitchen",[],"hello"]"#,
                        r#"["leave","kitchen"]"#,
                        r#"["join","ticker"]"#,
                    ]
                    .iter()
                    .enumerate()
                    {
                        client.send(&format!("2{prefix}{id}{event}")).await;
                        client.next_with(&format!("3{prefix}{id}[")).await;
                    }
                }
                if (n + round) % 3 == 0 {
                    client.send("1/admin").await;
                }
                // Half of them say goodbye.
                if n % 2 == 0 {
                    client.0.close(None).await.unwrap();
                    while client.0.next().await.is_some_and(|message| message.is_ok()) {}
                }
            }
        })
    });
    for visit in visits.collect::<Vec<_>>() {
        visit.await.unwrap();
    }
    let mut ann = Client::connect(address).await;
    ann.send("0").await;
    ann.next_with("0").await;
    // Those who vanished are gone as soon as the server has noticed.
    for _ in 0..500 {
        ann.send(r#"21["to",["kitchen","ticker"],[],"anybody?"]"#)
            .await;
        ann.send(r#"22["to",[],[],"anybody?"]"#).await;
        let heard = [ann.next_with("31[").await, ann.next_with("32[").await];
        if heard == ["31[0]", "32[0]"] {
            return;
        }
    }
    panic!("somebody is still there");
}
