//! Lesson 2: the WebSocket handshake, both ends (RFC 6455, section 4).
//!
//! Read book/src/02-handshake.md, check with `cargo test -p handshake`.

#![allow(
    dead_code,
    unused_imports,
    unused_mut,
    unused_variables,
    reason = "until every exercise is solved"
)]

mod accept;
mod client;
mod refusal;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use polling::{Connection, Request, Response};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncWrite};

use accept::refuse;

pub use accept::{Error, Upgraded, accept};
pub use client::{Answer, Mismatch, connect, new_key};
pub use refusal::Refusal;

/// What a server appends to the key before it hashes (RFC 6455, section 1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Computes the `Sec-WebSocket-Accept` value that answers `key` (RFC 6455, section 4.2.2).
///
/// ```text
/// accept = base64(sha1(key + GUID))
/// ```
///
/// `key` looks like base64. Hash it as the text it is.
pub fn accept_key(key: &str) -> String {
    // Exercise: feed `Sha1` the key, then GUID; encode the 20 bytes with `STANDARD`.
    todo!("accept_key({key:?})")
}

/// Whether `token` is in a header's list, in any case (RFC 9110, section 5.6.1).
///
/// `lines` are the values of all lines with the header's name. Each is a list: tokens separated
/// by commas, with spaces or tabs around them.
pub fn lists_token(lines: &[&str], token: &str) -> bool {
    // Exercise: split each line at commas, trim, and compare with `eq_ignore_ascii_case`.
    todo!("lists_token({lines:?}, {token:?})")
}

/// Whether `key` is a valid `Sec-WebSocket-Key`: base64 of 16 bytes, with its padding and no bits
/// left over (RFC 6455, section 4.1).
pub fn is_valid_key(key: &str) -> bool {
    // Exercise: `STANDARD.decode` gives the bytes, or an error for what is not base64.
    todo!("is_valid_key({key:?})")
}

/// Decides whether `request` opens a WebSocket, and returns its key (RFC 6455, section 4.2.1).
///
/// The checks in this order, each with its [`Refusal`]:
///
/// ```text
/// method                   GET                   else Method
/// minor_version            1 or more             else HttpVersion
/// Host                     exactly one line      else Host
/// body                     none announced        else Body
/// Upgrade                  lists `websocket`     else NotAnUpgrade
/// Connection               lists `Upgrade`       else Connection
/// Sec-WebSocket-Version    exactly one line      else VersionLine
///                          that says 13          else Version
/// Sec-WebSocket-Key        exactly one, valid    else Key
/// ```
///
/// HTTP's rules come before WebSocket's. Any other header is ignored.
pub fn check_request(request: &Request) -> Result<&str, Refusal> {
    // Exercise: a closure that collects `request.headers_named(name)` serves all five headers, and
    // `request.announces_body()` knows the headers that announce a body.
    todo!("check_request({request:?})")
}

/// Chooses the first subprotocol on the client's list that the server supports, if there is one
/// (RFC 6455, section 4.2.2, item 4).
///
/// The client lists them by preference, in one `Sec-WebSocket-Protocol` line or several, each a
/// list as in [`lists_token`]. Names are compared exactly: `chat` is not `Chat`.
pub fn choose_subprotocol(request: &Request, supported: &[&str]) -> Option<String> {
    // Exercise: `flat_map` and `trim` as in `lists_token`; `find` takes the first that fits.
    todo!("choose_subprotocol({request:?}, {supported:?})")
}

/// The response that opens the WebSocket (RFC 6455, section 4.2.2, item 5).
///
/// ```text
/// 101
/// Upgrade: websocket
/// Connection: Upgrade
/// Sec-WebSocket-Accept: ...       the answer to `key`
/// Sec-WebSocket-Protocol: ...     only if there is a subprotocol
/// ```
///
/// Extensions that the client offered are declined by not naming them.
pub fn switching_protocols(key: &str, subprotocol: Option<&str>) -> Response {
    // Exercise: `Response::new` starts it, `with` adds a header.
    todo!("switching_protocols({key:?}, {subprotocol:?})")
}

/// Answers `request`: opens the WebSocket, or refuses, closes and returns [`Error::Refused`].
///
/// A client must wait for the answer before it sends frames (RFC 6455, section 4.1). If it does
/// not, those bytes are in `connection` by now, and the next reader needs them: they are
/// [`Upgraded::early`]. `?` makes [`Error::Io`] of an answer that cannot be
/// written, be it the 101 or the refusal.
pub async fn upgrade<S>(
    mut connection: Connection<S>,
    request: Request,
    supported: &[&str],
) -> Result<Upgraded<S>, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Exercise: put the functions above in order. `match`, not `?`: a refusal must be answered, and
    // `refuse(connection, refusal.response())` does that. `into_parts` gives the stream and the
    // bytes after the head.
    todo!("upgrade({request:?}, {supported:?})")
}

/// The client's half: whether `answer` opens the WebSocket that was asked for with `key`, and
/// with which subprotocol (RFC 6455, section 4.1, the list for the server's response).
///
/// `offered` are the subprotocols that the client named; it named no extension. The checks in
/// this order, each with its [`Mismatch`]:
///
/// ```text
/// status                      101                               else Status
/// Upgrade                     exactly one line, which says
///                             `websocket` in any case           else Upgrade
/// Connection                  lists `Upgrade`                   else Connection
/// Sec-WebSocket-Accept        exactly one line, which
///                             answers `key`                     else Accept
/// Sec-WebSocket-Extensions    no line                           else Extension
/// Sec-WebSocket-Protocol      no line, or one line with one
///                             of `offered`                      else Subprotocol
/// ```
pub fn check_answer(
    answer: &Answer,
    key: &str,
    offered: &[&str],
) -> Result<Option<String>, Mismatch> {
    // Exercise: as in `check_request`; `answer.headers_named(name)` gives the lines. A request may
    // list what it would upgrade to. An answer names the one protocol that follows.
    todo!("check_answer({answer:?}, {key:?}, {offered:?})")
}
