//! Events, and who hears them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::json;
use tokio::sync::broadcast;

// ANCHOR: event
/// What a client said: `["ferret","tobi"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The number of the client that sent it.
    pub from: u64,
    pub name: String,
    pub text: String,
}
// ANCHOR_END: event

// ANCHOR: to
/// Who hears an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The client with this number.
    One(u64),
    /// Every client.
    All,
    /// Every client but the one with this number.
    AllBut(u64),
}
// ANCHOR_END: to

impl To {
    /// Whether the client with the number `client` hears it.
    pub fn reaches(self, client: u64) -> bool {
        match self {
            To::One(one) => client == one,
            To::All => true,
            To::AllBut(sender) => client != sender,
        }
    }
}

// ANCHOR: hub
/// Takes events to the clients, as the JSON that they get.
#[derive(Clone, Debug)]
pub struct Hub {
    events: broadcast::Sender<(To, String)>,
    count: Arc<AtomicU64>,
}

impl Default for Hub {
    /// A client that is more than 64 events behind misses the oldest.
    fn default() -> Self {
        let (events, count) = (broadcast::Sender::new(64), Arc::default());
        Hub { events, count }
    }
}

impl Hub {
    /// A new client's number, and all events from now on.
    pub fn connect(&self) -> (u64, broadcast::Receiver<(To, String)>) {
        (
            self.count.fetch_add(1, Relaxed) + 1,
            self.events.subscribe(),
        )
    }

    /// Sends the event `["name","text"]`.
    pub fn emit(&self, to: To, name: &str, text: &str) {
        // An error says that nobody is connected.
        _ = self.events.send((to, json!([name, text]).to_string()));
    }
}
// ANCHOR_END: hub
