//! Calls and their answers, as a specification. One module for each exercise, in the lesson's order.

mod parse;
mod register;
mod resolve;
mod call_drop;
mod session_drop;
mod receive;
mod emit_with_ack;
mod broadcast_with_ack;
mod whole;
mod given;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use acks::*;
use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::any;
use emit_vs_broadcast::{
    ConnectionId, Event, Hub, Limits, Log, MESSAGE_LIMIT, Member, To, WhenFull,
};
use futures_util::FutureExt;
use kit::transcript::{Entry, Transcript};
use kit::{Net, WebSocket, assert_snapshot, clue, coach, fail, missing, wire};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

/// No packets, each for another reason.
const WRONG: [&str; 12] = [
    "",
    "0",
    r#"4["ferret"]"#,
    r#"é["ferret"]"#,
    r#"299999999999999999999["a"]"#,
    r#"2-1["ferret"]"#,
    "20",
    "20[1]",
    r#"20{"ferret":1}"#,
    r#"3["woot"]"#,
    "30",
    r#"30{"woot":1}"#,
];

/// How long the tests' calls wait for an answer.
const LIMIT: Duration = Duration::from_secs(5);

/// A client without a socket: the test reads its queue. Its session lives as long as it does.
fn join(calls: &Calls) -> (Member, Session) {
    let member = calls.hub().join();
    let session = Session::open(calls, member.membership.socket(), Arc::new(|_| {}));
    (member, session)
}

fn ferret() -> Event {
    Event::new("ferret", ["tobi"])
}

/// What the calls have left behind.
fn left(calls: &Calls) -> String {
    let tables = calls.lock().len();
    format!("{} wait, tables: {tables}", calls.waiting())
}

/// The packets in a client's queue.
fn queued(member: &mut Member) -> Vec<String> {
    let packets = std::iter::from_fn(|| member.packets.try_recv().ok());
    packets.map(|packet| packet.to_string()).collect()
}

/// What the wait for a call's answer gives: one that is there, or none for the rest of the day.
async fn answer(call: &mut Call) -> String {
    match timeout(Duration::from_secs(86_400), &mut call.answer).await {
        Ok(Ok(args)) => Value::from(args).to_string(),
        Ok(Err(_)) => "the connection has ended".to_owned(),
        Err(_) => fail("Nobody ended the wait for the answer. It lasted a day."),
    }
}

/// A call's result as text. On the paused clock, a call that waits for ever is noticed at once.
async fn outcome(call: impl Future<Output = Outcome>) -> String {
    match timeout(Duration::from_secs(86_400), call).await {
        Ok(Ok(args)) => Value::from(args).to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => fail("The call did not end. It waited for a day."),
    }
}

/// An event that a client sent to the tests' server.
struct Asked {
    calls: Calls,
    from: ConnectionId,
    event: Event,
    reply: Option<Reply>,
}

impl Asked {
    /// The first argument, as a time in seconds.
    fn seconds(&self) -> Duration {
        Duration::from_secs(self.event.args[0].as_u64().unwrap_or(0))
    }

    fn answer<A: Into<Value>>(self, answer: A) {
        if let Some(reply) = self.reply {
            reply.send([answer]);
        }
    }
}

/// What the tests' server shows of itself.
struct Server {
    calls: Calls,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The client that came `nth`, counted from 0.
    fn client(&self, nth: usize) -> ConnectionId {
        self.calls.hub().ids()[nth]
    }

    fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// Serves WebSockets at `/`; `on_event` handles what the clients ask for.
fn serve<H, F>(net: &Net, on_event: H) -> Server
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    serve_within(net, Limits::default(), on_event)
}

/// [`serve`], with queues of another length.
fn serve_within<H, F>(net: &Net, limits: Limits, on_event: H) -> Server
where
    H: Fn(Asked) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let calls = Calls::new(Hub::new(limits));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log: Log = {
        let lines = lines.clone();
        Arc::new(move |line| lines.lock().unwrap().push(line.to_owned()))
    };
    let server = Server {
        calls: calls.clone(),
        lines,
    };
    let upgrade = async move |upgrade: WebSocketUpgrade| {
        upgrade
            .max_message_size(MESSAGE_LIMIT)
            .on_upgrade(async move |socket| {
                let member = calls.hub().join();
                let from = member.membership.id();
                let asked = calls.clone();
                let on_event = move |event, reply| -> Handling {
                    let calls = asked.clone();
                    let asked = Asked {
                        calls,
                        from,
                        event,
                        reply,
                    };
                    Box::pin(on_event(asked))
                };
                let end = connection(socket, member, &calls, log.clone(), on_event).await;
                log(&format!("user {from} {end}"));
            })
    };
    let app = Router::new().route("/", any(upgrade));
    let listener = net.listener();
    tokio::spawn(async move { axum::serve(listener, app).await });
    server
}

/// What became of the call to a client, as `src/app.rs` tells it.
fn told(id: ConnectionId, outcome: Outcome) -> Value {
    match outcome {
        Ok(args) => json!([id.number(), args.first()]),
        Err(error) => json!([id.number(), null, error.to_string()]),
    }
}

/// Serves the page with calls, which is given.
fn shop(net: &Net) {
    let listener = net.listener();
    let app = app(Hub::default(), Arc::new(|_| {}));
    tokio::spawn(async move { axum::serve(listener, app).await });
}

/// What crossed the wire after the handshakes.
fn packets(net: &Net) -> Transcript {
    let mut transcript = net.transcript();
    transcript.entries.retain(|entry| match entry {
        Entry::Message { lines, .. } => !lines[0].contains("HTTP/1.1"),
        _ => true,
    });
    transcript
}
