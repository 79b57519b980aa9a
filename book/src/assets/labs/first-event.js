// The first event: say who will hear it, send it, and see who does.

import { Lab, able, button, choice, el, live, servers, status } from "./dom.js";
import { Session } from "./session.js";
import { Wires } from "./tap.js";

const NAMES = ["ann", "bob", "cat"];
/** What is sent, and what comes of it. */
const EVENTS = { hello: "hi", ferret: "woot", join: "joined", chat: "chat" };
/** How long the marks wait for what may still come, in milliseconds. */
const PATIENCE = 500;

customElements.define("first-event-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    [this.server, this.sender, this.event] = ["reference", "ann", "hello"];
    this.said = status();
    this.go = button("Connect all three", () => (this.session ? this.stop("Disconnected.") : this.start()), { class: "lab-go" });
    this.sends = button("Send", () => this.send());
    able(this.sends, false);
    this.guesses = new Map(NAMES.map((name) => [name, el("input", { type: "checkbox" })]));
    this.cells = new Map(NAMES.map((name) => [name, el("td", { class: `who-${name}` }, "")]));
    this.wires = new Wires(["ann", "bob", "server", "cat"], { heads: false });
    const row = (title, cell) => el("tr", {}, el("th", { scope: "row" }, title), ...NAMES.map(cell));
    this.append(el("section", { class: "lab-part", "aria-label": "Three tabs" },
      el("h4", {}, "Three tabs"),
      el("div", { class: "lab-fields" },
        servers((server) => {
          this.server = server;
          if (this.session) this.stop("Disconnected: connect to the other server.");
        }),
        choice("Who sends", NAMES.map((name) => [name, name]), (name) => { this.sender = name; }),
        choice("What", Object.keys(EVENTS).map((name) => [name, name]), (name) => { this.event = name; })),
      el("div", { class: "lab-scroll", role: "region", "aria-label": "Who hears it", tabindex: 0 },
        el("table", { class: "lab-table lab-matrix" }, el("caption", {}, "Who hears it"),
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), ...NAMES.map((name) => el("th", { scope: "col", class: `who-${name}` }, name)))),
          el("tbody", {},
            row("you say", (name) => el("td", {}, el("label", {}, this.guesses.get(name), ` ${name} hears it`))),
            row("it was", (name) => this.cells.get(name))))),
      el("div", { class: "lab-bar" }, this.go, this.sends), this.said,
      this.wires.view),
    this.recordings() ?? "");
  }

  disconnectedCallback() {
    this.session?.close();
  }

  async start() {
    try {
      this.session = await Session.open("first-event", this.server, {
        wires: this.wires, said: this.said, hint: ["first-event"],
        gone: () => this.stop("cargo workbook is gone."),
      });
      await this.session.start();
      this.sockets = new Map();
      for (const name of NAMES) this.sockets.set(name, await this.join(name));
    } catch (error) {
      this.stop(error.message);
      return;
    }
    this.said.textContent = "All three are connected. Mark who will hear it, and send.";
    this.enable();
  }

  join(name) {
    return new Promise((resolve, reject) => {
      const socket = this.session.socket(name);
      socket.onmessage = ({ data }) => this.arrived(name, data);
      let opened = false;
      socket.onopen = () => {
        opened = true;
        resolve(socket);
      };
      socket.onclose = async ({ code }) => {
        const { session } = this;
        if (!session) return;
        if (!opened) return reject(new Error(this.server === "own" ? await session.why() : "The server refused."));
        this.stop(`${name} is closed: ${code}. ${this.server === "own" ? "Is that handler still a todo? Your server's terminal says so." : ""}`);
      };
    });
  }

  stop(text) {
    const { session } = this;
    this.session = null;
    clearTimeout(this.verdict);
    this.sockets?.forEach((socket) => socket.close());
    session?.close();
    this.said.textContent = text;
    this.enable();
  }

  enable() {
    able(this.sends, this.session);
    this.go.textContent = this.session ? "Disconnect" : "Connect all three";
  }

  send() {
    for (const cell of this.cells.values()) {
      cell.textContent = "";
      cell.classList.remove("lab-lit");
    }
    this.expected = EVENTS[this.event];
    this.sockets.get(this.sender).send(JSON.stringify([this.event, this.sender]));
    this.said.textContent = `${this.sender} sends ${this.event}.`;
    clearTimeout(this.verdict);
    this.judged = false;
    this.verdict = setTimeout(() => this.judge(), PATIENCE);
  }

  arrived(name, json) {
    const cell = this.cells.get(name);
    if (!json.startsWith(`["${this.expected}"`)) return;
    cell.textContent = this.expected;
    cell.classList.add("lab-lit");
    // What comes late counts too.
    if (this.judged) this.judge();
  }

  judge() {
    this.judged = true;
    const wrong = NAMES.filter((name) => this.guesses.get(name).checked !== this.cells.get(name).classList.contains("lab-lit"));
    this.said.textContent = wrong.length === 0
      ? "As you said."
      : `Not as you said: look at ${wrong.join(" and ")}.`;
  }
});
