//! Work that is done once for each key, however often it is asked for.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::{error, fmt};

use serde_json::Value;
use tokio::sync::OnceCell;

/// How many keys are remembered.
const KEYS: usize = 1000;
/// The longest key, in bytes.
const KEY_LIMIT: usize = 64;

/// Results by key. A retry with the same key gets the first result, and causes nothing.
///
/// Whoever knows a key gets its result: with real users, keep a table for each (the lesson on
/// hardening).
#[derive(Clone, Default)]
pub struct OncePerKey {
    results: Arc<Mutex<Results>>,
}

#[derive(Default)]
struct Results {
    by_key: HashMap<String, Arc<OnceCell<Value>>>,
    /// The keys, oldest first. The oldest is forgotten, even if its work is still being done: a
    /// retry then does it again.
    keys: VecDeque<String>,
}

/// Why nothing is done under a key.
#[derive(Debug)]
pub enum KeyError {
    /// It is neither a text nor null.
    NoText,
    TooLong,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::NoText => write!(f, "the key is not a text"),
            KeyError::TooLong => write!(f, "the key is longer than {KEY_LIMIT} bytes"),
        }
    }
}

impl error::Error for KeyError {}

impl OncePerKey {
    // ANCHOR: get
    /// The result under `key`, or what `work` results in.
    ///
    /// Whoever asks while the work is being done waits for it, instead of doing it too.
    pub async fn get(
        &self,
        key: &str,
        work: impl Future<Output = Value>,
    ) -> Result<Value, KeyError> {
        let cell = self.cell(key)?;
        Ok(cell.get_or_init(|| work).await.clone())
    }
    // ANCHOR_END: get

    fn cell(&self, key: &str) -> Result<Arc<OnceCell<Value>>, KeyError> {
        if key.len() > KEY_LIMIT {
            return Err(KeyError::TooLong);
        }
        // A panic elsewhere leaves the results whole.
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = results.by_key.get(key) {
            return Ok(cell.clone());
        }
        if results.keys.len() == KEYS
            && let Some(oldest) = results.keys.pop_front()
        {
            results.by_key.remove(&oldest);
        }
        let cell = Arc::new(OnceCell::new());
        results.keys.push_back(key.to_owned());
        results.by_key.insert(key.to_owned(), cell.clone());
        Ok(cell)
    }
}
