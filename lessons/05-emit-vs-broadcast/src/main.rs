//! Serves the chat.
//!
//! `cargo run -p emit-vs-broadcast -- 127.0.0.1:3000`; `--help` says what else there is.

use std::env;
use std::io;
use std::process;
use std::sync::Arc;

use axum::serve::ListenerExt;
use emit_vs_broadcast::{Hub, Limits, WhenFull, app};
use tokio::net::{TcpListener, TcpSocket, lookup_host};

const HELP: &str = "\
Usage: [ADDRESS] [--queue N] [--drop-packets] [--small-buffers]

  ADDRESS          where to listen: 127.0.0.1:3000 if nothing is said
  --queue N        packets in one client's queue: 1024 if nothing is said
  --drop-packets   a client whose queue is full misses packets, and is not closed
  --small-buffers  the system keeps little of what a client does not read: its queue is full soon";

struct Options {
    address: String,
    limits: Limits,
    small_buffers: bool,
}

/// `None`: the command line makes no sense, or asks for help.
fn options(mut args: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options {
        address: "127.0.0.1:3000".to_owned(),
        limits: Limits::default(),
        small_buffers: false,
    };
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--queue" => options.limits.queue = args.next()?.parse().ok().filter(|n| *n > 0)?,
            "--drop-packets" => options.limits.when_full = WhenFull::DropPacket,
            "--small-buffers" => options.small_buffers = true,
            flag if flag.starts_with('-') => return None,
            _ => options.address = arg,
        }
    }
    Some(options)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let Some(options) = options(env::args().skip(1)) else {
        eprintln!("{HELP}");
        process::exit(2)
    };
    let address = &options.address;
    let listener = listen(&options).await.unwrap_or_else(|error| {
        let help = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "Another program listens there: stop it, or take a free port with 127.0.0.1:0."
            }
            _ => "An address is a host and a port of this machine, such as 127.0.0.1:3000.",
        };
        eprintln!("{address}: {error}. {help}");
        process::exit(1)
    });
    println!("http://{}", listener.local_addr()?);
    let hub = Hub::new(options.limits);
    let app = app(hub, Arc::new(|line| println!("{line}")));
    let listener = listener.tap_io(|stream| {
        // Small packets go out at once. A connection that is gone already shows it when it is read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await
}

async fn listen(options: &Options) -> io::Result<TcpListener> {
    if !options.small_buffers {
        return TcpListener::bind(&options.address).await;
    }
    let mut addresses = lookup_host(&options.address).await?;
    let address = addresses.next().ok_or(io::ErrorKind::AddrNotAvailable)?;
    let socket = match address.is_ipv4() {
        true => TcpSocket::new_v4()?,
        false => TcpSocket::new_v6()?,
    };
    // As `TcpListener::bind` does: the port is free as soon as the last server has ended.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Connections have it from the listener. It is a wish: systems have a minimum.
    socket.set_send_buffer_size(1024)?;
    socket.bind(address)?;
    socket.listen(1024)
}
