//! The calls that wait for an answer: a table for each connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{error, fmt};

use emit_vs_broadcast::{ConnectionId, Hub};
use serde_json::Value;
use tokio::sync::oneshot;

/// A hub, and the calls to its clients. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    pub(crate) hub: Hub,
    tables: Arc<Mutex<HashMap<ConnectionId, Table>>>,
    locks: Arc<AtomicU64>,
}

/// The calls to one client. It counts its own calls to us separately, from 0 too.
#[derive(Debug, Default)]
pub struct Table {
    /// The id of the next call: how many there have been.
    pub next: u64,
    /// The calls without an answer yet, by id. To drop a sender is to end its call.
    pub waiting: HashMap<u64, oneshot::Sender<Vec<Value>>>,
}

/// A call, which is in its table for as long as this value lives.
#[derive(Debug)]
pub struct Call {
    pub(crate) calls: Calls,
    pub to: ConnectionId,
    pub id: u64,
    /// An error instead of an answer: the connection has ended.
    pub answer: oneshot::Receiver<Vec<Value>>,
}

impl Calls {
    /// No calls to nobody yet.
    pub fn new(hub: Hub) -> Self {
        Self {
            hub,
            ..Self::default()
        }
    }

    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// The tables. Never hold this over an `.await`: everyone else waits for it.
    pub fn lock(&self) -> MutexGuard<'_, HashMap<ConnectionId, Table>> {
        self.locks.fetch_add(1, Ordering::Relaxed);
        // A panic elsewhere leaves the tables whole.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often the tables were locked: each time, everyone else waits.
    pub fn locks(&self) -> u64 {
        self.locks.load(Ordering::Relaxed)
    }

    /// How many calls wait for an answer, to all clients.
    pub fn waiting(&self) -> usize {
        let tables = self.lock();
        tables.values().map(|table| table.waiting.len()).sum()
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The client is not here, or its queue is full. So nothing was done.
    NotSent,
    /// No answer in time. It may have been done, or may still be done.
    TimedOut,
    /// The connection ended first. It may have been done.
    Disconnected,
}

/// What a call comes to.
pub type Outcome = Result<Vec<Value>, CallError>;

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CallError::NotSent => "not sent",
            CallError::TimedOut => "timed out",
            CallError::Disconnected => "disconnected",
        })
    }
}

impl error::Error for CallError {}

/// An answer that no call waits for. Slow clients send such answers: no reason to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stray {
    /// There was such a call. It has its answer, or has given up.
    Late(u64),
    /// There never was.
    Unknown(u64),
}

impl fmt::Display for Stray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stray::Late(id) => write!(f, "answer {id} came late or twice"),
            Stray::Unknown(id) => write!(f, "answer {id} to no call"),
        }
    }
}

impl error::Error for Stray {}
