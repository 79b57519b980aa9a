//! What the lessons' tests need, so that they run without a network and without waiting.
//!
//! - [`coach`] runs a test that prints advice when it fails, and ends it when it hangs.
//! - [`wire`] does the same for a test that needs a network: [`Net`], in memory, on paused time.
//! - [`Net::transcript`] tells what crossed the wire; [`assert_snapshot!`] compares it.
//! - [`Xray`] shows WebSocket frames byte by byte.
//!
//! On a paused clock time passes only while every task waits. So silence is exact, a 30-second
//! timeout costs nothing, and an answer that never comes is reported at once.

mod broken;
mod coach;
mod frame;
mod net;
mod recorder;
pub mod transcript;
#[cfg(feature = "websocket")]
mod websocket;
pub mod xray;

pub use broken::Broken;
pub use coach::{clue, coach, fail, missing};
pub use net::{Client, Listener, Net, Response, Stream, wire};
pub use recorder::Traffic;
/// An independent implementation to compare with.
#[cfg(feature = "websocket")]
pub use tokio_tungstenite::tungstenite;
#[cfg(feature = "websocket")]
pub use websocket::WebSocket;
pub use xray::Xray;

#[doc(hidden)]
pub use coach::{compare, compare_with_file};
#[doc(hidden)]
pub use insta;

/// Compares a value's text with a snapshot, as `insta` does, and explains a difference.
///
/// `assert_snapshot!(value, @"inline")` for a short value, `assert_snapshot!("name", value)` for
/// `tests/snapshots/name.snap` of the package.
#[macro_export]
macro_rules! assert_snapshot {
    ($value:expr, @$expected:literal $(,)?) => {
        $crate::compare($value.to_string(), $expected, &|value| {
            $crate::insta::assert_snapshot!(value, @$expected)
        })
    };
    ($name:literal, $value:expr $(,)?) => {
        $crate::compare_with_file(
            $value.to_string(),
            (env!("CARGO_MANIFEST_DIR"), file!()),
            $name,
            &|value| $crate::insta::assert_snapshot!($name, value),
        )
    };
}
