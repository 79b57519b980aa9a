// Emit and broadcast: three clients, who receives what, and what happens to one that does not read.

import { Lab, SERVERS, able, button, choice, el, live, servers, status } from "./dom.js";
import { Session } from "./session.js";
import { Wires } from "./tap.js";

const NAMES = ["ann", "bob", "cat"];
const WAYS = ["io.emit", "socket.emit", "socket.broadcast.emit"];
/** What each of ten in a row carries, so that the network is full of little. */
const KILOBYTE = "x".repeat(1000);
/** As many packets as the lab's queue holds, and as many as its meter shows. */
const [QUEUE, SHOWN] = [8, 30];

customElements.define("emit-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    [this.server, this.sender] = ["reference", "ann"];
    this.said = status();
    this.count = 0;
    /** What each number was sent with, and by whom. */
    this.ways = new Map();
    this.from = new Map();
    this.go = button("Connect all three", () => (this.session ? this.stop("Disconnected.") : this.start()), { class: "lab-go" });
    this.senders = WAYS.map((way) => button(way, () => this.send(way)));
    this.more = button("Ten in a row, to the others", () => this.row("socket.broadcast.emit", 10));
    this.cells = new Map(WAYS.map((way) => [way, NAMES.map((name) => el("td", { class: `who-${name}` }, ""))]));
    this.gauges = new Map(NAMES.map((name) => [name, this.gauge(name)]));
    this.wires = new Wires(["ann", "bob", "server", "cat"], { heads: false });
    this.append(el("section", { class: "lab-part", "aria-label": "Three clients" },
      el("h4", {}, "Three clients"),
      el("div", { class: "lab-fields" },
        servers((value) => {
          this.server = value;
          if (this.session) this.stop("Disconnected: connect to the other server.");
        }, [["reference", "reference"], ["lossy", "reference, where a slow client misses packets"], ...SERVERS.slice(1)]),
        choice("Who sends", NAMES.map((name) => [name, name]), (name) => { this.sender = name; })),
      el("div", { class: "lab-bar" }, this.go, ...this.senders, this.more), this.said,
      el("div", { class: "lab-scroll", role: "region", "aria-label": "Who received it", tabindex: 0 },
        el("table", { class: "lab-table lab-matrix" }, el("caption", {}, "Who received it"),
          el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "the event"), ...NAMES.map((name) => el("th", { scope: "col", class: `who-${name}` }, name)))),
          el("tbody", {}, ...WAYS.map((way) => el("tr", {}, el("th", { scope: "row" }, el("code", {}, way)), ...this.cells.get(way)))))),
      el("div", { class: "lab-gauges", role: "group", "aria-label": "What waits, and for whom" }, ...NAMES.map((name) => this.gauges.get(name).view)),
      el("p", {}, el("small", {}, "A browser reads all the time, whatever its script does. So the switch stops the tunnel between the server and this page: that is where a slow network would be. What waits then lies in the network's buffers first, and when they are full, in the server's queue for this client. Here the queue holds 8 packets, and the buffers are as small as the system allows. Ten in a row carry 1 KB each; the next one goes out when those who read have the last one.")),
      this.wires.view),
    this.recordings() ?? "");
    this.enable();
  }

  disconnectedCallback() {
    this.session?.close();
  }

  gauge(name) {
    const meter = el("meter", { min: 0, max: SHOWN, high: QUEUE, value: 0, "aria-label": `what waits for ${name}` });
    const waits = el("span", {}, "");
    const number = el("span", {}, "");
    const stops = el("input", { type: "checkbox", on: { change: ({ target }) => this.session?.control({ line: { who: name, paused: target.checked } }) } });
    return {
      meter, waits, number, stops,
      view: el("div", { class: `lab-gauge who-${name}` }, el("b", {}, name),
        el("span", {}, "waits for it: ", waits), meter, el("span", {}, "arrived: ", number),
        el("label", {}, stops, el("span", {}, `${name} stops reading`))),
    };
  }

  enable() {
    for (const button of [...this.senders, this.more]) able(button, this.session);
    for (const { stops } of this.gauges.values()) stops.disabled = !this.session;
    this.go.textContent = this.session ? "Disconnect" : "Connect all three";
  }

  async start() {
    this.reset();
    try {
      this.session = await Session.open("emit", this.server, {
        wires: this.wires, said: this.said, hint: ["emit-vs-broadcast", " --queue 8 --small-buffers"],
        gone: () => this.stop("cargo workbook is gone."),
      });
      await this.session.start();
      this.sockets = new Map();
      // One after the other, so that ann is 1, bob is 2 and cat is 3 where nobody was before them.
      for (const name of NAMES) this.sockets.set(name, await this.join(name));
    } catch (error) {
      this.stop(error.message);
      return;
    }
    this.said.textContent = "All three are connected. Send something.";
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
      socket.onclose = async ({ code, reason }) => {
        const { session } = this;
        if (!session) return;
        if (!opened) return reject(new Error(this.server === "own" ? await session.why() : "The server refused."));
        const how = `${name} is closed: ${code}${reason ? ` "${reason}"` : ""}`;
        this.over(name, how);
        this.said.textContent = `${how}.`;
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
    /** Whose number each is. */
    this.ids = new Map();
    for (const name of NAMES) {
      const gauge = this.gauges.get(name);
      Object.assign(gauge, { sent: 0, arrived: 0, waiting: new Set(), lost: new Set(), dropped: "" });
      gauge.stops.checked = false;
      this.show(name);
    }
    for (const cells of this.cells.values()) {
      cells.forEach((cell) => {
        cell.textContent = "";
        cell.classList.remove("lab-lit");
      });
    }
  }

  /** Sends one after another: who reads fast must not be taken for slow. */
  row(way, times) {
    const { session } = this;
    const sending = async () => {
      for (let n = 0; n < times && this.session === session; n += 1) {
        if (!this.send(way, KILOBYTE)) return;
        await this.read();
      }
    };
    this.rows = (this.rows ?? Promise.resolve()).then(sending);
  }

  /** Resolves when nothing waits for those who read; after a second at the latest. */
  read() {
    const readers = NAMES.map((name) => this.gauges.get(name)).filter(({ stops, dropped }) => !stops.checked && !dropped);
    return new Promise((resolve) => {
      const late = setTimeout(resolve, 1000);
      this.onread = () => {
        if (readers.some(({ waiting }) => waiting.size > 0)) return;
        clearTimeout(late);
        resolve();
      };
      this.onread();
    });
  }

  /** Sends one packet, if its sender is still there. */
  send(way, ...more) {
    const socket = this.sockets.get(this.sender);
    if (socket.readyState !== WebSocket.OPEN) {
      this.said.textContent = `${this.sender} is no longer connected.`;
      return false;
    }
    this.cells.get(way).forEach((cell) => {
      cell.textContent = "";
      cell.classList.remove("lab-lit");
    });
    this.count += 1;
    this.ways.set(this.count, way);
    this.from.set(this.count, this.sender);
    socket.send(`2${JSON.stringify([way, this.count, ...more])}`);
    for (const name of NAMES) {
      const gauge = this.gauges.get(name);
      const mine = name === this.sender;
      const open = this.sockets.get(name).readyState === WebSocket.OPEN && !gauge.dropped;
      if (open && (way === "io.emit" || mine === (way === "socket.emit"))) {
        gauge.sent += 1;
        gauge.waiting.add(this.count);
      }
      this.show(name);
    }
    this.said.textContent = `${this.sender}: ${way}.`;
    return true;
  }

  arrived(name, packet) {
    let event;
    try {
      event = JSON.parse(packet.slice(1));
    } catch {
      return;
    }
    const [kind, from, number] = event;
    if (kind === "welcome") this.ids.set(from, name);
    // A client that is dropped leaves at once, and the others hear of it.
    if (kind === "left" && this.ids.has(from)) this.over(this.ids.get(from), "its queue is closed");
    if (kind !== "chat" || !this.ways.has(number)) return;
    const gauge = this.gauges.get(name);
    gauge.arrived += 1;
    gauge.waiting.delete(number);
    gauge.lost.delete(number);
    // Packets of one sender come in order: what was sent before and is not here will not come.
    for (const earlier of gauge.waiting) {
      if (earlier > number || this.from.get(earlier) !== this.from.get(number)) continue;
      gauge.waiting.delete(earlier);
      gauge.lost.add(earlier);
    }
    this.show(name);
    this.onread?.();
    const cell = this.cells.get(this.ways.get(number))[NAMES.indexOf(name)];
    cell.textContent = `from ${this.ids.get(from) ?? from}`;
    cell.classList.add("lab-lit");
  }

  /** The server has no queue for this client any more. */
  over(name, dropped) {
    const gauge = this.gauges.get(name);
    // Its own end says more than what the others hear.
    if (!gauge.dropped || this.sockets.get(name).readyState === WebSocket.CLOSED) gauge.dropped = dropped;
    this.show(name);
  }

  show(name) {
    const { meter, waits, number, sent, arrived, waiting, lost, dropped } = this.gauges.get(name);
    meter.value = waiting.size;
    waits.textContent = `${waiting.size}${dropped ? `: ${dropped}` : ""}`;
    number.textContent = `${arrived} of ${sent}${lost.size > 0 ? `, ${lost.size} lost` : ""}`;
  }
});
