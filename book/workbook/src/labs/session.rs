//! A page's session: reports to the page, and controls from it. It ends when the page goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{Extensions, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, timeout};

use super::programs::{Programs, Start};

/// How many sessions there may be: one for each lab in each open tab.
const SESSIONS: usize = 32;
/// How many connections a session may have at once.
const TUNNELS: usize = 8;
/// How many reports wait for a page. One that reads too slowly misses the rest.
const REPORTS: usize = 1024;
/// The longest message of a page's, in bytes.
const MESSAGE: usize = 1024;
/// The longest delay that a page may ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// How long a page may take to read a report.
const PATIENCE: Duration = Duration::from_secs(10);

/// All sessions. Clones share them.
#[derive(Clone)]
pub struct Sessions {
    start: Arc<dyn Start>,
    table: Arc<Mutex<Table>>,
}

#[derive(Default)]
struct Table {
    last: u64,
    sessions: BTreeMap<u64, Arc<Session>>,
}

impl Sessions {
    pub fn new(start: impl Start) -> Self {
        Self {
            start: Arc::new(start),
            table: Arc::default(),
        }
    }

    /// How programs are started.
    pub fn start(&self) -> Arc<dyn Start> {
        self.start.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        // A panic elsewhere leaves the table whole.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn get(&self, id: u64) -> Option<Arc<Session>> {
        self.lock().sessions.get(&id).cloned()
    }

    /// A new session and its reports; `None`: there are too many.
    fn begin(&self) -> Option<(u64, Arc<Session>, mpsc::Receiver<String>)> {
        let mut table = self.lock();
        if table.sessions.len() >= SESSIONS {
            return None;
        }
        let (reports, receiver) = mpsc::channel(REPORTS);
        table.last += 1;
        let session = Arc::new(Session {
            reports: Reports {
                begun: Instant::now(),
                sender: reports,
            },
            places: Arc::new(Semaphore::new(TUNNELS)),
            lines: watch::Sender::default(),
            over: watch::Sender::new(false),
            programs: Programs::new(self.start()),
            kept: Mutex::default(),
        });
        let id = table.last;
        table.sessions.insert(id, session.clone());
        Some((id, session, receiver))
    }
}

pub struct Session {
    pub reports: Reports,
    /// A permit for each connection.
    pub places: Arc<Semaphore>,
    /// What the page wants of its connections.
    pub lines: watch::Sender<BTreeMap<String, Line>>,
    over: watch::Sender<bool>,
    /// Servers of its own: what other pages do is not heard here.
    pub programs: Programs,
    /// What a lab keeps for this page.
    kept: Mutex<Extensions>,
}

/// The way to the page. Clones lead to the same one.
#[derive(Clone)]
pub struct Reports {
    begun: Instant,
    sender: mpsc::Sender<String>,
}

/// What the page wants of one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What the server sends is left lying.
    pub paused: bool,
    /// What the server sends arrives this much later.
    pub delay: Duration,
    /// How often the connection was cut: each time it ends without a word.
    pub cuts: u64,
}

/// What the page says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Control {
    Line {
        who: String,
        #[serde(default)]
        paused: bool,
        /// Milliseconds.
        #[serde(default)]
        delay: u64,
    },
    Cut {
        who: String,
    },
}

impl Reports {
    /// Tells the page: an object with the report's kind, and `at`, the milliseconds of the session.
    /// Nobody waits for a page that reads too slowly.
    pub fn send(&self, report: &impl Serialize) {
        #[derive(Serialize)]
        struct Timed<'a, R> {
            at: u64,
            #[serde(flatten)]
            report: &'a R,
        }
        let at = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Ok(text) = serde_json::to_string(&Timed { at, report }) {
            let _ = self.sender.try_send(text);
        }
    }
}

impl Session {
    /// What a lab keeps for this page: its own type finds it.
    pub fn kept<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        // A panic elsewhere leaves it whole.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_default::<Arc<T>>().clone()
    }

    /// Waits until the page is gone.
    pub fn over(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut over = self.over.subscribe();
        async move {
            let _ = over.wait_for(|over| *over).await;
        }
    }

    fn control(&self, text: &str) -> Result<(), serde_json::Error> {
        match serde_json::from_str(text)? {
            Control::Line { who, paused, delay } => self.change(who, |line| {
                line.paused = paused;
                line.delay = Duration::from_millis(delay).min(LONGEST_DELAY);
            }),
            Control::Cut { who } => self.change(who, |line| line.cuts += 1),
        }
        Ok(())
    }

    fn change(&self, who: String, change: impl FnOnce(&mut Line)) {
        self.lines.send_modify(|lines| {
            if lines.len() < TUNNELS || lines.contains_key(&who) {
                change(lines.entry(who).or_default());
            }
        });
    }
}

/// Opens a session: it lasts as long as this WebSocket.
pub async fn open(State(sessions): State<Sessions>, upgrade: WebSocketUpgrade) -> Response {
    let Some((id, session, reports)) = sessions.begin() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many labs are open\n").into_response();
    };
    let ending = Ending { sessions, id };
    upgrade
        .max_message_size(MESSAGE)
        .on_upgrade(|socket| run(socket, ending, session, reports))
}

/// Ends the session, also where its WebSocket never opened.
struct Ending {
    sessions: Sessions,
    id: u64,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let session = self.sessions.lock().sessions.remove(&self.id);
        if let Some(session) = session {
            session.over.send_replace(true);
        }
    }
}

async fn run(
    mut socket: WebSocket,
    ending: Ending,
    session: Arc<Session>,
    mut reports: mpsc::Receiver<String>,
) {
    #[derive(Serialize)]
    #[serde(rename_all = "lowercase")]
    enum Report {
        Session { id: u64 },
    }
    session.reports.send(&Report::Session { id: ending.id });
    loop {
        tokio::select! {
            Some(report) = reports.recv() => {
                match timeout(PATIENCE, socket.send(Message::text(report))).await {
                    Ok(Ok(())) => {}
                    _ => return,
                }
            }
            message = socket.recv() => match message {
                // What cannot be read is a page of another version: it is of no use here.
                Some(Ok(Message::Text(text))) => if session.control(&text).is_err() { return },
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}
