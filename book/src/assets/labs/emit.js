// Emit and broadcast: three clients, who receives what, and what happens to one that does not read.

import { Lab, button, choice, el, live, select, labelled, status } from "./dom.js";
import { Session } from "./session.js";
import { tap } from "./tap.js";
import { Wire } from "./wire.js";

const NAMES = ["ann", "bob", "cat"];
const WAYS = ["io.emit", "socket.emit", "socket.broadcast.emit"];
customElements.define("emit-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    [this.server, this.sender] = ["emit", "ann"];
    this.said = status();
    this.count = 0;
    /** What each number was sent with. */
    this.ways = new Map();
    this.go = button("Connect all three", () => (this.session ? this.stop("Disconnected.") : this.start()), { class: "lab-go" });
    this.senders = WAYS.map((way) => button(way, () => this.send(way, 1)));
    this.more = button("Ten at once, to the others", () => this.send("socket.broadcast.emit", 10));
    this.cells = new Map(WAYS.map((way) => [way, NAMES.map((name) => el("td", { class: `who-${name}` }, ""))]));
    this.gauges = new Map(NAMES.map((name) => [name, this.gauge(name)]));
    this.wire = new Wire("On the wire", ["ann", "bob", "server", "cat"]);
    this.append(el("section", { class: "lab-part", "aria-label": "Three clients" },
      el("h4", {}, "Three clients"),
      el("div", { class: "lab-fields" },
        labelled("Server", select([
          ["emit", "reference: a slow client is closed"],
          ["lossy", "reference: a slow client misses packets"],
          ["own", "yours, on 127.0.0.1:3000"],
        ], (value) => {
          this.server = value;
          if (this.session) this.stop("Disconnected: connect to the other server.");
        })),
        choice("Who sends", NAMES.map((name) => [name, name]), (name) => { this.sender = name; })),
      el("div", { class: "lab-bar" }, this.go, ...this.senders, this.more), this.said,
      el("div", { class: "lab-scroll", role: "region", "aria-label": "Who received it", tabindex: 0 },
        el("table", { class: "lab-table lab-matrix" }, el("caption", {}, "Who received it"),
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "the event"), ...NAMES.map((name) => el("th", { scope: "col", class: `who-${name}` }, name)))),
          el("tbody", {}, ...WAYS.map((way) => el("tr", {}, el("th", { scope: "row" }, el("code", {}, way)), ...this.cells.get(way)))))),
      el("div", { class: "lab-gauges" }, ...NAMES.map((name) => this.gauges.get(name).view)),
      el("p", {}, el("small", {}, "A browser reads all the time, whatever its script does. So the switch stops the tunnel between the server and this page: that is where a slow network would be.")),
      el("div", { class: "lab-scroll", role: "region", "aria-label": "On the wire", tabindex: 0 }, this.wire.figure)),
    this.recordings() ?? "");
    this.enable();
  }

  disconnectedCallback() {
    this.session?.close();
  }

  gauge(name) {
    const meter = el("meter", { min: 0, max: 8, high: 6, value: 0, "aria-label": `the queue of ${name}` });
    const queue = el("output", {}, "");
    const number = el("output", {}, "");
    const stops = el("input", { type: "checkbox", on: { change: ({ target }) => this.session?.control({ line: { who: name, paused: target.checked } }) } });
    return {
      meter, queue, number, stops,
      view: el("div", { class: `lab-gauge who-${name}` }, el("b", {}, name),
        el("span", {}, "in the queue: ", queue), meter, el("span", {}, "arrived: ", number),
        el("label", {}, stops, el("span", {}, "stop reading"))),
    };
  }

  /** The reference tells how long its queues are; a server of the reader's own does not. */
  queues({ room, waiting }) {
    const lengths = new Map(waiting);
    NAMES.forEach((name, n) => {
      const { meter, queue } = this.gauges.get(name);
      const length = lengths.get(n + 1);
      meter.max = room;
      meter.value = length ?? 0;
      queue.textContent = length === undefined ? "it has none any more" : `${length} of ${room}`;
    });
  }

  enable() {
    for (const button of [...this.senders, this.more]) button.disabled = !this.session;
    for (const { stops } of this.gauges.values()) stops.disabled = !this.session;
    this.go.textContent = this.session ? "Disconnect" : "Connect all three";
  }

  async start() {
    this.wire.clear();
    this.reset();
    try {
      this.session = await Session.open({
        ...tap(this.wire),
        head: () => {},
        queues: (queues) => this.queues(queues),
        gone: () => this.stop("cargo workbook is gone."),
      });
      this.sockets = new Map();
      const [lab, server] = this.server === "own" ? ["emit", "own"] : [this.server, "reference"];
      // One after the other, so that ann is 1, bob is 2 and cat is 3.
      for (const name of NAMES) this.sockets.set(name, await this.join(name, lab, server));
    } catch (error) {
      this.stop(`${error.message}.`);
      return;
    }
    this.said.textContent = "All three are connected. Send something.";
    this.enable();
  }

  join(name, lab, server) {
    return new Promise((resolve, reject) => {
      const socket = this.session.socket(lab, server, name);
      socket.onopen = () => resolve(socket);
      socket.onmessage = ({ data }) => this.arrived(name, data);
      socket.onclose = ({ code, reason }) => {
        reject(new Error(server === "own" ? "Nobody answers at /chat on 127.0.0.1:3000. Is your server running" : "The server refused"));
        if (!this.session) return;
        this.said.textContent = `${name} is closed: ${code}${reason ? ` "${reason}"` : ""}.`;
      };
    });
  }

  stop(text) {
    const { session } = this;
    this.session = null;
    this.sockets?.forEach((socket) => socket.close());
    session?.close();
    this.said.textContent = text;
    this.enable();
  }

  reset() {
    for (const name of NAMES) {
      const gauge = this.gauges.get(name);
      Object.assign(gauge, { sent: 0, arrived: 0 });
      gauge.stops.checked = false;
      gauge.meter.value = 0;
      gauge.queue.textContent = this.server === "own" ? "your server knows" : "";
      this.show(name);
    }
    for (const cells of this.cells.values()) {
      cells.forEach((cell) => {
        cell.textContent = "";
        cell.classList.remove("lab-lit");
      });
    }
  }

  send(way, times) {
    const socket = this.sockets.get(this.sender);
    if (socket.readyState !== WebSocket.OPEN) {
      this.said.textContent = `${this.sender} is no longer connected.`;
      return;
    }
    this.cells.get(way).forEach((cell) => {
      cell.textContent = "";
      cell.classList.remove("lab-lit");
    });
    for (let n = 0; n < times; n += 1) {
      this.count += 1;
      this.ways.set(this.count, way);
      socket.send(`2${JSON.stringify([way, this.count])}`);
      for (const name of NAMES) {
        const mine = name === this.sender;
        const open = this.sockets.get(name).readyState === WebSocket.OPEN;
        if (open && (way === "io.emit" || mine === (way === "socket.emit"))) this.gauges.get(name).sent += 1;
        this.show(name);
      }
    }
    this.said.textContent = `${this.sender}: ${way}${times > 1 ? `, ${times} times` : ""}.`;
  }

  arrived(name, packet) {
    let event;
    try {
      event = JSON.parse(packet.slice(1));
    } catch {
      return;
    }
    const [kind, from, number] = event;
    if (kind !== "chat" || !this.ways.has(number)) return;
    const gauge = this.gauges.get(name);
    gauge.arrived += 1;
    this.show(name);
    const cell = this.cells.get(this.ways.get(number))[NAMES.indexOf(name)];
    cell.textContent = `from ${NAMES[from - 1] ?? from}`;
    cell.classList.add("lab-lit");
  }

  show(name) {
    const { number, sent, arrived } = this.gauges.get(name);
    number.textContent = sent === 0 ? "" : `${arrived} of ${sent} sent to it`;
  }
});
