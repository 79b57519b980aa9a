//! What stands behind the labs: reference servers in this process, and a tap on every wire.
//!
//! A page opens a session, whose WebSocket reports what crosses the wires. Beside it the page
//! opens the connections that the lab is about. Each runs through a tunnel to a reference server,
//! which knows nothing of it, or to the learner's own on 127.0.0.1:3000, and to no other address.
//!
//! | path below `/_workbook/labs` | does |
//! |---|---|
//! | `/session` | the reports, and the page's controls: [`session`] |
//! | `/{session}/socket/{lab}/{server}/{who}` | a WebSocket through a tunnel: [`tunnel`] |
//! | `/{session}/feed/{way}` | the feed of the cost meter: [`feed`] |
//! | `/handshake/{server}` | one request as it was typed: [`handshake`] |

mod feed;
mod handshake;
mod head;
mod servers;
mod session;
mod splitter;
mod tunnel;

use axum::Router;
use axum::routing::{any, get, post};

use session::Sessions;

/// Everything below `/_workbook/labs`. `serve` checks `Host` and `Origin` in front of it.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/session", any(session::open))
        .route("/{session}/socket/{lab}/{server}/{who}", any(tunnel::open))
        .route("/{session}/feed/{way}", get(feed::get))
        .route("/handshake/{server}", post(handshake::send))
        .with_state(Sessions::default())
}
