//! Serves an echo. Ctrl-C says goodbye to everybody, and ends.
//!
//! `cargo run -p echo -- 127.0.0.1:3000`

use std::env;
use std::io;
use std::process;

use echo_solution::Server;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;

/// How many connections may be open at once.
const LIMIT: usize = 100;

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

    let stop = async {
        // Where the signal cannot be waited for, it ends the program as it always did.
        if ctrl_c().await.is_err() {
            std::future::pending().await
        }
    };
    let server = Server::new(LIMIT, |line| println!("{line}"));
    server.run(listener, stop).await;
    Ok(())
}
