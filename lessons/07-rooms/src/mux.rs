//! One connection, many namespaces: each has a task, and a pipe in place of a socket.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;

use acks::connection;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use emit_vs_broadcast::{End, Log, POLICY_VIOLATION, TOO_SLOW, close, close_frame, failure, write};
use futures_util::{FutureExt, Sink, Stream, StreamExt};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio_util::task::AbortOnDropHandle;

use crate::{Door, Pipe, Route, Space, Spaces, connected, put_namespace, refused};

/// A handler of this namespace has panicked (RFC 6455, section 7.4.1).
const INTERNAL_ERROR: u16 = 1011;

/// Runs one connection, with all the namespaces that its client enters, until one side has had
/// enough. What ends it ends all of them; what ends one is told to the client, and that is all.
///
/// Whatever ends it, the client leaves every namespace first, and only then is the connection closed.
pub async fn mux<S>(socket: S, spaces: &Spaces, log: &Log) -> End
where
    S: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin,
{
    let (mut sink, mut stream) = socket.split();
    // Room for one: what waits for a slow client waits in its namespaces' queues.
    let (out, mut packets) = mpsc::channel(1);
    let (fatal, mut fatals) = mpsc::channel(1);
    let mut doors = Doors {
        spaces,
        log,
        out,
        fatal,
        inside: HashMap::new(),
    };
    let end = tokio::select! {
        biased;
        Some(frame) = fatals.recv() => End::Server(frame),
        Err(_) = write(&mut sink, &mut packets) => End::Gone,
        end = doors.read(&mut stream) => end,
    };
    doors.leave_all().await;
    close(sink, stream, packets, &end).await;
    end
}

/// What one connection is to each namespace.
struct Doors<'a> {
    spaces: &'a Spaces,
    log: &'a Log,
    /// On the way to the client.
    out: mpsc::Sender<Utf8Bytes>,
    /// Why a namespace ends the whole connection.
    fatal: mpsc::Sender<CloseFrame>,
    /// Where it is, and where the server has put it out.
    inside: HashMap<String, Inside>,
}

/// A connection's part in one namespace.
struct Inside {
    packets: mpsc::Sender<Message>,
    task: AbortOnDropHandle<()>,
}

impl Doors<'_> {
    /// Reads packets until the client closes, breaks the rules, or is gone.
    async fn read<S>(&mut self, stream: &mut S) -> End
    where
        S: Stream<Item = Result<Message, axum::Error>> + Unpin,
    {
        while let Some(message) = stream.next().await {
            match message {
                Ok(Message::Text(packet)) => {
                    if let Err(frame) = self.take(&packet).await {
                        return End::Server(frame);
                    }
                    // As in lesson 5: the writers get a turn.
                    yield_now().await;
                }
                Ok(Message::Close(frame)) => return End::Client(frame),
                Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_)) => {}
                Err(error) => return failure(error),
            }
        }
        End::Gone
    }

    fn door(&self, namespace: &str) -> Door {
        match self.inside.get(namespace) {
            None => Door::Closed,
            Some(inside) if inside.packets.is_closed() => Door::Shut,
            Some(_) => Door::Open,
        }
    }

    /// Does what a packet asks for. An error ends the connection.
    async fn take(&mut self, packet: &str) -> Result<(), CloseFrame> {
        let route = self.spaces.route(|namespace| self.door(namespace), packet);
        match route.map_err(|why| close_frame(POLICY_VIOLATION, &why.to_string()))? {
            Route::Open { namespace, auth } => self.enter(namespace, auth).await,
            Route::Refuse { namespace } => self.send(put_namespace(&namespace, refused())).await,
            Route::Deliver { namespace, packet } => {
                if let Some(inside) = self.inside.get(&namespace) {
                    // An error: the server has shut the door, and the client will hear of it.
                    let _ = inside.packets.send(Message::text(packet)).await;
                }
            }
            Route::Leave { namespace } => self.leave(&namespace).await,
        }
        Ok(())
    }

    async fn send(&self, packet: Utf8Bytes) {
        // An error: the connection has ended.
        let _ = self.out.send(packet).await;
    }

    /// Opens a namespace: the client hears so, and only then what is said there.
    async fn enter(&mut self, namespace: String, auth: Value) {
        let Some(space) = self.spaces.get(&namespace).cloned() else {
            return;
        };
        // If the server had put it out, the client hears of that first.
        self.leave(&namespace).await;
        let mut member = space.rooms.hub().join();
        let mut stay = space.rooms.enter(member.membership.id());
        self.send(put_namespace(&namespace, connected(stay.id())))
            .await;
        let mut on_event = (space.on_connect)(&mut member, &mut stay, auth);
        let (pipe, packets, from_pipe) = Pipe::new();
        let (out, fatal) = (self.out.clone(), self.fatal.clone());
        let (log, name) = (self.log.clone(), namespace.clone());
        let task = async move {
            let Space { calls, .. } = space;
            let id = stay.id();
            // The stay is over when nobody reads any more: `connection` drops this.
            let on_event = move |event, reply| {
                let _stay = &stay;
                on_event(event, reply)
            };
            let running = connection(pipe, member, &calls, log.clone(), on_event);
            let end = tokio::select! {
                Some(frame) = forward(&name, from_pipe, &out) => End::Server(frame),
                end = AssertUnwindSafe(running).catch_unwind() => end.unwrap_or_else(|_| {
                    End::Server(close_frame(INTERNAL_ERROR, "a handler failed"))
                }),
            };
            log(&format!("user {id} of {name} {end}"));
            match end {
                End::Server(frame) if [POLICY_VIOLATION, TOO_SLOW.code].contains(&frame.code) => {
                    let _ = fatal.send(frame).await;
                }
                End::Server(_) => {
                    let _ = out.send(put_namespace(&name, "1".into())).await;
                }
                // The client knows.
                _ => {}
            }
        };
        let task = AbortOnDropHandle::new(tokio::spawn(task));
        self.inside.insert(namespace, Inside { packets, task });
    }

    /// Leaves a namespace. When this returns, nothing more comes from it.
    async fn leave(&mut self, namespace: &str) {
        if let Some(Inside { packets, task }) = self.inside.remove(namespace) {
            let _ = packets.send(Message::Close(None)).await;
            drop(packets);
            // An error: it has panicked, and that has been reported.
            let _ = task.await;
        }
    }

    /// Leaves all at once.
    async fn leave_all(&mut self) {
        for (_, Inside { task, .. }) in self.inside.drain() {
            task.abort();
            let _ = task.await;
        }
    }
}

/// Sends a namespace's packets on to the client, under its name, up to its Close.
async fn forward(
    namespace: &str,
    mut packets: mpsc::Receiver<Message>,
    out: &mpsc::Sender<Utf8Bytes>,
) -> Option<CloseFrame> {
    while let Some(message) = packets.recv().await {
        match message {
            Message::Text(packet) => out.send(put_namespace(namespace, packet)).await.ok()?,
            Message::Close(frame) => return frame,
            _ => {}
        }
    }
    None
}
