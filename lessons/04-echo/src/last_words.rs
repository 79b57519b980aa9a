//! A stream that ends only when everything has been said.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Holds back the end of what is read: once, so that its reader flushes, and while a write waits.
///
/// A client may stop writing and still read: TCP can close one direction alone. tungstenite takes the
/// end of its input for a lost connection and sends nothing after it, not even what is in its queue.
pub(crate) struct LastWords<S> {
    stream: S,
    /// Whoever reads has heard once that nothing is there yet, which is the moment to flush.
    paused: bool,
    write_waits: bool,
    /// The end was held back for the write. Whoever flushes it wakes the reader.
    reader_waits: bool,
}

impl<S> LastWords<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            paused: false,
            write_waits: false,
            reader_waits: false,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LastWords<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let is_end = matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before;
        if is_end && buffer.remaining() > 0 {
            if !self.paused {
                self.paused = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if self.write_waits {
                self.reader_waits = true;
                return Poll::Pending;
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LastWords<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.write_waits = written.is_pending();
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flush = Pin::new(&mut self.stream).poll_flush(cx);
        if flush.is_ready() && std::mem::take(&mut self.reader_waits) {
            cx.waker().wake_by_ref();
        }
        flush
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
