//! Packets delivered per second by a broadcast to 1000 receivers, next to the least that does it:
//! an axum program with one unbounded channel per client, which relays texts as they are.
//!
//! `cargo bench -p emit-vs-broadcast-solution` takes about half a minute. Both servers run at the
//! same time and take turns, over loopback TCP; the median of the turns counts. The reference reads
//! each event, writes it again, bounds its queues and knows who is slow. Below 90 % it is a failure.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::any;
use emit_vs_broadcast_solution::{Event, Hub, limited, run};
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite};

const RECEIVERS: usize = 1000;
/// How many events the sender sends before it waits for all receivers.
const BURSTS: [usize; 2] = [1, 16];
/// How often each server has its turn, and for how long.
const TURNS: usize = 61;
const TURN: Duration = Duration::from_millis(100);

const EVENT: &str = r#"2["chat","a line of sixty-four bytes, such as a person would type"]"#;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match runtime.block_on(bench()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

async fn bench() -> bool {
    let mut ours = Crowd::new(serve(reference()).await).await;
    let mut theirs = Crowd::new(serve(minimal()).await).await;
    let mut enough = true;
    println!("events at once   minimal, packets/s   reference, packets/s   ratio (quartiles)");
    for burst in BURSTS {
        let (mut rates, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
        for turn in 0..TURNS {
            // Who goes first changes, so that neither always follows the other.
            let (our, their) = match turn % 2 {
                0 => {
                    let our = ours.turn(burst).await;
                    (our, theirs.turn(burst).await)
                }
                _ => {
                    let their = theirs.turn(burst).await;
                    (ours.turn(burst).await, their)
                }
            };
            rates[0].push(their);
            rates[1].push(our);
            ratios.push(our / their);
        }
        let [their, our] = rates.map(|rates| quartiles(rates)[1]);
        let [low, ratio, high] = quartiles(ratios);
        println!("{burst:>14}   {their:>18.0}   {our:>20.0}   {ratio:.2} ({low:.2} to {high:.2})");
        enough &= ratio >= 0.9;
    }
    enough
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// The lesson's hub, and the handler of a chat: one event in, one event to all the others.
fn reference() -> Router {
    async fn upgrade(State(hub): State<Hub>, upgrade: WebSocketUpgrade) -> Response {
        limited(upgrade).on_upgrade(async move |socket| {
            let member = hub.join();
            let me = member.membership.socket();
            let on_packet = |packet: &str| {
                Event::from_packet(packet).map(|event| {
                    me.broadcast(&event);
                })
            };
            run(socket, member, on_packet).await;
        })
    }
    Router::new()
        .route("/", any(upgrade))
        .with_state(Hub::default())
}

type Clients = Arc<Mutex<HashMap<u64, mpsc::UnboundedSender<Message>>>>;

/// No events, no bounds, no Close: a text in, the same text to all the others.
fn minimal() -> Router {
    async fn upgrade(State(clients): State<Clients>, upgrade: WebSocketUpgrade) -> Response {
        upgrade.on_upgrade(|socket| relay(socket, clients))
    }
    async fn relay(socket: WebSocket, clients: Clients) {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let me = NEXT.fetch_add(1, Ordering::Relaxed);
        let (mut sink, mut stream) = socket.split();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        clients.lock().unwrap().insert(me, sender);
        tokio::spawn(async move {
            while let Some(message) = receiver.recv().await {
                if sink.send(message).await.is_err() {
                    break;
                }
            }
        });
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Text(_) = message {
                for (id, client) in clients.lock().unwrap().iter() {
                    if *id != me {
                        let _ = client.send(message.clone());
                    }
                }
            }
        }
        clients.lock().unwrap().remove(&me);
    }
    Router::new()
        .route("/", any(upgrade))
        .with_state(Clients::default())
}

/// A sender, and receivers that count the bytes that reach them.
struct Crowd {
    sender: WebSocketStream<TcpStream>,
    received: Arc<AtomicUsize>,
    /// Bytes at which a receiver wakes the sender.
    goal: Arc<AtomicUsize>,
    reached: Arc<Notify>,
}

impl Crowd {
    async fn new(address: SocketAddr) -> Self {
        let crowd = Self {
            sender: connect(address).await,
            received: Arc::default(),
            goal: Arc::new(AtomicUsize::new(usize::MAX)),
            reached: Arc::default(),
        };
        for _ in 0..RECEIVERS {
            let mut stream = connect(address).await.into_inner();
            let received = crowd.received.clone();
            let (goal, reached) = (crowd.goal.clone(), crowd.reached.clone());
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut bytes).await {
                    let total = received.fetch_add(read, Ordering::SeqCst) + read;
                    if total >= goal.load(Ordering::SeqCst) {
                        reached.notify_one();
                    }
                }
            });
        }
        crowd
    }

    /// Packets per second.
    async fn turn(&mut self, burst: usize) -> f64 {
        let frame = EVENT.len() + 2;
        let packet = tungstenite::Message::text(EVENT);
        let started = Instant::now();
        let mut events = 0;
        while started.elapsed() < TURN {
            let goal = self.received.load(Ordering::SeqCst) + burst * RECEIVERS * frame;
            self.goal.store(goal, Ordering::SeqCst);
            for _ in 0..burst {
                let fed = self.sender.feed(packet.clone()).await;
                fed.expect("the server reads");
            }
            self.sender.flush().await.expect("the server reads");
            while self.received.load(Ordering::SeqCst) < goal {
                self.reached.notified().await;
            }
            events += burst;
        }
        (events * RECEIVERS) as f64 / started.elapsed().as_secs_f64()
    }
}

async fn connect(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = TcpStream::connect(address)
        .await
        .expect("the server accepts");
    let client = client_async(format!("ws://{address}/"), stream).await;
    client.expect("the server upgrades").0
}
