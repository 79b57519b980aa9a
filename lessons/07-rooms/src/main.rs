//! Serves the chat, with rooms and namespaces.
//!
//! `cargo run -p rooms -- 127.0.0.1:3000`

use std::env;
use std::io;
use std::process;
use std::sync::Arc;

use axum::serve::ListenerExt;
use emit_vs_broadcast::Limits;
use rooms::app;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:3000");
    let listener = TcpListener::bind(address).await.unwrap_or_else(|error| {
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
    let app = app(Limits::default(), Arc::new(|line| println!("{line}")));
    let listener = listener.tap_io(|stream| {
        // Small packets go out at once. A connection that is gone already shows it when it is read.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app).await
}
