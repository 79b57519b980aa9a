//! Lesson 0: what the server says when an event comes, and to whom.
//!
//! Read book/src/00-first-event.md, check with `cargo test -p first-event`.

mod hub;
mod server;

pub use hub::{Event, Hub, To};
pub use server::{Log, app};

// ANCHOR: on_event
/// Calls what listens for an event. One that nobody listens for is ignored.
pub fn on_event(hub: &Hub, event: &Event) {
    match event.name.as_str() {
        "hello" => hub.emit(To::One(event.from), "hi", &event.text),
        "ferret" => ferret(hub, event),
        "join" => join(hub, event),
        "chat" => chat(hub, event),
        _ => {}
    }
}
// ANCHOR_END: on_event

/// Answers whoever asks for a ferret: `["ferret","tobi"]` gets `["woot","tobi"]`.
///
/// The answer is nobody else's business.
pub fn ferret(hub: &Hub, event: &Event) {
    // Exercise: `hub.emit`, as `on_event` answers `hello`.
    hub.emit(To::One(event.from), "woot", &event.text);
}

/// Tells everybody who came, the newcomer too: `["join","ann"]` becomes `["joined","ann"]`.
pub fn join(hub: &Hub, event: &Event) {
    // Exercise: which `To` is everybody?
    hub.emit(To::All, "joined", &event.text);
}

/// Passes words on to all but their sender, who knows them already.
///
/// `["chat","hello"]` stays as it is.
pub fn chat(hub: &Hub, event: &Event) {
    // Exercise: which `To` leaves one client out?
    hub.emit(To::AllBut(event.from), "chat", &event.text);
}
