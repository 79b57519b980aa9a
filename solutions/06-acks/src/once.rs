//! Work that is done once for each key, however often it is asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::OnceCell;

/// How many keys are remembered.
const KEYS: usize = 1000;
/// The longest key, in bytes.
const KEY_LIMIT: usize = 64;

/// Results by key. A retry with the same key gets the first result, and causes nothing.
///
/// Whoever knows a key gets its result: with real users, keep a table for each (lesson 10).
#[derive(Clone, Default)]
pub struct Once {
    results: Arc<Mutex<Results>>,
}

#[derive(Default)]
struct Results {
    by_key: HashMap<String, Arc<OnceCell<Value>>>,
    /// The keys, oldest first. A retry that comes after its key is forgotten does the work again.
    keys: VecDeque<String>,
}

impl Once {
    // ANCHOR: get
    /// The result under `key`, or what `work` results in. `None`: the key is too long.
    ///
    /// Whoever asks while the work is being done waits for it, instead of doing it too.
    pub async fn get(&self, key: &str, work: impl Future<Output = Value>) -> Option<Value> {
        let cell = self.cell(key)?;
        Some(cell.get_or_init(|| work).await.clone())
    }
    // ANCHOR_END: get

    fn cell(&self, key: &str) -> Option<Arc<OnceCell<Value>>> {
        if key.len() > KEY_LIMIT {
            return None;
        }
        // A panic elsewhere leaves the results whole.
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = results.by_key.get(key) {
            return Some(cell.clone());
        }
        if results.keys.len() == KEYS
            && let Some(oldest) = results.keys.pop_front()
        {
            results.by_key.remove(&oldest);
        }
        let cell = Arc::new(OnceCell::new());
        results.keys.push_back(key.to_owned());
        results.by_key.insert(key.to_owned(), cell.clone());
        Some(cell)
    }
}
