//! Chromium, headless, and what its pages do wrong: over its DevTools protocol, on a WebSocket.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// How long the browser may take over one command, and a page over what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a page waits for at most, in milliseconds.
const WAIT: u32 = 15_000;

/// A browser of its own, with a new profile. It ends with this value.
pub struct Chromium {
    child: Child,
    authority: String,
    _profile: TempDir,
}

impl Chromium {
    pub fn start() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::var("CHROMIUM").unwrap_or("chromium".into()))
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("chromium (or what CHROMIUM names) should start");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                Some(
                    line.ok()?
                        .strip_prefix("DevTools listening on ws://")?
                        .to_owned(),
                )
            })
            .expect("chromium should say where it listens");
        // A pipe that nobody reads would stop the browser one day.
        std::thread::spawn(move || lines.for_each(drop));
        let authority = address.split('/').next().unwrap().to_owned();
        Self {
            child,
            authority,
            _profile: profile,
        }
    }

    /// A new tab. Scripts from `site` and nowhere else may be loaded in it.
    pub async fn page(&self, site: &str) -> Page {
        let mut browser = Page::attach(&self.authority, &self.browser().await).await;
        let target = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let path = format!("/devtools/page/{}", target["targetId"].as_str().unwrap());
        let mut page = Page::attach(&self.authority, &path).await;
        page.site = site.to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page.width(1200).await;
        page
    }

    /// The path of the browser's own WebSocket.
    async fn browser(&self) -> String {
        let answer = super::get(&self.authority, "/json/version").await;
        let version: Value = serde_json::from_str(&answer).unwrap();
        let url = version["webSocketDebuggerUrl"].as_str().unwrap();
        url.split_once(&self.authority).unwrap().1.to_owned()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A tab, and what went wrong in it.
pub struct Page {
    socket: WebSocketStream<TcpStream>,
    last: u64,
    site: String,
    scripts: bool,
    loaded: bool,
    problems: Vec<String>,
}

impl Page {
    async fn attach(authority: &str, path: &str) -> Self {
        let stream = TcpStream::connect(authority).await.unwrap();
        let limits = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let url = format!("ws://{authority}{path}");
        let connected = client_async_with_config(url, stream, Some(limits)).await;
        let (socket, _) = connected.expect("the browser should accept");
        Self {
            socket,
            last: 0,
            site: String::new(),
            scripts: true,
            loaded: false,
            problems: Vec::new(),
        }
    }

    /// Calls a method of the protocol; what else the browser reports meanwhile is noted.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        let call = json!({ "id": id, "method": method, "params": params }).to_string();
        self.socket.send(Message::text(call)).await.unwrap();
        loop {
            let message = self.receive().await;
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    async fn receive(&mut self) -> Value {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await;
            let message = message
                .expect("the browser should answer")
                .unwrap()
                .unwrap();
            if let Message::Text(text) = message {
                let message: Value = serde_json::from_str(&text).unwrap();
                self.note(&message);
                return message;
            }
        }
    }

    fn note(&mut self, message: &Value) {
        let params = &message["params"];
        let problem = match message["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => {
                self.loaded = true;
                return;
            }
            "Runtime.exceptionThrown" => {
                let details = &params["exceptionDetails"];
                format!(
                    "exception: {} {}",
                    details["text"], details["exception"]["description"]
                )
            }
            "Runtime.consoleAPICalled"
                if params["type"] == "error" || params["type"] == "warning" =>
            {
                format!("console: {}", params["args"])
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                format!(
                    "log: {} {}",
                    params["entry"]["text"], params["entry"]["url"]
                )
            }
            "Network.requestWillBeSent" | "Network.webSocketCreated" => {
                let url = match &params["request"]["url"] {
                    Value::Null => &params["url"],
                    url => url,
                };
                let url = url.as_str().unwrap_or_default();
                let at_home = [
                    format!("http://{}/", self.site),
                    format!("ws://{}/", self.site),
                ];
                if url.starts_with("data:") || at_home.iter().any(|home| url.starts_with(home)) {
                    return;
                }
                format!("a request to another host: {url}")
            }
            "Network.responseReceived" if params["response"]["status"].as_u64() >= Some(400) => {
                format!(
                    "status {}: {}",
                    params["response"]["status"], params["response"]["url"]
                )
            }
            "Network.loadingFailed" if params["canceled"] != true => {
                format!(
                    "a request failed: {} {}",
                    params["type"], params["errorText"]
                )
            }
            _ => return,
        };
        self.problems.push(problem);
    }

    /// What went wrong since the last time.
    pub fn problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    pub fn is_clean(&mut self) {
        let problems = self.problems();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    /// Loads a page of the site.
    pub async fn open(&mut self, path: &str) {
        self.loaded = false;
        let url = format!("http://{}/{path}", self.site);
        let gone = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(gone["errorText"].is_null(), "{url}: {}", gone["errorText"]);
        while !self.loaded {
            self.receive().await;
        }
        if !self.scripts {
            return;
        }
        // Modules and custom elements are there, and the page has been laid out.
        self.eval("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
            .await;
    }

    pub async fn without_scripts(&mut self) {
        self.scripts = false;
        self.call(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": true }),
        )
        .await;
    }

    pub async fn width(&mut self, width: u32) {
        let metrics =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", metrics)
            .await;
    }

    /// Runs a script before any of the page's own, in each page from now on.
    pub async fn before(&mut self, script: &str) {
        let script = json!({ "source": script });
        self.call("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
    }

    /// The value of an expression, awaited if it is a promise.
    pub async fn eval(&mut self, expression: &str) -> Value {
        let params = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let result = self.call("Runtime.evaluate", params).await;
        let exception = &result["exceptionDetails"];
        assert!(exception.is_null(), "{expression}\n{exception}");
        result["result"]["value"].clone()
    }

    /// Shows the page as on a `screen`, or as in `print`.
    pub async fn media(&mut self, media: &str) {
        self.call("Emulation.setEmulatedMedia", json!({ "media": media }))
            .await;
    }

    /// Waits until an expression is true, for longer than a page takes: a build does.
    pub async fn until_for(&mut self, expression: &str, seconds: u32) {
        for _ in 0..seconds * 10 {
            if self.eval(&format!("!!({expression})")).await == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.until(expression).await;
    }

    /// Waits until an expression is true.
    pub async fn until(&mut self, expression: &str) {
        let wait = format!(
            "(async () => {{ const end = Date.now() + {WAIT}; \
             for (;;) {{ if ({expression}) return true; if (Date.now() > end) return false; \
             await new Promise((next) => setTimeout(next, 20)); }} }})()"
        );
        if self.eval(&wait).await != true {
            let page = self.eval("document.querySelector('main').innerText").await;
            panic!(
                "it did not come true: {expression}\n{}",
                page.as_str().unwrap_or_default()
            );
        }
    }

    /// Clicks the button with this text in an element.
    pub async fn click(&mut self, inside: &str, text: &str) {
        let (inside, text) = (json!(inside), json!(text));
        self.eval(&format!(
            "{{ const button = [...document.querySelectorAll({inside} + ' button')].find((button) => button.textContent === {text}); \
             if (!button || button.disabled || button.ariaDisabled) throw new Error('no button ' + {text} + ' in ' + {inside}); button.click(); }}"
        ))
        .await;
    }

    /// Puts a value into the control with this label, as a reader would.
    pub async fn fill(&mut self, inside: &str, label: &str, value: &str) {
        let (inside, label, value) = (json!(inside), json!(label), json!(value));
        self.eval(&format!(
            "{{ const label = [...document.querySelectorAll({inside} + ' label')].find((label) => label.textContent.trim().startsWith({label})); \
             const control = label?.querySelector('input, select, textarea'); \
             if (!control) throw new Error('no control ' + {label} + ' in ' + {inside}); \
             if (control.type === 'checkbox' || control.type === 'radio') {{ if (!control.checked) control.click(); }} else {{ \
             control.value = {value}; for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, {{ bubbles: true }})); }} }}"
        ))
        .await;
    }

    /// Presses a key, where the focus is.
    pub async fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "code": key });
            match key {
                "Enter" => {
                    event["text"] = json!("\r");
                    event["windowsVirtualKeyCode"] = json!(13);
                }
                "Space" => {
                    event["key"] = json!(" ");
                    event["text"] = json!(" ");
                    event["windowsVirtualKeyCode"] = json!(32);
                }
                _ => {}
            }
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }
}
