//! Lesson 5's chat, grown by calls: `ferret`, `work`, `order` and `ask`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::{Html, Response};
use axum::routing::{any, get};
use emit_vs_broadcast::{
    CLIENT as EMITTER, Event, Hub, Log, PAGE, Socket, To, arrive, limited, on_event, script,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::once::{KeyError, OncePerKey};
use crate::{Calls, Reply, connection};

/// The longest work that a client may ask for, and the longest wait for the others.
const LONGEST: Duration = Duration::from_secs(10);

/// What the page connects with, `/client.js`. It imports lesson 5's as `/emitter.js`.
pub const CLIENT: &str = include_str!("client.js");
/// What this lesson adds to the page of lesson 5.
const CONTROLS: &str = include_str!("controls.html");

// ANCHOR: app
/// What a client can ask for. Clones share it.
#[derive(Clone)]
pub struct Shop {
    calls: Calls,
    log: Log,
    /// How many ferrets were ordered.
    orders: Arc<AtomicU64>,
    once: OncePerKey,
}

/// Lesson 5's page with calls at `/`, the WebSocket at `/chat`.
pub fn app(hub: Hub, log: Log) -> Router {
    let shop = Shop::new(Calls::new(hub), log);
    let page = PAGE.replace("</body>", &format!("{CONTROLS}</body>"));
    Router::new()
        .route("/", get(Html(page)))
        .route("/client.js", get(script(CLIENT)))
        .route("/emitter.js", get(script(EMITTER)))
        .route("/chat", any(upgrade))
        .with_state(shop)
}
// ANCHOR_END: app

async fn upgrade(upgrade: WebSocketUpgrade, State(shop): State<Shop>) -> Response {
    limited(upgrade).on_upgrade(|socket| visit(socket, shop))
}

/// One client from its arrival to its end.
async fn visit(socket: WebSocket, shop: Shop) {
    let member = arrive(shop.calls.hub(), &shop.log);
    let me = member.membership.socket();
    let end = connection(socket, member, &shop.calls, shop.log.clone(), {
        let (shop, me) = (shop.clone(), me.clone());
        move |event, reply| Box::pin(shop.clone().handle(me.clone(), event, reply))
    });
    let end = end.await;
    (shop.log)(&format!("user {} {end}", me.id()));
}

impl Shop {
    /// No order yet.
    pub fn new(calls: Calls, log: Log) -> Self {
        Self {
            calls,
            log,
            orders: Arc::default(),
            once: OncePerKey::default(),
        }
    }

    // ANCHOR: handle
    /// Does what the client asks for, and answers when it is done.
    pub async fn handle(self, me: Socket, event: Event, reply: Option<Reply>) {
        let answer = match event.name.as_str() {
            "ferret" => {
                sleep(seconds(&event, 1)).await;
                json!("woot")
            }
            "work" => {
                sleep(seconds(&event, 0)).await;
                json!("done")
            }
            "order" => self.order(&event).await,
            "ask" => self.ask(&me, seconds(&event, 0)).await,
            // Said, and no call: nothing to answer.
            _ => return on_event(&me, event),
        };
        if let Some(reply) = reply {
            reply.send([answer]);
        }
    }
    // ANCHOR_END: handle

    // ANCHOR: order
    /// `["order", key, seconds]`: orders a ferret, and answers which it is. `key` may be null.
    ///
    /// A wrong key is answered `{"error":"..."}`: nothing was ordered.
    async fn order(&self, event: &Event) -> Value {
        let work = async {
            sleep(seconds(event, 1)).await;
            json!(self.orders.fetch_add(1, Ordering::Relaxed) + 1)
        };
        let answer = match event.args.first() {
            None | Some(Value::Null) => Ok(work.await),
            Some(Value::String(key)) => self.once.get(key, work).await,
            Some(_) => Err(KeyError::NoText),
        };
        answer.unwrap_or_else(|error| json!({ "error": error.to_string() }))
    }
    // ANCHOR_END: order

    // ANCHOR: ask
    /// `["ask", seconds]`: calls everybody else, and tells who answered what: `[[2,"woot"],...]`.
    async fn ask(&self, me: &Socket, limit: Duration) -> Value {
        let event = Event::new("ferret", ["tobi"]);
        let others = To::AllBut(me.id());
        let outcomes = self.calls.broadcast_with_ack(others, &event, limit);
        let lines = outcomes
            .await
            .into_iter()
            .map(|(id, outcome)| match outcome {
                Ok(args) => json!([id.number(), args.first()]),
                Err(error) => json!([id.number(), null, error.to_string()]),
            });
        lines.collect()
    }
    // ANCHOR_END: ask
}

/// An argument as a time, within bounds.
fn seconds(event: &Event, argument: usize) -> Duration {
    let seconds = event.args.get(argument).and_then(Value::as_f64);
    let time = Duration::try_from_secs_f64(seconds.unwrap_or(0.0));
    // Negative, or beyond all times.
    time.unwrap_or_default().min(LONGEST)
}
