//! An echo server made of lessons 01 to 03: text and binary, at any path, for many clients.
//!
//! `cargo run -p frames -- 127.0.0.1:3000`

use std::env;
use std::io;
use std::process;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

#[tokio::main(flavor = "current_thread")]
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
    println!("new WebSocket('ws://{}/')", listener.local_addr()?);
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // No file descriptor is free, most likely. One may be, soon.
                println!("could not accept a connection: {error}");
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        tokio::spawn(async move {
            match frames::serve(stream).await {
                Ok(()) => println!("{peer} is gone"),
                Err(error) => println!("{peer}: {error}"),
            }
        });
    }
}
