//! Lesson 0, as a specification. Each module is named after the exercise that it checks.

mod chat;
mod ferret;
mod given;
mod join;
mod whole;

use std::time::Duration;

use first_event::{Hub, To, app};
use kit::transcript::{Entry, Transcript};
use kit::{Net, WebSocket, assert_snapshot, clue, wire};

const TEN_SECONDS: Duration = Duration::from_secs(10);

const SWAPPED: &str = "The event's name comes first, then its text: `emit(to, name, text)`.";

/// Serves the page and the events.
fn serve(net: &Net) -> Hub {
    let (hub, listener) = (Hub::default(), net.listener());
    let app = app(hub.clone(), |_| {});
    tokio::spawn(async { axum::serve(listener, app).await });
    hub
}

/// Three open tabs.
async fn ann_bob_and_cat(net: &Net) -> [WebSocket; 3] {
    serve(net);
    let ann = net.websocket("ann", "/chat").await;
    let bob = net.websocket("bob", "/chat").await;
    let cat = net.websocket("cat", "/chat").await;
    net.settle().await;
    [ann, bob, cat]
}

/// What was said since the transcript had `start` entries.
fn since(net: &Net, start: usize) -> Transcript {
    let mut transcript = net.transcript();
    transcript.entries.drain(..start);
    transcript
}

fn so_far(net: &Net) -> usize {
    net.transcript().entries.len()
}
