//! Serves a feed that says every five seconds how long it has been running.
//!
//! `cargo run -p polling -- 127.0.0.1:3000`
//!
//! With `--stdin` after the address, each line that is typed is an update, and nothing else is.

use std::env;
use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use polling::{Feed, serve};
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
    let address = listener.local_addr()?;
    println!("serving a feed: curl -i 'http://{address}/updates?since=0'");

    let feed = Feed::default();
    match env::args().nth(2).as_deref() {
        Some("--stdin") => publish_lines(feed.clone()),
        Some(other) => {
            eprintln!("{other} is unknown: there is --stdin");
            process::exit(2)
        }
        None => drop(tokio::spawn(keep_counting(feed.clone()))),
    }
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
        let feed = feed.clone();
        tokio::spawn(async move {
            println!("{peer} connects");
            match serve(stream, feed).await {
                Ok(()) => println!("{peer} is done"),
                Err(error) => println!("{peer} is gone: {error}"),
            }
        });
    }
}

async fn keep_counting(feed: Feed) {
    for seconds in (5..).step_by(5) {
        sleep(Duration::from_secs(5)).await;
        feed.publish(&format!("up for {seconds} s"));
    }
}

/// Publishes what is typed. In a thread, since reading standard input would stop the runtime.
fn publish_lines(feed: Feed) {
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            feed.publish(&line);
        }
    });
}
