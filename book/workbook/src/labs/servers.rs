//! The servers that a lab talks to: references in this process, or the learner's own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::Router;
use emit_vs_broadcast::{ConnectionId, Hub, Limits, WhenFull};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::feed;
use super::session::{Report, Session};

/// Where the learner's own server is expected, and the only address that is ever connected to.
const OWN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
/// How long it may take to accept.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many connections wait to be accepted.
const BACKLOG: usize = 8;
/// What a stream holds between the tunnel and a reference server, in bytes.
const ROOM: usize = 16 * 1024;
/// Little of it, where a lab wants queues to be seen.
const LITTLE_ROOM: usize = 64;
/// Packets in a client's queue, where a lab wants it to be full soon.
const QUEUE: usize = 8;
/// How often the queues are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Lab {
    /// Lesson 01's feed, over a WebSocket.
    Feed,
    /// Lesson 04.
    Echo,
    /// Lesson 05: a client that reads too slowly is disconnected.
    Emit,
    /// Lesson 05: a client that reads too slowly misses packets.
    Lossy,
    /// Lesson 06.
    Acks,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Server {
    Reference,
    Own,
}

impl Server {
    pub fn host(self) -> &'static str {
        match self {
            Server::Reference => "reference",
            Server::Own => "127.0.0.1:3000",
        }
    }
}

impl Lab {
    /// What is asked for.
    pub fn target(self) -> &'static str {
        match self {
            Lab::Feed | Lab::Echo => "/",
            Lab::Emit | Lab::Lossy | Lab::Acks => "/chat",
        }
    }
}

/// A stream to a server.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Connects to the learner's own server.
pub async fn own() -> io::Result<TcpStream> {
    let stream = timeout(PATIENCE, TcpStream::connect(OWN)).await;
    let stream = stream
        .unwrap_or_else(|late| Err(late.into()))
        .map_err(|error| {
            io::Error::new(error.kind(), format!("nobody answers on {OWN}: {error}"))
        })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The reference servers of one session. They end with it.
#[derive(Default)]
pub struct Servers {
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    doors: Vec<(Lab, mpsc::Sender<DuplexStream>)>,
    tasks: JoinSet<()>,
}

impl Servers {
    /// Connects to the reference server of `lab`, which begins with its first connection.
    pub fn connect(&self, lab: Lab, session: &Arc<Session>) -> io::Result<DuplexStream> {
        let room = match lab {
            Lab::Emit | Lab::Lossy => LITTLE_ROOM,
            Lab::Feed | Lab::Echo | Lab::Acks => ROOM,
        };
        let (ours, theirs) = duplex(room);
        let door = self.door(lab, session);
        door.try_send(theirs)
            .map_err(|_| io::Error::other("the reference server is overrun"))?;
        Ok(ours)
    }

    fn door(&self, lab: Lab, session: &Arc<Session>) -> mpsc::Sender<DuplexStream> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, door)) = running.doors.iter().find(|(other, _)| *other == lab) {
            return door.clone();
        }
        let (door, streams) = mpsc::channel(BACKLOG);
        running.doors.push((lab, door.clone()));
        let streams = Streams(streams);
        match lab {
            Lab::Feed => {
                let feed = session.meter.feed.clone();
                running.tasks.spawn(feed::over_websockets(streams, feed));
            }
            Lab::Echo => {
                let server = echo::Server::new(BACKLOG, |_| {});
                running
                    .tasks
                    .spawn(server.run(streams, std::future::pending()));
            }
            Lab::Emit | Lab::Lossy => {
                let when_full = match lab {
                    Lab::Emit => WhenFull::DropClient,
                    _ => WhenFull::DropPacket,
                };
                let hub = Hub::new(Limits {
                    queue: QUEUE,
                    when_full,
                });
                // Weak: the session owns this task.
                let session = Arc::downgrade(session);
                running.tasks.spawn(watch_queues(hub.clone(), session));
                let app = emit_vs_broadcast::app(hub, Arc::new(|_| {}));
                running.tasks.spawn(serve(streams, app));
            }
            Lab::Acks => {
                let app = acks::app(Hub::default(), Arc::new(|_| {}));
                running.tasks.spawn(serve(streams, app));
            }
        }
        door
    }
}

async fn serve(streams: Streams, app: Router) {
    let _ = axum::serve(streams, app).await;
}

/// Reports how long the queues are, whenever that has changed.
async fn watch_queues(hub: Hub, session: Weak<Session>) {
    let mut reported = Vec::new();
    loop {
        sleep(LOOK_EVERY).await;
        let waiting = |id: ConnectionId| Some((id.number(), hub.waiting(id)?));
        let waiting: Vec<_> = hub.ids().into_iter().filter_map(waiting).collect();
        let Some(session) = session.upgrade() else {
            return;
        };
        if waiting != reported {
            reported.clone_from(&waiting);
            session.report(&Report::Queues {
                room: QUEUE,
                waiting,
            });
        }
    }
}

/// The connections of a server that listens on no port.
pub struct Streams(pub mpsc::Receiver<DuplexStream>);

impl Streams {
    pub async fn next(&mut self) -> DuplexStream {
        match self.0.recv().await {
            Some(stream) => stream,
            // The session is over, and this task with it.
            None => std::future::pending().await,
        }
    }
}

impl echo::Listener for Streams {
    type Stream = DuplexStream;

    async fn accept(&mut self) -> (DuplexStream, String) {
        (self.next().await, String::new())
    }
}

impl axum::serve::Listener for Streams {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        (self.next().await, ())
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
