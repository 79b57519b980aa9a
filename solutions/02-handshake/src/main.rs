//! Accepts WebSockets and prints the handshake. No frames yet: lesson 03.
//!
//! `cargo run -p handshake -- 127.0.0.1:3000`

use std::env;
use std::io;
use std::process;
use std::time::Duration;

use handshake_solution::{Upgraded, accept};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// The subprotocols that this server pretends to speak.
const SUPPORTED: &[&str] = &["chat", "superchat"];

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
            match accept(stream, SUPPORTED).await {
                Ok(upgraded) => {
                    print_exchange(&upgraded);
                    wait_for_the_end(upgraded).await;
                    println!("{peer} is gone");
                }
                Err(error) => println!("{peer}: {error}"),
            }
        });
    }
}

fn print_exchange(upgraded: &Upgraded<TcpStream>) {
    let request = &upgraded.request;
    println!(
        "\n{} {} HTTP/1.{}",
        request.method, request.target, request.minor_version
    );
    for (name, value) in &request.headers {
        println!("{name}: {value}");
    }
    println!(
        "\n{}",
        String::from_utf8_lossy(&upgraded.response.to_bytes())
    );
}

/// Keeps the WebSocket open, and throws away what comes: this lesson cannot read it.
async fn wait_for_the_end(mut upgraded: Upgraded<TcpStream>) {
    let mut bytes = [0; 1024];
    while let Ok(1..) = upgraded.stream.read(&mut bytes).await {}
}
