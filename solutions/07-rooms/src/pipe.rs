//! A socket without a network: two bounded queues, which `run` takes for a WebSocket.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::ws::Message;
use futures_util::{Sink, Stream};
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;

// ANCHOR: pipe
/// One end of a connection: what is written to it comes out of a queue, and what is put into
/// another can be read from it.
pub struct Pipe {
    incoming: mpsc::Receiver<Message>,
    outgoing: PollSender<Message>,
}

impl Pipe {
    /// A pipe, and the far ends of its queues. Each has room for one message: whoever fills them
    /// waits, as on a network.
    pub fn new() -> (Pipe, mpsc::Sender<Message>, mpsc::Receiver<Message>) {
        let (to_pipe, incoming) = mpsc::channel(1);
        let (outgoing, from_pipe) = mpsc::channel(1);
        let outgoing = PollSender::new(outgoing);
        let pipe = Pipe { incoming, outgoing };
        (pipe, to_pipe, from_pipe)
    }
}
// ANCHOR_END: pipe

impl Stream for Pipe {
    type Item = Result<Message, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.incoming.poll_recv(cx).map(|message| message.map(Ok))
    }
}

impl Sink<Message> for Pipe {
    type Error = axum::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        Pin::new(&mut self.outgoing)
            .poll_ready(cx)
            .map_err(|_| gone())
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), axum::Error> {
        self.outgoing.send_item(message).map_err(|_| gone())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        // What is in the queue is on its way.
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.outgoing.close();
        Poll::Ready(Ok(()))
    }
}

fn gone() -> axum::Error {
    axum::Error::new(io::Error::from(io::ErrorKind::BrokenPipe))
}
