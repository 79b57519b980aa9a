// The handshake lab: edit a request, send it, see which rule refuses it; the accept value by steps.

import { Lab, STARTING, able, button, el, labelled, live, nobody, select, servers, status } from "./dom.js";
import { hex, utf8 } from "./codec.js";
import { GUID, compareHeads, mark } from "./compare.js";
import { Session } from "./session.js";
import { sha1 } from "./sha1.js";
import { Wire } from "./wire.js";

/** The rules in the order in which the reference looks at them: the names of its `Refusal`s, and what it says. */
const RULES = [
  { name: "Head", says: "a request head, with an empty line behind it", where: "RFC 9112, section 2.1" },
  { name: "Method", answer: "a WebSocket is opened with GET", says: "the method is GET", where: "§4.1" },
  { name: "HttpVersion", answer: "a WebSocket needs HTTP/1.1", says: "HTTP/1.1", where: "§4.1" },
  { name: "Host", answer: "exactly one Host header, please", says: "one Host", where: "§4.2.1" },
  { name: "Body", answer: "a request for a WebSocket has no body", says: "no body", where: "RFC 9112, section 6" },
  { name: "NotAnUpgrade", answer: "this is a WebSocket: ask with Upgrade: websocket", says: "Upgrade lists websocket", where: "§4.2.1" },
  { name: "Connection", answer: "the Connection header does not list Upgrade", says: "Connection lists Upgrade", where: "§4.2.1" },
  { name: "VersionLine", answer: "exactly one Sec-WebSocket-Version, please", says: "one Sec-WebSocket-Version", where: "§4.2.1" },
  { name: "Version", answer: "this server speaks version 13", says: "the version is 13", where: "§4.4" },
  { name: "Key", answer: "Sec-WebSocket-Key must be 16 bytes in base64, once", says: "one Sec-WebSocket-Key, of 16 bytes", where: "§4.2.1" },
];

const GOOD = [
  "GET /chat HTTP/1.1",
  "Host: server.example.com",
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
];
const swap = (from, ...to) => GOOD.flatMap((line) => (line.startsWith(from) ? to : [line]));
const REQUESTS = [
  ["the example of the RFC", GOOD],
  ["with subprotocols", [...GOOD, "Sec-WebSocket-Protocol: superchat, chat"]],
  ["Connection: keep-alive, Upgrade", swap("Connection", "Connection: keep-alive, Upgrade")],
  ["two Connection lines", swap("Connection", "Connection: keep-alive", "Connection: Upgrade")],
  ["Connection: no-upgrade-please", swap("Connection", "Connection: no-upgrade-please")],
  ["a plain GET", GOOD.slice(0, 2)],
  ["a POST", swap("GET", "POST /chat HTTP/1.1")],
  ["HTTP/1.0", swap("GET", "GET /chat HTTP/1.0")],
  ["no Host", swap("Host")],
  ["a body", [...GOOD, "Content-Length: 5"]],
  ["version 12", swap("Sec-WebSocket-Version", "Sec-WebSocket-Version: 12")],
  ["no version", swap("Sec-WebSocket-Version")],
  ["the key abc", swap("Sec-WebSocket-Key", "Sec-WebSocket-Key: abc")],
  ["the key misprinted in §4.1", swap("Sec-WebSocket-Key", "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEC==")],
];

const ENDED = {
  open: "The connection is a WebSocket.",
  answered: "",
  closed: "The server closed the connection.",
  silent: "The server said nothing for 12 seconds.",
  unreachable: "",
};

customElements.define("handshake-lab", class extends Lab {
  build() {
    if (live) this.append(this.sender());
    this.append(accept());
    if (live) this.append(this.recordings() ?? "");
    else this.append(this.still("What follows was recorded by the lesson's tests."));
  }

  disconnectedCallback() {
    this.session?.close();
    this.session = null;
  }

  /** Sends a request, and returns what came back. */
  async exchange(request, server) {
    const response = await fetch(this.session.url(`handshake/${server}`), {
      method: "POST", body: utf8([...request, "", ""].join("\r\n")),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  }

  sender() {
    const lines = el("ol", { class: "lab-lines", "aria-label": "The request, line by line" });
    const rows = () => [...lines.querySelectorAll("input")];
    const row = (text) => {
      const input = el("input", {
        type: "text", value: text, spellcheck: "false", "aria-label": "A line of the request",
        on: { keydown: ({ key }) => { if (key === "Enter") send.click(); } },
      });
      const item = el("li", {}, input, button("✕", () => {
        item.remove();
        (rows()[0] ?? add).focus();
      }, { "aria-label": "Remove this line", title: "Remove this line" }));
      return item;
    };
    const fill = (request) => lines.replaceChildren(...request.map(row));
    const add = button("Add a line", () => {
      lines.append(row(""));
      rows().at(-1).focus();
    });
    let server = "reference";
    const said = status();
    const answer = el("div", { class: "lab-drawn" });
    const send = button("Send it", async () => {
      able(send, false);
      const request = rows().map((input) => input.value);
      try {
        this.session ??= await Session.open("handshake", "reference", { gone: () => { this.session = null; } });
        said.textContent = STARTING;
        await this.session.start();
        said.textContent = "Sent. Waiting for the answer.";
        // The reader's own server is judged by what the reference says of the same bytes.
        const [reference, own] = await Promise.all(["reference", "own"].slice(0, server === "reference" ? 1 : 2).map((to) => this.exchange(request, to)));
        said.textContent = verdict(own ?? reference);
        answer.replaceChildren(...drawn(request, own ?? reference, reference, server));
      } catch (error) {
        answer.replaceChildren();
        said.textContent = `It could not be sent: ${error.message.trim()}.`;
      }
      able(send, true);
    }, { class: "lab-go" });
    fill(GOOD);
    return el("section", { class: "lab-part", "aria-label": "Send a request" },
      el("h4", {}, "Send a request"),
      el("div", { class: "lab-fields" },
        labelled("Begin with", select(REQUESTS.map(([name], n) => [n, name]), (n) => fill(REQUESTS[n][1]))),
        servers((value) => { server = value; })),
      lines, el("div", { class: "lab-bar" }, add, send), said, answer);
  }
});

function verdict({ ended, note, answer }) {
  if (note) return nobody("handshake");
  return [answer.split("\r\n")[0], ENDED[ended]].filter((part) => part !== "").join(". ").replace(/\.?$/, ".");
}

/** The rule that an answer of the reference's is about: its index, and -1 if it opens. */
function broken({ answer }) {
  if (/^HTTP\/1\.1 101/.test(answer)) return -1;
  const rule = RULES.findIndex((rule) => rule.answer && answer.includes(rule.answer));
  // What is no head has many answers, and none at all if its end is missing.
  return Math.max(rule, 0);
}

const linesOf = (answer) => answer.replace(/(\r\n)+$/, "").split("\r\n");

/** An exchange as a figure, and its last step. */
function figure(title, request, { answer, ended, note }) {
  const wire = new Wire(title, ["ann", "server"]);
  wire.message("ann", "server", request);
  let step = answer ? wire.message("server", "ann", linesOf(answer)) : null;
  if (ended === "closed" || ended === "silent") {
    const end = wire.note("server", ended === "silent" ? "says nothing" : "closes the connection to ann", ended === "closed" ? "ann" : null);
    step ??= end;
  }
  if (note) step = wire.note("server", "is not there");
  return { figure: wire.figure, step };
}

/** What the two answers to one request differ in. */
function differences(request, reference, own) {
  if (own.note) return null;
  if (!reference.answer || !own.answer) {
    return reference.answer === own.answer ? null : `${own.answer ? "Yours answers, and the reference" : "The reference answers, and yours"} does not.`;
  }
  const key = request.map((line) => /^sec-websocket-key:\s*(.*)$/i.exec(line)?.[1]).find(Boolean);
  return compareHeads(linesOf(reference.answer), linesOf(own.answer), key, key)?.text ?? null;
}

/** The exchange, and the rules up to the one that refused. */
function drawn(request, exchange, reference, server) {
  const { answer, note } = exchange;
  const mine = figure(server === "reference" ? "The reference's answer" : "Your server's answer", request, exchange);
  const figures = [mine.figure];
  if (server === "both") {
    figures.unshift(el("div", { class: "lab-pair" }, figure("The reference's answer", request, reference).figure, figures.pop()));
    const text = differences(request, reference, exchange);
    if (text) mark(mine.step, null, text);
    else if (!note) figures.unshift(el("p", { class: "lab-status" }, "Both answers say the same."));
  }
  if (reference.note) return [...figures, el("p", { class: "lab-fault" }, `There is nothing to compare with: ${reference.note}.`)];
  const failed = broken(reference);
  const items = RULES.map(({ says, where }, n) => {
    const [mark, word] = failed < 0 || n < failed ? ["✓", "holds"] : n === failed ? ["✕", "refused here"] : ["·", "not reached"];
    return el("li", { class: `lab-rule-${n === failed ? "bad" : failed < 0 || n < failed ? "good" : "far"}` },
      el("span", { "aria-hidden": "true" }, mark), ` ${says} `, el("small", {}, where, ": ", word));
  });
  const opens = /^HTTP\/1\.1 101/.test(answer);
  const differs = server === "own" && !note && opens !== (failed < 0);
  return [...figures,
    el("p", {}, server !== "reference" ? "These rules are the reference's, for the same bytes:" : "The rules, in the order in which they are checked:"),
    el("ol", { class: "lab-rules", role: "list" }, ...items),
    differs ? el("p", { class: "lab-fault" }, el("b", {}, "Your server sees it differently. "), opens ? "It opened what the reference refuses." : "It refused what the reference opens.") : "",
  ];
}

/** From the key to the accept value, each step shown. Needs no server. */
function accept() {
  const steps = el("dl", { class: "lab-steps" });
  const draw = (key) => {
    const digest = sha1(utf8(key + GUID));
    const bytes = decoded(key);
    const step = (name, value, note) => [el("dt", {}, name), el("dd", {}, el("code", {}, value), note ? el("small", {}, note) : null)];
    steps.replaceChildren(
      ...step("the key, as text", key || " ", bytes === null ? "This is not base64: a server refuses it." : bytes === 16 ? "16 bytes in base64: valid." : `${bytes} bytes in base64: a server refuses it.`),
      ...step("with the GUID behind it", key + GUID),
      ...step("SHA-1, 20 bytes", hex(digest)),
      ...step("in base64", btoa(String.fromCharCode(...digest)), "Sec-WebSocket-Accept"));
  };
  const input = el("input", { type: "text", value: "dGhlIHNhbXBsZSBub25jZQ==", maxlength: 100, spellcheck: "false", on: { input: ({ target }) => draw(target.value) } });
  const view = el("section", { class: "lab-part", "aria-label": "Compute the accept value" },
    el("h4", {}, "Compute the accept value"),
    el("div", { class: "lab-bar" }, labelled("Sec-WebSocket-Key", input),
      button("A fresh key", () => {
        input.value = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
        draw(input.value);
      })), steps);
  draw(input.value);
  return view;
}

/** How many bytes a key holds; null if it is not base64, or its last bits are not 0. */
function decoded(key) {
  try {
    const bytes = atob(key);
    return btoa(bytes) === key ? bytes.length : null;
  } catch {
    return null;
  }
}
