//! The book in a real browser: every page, every lab, with `cargo workbook` and without it.
//!
//! `.ci/browser` runs these: they need Chromium, and axe-core for the accessibility of the pages.

#[path = "browser/card.rs"]
mod card;
#[path = "browser/chromium.rs"]
mod chromium;
#[path = "browser/panel.rs"]
mod panel;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use chromium::{Chromium, Page};

/// A copy of the workbook: nothing that is edited meanwhile reloads a page, and no file of the
/// reader's is touched.
fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let _ = fs::remove_dir_all(&copy);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for name in ["Cargo.toml", "Cargo.lock", "book", "lessons", "solutions"] {
            copy_all(&source.join(name), &copy.join(name));
        }
        copy
    })
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
        return;
    }
    for entry in fs::read_dir(from).unwrap() {
        let name = entry.unwrap().file_name();
        // What is built is built again.
        let output = from.ends_with("book") && from.join(&name).join("index.html").exists();
        if name != "target" && !output {
            copy_all(&from.join(&name), &to.join(&name));
        }
    }
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap()
}

/// A cargo that has built the references, and runs them. It tests nothing: the reader's panel would
/// build the lessons.
fn cargo_for_labs() -> &'static Path {
    static CARGO: OnceLock<PathBuf> = OnceLock::new();
    CARGO.get_or_init(|| {
        let topics = [
            "first-event",
            "polling",
            "handshake",
            "echo",
            "emit-vs-broadcast",
            "acks",
            "rooms",
        ];
        for topic in topics {
            // One at a time, as the labs do: together, their dependencies would have other features.
            let built = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "-p", &format!("{topic}-solution")])
                .current_dir(root())
                .env("CARGO_TARGET_DIR", target().join("labs"))
                .status();
            assert!(built.unwrap().success(), "{topic}-solution");
        }
        let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cargo-for-labs");
        let text = format!(
            "#!/bin/sh\ncase $1 in run) exec {} \"$@\";; esac\nexit 1\n",
            env!("CARGO")
        );
        fs::write(&script, text).unwrap();
        let made = Command::new("chmod").arg("+x").arg(&script).status();
        assert!(made.unwrap().success());
        script
    })
}

/// A solution's program as the reader's own server, on port 3000. It ends with this value.
struct Own {
    child: Child,
    _port: tokio::sync::MutexGuard<'static, ()>,
}

/// Tests run side by side, and there is one port 3000.
static PORT_3000: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

impl Own {
    async fn start(package: &str, arguments: &[&str]) -> Self {
        let port = PORT_3000.lock().await;
        cargo_for_labs();
        let mut child = Command::new(target().join("labs/debug").join(package))
            .arg("127.0.0.1:3000")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("port 3000 should be free").unwrap();
        assert!(line.contains("127.0.0.1:3000"), "{line}");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, _port: port }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program behind `cargo workbook`, on a free port. It ends with this value.
struct Workbook {
    child: Child,
    authority: String,
}

impl Workbook {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workbook"));
        command
            .args(["--port", "0", "--no-open"])
            .env("CARGO", cargo_for_labs())
            .env("CARGO_TARGET_DIR", target())
            .current_dir(root());
        Self::launch(&mut command)
    }

    fn launch(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let authority = lines
            .find_map(|line| {
                let line = line.ok()?;
                let (_, rest) = line.split_once("http://")?;
                Some(rest.split([' ', '/']).next()?.to_owned())
            })
            .expect("the workbook should say where it is");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, authority }
    }
}

impl Drop for Workbook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks with a plain GET, and returns the body.
pub async fn get(authority: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let mut chunk = [0; 4096];
    // DevTools keeps the connection open, whatever it is asked.
    loop {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse::<usize>())?
                .ok()
        });
        if length.is_some_and(|length| body.len() >= length) {
            return body.to_owned();
        }
        match stream.read(&mut chunk).await.unwrap() {
            0 => return body.to_owned(),
            read => answer.push_str(&String::from_utf8_lossy(&chunk[..read])),
        }
    }
}

/// The static book, served as files and nothing else.
async fn still() -> String {
    let output = root().join("book/book");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let app = Router::new().fallback(async move |request: Request| file(&output, &request));
    tokio::spawn(async { axum::serve(listener, app).await });
    authority
}

fn file(output: &Path, request: &Request) -> Response {
    let name = match request.uri().path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let media = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    match fs::read(output.join(name)) {
        Ok(contents) => ([(header::CONTENT_TYPE, media)], contents).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Builds the static book, once for all tests.
fn built() {
    static BUILT: OnceLock<bool> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let status = Command::new(env!("CARGO_BIN_EXE_workbook"))
            .arg("build")
            .current_dir(root())
            .stdout(Stdio::null())
            .status();
        status.unwrap().success()
    });
    assert!(built, "cargo workbook build failed; it says why above");
}

/// Every page of the book, `print.html` too.
fn pages() -> Vec<String> {
    built();
    let mut pages = Vec::new();
    let mut directories = vec![root().join("book/book")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root().join("book/book")).unwrap();
            let name = name.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                directories.push(path);
            } else if name.ends_with(".html") && !["toc.html", "404.html"].contains(&name.as_str())
            {
                pages.push(name);
            }
        }
    }
    pages.sort();
    assert!(pages.len() > 5, "{pages:?}");
    pages
}

/// The page that has a lab.
fn page_with(lab: &str) -> String {
    built();
    let element = format!("<{lab}-lab");
    let has = |page: &String| {
        page != "print.html"
            && page != "index.html"
            && fs::read_to_string(root().join("book/book").join(page))
                .is_ok_and(|text| text.contains(&element))
    };
    pages()
        .into_iter()
        .find(has)
        .unwrap_or_else(|| panic!("no page has the lab {lab}"))
}

/// The elements in a part of the page that stick out over an edge on the right. mdBook's page would
/// scroll sideways within itself, so the document's own width says nothing. Code and wide tables
/// scroll, on purpose.
async fn sticking_out(page: &mut Page, part: &str, edge: &str) -> Value {
    let script = format!(
        "(() => {{ const part = document.querySelector({part}), edge = {edge}; \
         return [part, ...part.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > edge + 1 \
         && !element.closest('pre, .table-wrapper, .lab-scroll, svg, details:not([open])')) \
         .slice(0, 5).map((element) => element.outerHTML.slice(0, 120)); }})()",
        part = json!(part)
    );
    page.eval(&script).await
}

async fn all_pages_are_clean(page: &mut Page) {
    page.width(360).await;
    let mut wrong = Vec::new();
    for name in pages() {
        page.open(&name).await;
        let wide = sticking_out(page, "main", "innerWidth").await;
        if wide != json!([]) {
            wrong.push(format!("{name} is wider than 360 px: {wide}"));
        }
        let problems = page.problems();
        wrong.extend(problems.iter().map(|problem| format!("{name}: {problem}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_clean_and_fits_a_phone() {
    let workbook = Workbook::start();
    let chromium = Chromium::start();
    all_pages_are_clean(&mut chromium.page(&workbook.authority).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_static_book_is_clean_and_fits_a_phone() {
    built();
    let chromium = Chromium::start();
    all_pages_are_clean(&mut chromium.page(&still().await).await).await;
}

/// The serious findings of axe-core in an element of the page: all, or about colours only.
async fn findings(page: &mut Page, element: &str, colours_only: bool) -> Vec<String> {
    static AXE: OnceLock<String> = OnceLock::new();
    let axe = AXE.get_or_init(|| {
        let path = std::env::var("AXE").expect("AXE should name axe.min.js of axe-core");
        fs::read_to_string(path).unwrap()
    });
    page.eval(axe).await;
    let only = match colours_only {
        true => "runOnly: ['color-contrast', 'link-in-text-block'],",
        false => "",
    };
    let run = format!(
        "axe.run(document.querySelector({}), {{ {only} resultTypes: ['violations'] }}).then(({{ violations }}) => violations \
         .filter(({{ impact }}) => impact === 'serious' || impact === 'critical') \
         .map(({{ id, nodes }}) => `${{id}}, ${{nodes.length}} times: ${{nodes.slice(0, 3).map(({{ html }}) => html.slice(0, 160)).join('   ')}}`))",
        json!(element)
    );
    serde_json::from_value(page.eval(&run).await).unwrap()
}

/// A lab is as it should be after it was used: no problem noted, no serious finding, and it fits a
/// phone.
async fn is_fine(page: &mut Page, element: &str) {
    page.is_clean();
    let found = findings(page, element, false).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
    // A phone's page opens without the sidebar; this one has it from before.
    page.eval("document.getElementById('mdbook-sidebar-toggle-anchor').checked && document.getElementById('mdbook-sidebar-toggle').click()")
        .await;
    page.width(360).await;
    page.until("document.querySelector('main').getBoundingClientRect().width > 300")
        .await;
    let edge = "part.closest('section, figure, .predict').getBoundingClientRect().right";
    let wide = sticking_out(page, element, edge).await;
    assert_eq!(wide, json!([]), "wider than a phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_in_every_theme() {
    let workbook = Workbook::start();
    let chromium = Chromium::start();
    let mut wrong = Vec::new();
    for theme in ["light", "rust", "coal", "navy", "ayu"] {
        let mut page = chromium.page(&workbook.authority).await;
        page.before(&format!("localStorage.setItem('mdbook-theme', '{theme}')"))
            .await;
        // The page for print is all the others once more.
        for name in pages().iter().filter(|name| *name != "print.html") {
            page.open(name).await;
            // Themes differ in their colours, and in nothing else.
            let found = findings(&mut page, "html", theme != "light").await;
            wrong.extend(
                found
                    .iter()
                    .map(|found| format!("{name}, {theme}: {found}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A chapter's own script and style, beyond mdBook's.
#[test]
fn a_chapter_loads_less_than_120_kb() {
    built();
    let book = root().join("book/book");
    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
    let named = |directory: &Path, start: &str, end: &str| -> u64 {
        let files = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let ours = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with(start) && name.ends_with(end)
        };
        files.filter(ours).map(|path| size(&path)).sum()
    };
    let styles = named(&book.join("src/assets"), "", ".css");
    let assets = book.join("assets");
    let live = named(&assets, "panel.", "") + named(&assets, "live.", "");
    let mut most = (0, String::new());
    // The page for print is all the others once more.
    for page in pages().into_iter().filter(|page| page != "print.html") {
        let scripts = scripts(&book, &page).iter().map(|path| size(path)).sum();
        most = most.max((scripts, page));
    }
    let (scripts, page) = most;
    let all = scripts + styles + live;
    println!("{page}: scripts {scripts}, styles {styles}, live {live} bytes");
    assert!(scripts > 0 && styles > 0 && all < 120_000, "{all} bytes");
}

/// The labs' modules that a page loads, with what they import.
fn scripts(book: &Path, page: &str) -> BTreeSet<PathBuf> {
    let named = |text: &str, before: &str| -> Vec<PathBuf> {
        let names = text.split(before).skip(1);
        let names = names.filter_map(|rest| rest.split('"').next());
        names
            .filter(|name| name.ends_with(".js"))
            .map(|name| book.join("assets/labs").join(name))
            .collect()
    };
    let text = fs::read_to_string(book.join(page)).unwrap();
    let mut open = named(&text, "assets/labs/");
    let mut found = BTreeSet::new();
    while let Some(script) = open.pop() {
        let text = fs::read_to_string(&script).unwrap();
        if found.insert(script) {
            open.extend(named(&text, "from \"./"));
        }
    }
    found
}

/// A page with a lab, live.
async fn lab(chromium: &Chromium, workbook: &Workbook, name: &str) -> Page {
    let mut page = chromium.page(&workbook.authority).await;
    page.open(&page_with(name)).await;
    page.until(&format!("document.querySelector('{name}-lab .lab-part')"))
        .await;
    page
}

fn text(element: &str) -> String {
    format!("document.querySelector({}).innerText", json!(element))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cost_meter_counts_all_four_ways() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "cost").await;
    let mut own = Own::start("polling-solution", &["--stdin"]).await;
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.fill("cost-lab", "An update every", "500").await;
        page.fill("cost-lab", server, "").await;
        page.click("cost-lab", "Start").await;
        if server != "reference" {
            use std::io::Write;
            page.until(&format!(
                "{}.startsWith('All four')",
                text("cost-lab .lab-status")
            ))
            .await;
            own.child
                .stdin
                .as_mut()
                .unwrap()
                .write_all(b"goal\n")
                .unwrap();
        }
        // Every way has a delay: an update has arrived by it.
        let rows = "[...document.querySelector('cost-lab tbody').rows].map((row) => [...row.cells].map((cell) => cell.innerText))";
        page.until(&format!("{rows}.every((row) => row[4].endsWith('ms'))"))
            .await;
        let rows = page.eval(rows).await;
        let number =
            |row: usize, cell: usize| rows[row][cell].as_str().unwrap().parse::<u64>().unwrap();
        // Polling, long polling, events, WebSocket: requests, bytes up, bytes down.
        assert!(
            number(1, 1) >= 2 && number(2, 1) == 1 && number(3, 1) == 1,
            "{rows}"
        );
        assert!(
            number(1, 2) > number(2, 2),
            "long polling asks again: {rows}"
        );
        assert!((0..4).all(|row| number(row, 3) > 100), "{rows}");
        page.click("cost-lab", "Stop").await;
    }
    is_fine(&mut page, "cost-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_lab_names_the_rule_that_refuses() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "handshake").await;
    page.click("handshake-lab", "Send it").await;
    page.until(&format!(
        "{}.includes('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')",
        text("handshake-lab .wire")
    ))
    .await;
    for (request, answer, rule) in [
        ("version 12", "426", "the version is 13"),
        (
            "Connection: no-upgrade-please",
            "400",
            "Connection lists Upgrade",
        ),
        ("the key misprinted in §4.1", "400", "one Sec-WebSocket-Key"),
        ("a POST", "405", "the method is GET"),
    ] {
        page.eval(&format!(
            "{{ const select = document.querySelector('handshake-lab select'); \
             select.value = [...select.options].find((option) => option.text === {}).value; \
             select.dispatchEvent(new Event('change')); }}",
            json!(request)
        ))
        .await;
        page.click("handshake-lab", "Send it").await;
        page.until(&format!("document.querySelector('handshake-lab .lab-status').innerText.startsWith('HTTP/1.1 {answer}')")).await;
        page.until(&format!(
            "{}.includes({})",
            text("handshake-lab .lab-rule-bad"),
            json!(rule)
        ))
        .await;
    }
    // The accept value of the classroom's key, with no server.
    page.fill(
        "handshake-lab",
        "Sec-WebSocket-Key",
        "x3JJHMbDL1EzLkh9GBhXDw==",
    )
    .await;
    page.until(&format!(
        "{}.includes('HSmrc0sMlYUkAGmm5OPpG2HaGWk=')",
        text("handshake-lab .lab-steps")
    ))
    .await;
    is_fine(&mut page, "handshake-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frame_lab_writes_and_reads_every_bit() {
    built();
    let chromium = Chromium::start();
    // It needs no server.
    let mut page = chromium.page(&still().await).await;
    page.open(&page_with("frame")).await;
    page.fill("frame-lab", "Payload", "Hello").await;
    page.fill("frame-lab", "a server: not masked", "").await;
    let bytes = "[...document.querySelectorAll('frame-lab .lab-part:first-child .xray-frame code:not(.xray-bits) b')].map((b) => b.textContent).join(' ')";
    assert_eq!(page.eval(bytes).await, "81 05 48 65 6c 6c 6f");
    page.fill("frame-lab", "Frames", "2").await;
    assert_eq!(page.eval(bytes).await, "01 03 48 65 6c 80 02 6c 6f");
    // The RFC's masked frame, with a fragmented message around a ping, and what breaks a rule.
    let read = "document.querySelector('frame-lab .lab-part:nth-of-type(2)').innerText";
    for (hex, sender, said) in [
        ("818537fa213d7f9f4d5158", "a client", "unmasked: \"Hello\""),
        (
            "0x01 0x03 48 65 6c 89 00 80 02 6c 6f",
            "a server",
            "3 frames in 11 bytes.",
        ),
        ("81 05 48", "a server", "unfinished"),
        (
            "81 05 48 65 6c 6c 6f",
            "a client",
            "a client's frame must be masked (§5.1)",
        ),
        ("83 00", "a server", "opcode 3 is reserved (§5.2)"),
        (
            "81 7e 00 7d",
            "a server",
            "the length fits in fewer bytes (§5.2)",
        ),
        (
            "89 7e 00 7e",
            "a server",
            "a control frame holds 125 bytes at most (§5.5)",
        ),
        (
            "88 02 03 ee",
            "a server",
            "close code 1006 must not be sent (§7.4)",
        ),
        ("81 02 c3 28", "a server", "text must be UTF-8 (§8.1)"),
        (
            "80 00",
            "a server",
            "there is no message to continue (§5.4)",
        ),
        ("zz", "a server", "That is not hex"),
    ] {
        page.eval(&format!(
            "{{ const [, part] = document.querySelectorAll('frame-lab .lab-part'); \
             [...part.querySelectorAll('label')].find((label) => label.innerText === '{sender}').click(); }}"
        ))
        .await;
        page.fill("frame-lab", "Hex", hex).await;
        page.until(&format!("{read}.includes({})", json!(said)))
            .await;
    }
    // Each fragment has a masking key of its own.
    page.fill("frame-lab", "a client: masked", "").await;
    let keys = page
        .eval("[...document.querySelectorAll('frame-lab .lab-part:first-child .xray-key:not(.xray-tiles) code')].map((code) => code.textContent)")
        .await;
    assert!(
        keys.as_array().unwrap().len() == 2 && keys[0] != keys[1],
        "{keys}"
    );
    // The figures of the chapter are drawn in Rust, from what the lesson's tests recorded. The lab
    // draws the same picture of the same bytes.
    let figures = page
        .eval(
            "[...document.querySelectorAll('figure.xray')].filter((figure) => !figure.closest('.lab') && !figure.querySelector('flip-frame') && !figure.innerText.includes('…')) \
             .map((figure) => ({ html: [...figure.querySelectorAll('.xray-frame')].map((frame) => frame.outerHTML).join(''), \
             hex: [...figure.querySelectorAll('li:not(.xray-clear, .xray-tiles) > code:not(.xray-bits)')].map((code) => code.textContent).join(' ') }))",
        )
        .await;
    let figures = figures.as_array().unwrap();
    assert!(figures.len() > 3, "{figures:?}");
    for figure in figures {
        page.fill("frame-lab", "Hex", figure["hex"].as_str().unwrap())
            .await;
        let html = page
            .eval("[...document.querySelectorAll('frame-lab .lab-part:nth-of-type(2) .xray-frame')].map((frame) => frame.outerHTML).join('')")
            .await;
        // mdBook breaks lines between elements, and its highlighter marks all code.
        let one_line = |html: &Value| {
            let html = html.as_str().unwrap().replace('\n', "");
            html.replace(" class=\"hljs\"", "").replace(" hljs\"", "\"")
        };
        assert_eq!(one_line(&html), one_line(&figure["html"]));
    }
    is_fine(&mut page, "frame-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_can_be_flipped_bit_by_bit() {
    built();
    let chromium = Chromium::start();
    let site = still().await;
    let mut page = chromium.page(&site).await;
    page.open("introduction.html").await;
    let says = text("flip-frame .flip-says");
    let wrong = "document.querySelector('flip-frame .flip-says').matches('.flip-wrong')";
    page.until(&format!(
        "{says} === 'A whole text message from a server: \"Hello\".' && !{wrong}"
    ))
    .await;
    let bit = |n: usize| format!("document.querySelectorAll('flip-frame .xray-bit')[{n}]");
    // Each is flipped and flipped back, with the keyboard: the focus stays, and the page does too.
    page.eval(&format!("{}.focus()", bit(0))).await;
    for (n, expected, refused) in [
        (0, "The first fragment of a text message", false),
        (
            1,
            "1002, protocol error: a reserved bit is set (RFC 6455, section 5.2)",
            true,
        ),
        (2, "a reserved bit is set", true),
        (4, "A ping frame from a server: \"Hello\"", false),
        (6, "opcode 3 is reserved", true),
        (
            8,
            "a server's frame must not be masked (RFC 6455, section 5.1)",
            true,
        ),
        (
            13,
            "A whole text message from a server: \"H\". 4 bytes are left over",
            true,
        ),
        (14, "2 bytes are missing, and the reader waits", false),
        (
            15,
            "One byte is left over: 6f is taken for the next frame's first byte, and the reader waits",
            false,
        ),
    ] {
        let focused = format!("document.activeElement === {}", bit(n));
        for _ in 0..16 {
            if page.eval(&focused).await == true {
                break;
            }
            page.press("ArrowRight").await;
        }
        assert_eq!(page.eval(&focused).await, true, "bit {n}");
        page.press("Space").await;
        page.until(&format!(
            "{says}.includes({}) && {wrong} === {refused}",
            json!(expected)
        ))
        .await;
        assert_eq!(page.eval(&focused).await, true, "bit {n} keeps the focus");
        page.press("Space").await;
    }
    assert_eq!(page.eval("location.pathname").await, "/introduction.html");
    // The three forms of a length.
    for (position, header, mask) in [
        (3, "81 7d", false),
        (4, "81 7e 00 7e", false),
        (6, "81 7f 00 00 00 00 00 01 00 00", false),
        (2, "81 85", true),
    ] {
        if mask {
            page.fill("flip-frame", "a client", "").await;
        }
        page.fill("flip-frame", "A payload of", &position.to_string())
            .await;
        let bytes = "[...document.querySelectorAll('flip-frame li:not(.xray-payload, .xray-masked, .xray-key, .xray-clear) > code:not(.xray-bits)')].map((code) => code.textContent.trim()).join(' ')";
        page.until(&format!("{bytes} === '{header}'")).await;
    }
    // The mask slides over the payload, a column at a time.
    page.click("flip-frame", "Slide the mask over it").await;
    page.until(&format!(
        "/^[0-9a-f]{{2}} XOR [0-9a-f]{{2}} is 65, e.$/.test({says})"
    ))
    .await;
    page.until(&format!(
        "{says} === 'A whole text message from a client: \"Hello\".'"
    ))
    .await;
    page.click("flip-frame", "As it was").await;
    page.until("document.querySelector('figure.is-hollow .flip-own')")
        .await;
    is_fine(&mut page, "figure.xray").await;

    // With less motion, a column for each press.
    let mut page = chromium.page(&site).await;
    page.call(
        "Emulation.setEmulatedMedia",
        json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] }),
    )
    .await;
    page.open("03-frames.html").await;
    page.click("flip-frame", "Lay the mask over it").await;
    for byte in ["65, e", "6c, l", "6c, l", "6f, o"] {
        page.click("flip-frame", "Next byte").await;
        page.until(&format!("{says}.endsWith('is {byte}.')")).await;
    }
    page.click("flip-frame", "Next byte").await;
    page.until(&format!("{says}.startsWith('A whole')")).await;
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_both_views_of_the_reference_and_of_the_readers_own_server() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "console").await;
    let _own = Own::start("echo-solution", &[]).await;
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.fill("console-lab", server, "").await;
        page.click("console-lab", "Connect").await;
        let script = text("console-lab .lab-log");
        page.until(&format!("{script}.includes('OPEN')")).await;
        page.fill("console-lab", "Payload", "crabs 🦀").await;
        page.click("console-lab", "Send").await;
        page.until(&format!("{script}.includes('message crabs 🦀')"))
            .await;
        page.fill("console-lab", "Code", "1001").await;
        page.click("console-lab", "Close").await;
        page.until(&format!("{script}.includes('InvalidAccessError')"))
            .await;
        page.fill("console-lab", "Code", "4000").await;
        page.click("console-lab", "Close").await;
        page.until(&format!("{script}.includes('4000 \"bye\", clean')"))
            .await;
        // The tap saw the mask, which the script cannot.
        let wire = text("console-lab .wire");
        page.until(&format!("{wire}.includes('101 Switching Protocols')"))
            .await;
        let bytes =
            "[...document.querySelectorAll('console-lab .xray-key:not(.xray-tiles) code')].length";
        assert_eq!(
            page.eval(bytes).await,
            2,
            "the text and the close were masked"
        );
    }
    page.click("console-lab", "Connect").await;
    page.until(&format!(
        "{}.includes('OPEN')",
        text("console-lab .lab-log")
    ))
    .await;
    page.click("console-lab", "Cut the wire").await;
    page.until(&format!(
        "{}.includes('1006')",
        text("console-lab .lab-log")
    ))
    .await;
    is_fine(&mut page, "console-lab").await;
    // The handshake lab talks to the same server.
    let mut page = lab(&chromium, &workbook, "handshake").await;
    page.fill("handshake-lab", "yours, on 127.0.0.1:3000", "")
        .await;
    page.click("handshake-lab", "Send it").await;
    page.until(&format!(
        "{}.includes('101 Switching Protocols')",
        text("handshake-lab .wire")
    ))
    .await;
    page.fill("handshake-lab", "both, and compare", "").await;
    page.click("handshake-lab", "Send it").await;
    page.until(&format!(
        "{}.startsWith('Both answers say the same.') && document.querySelectorAll('handshake-lab .lab-pair .wire').length === 2",
        text("handshake-lab .lab-drawn")
    ))
    .await;
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_event_lab_compares_what_was_said_with_who_hears_it() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "first-event").await;
    let _own = Own::start("first-event-solution", &[]).await;
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.fill("first-event-lab", server, "").await;
        page.click("first-event-lab", "Connect all three").await;
        let said = text("first-event-lab .lab-status");
        page.until(&format!("{said}.startsWith('All three')")).await;
        for (event, lit, verdict) in [
            ("hello", "true,false,false", "look at ann."),
            ("ferret", "true,false,false", "look at ann."),
            ("join", "true,true,true", "look at ann and bob and cat."),
            ("chat", "false,true,true", "look at bob and cat."),
        ] {
            page.fill("first-event-lab", event, "").await;
            page.click("first-event-lab", "Send").await;
            page.until(&format!("{said}.endsWith({})", json!(verdict)))
                .await;
            let cells = "[...document.querySelectorAll('first-event-lab tbody tr')[1].querySelectorAll('td')]";
            let lit_cells =
                format!("{cells}.map((cell) => cell.classList.contains('lab-lit')).join()");
            assert_eq!(page.eval(&lit_cells).await, lit, "{event}");
        }
        for name in ["bob", "cat"] {
            page.fill("first-event-lab", &format!("{name} hears it"), "")
                .await;
        }
        page.click("first-event-lab", "Send").await;
        page.until(&format!("{said} === 'As you said.'")).await;
        for guess in [1, 2] {
            let guess = format!(
                "document.querySelectorAll('first-event-lab tbody input')[{guess}].click()"
            );
            page.eval(&guess).await;
        }
        page.click("first-event-lab", "Disconnect").await;
    }
    is_fine(&mut page, "first-event-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emit_lab_lights_up_who_receives_and_closes_who_does_not_read() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "emit").await;
    let options = ["--queue", "8", "--small-buffers"];
    let _own = Own::start("emit-vs-broadcast-solution", &options).await;
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.fill("emit-lab", server, "").await;
        page.click("emit-lab", "Connect all three").await;
        let said = text("emit-lab .lab-status");
        page.until(&format!("{said}.startsWith('All three')")).await;
        for (row, way, lit) in [
            (0, "io.emit", "true,true,true"),
            (1, "socket.emit", "true,false,false"),
            (2, "socket.broadcast.emit", "false,true,true"),
        ] {
            page.click("emit-lab", way).await;
            page.until(&format!(
                "[...document.querySelectorAll('emit-lab tbody tr')[{row}].querySelectorAll('td')].map((cell) => cell.classList.contains('lab-lit')).join() === '{lit}'"
            ))
            .await;
        }
        let stop = "document.querySelectorAll('emit-lab .lab-gauge input')[1].click()";
        page.eval(stop).await;
        let full = "document.querySelectorAll('emit-lab meter')[1].value > 0";
        page.click("emit-lab", "Ten in a row, to the others").await;
        page.until(full).await;
        page.click("emit-lab", "Ten in a row, to the others").await;
        page.click("emit-lab", "Ten in a row, to the others").await;
        page.until(&format!(
            "{}.includes('its queue is closed')",
            text("emit-lab .lab-gauges")
        ))
        .await;
        page.eval(stop).await;
        page.until(&format!(
            "{}.includes('bob is closed: 1013')",
            text("emit-lab .lab-gauges")
        ))
        .await;
        page.click("emit-lab", "Disconnect").await;
    }
    is_fine(&mut page, "emit-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emit_lab_counts_what_a_slow_client_misses() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "emit").await;
    page.fill("emit-lab", "reference, where a slow client", "")
        .await;
    page.click("emit-lab", "Connect all three").await;
    let said = text("emit-lab .lab-status");
    page.until(&format!("{said}.startsWith('All three')")).await;
    let stop = "document.querySelectorAll('emit-lab .lab-gauge input')[1].click()";
    page.eval(stop).await;
    for _ in 0..3 {
        page.click("emit-lab", "Ten in a row, to the others").await;
    }
    // Cat has them all: so the server has offered them all to bob.
    let gauge =
        |n: usize| format!("document.querySelectorAll('emit-lab .lab-gauge')[{n}].innerText");
    page.until(&format!("{}.includes('30 of 30')", gauge(2)))
        .await;
    page.eval(stop).await;
    // One more tells what was lost, as soon as bob's queue has room for it.
    let lost = format!("/, [0-9]+ lost/.test({})", gauge(1));
    for _ in 0..15 {
        page.click("emit-lab", "socket.broadcast.emit").await;
        let soon = format!(
            "new Promise((done) => setTimeout(() => done({lost} && document.querySelectorAll('emit-lab meter')[1].value === 0), 500))"
        );
        if page.eval(&soon).await == true {
            break;
        }
    }
    page.until(&lost).await;
    page.until("document.querySelectorAll('emit-lab meter')[1].value === 0")
        .await;
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_acks_lab_answers_times_out_and_says_what_came_late() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "acks").await;
    let _own = Own::start("acks-solution", &[]).await;
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.fill("acks-lab", server, "").await;
        page.fill("acks-lab", "Answers take", "0").await;
        page.click("acks-lab", "Connect").await;
        page.until(&format!(
            "{}.startsWith('Connected')",
            text("acks-lab .lab-status")
        ))
        .await;
        page.click("acks-lab", "Call: ferret").await;
        let lines = text("acks-lab .lab-timeline");
        page.until(&format!("{lines}.includes('answered [\"woot\"]')"))
            .await;
        page.fill("acks-lab", "A call waits for", "500").await;
        page.fill("acks-lab", "Answers take", "1000").await;
        page.click("acks-lab", "Call: ferret").await;
        page.until(&format!(
            "{lines}.includes('timed out') && {lines}.includes('late')"
        ))
        .await;
        page.fill("acks-lab", "A call waits for", "10000").await;
        page.click("acks-lab", "Call: ferret").await;
        page.click("acks-lab", "Cut the wire").await;
        page.until(&format!("{lines}.includes('disconnected')"))
            .await;
    }
    is_fine(&mut page, "acks-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rooms_lab_shows_who_hears_it_and_that_one_packet_was_written() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "rooms").await;
    let _own = Own::start("rooms-solution", &[]).await;
    let said = text("rooms-lab .lab-status");
    let cells = "[...document.querySelectorAll('rooms-lab .lab-matrix')[1].querySelectorAll('tbody tr:last-child td')].map((cell) => cell.textContent).join()";
    // Boxes and radio buttons by their whole label.
    let tick = |label: &str| {
        format!(
            "[...document.querySelectorAll('rooms-lab input')].find((input) => (input.ariaLabel ?? input.closest('label').textContent.trim()) === {}).click()",
            json!(label)
        )
    };
    for server in ["reference", "yours, on 127.0.0.1:3000"] {
        page.eval(&tick(server)).await;
        page.click("rooms-lab", "Connect all four").await;
        page.until(&format!("{said}.startsWith('All four')")).await;
        // What is ticked in one row stays so in the next.
        let rows: [(&[&str], &str, usize); 7] = [
            (&[], ",hears it,,", 1),
            (&["in: hears it too"], "hears it,hears it,,", 2),
            (&["to attic"], "hears it,hears it,hears it,", 3),
            (&["except attic"], "hears it,,,", 1),
            (&["ann in attic"], ",,,", 0),
            (&["to kitchen", "to attic", "dan", "to: left out"], ",,,", 0),
            (&["cat"], ",,,hears it", 1),
        ];
        for (ticks, heard, queues) in rows {
            for label in ticks {
                page.eval(&tick(label)).await;
            }
            page.click("rooms-lab", "Send").await;
            page.until(&format!(
                "{said}.endsWith('Queues that took it: {queues}. Packets written: 1.')"
            ))
            .await;
            assert_eq!(page.eval(cells).await, heard, "{ticks:?}");
        }
        // As it was at first.
        for label in [
            "ann",
            "to kitchen",
            "except attic",
            "ann in attic",
            "bob hears it",
        ] {
            page.eval(&tick(label)).await;
        }
        page.click("rooms-lab", "Send").await;
        page.until(&format!("{said}.startsWith('As you said.')"))
            .await;
        page.eval(&tick("bob hears it")).await;
        page.click("rooms-lab", "Disconnect").await;
    }
    is_fine(&mut page, "rooms-lab").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lab_says_how_to_start_a_server_where_nobody_answers() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let _nobody = PORT_3000.lock().await;
    for (name, button, topic) in [
        ("cost", "Start", "polling"),
        ("handshake", "Send it", "handshake"),
        ("console", "Connect", "echo"),
        ("emit", "Connect all three", "emit-vs-broadcast"),
        ("acks", "Connect", "acks"),
        ("rooms", "Connect all four", "rooms"),
    ] {
        let mut page = lab(&chromium, &workbook, name).await;
        let element = format!("{name}-lab");
        page.fill(&element, "yours, on 127.0.0.1:3000", "").await;
        page.click(&element, button).await;
        page.until(&format!(
            "{}.includes('cargo run -p {topic} -- 127.0.0.1:3000')",
            text(&format!("{element} .lab-status"))
        ))
        .await;
    }
}

/// What a lab says of its two wires.
fn compared(element: &str) -> String {
    text(&format!("{element} .lab-wires > .lab-status"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lab_talks_to_both_servers_and_finds_them_equal() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    for (name, package, options, connect, send) in [
        (
            "first-event",
            "first-event-solution",
            &[][..],
            "Connect all three",
            "Send",
        ),
        ("console", "echo-solution", &[], "Connect", "Send"),
        (
            "emit",
            "emit-vs-broadcast-solution",
            &["--queue", "8", "--small-buffers"],
            "Connect all three",
            "io.emit",
        ),
        ("acks", "acks-solution", &[], "Connect", "Call: ferret"),
        ("rooms", "rooms-solution", &[], "Connect all four", "Send"),
    ] {
        let mut page = lab(&chromium, &workbook, name).await;
        let _own = Own::start(package, options).await;
        let element = format!("{name}-lab");
        // Those who were here before have taken the first ids.
        page.fill(&element, "yours, on 127.0.0.1:3000", "").await;
        for server in ["", "both, and compare"] {
            if !server.is_empty() {
                page.fill(&element, server, "").await;
            }
            page.click(&element, connect).await;
            let able = format!(
                "[...document.querySelectorAll('{element} button')].some((button) => button.textContent === '{send}' && !button.ariaDisabled)"
            );
            page.until(&able).await;
            page.click(&element, send).await;
            if server.is_empty() {
                page.click(
                    &element,
                    if name == "console" {
                        "Close"
                    } else {
                        "Disconnect"
                    },
                )
                .await;
            }
        }
        page.until(&format!(
            "{}.startsWith('Both have sent the same')",
            compared(&element)
        ))
        .await;
        // One step may go to several: that depends on what came in between.
        let frames = format!(
            "[...document.querySelectorAll('{element} .lab-pair .wire')].map((wire) => wire.querySelectorAll('.wire-message:has(.lab-bytes) .wire-route > b').length - wire.querySelectorAll('.lab-bytes').length)"
        );
        page.until(&format!("(([a, b]) => a > 1 && b > 1)({frames})"))
            .await;
        is_fine(&mut page, &element).await;
    }
    // The reader's own echo has sent Hello: the introduction's bytes are solid from now on.
    let mut page = chromium.page(&workbook.authority).await;
    page.open("introduction.html").await;
    page.until("!document.querySelector('.is-hollow') && document.querySelector('.flip-own').innerText.startsWith('Solid')")
        .await;
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_difference_of_two_servers_is_marked_with_its_rule() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "acks").await;
    {
        // It knows no calls: it refuses the packet.
        let _own = Own::start("emit-vs-broadcast-solution", &[]).await;
        page.fill("acks-lab", "both, and compare", "").await;
        page.click("acks-lab", "Connect").await;
        page.until(&format!(
            "{}.startsWith('Connected')",
            text("acks-lab .lab-status")
        ))
        .await;
        page.click("acks-lab", "Call: ferret").await;
        page.until(&format!(
            "{}.includes('To ann: byte 0 is 88, the reference sends 81: FIN, reserved bits and opcode (RFC 6455, section 5.2).')",
            compared("acks-lab")
        ))
        .await;
        let marked = "document.querySelector('acks-lab .wire-differs .is-different').innerText";
        page.until(&format!("{marked} === '88'")).await;
        page.is_clean();
    }
    let _nobody = PORT_3000.lock().await;
    page.click("acks-lab", "Disconnect").await;
    page.click("acks-lab", "Connect").await;
    page.until(&format!(
        "{}.includes('cargo run -p acks -- 127.0.0.1:3000')",
        compared("acks-lab")
    ))
    .await;

    // What may differ, and what may not.
    let mut page = chromium.page(&workbook.authority).await;
    page.open("04-echo.html").await;
    let said = |theirs: &str, mine: &str| {
        format!(
            "import('/assets/labs/compare.js').then(async ({{ Comparison }}) => {{ \
             const said = []; const comparison = new Comparison((text) => said.push(text)); \
             const items = {{ reference: {theirs}, own: {mine} }}; \
             for (const side of ['reference', 'own']) for (const [up, item] of items[side]) comparison.hear(side, 'ann', up, item, null); \
             await new Promise((next) => setTimeout(next, 1700)); return said.at(-1); }})"
        )
    };
    let frame = |hex: &str| {
        let bytes = hex
            .split(' ')
            .map(|byte| format!("0x{byte}"))
            .collect::<Vec<_>>();
        format!(
            "[false, {{ kind: 'frame', bytes: Uint8Array.of({}), length: {}, says: 'a frame' }}]",
            bytes.join(","),
            bytes.len()
        )
    };
    let head = |key: &str, lines: &[&str]| {
        format!(
            "[true, {{ kind: 'head', lines: ['GET / HTTP/1.1', 'Sec-WebSocket-Key: {key}'] }}], [false, {{ kind: 'head', lines: {} }}]",
            json!(lines)
        )
    };
    let asked = ("dGhlIHNhbXBsZSBub25jZQ==", "x3JJHMbDL1EzLkh9GBhXDw==");
    let reference = head(
        asked.0,
        &[
            "HTTP/1.1 101 Switching Protocols",
            "connection: upgrade",
            "upgrade: websocket",
            "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "date: Wed",
        ],
    );
    let answer = |accept: &str| {
        head(
            asked.1,
            &[
                "HTTP/1.1 101 Welcome",
                "Upgrade: WebSocket",
                "Connection: Upgrade",
                &format!("Sec-WebSocket-Accept: {accept}"),
            ],
        )
    };
    // 2["welcome",7] and 2["chat",7,1], with 3 in place of the 7.
    let ids = |id: &str| {
        format!(
            "{}, {}",
            frame(&format!(
                "81 0e 32 5b 22 77 65 6c 63 6f 6d 65 22 2c {id} 5d"
            )),
            frame(&format!("81 0d 32 5b 22 63 68 61 74 22 2c {id} 2c 31 5d"))
        )
    };
    for (theirs, mine, expected) in [
        (
            reference.clone(),
            answer("HSmrc0sMlYUkAGmm5OPpG2HaGWk="),
            "Both have sent the same: 1 head",
        ),
        (
            reference.clone(),
            answer("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            "of sec-websocket-accept: yours says s3pP",
        ),
        (ids("33"), ids("37"), "Both have sent the same: 2"),
        (
            frame("81 02 68 69"),
            frame("81 02 68 6f"),
            "byte 3 is 6f, the reference sends 69: the payload",
        ),
        (
            frame("81 02 68 69"),
            frame("01 02 68 69"),
            "byte 0 is 01, the reference sends 81: FIN",
        ),
        (
            frame("81 02 68 69"),
            frame("81 82 00 00 00 00 68 69"),
            "a server does not mask (RFC 6455, section 5.1)",
        ),
        (
            frame("81 02 68 69"),
            frame("81 7e 00 02 68 69"),
            "the length takes the shortest form",
        ),
        (
            frame("88 02 03 e8"),
            frame("88 02 03 e9"),
            "the close code (RFC 6455, section 7.4)",
        ),
        (
            frame("81 00"),
            String::new(),
            "The reference sends ann a frame. Yours does not.",
        ),
        (
            String::new(),
            frame("81 00"),
            "Yours sends ann a frame. The reference does not.",
        ),
    ] {
        let said = page
            .eval(&said(&format!("[{theirs}]"), &format!("[{mine}]")))
            .await;
        assert!(
            said.as_str().is_some_and(|said| said.contains(expected)),
            "{said}: {expected}"
        );
    }
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn arrows_stay_in_what_has_the_focus_and_otherwise_turn_to_a_chapter() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    page.width(700).await;
    page.open("03-frames.html").await;
    for focused in [
        "pre > code.is-cut",
        "frame-lab button",
        ".card summary",
        ".quiz input",
    ] {
        page.eval(&format!("document.querySelector('{focused}').focus()"))
            .await;
        page.until(&format!("document.activeElement.matches('{focused}')"))
            .await;
        page.press("ArrowRight").await;
        assert_eq!(page.eval("location.pathname").await, "/03-frames.html");
    }
    // The end of a line that was cut no longer says that there is more.
    page.eval("document.querySelector('pre > code.is-cut').dataset.test = ''")
        .await;
    page.eval("document.querySelector('[data-test]').scrollLeft = 9999")
        .await;
    page.until("!document.querySelector('[data-test]').matches('.is-cut')")
        .await;
    // On paper a lab that has nothing to show is not there.
    page.media("print").await;
    assert_eq!(
        page.eval("document.querySelector('frame-lab').checkVisibility()")
            .await,
        false
    );
    page.media("screen").await;
    page.eval("document.activeElement.blur()").await;
    page.press("ArrowRight").await;
    page.until("location.pathname === '/04-echo.html'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_hides_no_column() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = chromium.page(&workbook.authority).await;
    page.width(360).await;
    for name in pages().iter().filter(|name| *name != "print.html") {
        page.open(name).await;
        let wide = page
            .eval("[...document.querySelectorAll('.is-rows, .lab-matrix')].filter((table) => table.scrollWidth > table.parentElement.clientWidth + 1).map((table) => table.innerText.slice(0, 60))")
            .await;
        assert_eq!(wide, json!([]), "{name}");
    }
    page.open("05-emit-vs-broadcast.html").await;
    page.until(
        "document.querySelector('emit-lab .lab-matrix').getBoundingClientRect().right <= 360",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pressed_keeps_the_focus() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut page = lab(&chromium, &workbook, "console").await;
    let log = text("console-lab .lab-log");
    page.eval("[...document.querySelectorAll('console-lab button')].find((button) => button.textContent === 'Connect').focus()")
        .await;
    page.press("Enter").await;
    page.until(&format!("{log}.includes('OPEN')")).await;
    assert_eq!(
        page.eval("document.activeElement.textContent").await,
        "Connect"
    );
    // It is not able, and says so.
    assert_eq!(
        page.eval("document.activeElement.ariaDisabled").await,
        "true"
    );
    page.press("Enter").await;
    page.eval("document.querySelector('console-lab input[type=text]').focus()")
        .await;
    page.press("Enter").await;
    page.until(&format!("{log}.includes('message Hello')"))
        .await;
    assert_eq!(page.eval("document.activeElement.value").await, "Hello");
    let opened = format!("{log}.match(/new WebSocket/g).length");
    assert_eq!(page.eval(&opened).await, 1);
    // A cut leaves its mark, and a clean close leaves one.
    for (button, ends) in [
        ("Cut the wire", "the wire is cut"),
        ("Close", "closes the connection to ann"),
    ] {
        page.click("console-lab", button).await;
        let marks = "[...document.querySelectorAll('console-lab .lab-wires .wire-end')].map((step) => step.innerText).join()";
        page.until(&format!("{marks}.includes('{ends}')")).await;
        assert_eq!(
            page.eval("document.querySelectorAll('console-lab .lab-wires .wire-end').length")
                .await,
            1
        );
        if button != "Close" {
            page.until(&format!("{log}.includes('1006')")).await;
            page.click("console-lab", "Connect").await;
            page.until(&format!("{log}.includes('open')")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_cost_meters_do_not_share_six_connections() {
    let (workbook, chromium) = (Workbook::start(), Chromium::start());
    let mut first = lab(&chromium, &workbook, "cost").await;
    let mut second = lab(&chromium, &workbook, "cost").await;
    let said = text("cost-lab .lab-status");
    first.click("cost-lab", "Start").await;
    first
        .until(&format!(
            "{said}.includes('publish') || {said}.startsWith('All four')"
        ))
        .await;
    second.click("cost-lab", "Start").await;
    second
        .until(&format!(
            "{said}.startsWith('Another page measures already')"
        ))
        .await;
    first.click("cost-lab", "Stop").await;
    second.click("cost-lab", "Start").await;
    second
        .until(&format!(
            "{said}.includes('publish') || {said}.startsWith('All four')"
        ))
        .await;
    second.is_clean();
}

/// The first question of a kind, on the page that has one; its right and a wrong answer.
async fn question(page: &mut Page, kind: &str) -> Option<()> {
    let find = format!("!!(window.quiz = document.querySelector('.quiz[data-kind=\"{kind}\"]'))");
    (page.eval(&find).await == true).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_answers_remembers_and_does_without_storage() {
    built();
    let chromium = Chromium::start();
    let site = still().await;
    for blocked in [false, true] {
        let mut page = chromium.page(&site).await;
        if blocked {
            page.before("Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } })")
                .await;
        }
        page.open("02-handshake.html").await;
        question(&mut page, "one")
            .await
            .expect("a question on the page");
        let right = "[...quiz.querySelectorAll('.quiz-answers li')].findIndex((li) => li.classList.contains('quiz-right'))";
        let choose = |right: &str| {
            format!(
                "quiz.querySelectorAll('input')[{right}].focus(), quiz.querySelectorAll('input')[{right}].click()"
            )
        };
        page.eval(&choose(&format!("({right} + 1) % 3"))).await;
        page.eval("quiz.querySelector('button').focus()").await;
        page.press("Enter").await;
        page.until("quiz.querySelector('.quiz-said').innerText.startsWith('Not yet.')")
            .await;
        page.until("quiz.querySelector('.quiz-note').innerText.length > 5")
            .await;
        page.eval(&choose(right)).await;
        page.click(".quiz", "Check").await;
        page.until("quiz.querySelector('.quiz-said').innerText.startsWith('Right.')")
            .await;
        page.open("02-handshake.html").await;
        question(&mut page, "one").await.unwrap();
        let said = page
            .eval("quiz.querySelector('.quiz-said').innerText")
            .await;
        let right = said.as_str().unwrap().starts_with("Right.");
        assert_eq!(right, !blocked, "{said}");
        if !blocked {
            page.is_clean();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_and_labs_can_be_read_without_a_script() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    page.without_scripts().await;
    page.open("02-handshake.html").await;
    let html: Value = page.eval("document.querySelector('.quiz').innerText").await;
    assert!(html.as_str().unwrap().contains("Answer"), "{html}");
    let wire = page
        .eval("document.querySelector('handshake-lab .wire').innerText")
        .await;
    assert!(
        wire.as_str().unwrap().contains("101 Switching Protocols"),
        "{wire}"
    );
}

/// Every chapter begins with a figure that is closed until the reader has marked an answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_chapters_first_sequence_is_predicted_and_then_watched() {
    built();
    let chromium = Chromium::start();
    let site = still().await;
    let mut page = chromium.page(&site).await;
    let chapters = pages();
    let chapters = chapters.iter().filter(|name| name.starts_with('0'));
    for name in chapters {
        page.open(name).await;
        page.until("document.querySelector('.content figure.wire').closest('watch-wire details:not([open])')")
            .await;
    }
    page.open("05-emit-vs-broadcast.html").await;
    // Ann's line reaches all three, bob's only bob, and cat's the others.
    for (question, name) in [
        (0, "ann"),
        (0, "bob"),
        (1, "bob"),
        (1, "cat"),
        (2, "ann"),
        (2, "bob"),
    ] {
        page.fill(
            &format!("watch-wire fieldset:nth-of-type({})", question + 1),
            name,
            "",
        )
        .await;
    }
    page.eval("document.querySelector('watch-wire summary').focus()")
        .await;
    page.press("Enter").await;
    page.until("document.querySelector('watch-wire [role=status]').innerText === '7 of 9 right.'")
        .await;
    let wrong = "[...document.querySelectorAll('watch-wire .is-wrong')].map((label) => label.innerText.replace(/\\s+/g, ' ').trim()).join('; ')";
    assert_eq!(
        page.eval(wrong).await,
        "cat wrong: gets one; cat wrong: gets none"
    );
    page.until("document.querySelector('.predict > details').open")
        .await;
    // A broadcast travels to all of them at once.
    page.until("document.querySelectorAll('.wire-fork .wire-packet').length === 3")
        .await;
    page.click("watch-wire", "All").await;
    page.until("!document.querySelector('.wire-packet, .is-to-come')")
        .await;
    // Whoever reads the end of a long figure still sees whose lines these are.
    page.eval("window.long = [...document.querySelectorAll('figure.wire')].find((figure) => figure.offsetHeight > 900 && figure.checkVisibility()); long.scrollIntoView({ block: 'end' })")
        .await;
    page.until("long.getBoundingClientRect().top < 0 && [...long.querySelectorAll('.wire-names b')].every((name) => name.getBoundingClientRect().top >= 0)")
        .await;
    is_fine(&mut page, ".predict").await;

    // With less motion, step by step; of several answers one is chosen.
    let mut page = chromium.page(&site).await;
    page.call(
        "Emulation.setEmulatedMedia",
        json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] }),
    )
    .await;
    page.open("02-handshake.html").await;
    page.fill("watch-wire", "HTTP/1.1 200 OK", "").await;
    page.eval("document.querySelector('watch-wire summary').click()")
        .await;
    page.until("document.querySelector('watch-wire [role=status]').innerText === '0 of 1 right.'")
        .await;
    page.until("document.querySelector('watch-wire [data-right]').innerText.endsWith('it came')")
        .await;
    let shown = "document.querySelectorAll('watch-wire .wire-steps > li:not(.is-to-come)').length";
    page.until(&format!("{shown} === 1")).await;
    page.click("watch-wire", "Next step").await;
    page.until(&format!("{shown} === 2")).await;
    page.is_clean();

    // Without a script a click opens it, and on paper it is open.
    let mut page = chromium.page(&site).await;
    page.without_scripts().await;
    page.open("05-emit-vs-broadcast.html").await;
    let figure = "document.querySelector('watch-wire figure').checkVisibility({ contentVisibilityAuto: true })";
    assert_eq!(page.eval(figure).await, false);
    page.eval("document.querySelector('watch-wire summary').click()")
        .await;
    // What is opened, or shown in another medium, is laid out with the next frame.
    // (`until` is a script of the page's own, and there is none here.)
    page.until_for(figure, 10).await;
    page.open("05-emit-vs-broadcast.html").await;
    page.media("print").await;
    page.until_for(figure, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_still_copy_replays_what_was_recorded_and_says_how_to_go_live() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    for name in [
        "first-event",
        "cost",
        "handshake",
        "console",
        "emit",
        "acks",
        "rooms",
    ] {
        page.open(&page_with(name)).await;
        page.until(&format!(
            "{}.includes('cargo workbook')",
            text(&format!("{name}-lab .lab-still"))
        ))
        .await;
        if name != "cost" {
            let shown = format!(
                "[...document.querySelectorAll('{name}-lab .wire-steps > li')].filter((li) => !li.matches('.is-to-come')).length"
            );
            let all = page.eval(&shown).await;
            page.click(&format!("{name}-lab"), "From the start").await;
            page.until(&format!("{shown} < {all}")).await;
            page.click(&format!("{name}-lab"), "Next step").await;
            page.click(&format!("{name}-lab"), "All").await;
            page.until(&format!("{shown} === {all}")).await;
        }
    }
    page.is_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chapter_is_shown_a_step_at_a_time_by_keys() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    let toggle = "dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyP', altKey: true }))";
    page.open("02-handshake.html").await;
    page.eval(toggle).await;
    page.until("document.querySelector('.steps-count')?.value.startsWith('1 of ')")
        .await;
    page.until("document.styleSheets.length && getComputedStyle(document.querySelector('#mdbook-menu-bar')).display === 'none'")
        .await;
    let shown = "[...document.querySelectorAll('main > :is(h1, h2, h3)')].filter((h) => h.checkVisibility()).map((h) => h.id).join()";
    let first = page.eval(shown).await;
    // To the next step, past what is higher than the screen; and the page stays the same.
    let mut turns = 0;
    while page.eval(shown).await == first {
        page.press("ArrowRight").await;
        turns += 1;
        assert!(turns < 20, "{first} stays");
    }
    page.until("document.querySelector('.steps-count').value.startsWith('2 of ')")
        .await;
    page.press("PageUp").await;
    assert_eq!(page.eval(shown).await, first);
    page.press("End").await;
    for _ in 0..20 {
        page.press("PageDown").await;
    }
    page.until("location.pathname.endsWith('/02-handshake.html')")
        .await;
    let last = "const [at, all] = document.querySelector('.steps-count').value.split(' of '); at === all && all > 5";
    page.until(&format!(
        "(() => {{ {} }})()",
        last.replace("at === all", "return at === all")
    ))
    .await;
    // A widget keeps its own keys.
    page.press("Home").await;
    page.eval("document.querySelector('main > :not([data-other-step]) summary').focus()")
        .await;
    page.press("ArrowRight").await;
    page.until("document.querySelector('.steps-count').value.startsWith('1 of ')")
        .await;
    page.press("Escape").await;
    page.until("!document.querySelector('.steps-count, [data-other-step]')")
        .await;
    page.is_clean();
}

/// What prints is a handout: open text, and nothing to click.
#[tokio::test(flavor = "multi_thread")]
async fn what_prints_leaves_out_what_is_closed() {
    built();
    let chromium = Chromium::start();
    let mut page = chromium.page(&still().await).await;
    page.media("print").await;
    page.open("02-handshake.html").await;
    let printed = "[...document.querySelectorAll('main :is(.lab, .quiz, .card-help, .card-mistakes, .card-tests, .panel, summary, .predict > details)')].filter((e) => e.checkVisibility()).map((e) => e.className || e.tagName).join()";
    assert_eq!(page.eval(printed).await, "");
    let count = |what: &str| {
        format!(
            "[...document.querySelectorAll('{what}')].filter((e) => e.checkVisibility()).length"
        )
    };
    for what in ["main .card", "main .predict", "main figure"] {
        assert!(page.eval(&count(what)).await.as_u64() > Some(0), "{what}");
    }
    // What was opened prints.
    page.eval("document.querySelector('.predict > details').open = true")
        .await;
    assert_eq!(page.eval(&count("main .predict > details")).await, 1);
}
