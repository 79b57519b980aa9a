//! Lesson 0, as a specification. Each module is named after the exercise that it checks.

mod chat;
mod ferret;
mod given;
mod join;
mod whole;

use std::time::Duration;

use first_event::{Event, Hub, To, app};
use kit::transcript::{Entry, Transcript};
use kit::{Net, WebSocket, assert_snapshot, clue, coach, wire};

const TEN_SECONDS: Duration = Duration::from_secs(10);

const SWAPPED: &str = "The event's name comes first, then its text: `emit(to, name, text)`.";

/// A text is the sender's own, whatever it is.
const TEXTS: [&str; 6] = [
    "",
    "  Grüße, Ann – hello again ",
    "UPPER lower",
    "no\nor yes?",
    r"<b>&amp; \ 'quoted'",
    "a text that is a good deal longer than all the others, and comes whole all the same",
];

/// What each of a hundred tabs hears when number 57 sends an event. `expected`: what number `n` should.
fn a_hundred_hear(
    name: &str,
    handler: fn(&Hub, &Event),
    expected: fn(n: u64, text: &str) -> Vec<String>,
) {
    for text in TEXTS {
        let hub = Hub::default();
        let mut tabs: Vec<_> = (0..100).map(|_| hub.connect()).collect();
        let event = Event {
            from: 57,
            name: name.to_owned(),
            text: text.to_owned(),
        };
        handler(&hub, &event);
        for (n, events) in &mut tabs {
            let mut heard = Vec::new();
            while let Ok((to, json)) = events.try_recv() {
                if to.reaches(*n) {
                    heard.push(json);
                }
            }
            let what = format!("tab {n} of 100, when tab 57 sends the text {text:?}");
            assert_eq!(heard, expected(*n, text), "{what}");
        }
    }
}

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
