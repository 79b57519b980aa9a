//! The book on 127.0.0.1: served from memory, rebuilt when a source changes, reloaded in the page.

mod guard;
mod site;
mod watch;

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use anstream::{eprintln, println};
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync;

use crate::book::panel;
use crate::labs;
use crate::live::{self, Drawn, Live};
use crate::problem::{Problem, list};
use crate::workspace::Workbook;
use guard::Names;
pub use guard::name;
use site::Site;
use watch::Watch;

/// Serves the book on 127.0.0.1 and rebuilds it when a source changes, until Ctrl-C. `hosts` are
/// the names that it answers to beside its own.
pub fn serve(root: &Path, port: u16, hosts: &[String], open: bool) -> Result<()> {
    let listener = listen(port)?;
    let names = Names::new(listener.local_addr()?.port(), hosts);
    let changes = Watch::new(root)?;
    let live = Live::start(Workbook::at(root)?);
    let site = match Site::build(root) {
        Ok(site) => site,
        Err(problems) => bail!("{}", list(&problems)),
    };
    let address = format!("http://{}", listener.local_addr()?);
    let shown = Shown {
        site: Arc::new(site),
        problems: Vec::new(),
    };
    let (sender, receiver) = sync::watch::channel(shown);
    follow(changes, root.to_path_buf(), sender, live.clone());

    println!("The book is at {address} (Ctrl-C ends it).");
    if open {
        open_in_browser(&address);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let router = router(root, names, receiver, live.clone());
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served.context("the server ended"),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    live.end();
    ended
}

fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            anyhow::anyhow!(
                "port {port} is in use; choose another: cargo workbook --port {}",
                if port == u16::MAX { 4000 } else { port + 1 }
            )
        }
        _ => anyhow::anyhow!("cannot listen on 127.0.0.1:{port}: {error}"),
    })
}

/// What the pages see: the last book that could be built, and what is wrong with the sources now.
struct Shown {
    site: Arc<Site>,
    problems: Vec<Problem>,
}

impl Shown {
    /// For `live.js`.
    fn message(&self) -> String {
        let problems: Vec<_> = self.problems.iter().map(Problem::to_string).collect();
        serde_json::json!({ "version": self.site.version, "problems": problems }).to_string()
    }
}

/// Lets book and lessons follow what is saved, each at its own pace.
fn follow(changes: Watch, root: PathBuf, shown: sync::watch::Sender<Shown>, live: Live) {
    let (book, saved) = mpsc::channel();
    thread::spawn(move || {
        while saved.recv().is_ok() {
            // One build is for all the saves until it begins.
            while saved.try_recv().is_ok() {}
            rebuild(&root, &shown);
        }
    });
    thread::spawn(move || {
        while let Some(changes) = changes.wait() {
            if changes.book {
                _ = book.send(());
            }
            if changes.code != live::Changes::default() {
                live.changed(&changes.code);
            }
        }
    });
}

/// Builds the book again. If it cannot be built, the last good one stays.
fn rebuild(root: &Path, shown: &sync::watch::Sender<Shown>) {
    let built = Site::build(root);
    shown.send_if_modified(|shown| {
        let (site, problems) = match built {
            Ok(site) => (Arc::new(site), Vec::new()),
            Err(problems) => (shown.site.clone(), problems),
        };
        let same = site.version == shown.site.version && problems == shown.problems;
        if !same && !problems.is_empty() {
            eprintln!("{}", list(&problems));
        } else if problems.is_empty() && !shown.problems.is_empty() {
            println!("The book is whole again.");
        }
        *shown = Shown { site, problems };
        !same
    });
}

#[derive(Clone)]
struct Server {
    names: Arc<Names>,
    shown: sync::watch::Receiver<Shown>,
    live: Live,
}

fn router(root: &Path, names: Names, shown: sync::watch::Receiver<Shown>, live: Live) -> Router {
    let server = Server {
        names: Arc::new(names),
        shown,
        live,
    };
    Router::new()
        .route("/_workbook/live", get(open_live))
        .nest("/_workbook/labs", labs::router(root))
        .fallback_service(get(page).with_state(server.clone()))
        .layer(middleware::from_fn_with_state(server.clone(), guard))
        .with_state(server)
}

/// Lets only this book's own pages in, and keeps what they load on this machine.
async fn guard(State(server): State<Server>, request: Request, next: Next) -> Response {
    if let Err(refusal) = server.names.check(request.headers()) {
        return (StatusCode::FORBIDDEN, refusal).into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    };
    // mdBook's pages hold scripts and styles inline. A lesson's server runs on another port.
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self' 'unsafe-inline' data:; \
         connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*; \
         frame-ancestors 'none'; base-uri 'self'; form-action 'self'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CACHE_CONTROL, "no-store");
    set(header::REFERRER_POLICY, "no-referrer");
    response
}

async fn page(State(server): State<Server>, request: Request) -> Response {
    let site = server.shown.borrow().site.clone();
    if let Some((contents, media)) = site.get(request.uri().path()) {
        let contents = match media.starts_with("text/html") {
            true => with_panel(contents, &server.live),
            false => contents,
        };
        return ([(header::CONTENT_TYPE, media)], contents).into_response();
    }
    match site.get("/404.html") {
        Some((contents, media)) => (
            StatusCode::NOT_FOUND,
            [(header::CONTENT_TYPE, media)],
            contents,
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The page with its lesson's panel as things stand.
fn with_panel(page: Bytes, live: &Live) -> Bytes {
    let Ok(text) = std::str::from_utf8(&page) else {
        return page;
    };
    let lesson = |stem: &str| {
        let drawn = live.drawn(stem)?;
        Some((drawn.panel.clone(), drawn.cards.clone()))
    };
    panel::fill(text, lesson).map_or_else(|| page.clone(), Bytes::from)
}

/// What has changed of a lesson since a page was told last.
fn lesson_news(now: &Drawn, before: Option<&Drawn>) -> serde_json::Map<String, serde_json::Value> {
    let mut news = serde_json::Map::new();
    if before.map(|before| &before.panel) != Some(&now.panel) {
        news.insert("panel".to_owned(), now.panel.clone().into());
    }
    let is_new = |(name, card): &(&String, &String)| {
        before.and_then(|before| before.cards.get(*name)) != Some(*card)
    };
    let cards = now.cards.iter().filter(is_new);
    let cards: serde_json::Map<_, _> = cards
        .map(|(name, card)| (name.clone(), card.clone().into()))
        .collect();
    if !cards.is_empty() {
        news.insert("cards".to_owned(), cards.into());
    }
    news
}

/// A page says which lesson's chapter it is: `/_workbook/live?02-handshake`.
async fn open_live(State(server): State<Server>, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    let lesson = uri.query().map(str::to_owned);
    upgrade
        // All that a page has to say is `run`.
        .max_message_size(1024)
        .on_upgrade(|socket| tell(socket, server, lesson))
}

/// Tells one page what there is to see, now and whenever it changes.
async fn tell(mut socket: WebSocket, server: Server, lesson: Option<String>) {
    let Server {
        mut shown, live, ..
    } = server;
    // The book's version first: a page of another one is loaded again.
    let message = shown.borrow_and_update().message();
    if socket.send(Message::text(message)).await.is_err() {
        return;
    }
    let _open = lesson.as_deref().and_then(|lesson| live.open(lesson));
    let mut told = live.told();
    told.mark_changed();
    let (mut progress, mut drawn) = (None, None);
    loop {
        tokio::select! {
            changed = shown.changed() => {
                let message = shown.borrow_and_update().message();
                if changed.is_err() || socket.send(Message::text(message)).await.is_err() {
                    return;
                }
            }
            changed = told.changed() => {
                told.borrow_and_update();
                let now = (Some(live.progress()), lesson.as_deref().and_then(|lesson| live.drawn(lesson)));
                let mut news = serde_json::Map::new();
                if now.0 != progress {
                    news.insert("progress".to_owned(), now.0.clone().unwrap_or_default());
                }
                if let Some(now) = &now.1 {
                    news.extend(lesson_news(now, drawn.as_deref()));
                }
                (progress, drawn) = now;
                let message = serde_json::Value::Object(news).to_string();
                if changed.is_err() || (message != "{}" && socket.send(Message::text(message)).await.is_err()) {
                    return;
                }
            }
            // Reading to the end answers pings and completes a close.
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) if text.as_str() == "run" => {
                    if let Some(lesson) = &lesson {
                        live.run(lesson);
                    }
                }
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

/// A browser that does not start is no failure: the address is on the terminal.
fn open_in_browser(address: &str) {
    let address = address.to_owned();
    // Some openers live as long as the browser.
    thread::spawn(move || opener::open_browser(address));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{miniature, put};
    use std::time::Duration;
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// The book of `dir` on a free port, and what changes it.
    async fn serving(dir: &TempDir) -> (u16, sync::watch::Sender<Shown>) {
        let shown = Shown {
            site: Arc::new(Site::build(dir.path()).ok().unwrap()),
            problems: Vec::new(),
        };
        let (sender, receiver) = sync::watch::channel(shown);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let live = live::idle(Workbook::at(dir.path()).unwrap());
        let router = router(dir.path(), Names::new(port, &[]), receiver, live);
        tokio::spawn(axum::serve(listener, router).into_future());
        (port, sender)
    }

    async fn ask(port: u16, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = request
            .replace("PORT", &port.to_string())
            .replace('\n', "\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn answer(port: u16, request: &str) -> String {
        let mut answer = String::new();
        let mut stream = ask(port, &format!("{request}\nConnection: close\n\n")).await;
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn status(port: u16, request: &str) -> String {
        answer(port, request)
            .await
            .split(' ')
            .nth(1)
            .unwrap()
            .to_owned()
    }

    #[tokio::test]
    async fn serves_the_book_to_its_own_pages_only() {
        let dir = miniature("# One\n");
        let (port, _sender) = serving(&dir).await;
        let cases = [
            ("GET / HTTP/1.1\nHost: 127.0.0.1:PORT", "200"),
            ("GET /one.html HTTP/1.1\nHost: localhost:PORT", "200"),
            ("GET /two.html HTTP/1.1\nHost: localhost:PORT", "404"),
            (
                "GET /../book/book.toml HTTP/1.1\nHost: localhost:PORT",
                "404",
            ),
            (
                "GET /%2e%2e/book.toml HTTP/1.1\nHost: localhost:PORT",
                "404",
            ),
            (
                "POST / HTTP/1.1\nHost: localhost:PORT\nContent-Length: 0",
                "405",
            ),
            (
                "GET / HTTP/1.1\nHost: localhost:PORT\nOrigin: http://localhost:PORT",
                "200",
            ),
            (
                "GET / HTTP/1.1\nHost: localhost:PORT\nOrigin: http://evil.example",
                "403",
            ),
            ("GET / HTTP/1.1\nHost: localhost:PORT\nOrigin: null", "403"),
            ("GET / HTTP/1.1\nHost: evil.example:PORT", "403"),
            ("GET / HTTP/1.1\nHost: localhost", "403"),
            (
                "GET / HTTP/1.1\nHost: localhost:PORT\nHost: evil.example",
                "403",
            ),
            ("GET /_workbook/live HTTP/1.1\nHost: evil.example", "403"),
            (
                "GET /_workbook/labs/session HTTP/1.1\nHost: evil.example",
                "403",
            ),
            (
                "POST /_workbook/labs/handshake/own HTTP/1.1\nHost: localhost:PORT\nOrigin: http://evil.example\nContent-Length: 0",
                "403",
            ),
        ];
        for (request, expected) in cases {
            let status = status(port, request).await;
            // hyper itself refuses a second Host.
            let refused = expected == "403" && status == "400";
            assert!(status == expected || refused, "{request}: {status}");
        }
        let page = answer(port, "GET / HTTP/1.1\nHost: localhost:PORT").await;
        assert!(
            page.contains("content-security-policy: default-src 'self'"),
            "{page}"
        );
    }

    const UPGRADE: &str = "GET /_workbook/live HTTP/1.1\nHost: 127.0.0.1:PORT\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n";

    #[tokio::test]
    async fn a_foreign_page_gets_no_websocket() {
        let dir = miniature("# One\n");
        let (port, _sender) = serving(&dir).await;
        for path in ["/_workbook/live", "/_workbook/live?01-one"] {
            let upgrade = UPGRADE.replace("/_workbook/live", path);
            let foreign = format!("{upgrade}Origin: http://evil.example");
            assert_eq!(status(port, &foreign).await, "403");
            let foreign = upgrade.replace("127.0.0.1:PORT", "evil.example:PORT");
            assert_eq!(status(port, foreign.trim_end()).await, "403");
        }
    }

    /// The next text message on `stream` about the book itself.
    async fn message(stream: &mut TcpStream) -> serde_json::Value {
        let read = async {
            loop {
                let mut header = [0; 2];
                stream.read_exact(&mut header).await.unwrap();
                assert_eq!(header[0], 0x81);
                let length = match header[1] {
                    126 => stream.read_u16().await.unwrap().into(),
                    length => usize::from(length),
                };
                let mut payload = vec![0; length];
                stream.read_exact(&mut payload).await.unwrap();
                let message: serde_json::Value = serde_json::from_slice(&payload).unwrap();
                if message["version"].is_string() {
                    return message;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read)
            .await
            .expect("no message")
    }

    #[tokio::test]
    async fn a_save_reaches_the_page_and_a_mistake_keeps_the_last_good_book() {
        let dir = miniature("# One\n");
        let (port, sender) = serving(&dir).await;
        let live = live::idle(Workbook::at(dir.path()).unwrap());
        let changes = Watch::new(dir.path()).unwrap();
        follow(changes, dir.path().to_path_buf(), sender, live);
        let mut stream = ask(port, &format!("{UPGRADE}\n")).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"));
        let first = message(&mut stream).await;
        assert_eq!(first["problems"], serde_json::json!([]));

        put(&dir, "book/src/one.md", "# Changed\n");
        let second = message(&mut stream).await;
        assert_ne!(second["version"], first["version"]);

        put(
            &dir,
            "book/src/one.md",
            "# Broken\n\n{{#include none.rs}}\n",
        );
        let third = message(&mut stream).await;
        assert_eq!(third["version"], second["version"]);
        assert_eq!(
            third["problems"],
            serde_json::json!(["book/src/one.md:3: there is no file book/src/none.rs"])
        );
        let page = answer(port, "GET /one.html HTTP/1.1\nHost: localhost:PORT").await;
        assert!(page.contains("Changed"));
    }

    #[test]
    fn a_port_in_use_is_named() {
        let taken = listen(0).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = listen(port).unwrap_err().to_string();
        assert!(error.starts_with(&format!(
            "port {port} is in use; choose another: cargo workbook --port"
        )));
    }
}
