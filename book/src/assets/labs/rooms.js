// Rooms: four sockets, three rooms. Say who will hear it, send it once, and see who does and how many
// packets the server has written for it.

import { Lab, able, button, choice, el, live, servers, status } from "./dom.js";
import { Session } from "./session.js";
import { Wires } from "./tap.js";

const NAMES = ["ann", "bob", "cat", "dan"];
const ROOMS = ["kitchen", "attic", "cellar"];
/** Who is where at first. */
const AT_FIRST = { ann: ["kitchen"], bob: ["kitchen", "attic"], cat: ["attic"], dan: [] };
/** How long the marks wait for what may still come, in milliseconds. */
const PATIENCE = 500;
/** The ids of the calls: how many packets were written before and after, and how many queues took this one. */
const [BEFORE, SENT, AFTER] = [1, 2, 3];

customElements.define("rooms-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    [this.server, this.sender, this.way, this.count] = ["reference", "ann", "to", 0];
    this.said = status();
    this.go = button("Connect all four", () => (this.session ? this.stop("Disconnected.") : this.start()), { class: "lab-go" });
    this.sends = button("Send", () => this.send());
    able(this.sends, false);
    const box = () => el("input", { type: "checkbox" });
    const inside = (name, room) => el("input", {
      type: "checkbox", "aria-label": `${name} in ${room}`,
      on: { change: ({ target }) => this.move(name, room, target.checked) },
    });
    this.inside = new Map(ROOMS.map((room) => [room, new Map(NAMES.map((name) => [name, inside(name, room)]))]));
    this.named = new Map(ROOMS.map((room) => [room, box()]));
    this.except = new Map(ROOMS.map((room) => [room, box()]));
    this.guesses = new Map(NAMES.map((name) => [name, box()]));
    this.cells = new Map(NAMES.map((name) => [name, el("td", { class: `who-${name}` }, "")]));
    this.wires = new Wires(["ann", "bob", "server", "cat", "dan"], { heads: false });
    const row = (title, cell) => el("tr", {}, el("th", { scope: "row" }, title), ...NAMES.map(cell));
    const table = (caption, ...rows) => el("div", { class: "lab-scroll", role: "region", "aria-label": caption, tabindex: 0 },
      el("table", { class: "lab-table lab-matrix" }, el("caption", {}, caption),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), ...NAMES.map((name) => el("th", { scope: "col", class: `who-${name}` }, name)))),
        el("tbody", {}, ...rows)));
    const several = (legend, boxes) => el("fieldset", { class: "lab-choice" }, el("legend", {}, legend),
      ...[...boxes].map(([room, box]) => el("label", {}, box, el("span", {}, `${legend.toLowerCase()} ${room}`))));
    this.append(el("section", { class: "lab-part", "aria-label": "Four sockets, three rooms" },
      el("h4", {}, "Four sockets, three rooms"),
      el("div", { class: "lab-fields" },
        servers((server) => {
          this.server = server;
          if (this.session) this.stop("Disconnected: connect to the other server.");
        })),
      table("Who is in which room", ...ROOMS.map((room) =>
        row(room, (name) => el("td", {}, this.inside.get(room).get(name))))),
      el("div", { class: "lab-fields" },
        choice("Who sends", NAMES.map((name) => [name, name]), (name) => { this.sender = name; }),
        choice("The sender", [["to", "to: left out"], ["in", "in: hears it too"]], (way) => { this.way = way; }),
        several("To", this.named),
        several("Except", this.except)),
      table("Who hears it",
        row("you say", (name) => el("td", {}, el("label", {}, this.guesses.get(name), ` ${name} hears it`))),
        row("it was", (name) => this.cells.get(name))),
      el("div", { class: "lab-bar" }, this.go, this.sends), this.said,
      el("p", {}, el("small", {}, "No room marked after 'to' is everybody. Around each packet the lab asks how many packets the server has written for rooms so far; with two servers it does not ask, since they have not written the same before.")),
      this.wires.view),
    this.recordings() ?? "");
    this.named.get("kitchen").checked = true;
    this.enable();
  }

  disconnectedCallback() {
    this.session?.close();
  }

  async start() {
    try {
      this.session = await Session.open("rooms", this.server, {
        wires: this.wires, said: this.said, hint: ["rooms"],
        gone: () => this.stop("cargo workbook is gone."),
      });
      await this.session.start();
      this.sockets = new Map();
      // One after the other, so that ann is 1 where nobody was before her.
      for (const name of NAMES) this.sockets.set(name, await this.join(name));
    } catch (error) {
      this.stop(error.message);
      return;
    }
    for (const name of NAMES) {
      for (const room of ROOMS) {
        const is = AT_FIRST[name].includes(room);
        this.inside.get(room).get(name).checked = is;
        if (is) this.move(name, room, true);
      }
    }
    this.said.textContent = "All four are connected. Mark who will hear it, and send.";
    this.enable();
  }

  /** Resolves when the socket has entered the namespace. */
  join(name) {
    return new Promise((resolve, reject) => {
      const socket = this.session.socket(name);
      let entered = false;
      socket.onopen = () => socket.send("0");
      socket.onmessage = ({ data }) => {
        if (!entered && data.startsWith("0{")) {
          entered = true;
          resolve(socket);
        }
        this.arrived(name, data);
      };
      socket.onclose = async ({ code, reason }) => {
        const { session } = this;
        if (!session) return;
        if (!entered) return reject(new Error(this.server === "own" ? await session.why() : "The server refused."));
        this.stop(`${name} is closed: ${code}${reason ? ` "${reason}"` : ""}. ${this.server === "own" ? "Is that exercise still a todo? Your server's terminal says so." : ""}`);
      };
    });
  }

  stop(text) {
    const { session } = this;
    this.session = null;
    this.judged = false;
    clearTimeout(this.verdict);
    this.sockets?.forEach((socket) => socket.close());
    session?.close();
    this.said.textContent = text;
    this.enable();
  }

  enable() {
    able(this.sends, this.session);
    for (const boxes of this.inside.values()) for (const box of boxes.values()) box.disabled = !this.session;
    this.go.textContent = this.session ? "Disconnect" : "Connect all four";
  }

  move(name, room, into) {
    this.sockets?.get(name)?.send(`2${JSON.stringify([into ? "join" : "leave", room])}`);
  }

  send() {
    for (const cell of this.cells.values()) {
      cell.textContent = "";
      cell.classList.remove("lab-lit");
    }
    const marked = (boxes) => [...boxes].filter(([, box]) => box.checked).map(([room]) => room);
    this.count += 1;
    [this.heard, this.before, this.after] = [null, null, null];
    const packet = `2${SENT}${JSON.stringify([this.way, marked(this.named), marked(this.except), this.count])}`;
    const ask = (id) => (this.server === "both" ? [] : [`2${id}["written"]`]);
    const socket = this.sockets.get(this.sender);
    for (const text of [...ask(BEFORE), packet, ...ask(AFTER)]) socket.send(text);
    this.said.textContent = `${this.sender} sends it.`;
    clearTimeout(this.verdict);
    this.judged = false;
    this.verdict = setTimeout(() => this.judge(), PATIENCE);
  }

  arrived(name, packet) {
    const answer = /^3(\d)\[(\d+)\]$/.exec(packet);
    if (answer && name === this.sender) {
      const [id, value] = [Number(answer[1]), Number(answer[2])];
      if (id === BEFORE) this.before = value;
      if (id === SENT) this.heard = value;
      if (id === AFTER) this.after = value;
    }
    const chat = /^2\["chat",\d+,(\d+),/.exec(packet);
    if (Number(chat?.[1]) === this.count) {
      const cell = this.cells.get(name);
      // Twice would show.
      cell.textContent = cell.textContent === "" ? "hears it" : `${cell.textContent}, again`;
      cell.classList.add("lab-lit");
    }
    // What comes late counts too.
    if (this.judged) this.judge();
  }

  judge() {
    this.judged = true;
    const wrong = NAMES.filter((name) => this.guesses.get(name).checked !== this.cells.get(name).classList.contains("lab-lit"));
    const written = this.after === null ? "" : ` Packets written: ${this.after - this.before}.`;
    this.said.textContent = `${wrong.length === 0 ? "As you said." : `Not as you said: look at ${wrong.join(" and ")}.`} Queues that took it: ${this.heard ?? "none yet"}.${written}`;
  }
});
