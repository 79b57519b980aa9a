//! Why a request does not become a WebSocket, and what it is told.

use polling::Response;

/// The rule that a request breaks. Its response says so, and closes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Method,
    HttpVersion,
    Host,
    Body,
    NotAnUpgrade,
    Connection,
    VersionLine,
    Version,
    Key,
}

impl Refusal {
    /// The status and headers that the RFCs ask for, and a body for the person who debugs.
    pub fn response(self) -> Response {
        match self {
            Refusal::Method => refuse(405, "a WebSocket is opened with GET").with("Allow", "GET"),
            Refusal::HttpVersion => refuse(400, "a WebSocket needs HTTP/1.1"),
            Refusal::Host => refuse(400, "exactly one Host header, please"),
            // Frames to this server, a body to a proxy (RFC 9112, section 11.2).
            Refusal::Body => refuse(400, "a request for a WebSocket has no body"),
            Refusal::NotAnUpgrade => {
                upgrade_required("this is a WebSocket: ask with Upgrade: websocket")
            }
            Refusal::Connection => refuse(400, "the Connection header does not list Upgrade"),
            Refusal::VersionLine => refuse(400, "exactly one Sec-WebSocket-Version, please"),
            // RFC 6455, section 4.4: name the version that is understood.
            Refusal::Version => upgrade_required("this server speaks version 13")
                .with("Sec-WebSocket-Version", "13"),
            Refusal::Key => refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64, once"),
        }
    }
}

fn refuse(status: u16, why: &str) -> Response {
    Response::text(status, format!("{why}\n")).with("Connection", "close")
}

/// A 426 names the protocol to upgrade to, and `Connection` lists that header (RFC 9110,
/// sections 15.5.22 and 7.8).
fn upgrade_required(why: &str) -> Response {
    Response::text(426, format!("{why}\n"))
        .with("Upgrade", "websocket")
        .with("Connection", "Upgrade, close")
}
