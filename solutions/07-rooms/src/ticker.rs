//! Live updates: a room that hears something every second, for as long as somebody is in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use emit_vs_broadcast::Event;
use tokio::time::{Instant, interval_at};

use crate::{Audience, Rooms};

/// The room that hears the ticks.
pub const TICKER: &str = "ticker";
const SECOND: Duration = Duration::from_secs(1);

/// The ticks of one hub's room [`TICKER`]. Clones share them.
#[derive(Clone, Debug)]
pub struct Ticker {
    rooms: Rooms,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    running: bool,
    ticks: u64,
}

impl Ticker {
    /// A ticker that stands still.
    pub fn new(rooms: Rooms) -> Self {
        let state = Arc::default();
        Self { rooms, state }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.lock().running
    }

    // ANCHOR: ticker
    /// Sets it going, if it stands still. To be called when somebody has joined the room.
    pub fn start(&self) {
        let mut state = self.lock();
        if !state.running {
            state.running = true;
            tokio::spawn(self.clone().run());
        }
    }

    /// Ticks until nobody is in the room.
    async fn run(self) {
        let mut beat = interval_at(Instant::now() + SECOND, SECOND);
        while let Some(tick) = self.next(beat.tick().await) {
            let event = Event::new("tick", [tick]);
            self.rooms.emit(&Audience::within(TICKER), &event);
        }
    }

    /// The number of the next tick. `None`: nobody is in the room, and the ticker stands still.
    ///
    /// Whoever joins does so before `start` takes this lock. So either this sees the newcomer, or
    /// `start` sees that the ticker stands.
    fn next(&self, _: Instant) -> Option<u64> {
        let mut state = self.lock();
        state.running = self.rooms.is_occupied(TICKER);
        state.running.then(|| {
            state.ticks += 1;
            state.ticks
        })
    }
    // ANCHOR_END: ticker
}
