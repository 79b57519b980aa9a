//! The server: its places, its tasks, and the news that it ends.

use std::future::Future;
use std::sync::Arc;

use polling::{Connection, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::{Listener, connection};

// ANCHOR: server
/// A server, and the connections it has open.
pub struct Server {
    limit: usize,
    log: fn(&str),
    /// The places that are free: `limit` at first.
    pub(crate) places: Arc<Semaphore>,
    /// One task for each connection.
    pub(crate) tasks: JoinSet<()>,
    /// Becomes true when the server ends.
    pub(crate) stopping: watch::Sender<bool>,
}
// ANCHOR_END: server

impl Server {
    /// A server for `limit` connections at once. `log` takes a line when one begins or ends.
    pub fn new(limit: usize, log: fn(&str)) -> Self {
        Self {
            limit,
            log,
            places: Arc::new(Semaphore::new(limit)),
            tasks: JoinSet::new(),
            stopping: watch::Sender::new(false),
        }
    }

    // ANCHOR: run
    /// Serves what `listener` accepts, until `stop` is done. Then nobody new comes in.
    pub async fn run(mut self, listener: impl Listener, stop: impl Future<Output = ()>) {
        tokio::select! {
            () = self.accept_all(listener) => {}
            () = stop => {}
        }
        self.shut_down().await;
    }
    // ANCHOR_END: run

    /// Runs `task` beside the others.
    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.forget_ended();
        self.tasks.spawn(task);
    }

    fn forget_ended(&mut self) {
        while self.tasks.try_join_next().is_some() {}
    }

    /// Serves one connection to its end.
    pub(crate) fn connection<S>(
        &self,
        stream: S,
        peer: String,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (log, mut stopping) = (self.log, self.stopping.subscribe());
        let stop = async move {
            // An error says that the server is gone: that is the end, too.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        };
        async move {
            log(&format!("{peer} connects"));
            let end = connection::serve(stream, stop).await;
            log(&format!("{peer}: {end}"));
        }
    }

    /// Answers 503, in a task of its own.
    ///
    /// The crowd at the door is limited too: beyond as many refusals as there are places, a
    /// stream is dropped without a word.
    pub(crate) fn refuse<S>(&mut self, stream: S, peer: String)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        (self.log)(&format!("{peer}: no place is free"));
        self.forget_ended();
        if self.tasks.len() < 2 * self.limit {
            self.spawn(async move {
                let mut connection = Connection::new(stream);
                // Whoever has gone does not want the answer.
                if connection.write(&no_place()).await.is_ok() {
                    let _ = connection.close().await;
                }
            });
        }
    }
}

/// 503 (RFC 9110, section 15.6.4). `Retry-After` is in seconds.
fn no_place() -> Response {
    Response::text(503, "all places are taken, try again later\n")
        .with("Retry-After", "5")
        .with("Connection", "close")
}
