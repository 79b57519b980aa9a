//! What a room costs: a broadcast to a room of 1000 in a hub of 10,000, beside one to all of a hub of
//! 1000.
//!
//! `cargo bench -p rooms-solution` takes a minute or two. Every member has a connection, namespace
//! and all, on a socket in memory; a packet counts when it has reached it. The two take turns on one
//! thread, and the median of the turns counts. If the room takes more than twice as long, it is a
//! failure.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use acks::Calls;
use axum::extract::ws::Message;
use emit_vs_broadcast::{Event, Hub};
use rooms_solution::{Audience, Pipe, Rooms, Space, Spaces, mux};
use tokio::sync::mpsc;

const RECEIVERS: usize = 1000;
const HUB: usize = 10_000;
const TURNS: usize = 101;
/// Packets in a turn.
const PACKETS: u32 = 20;
const MOST: f64 = 2.0;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    match runtime.block_on(bench()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

async fn bench() -> bool {
    let event = Event::new(
        "chat",
        ["a line of sixty-four bytes, such as a person would type"],
    );
    let mut small = Crowd::new(RECEIVERS).await;
    let mut large = Crowd::new(HUB).await;
    let kitchen = Audience::within("kitchen");

    let (mut times, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for turn in 0..TURNS {
        let hub_turn = async |crowd: &mut Crowd| crowd.time(|rooms| rooms.hub().emit(&event)).await;
        let room_turn =
            async |crowd: &mut Crowd| crowd.time(|rooms| rooms.emit(&kitchen, &event)).await;
        // Who goes first changes, so that neither always follows the other.
        let (hub, room) = match turn % 2 {
            0 => (hub_turn(&mut small).await, room_turn(&mut large).await),
            _ => {
                let room = room_turn(&mut large).await;
                (hub_turn(&mut small).await, room)
            }
        };
        times[0].push(hub.as_secs_f64());
        times[1].push(room.as_secs_f64());
        ratios.push(room.as_secs_f64() / hub.as_secs_f64());
    }
    let [hub, room] = times.map(|times| quartiles(times)[1] * 1e6);
    let [low, ratio, high] = quartiles(ratios);
    println!("one packet to {RECEIVERS} receivers       median");
    println!("all of a hub of {RECEIVERS}         {hub:>8.0} µs");
    println!("a room in a hub of {HUB}     {room:>8.0} µs");
    println!("ratio (quartiles)           {ratio:.2} ({low:.2} to {high:.2}), at most {MOST}");
    ratio <= MOST
}

/// A server, and its clients' ends: those in the kitchen, and the others.
struct Crowd {
    rooms: Rooms,
    inside: Vec<mpsc::Receiver<Message>>,
    _outside: Vec<mpsc::Receiver<Message>>,
    _senders: Vec<mpsc::Sender<Message>>,
}

impl Crowd {
    /// This many clients, of which [`RECEIVERS`] are in the kitchen, far from each other.
    async fn new(clients: usize) -> Self {
        let rooms = Rooms::new(Hub::default());
        let space = Space {
            calls: Calls::new(rooms.hub().clone()),
            rooms: rooms.clone(),
            on_connect: Arc::new(|_, _, _| Box::new(|_, _| Box::pin(async {}))),
        };
        let spaces = Arc::new(Spaces::default().with("/", space));
        let mut crowd = Self {
            rooms,
            inside: Vec::new(),
            _outside: Vec::new(),
            _senders: Vec::new(),
        };
        for n in 0..clients {
            let (pipe, sender, mut receiver) = Pipe::new();
            let spaces = spaces.clone();
            tokio::spawn(async move {
                let log: emit_vs_broadcast::Log = Arc::new(|_| {});
                mux(pipe, &spaces, &log).await
            });
            let sent = sender.send(Message::text("0")).await;
            sent.expect("the server reads");
            receiver.recv().await.expect("an answer");
            crowd._senders.push(sender);
            match n % (clients / RECEIVERS) {
                0 => {
                    let id = *crowd.rooms.hub().ids().last().expect("a member");
                    crowd.rooms.join(id, "kitchen").expect("a room");
                    crowd.inside.push(receiver);
                }
                _ => crowd._outside.push(receiver),
            }
        }
        crowd
    }

    /// What one packet takes, until it has reached everybody in the kitchen.
    async fn time(&mut self, emit: impl Fn(&Rooms) -> usize) -> Duration {
        let begin = Instant::now();
        for _ in 0..PACKETS {
            assert_eq!(emit(&self.rooms), RECEIVERS);
            for receiver in &mut self.inside {
                receiver.recv().await.expect("a packet");
            }
        }
        begin.elapsed() / PACKETS
    }
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}
