//! The chat with rooms, in two namespaces: `/` and `/admin`.

use std::sync::Arc;

use acks::{Calls, Reply, Shop};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::{Html, Response};
use axum::routing::{any, get};
use emit_vs_broadcast::{
    CLIENT as EMITTER, ConnectionId, Event, Hub, Limits, Log, Member, Socket, limited, script,
};
use serde_json::{Value, json};

use crate::{
    Audience, JoinError, NAME_LIMIT, OnEvent, ROOMS_LIMIT, Rooms, Space, Spaces, Stay, TICKER,
    Ticker, mux,
};

/// The page: three clients, rooms and namespaces.
const PAGE: &str = include_str!("page.html");

// ANCHOR: app
#[derive(Clone)]
struct Server {
    spaces: Spaces,
    log: Log,
}

/// The page at `/`, the WebSocket at `/chat`, and on it the namespaces `/` and `/admin`.
pub fn app(limits: Limits, log: Log) -> Router {
    let mut spaces = Spaces::default();
    for namespace in ["/", "/admin"] {
        let chat = Chat::new(namespace, Hub::new(limits), log.clone());
        spaces = spaces.with(namespace, chat.space());
    }
    Router::new()
        .route("/", get(Html(PAGE)))
        .route("/client.js", get(script(include_str!("client.js"))))
        .route("/caller.js", get(script(acks::CLIENT)))
        .route("/emitter.js", get(script(EMITTER)))
        .route("/chat", any(upgrade))
        .with_state(Server { spaces, log })
}
// ANCHOR_END: app

async fn upgrade(upgrade: WebSocketUpgrade, State(server): State<Server>) -> Response {
    limited(upgrade).on_upgrade(|socket| visit(socket, server))
}

/// One connection from its arrival to its end.
async fn visit(socket: WebSocket, Server { spaces, log }: Server) {
    log("a connection came");
    let end = mux(socket, &spaces, &log).await;
    log(&format!("a connection {end}"));
}

/// What happens in one namespace: lessons 5 and 6, and rooms.
#[derive(Clone)]
struct Chat {
    namespace: &'static str,
    calls: Calls,
    rooms: Rooms,
    shop: Shop,
    ticker: Ticker,
    log: Log,
}

impl Chat {
    fn new(namespace: &'static str, hub: Hub, log: Log) -> Self {
        let (calls, rooms) = (Calls::new(hub.clone()), Rooms::new(hub));
        let (shop, ticker) = (
            Shop::new(calls.clone(), log.clone()),
            Ticker::new(rooms.clone()),
        );
        Self {
            namespace,
            calls,
            rooms,
            shop,
            ticker,
            log,
        }
    }

    fn space(self) -> Space {
        Space {
            calls: self.calls.clone(),
            rooms: self.rooms.clone(),
            on_connect: Arc::new(move |member, stay, _| self.arrive(member, stay)),
        }
    }

    // ANCHOR: arrive
    /// Tells the others that somebody came, and what to tell them at the end.
    fn arrive(&self, member: &mut Member, stay: &mut Stay) -> OnEvent {
        let (chat, me) = (self.clone(), stay.socket());
        let id = me.id().number();
        (self.log)(&format!("user {id} entered {}", self.namespace));
        me.broadcast(&Event::new("joined", [id]));
        // Who has left the namespace is not in its hub; its rooms hear of it while it is in them.
        member.membership.farewell = Some(Event::new("left", [id]));
        stay.farewell = Some(Box::new({
            let chat = self.clone();
            move |stay| {
                let rooms = chat.rooms.of(stay.id());
                rooms
                    .iter()
                    .for_each(|room| chat.tell("left", stay.id(), room));
                (chat.log)(&format!(
                    "user {id} leaves {}: {}",
                    chat.namespace,
                    rooms.join(", ")
                ));
            }
        }));
        Box::new(move |event, reply| Box::pin(chat.clone().handle(me.clone(), event, reply)))
    }
    // ANCHOR_END: arrive

    // ANCHOR: handle
    /// Does what the client asks for, and answers.
    async fn handle(self, me: Socket, event: Event, reply: Option<Reply>) {
        let answer = match event.name.as_str() {
            "join" => self.join(&me, &event),
            "leave" => self.leave(&me, &event),
            "to" => self.say(&me, &event, Some(&me)),
            "in" => self.say(&me, &event, None),
            "written" => Ok(json!(self.rooms.written())),
            // The chat of lesson 5, and the calls of lesson 6.
            _ => return self.shop.handle(me, event, reply).await,
        };
        if let Some(reply) = reply {
            reply.send([answer.unwrap_or_else(|error| json!({ "error": error }))]);
        }
    }
    // ANCHOR_END: handle

    /// `["join", room]`: whether that is new.
    fn join(&self, me: &Socket, event: &Event) -> Result<Value, String> {
        let room = room(event)?;
        let joined = self
            .rooms
            .join(me.id(), room)
            .map_err(|error| error.to_string())?;
        if joined {
            self.tell("joined", me.id(), room);
        }
        if joined && room == TICKER {
            self.ticker.start();
        }
        Ok(json!(joined))
    }

    /// `["leave", room]`: whether it was in there.
    fn leave(&self, me: &Socket, event: &Event) -> Result<Value, String> {
        let room = room(event)?;
        let left = self.rooms.leave(me.id(), room);
        if left {
            self.tell("left", me.id(), room);
        }
        Ok(json!(left))
    }

    // ANCHOR: say
    /// `["to", rooms, except, words]` for all but the sender, `["in", ...]` for the sender too: how
    /// many got it.
    fn say(&self, me: &Socket, event: &Event, sender: Option<&Socket>) -> Result<Value, String> {
        let to = Audience {
            rooms: rooms(event, 0)?,
            except: rooms(event, 1)?,
            sender: sender.map(Socket::id),
        };
        let words = event.args.get(2).cloned().unwrap_or_default();
        let chat = Event::new("chat", [json!(me.id().number()), words, json!(to.rooms)]);
        Ok(json!(self.rooms.emit(&to, &chat)))
    }
    // ANCHOR_END: say

    /// Lets the others in a room know who joined it or left it.
    fn tell(&self, what: &str, who: ConnectionId, room: &str) {
        let event = Event::new(what, [json!(who.number()), json!(room)]);
        let others = Audience::within(room).from(who);
        self.rooms.emit(&others, &event);
    }
}

/// The room that an event names.
fn room(event: &Event) -> Result<&str, String> {
    let room = event.args.first().and_then(Value::as_str);
    room.ok_or_else(|| "the name of a room is text".to_owned())
}

/// The rooms in an argument: a name, or an array of names, [`ROOMS_LIMIT`] at most.
fn rooms(event: &Event, argument: usize) -> Result<Vec<String>, String> {
    let names = match event.args.get(argument) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(names)) => names.as_slice(),
        Some(name) => std::slice::from_ref(name),
    };
    if names.len() > ROOMS_LIMIT {
        return Err(format!("{ROOMS_LIMIT} rooms are enough"));
    }
    let names = names.iter().map(|name| match name.as_str() {
        Some(name) if name.len() > NAME_LIMIT => Err(JoinError::TooLong.to_string()),
        Some(name) => Ok(name.to_owned()),
        None => Err("the name of a room is text".to_owned()),
    });
    names.collect()
}
