// The cost meter: one feed, four ways to follow it at once, counted by the server.

import { Lab, SERVERS, STARTING, button, el, live, nobody, servers, slider, status } from "./dom.js";
import { Session } from "./session.js";

const WAYS = [
  { way: "polling", name: "polling", who: "cat", dash: "7 4" },
  { way: "long", name: "long polling", who: "bob", dash: "2 3" },
  { way: "events", name: "server-sent events", who: "ann", dash: "9 3 2 3" },
  { way: "websocket", name: "WebSocket", who: "server", dash: "" },
];
/** Seconds that the plot shows, and how long a run lasts. */
const SHOWN = 60;
const LONGEST = 5 * 60;
const SVG = "http://www.w3.org/2000/svg";

customElements.define("cost-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("The table was recorded by the test of lesson 04."));
      return;
    }
    [this.server, this.interval, this.every] = ["reference", 1000, 2500];
    this.said = status();
    this.rows = new Map(WAYS.map(({ way }) => [way, { requests: 0, up: 0, down: 0, delays: [], points: [] }]));
    this.cells = new Map();
    this.go = button("Start", () => (this.session ? this.stop("Stopped.") : this.start()), { class: "lab-go" });
    const body = WAYS.map(({ way, name, who }) => {
      const cells = ["requests", "up", "down", "delay"].map(() => el("td", {}, "0"));
      cells[3].textContent = "";
      this.cells.set(way, cells);
      return el("tr", { class: `who-${who}` }, el("th", { scope: "row" }, name), ...cells);
    });
    this.plot = plot();
    this.append(el("section", { class: "lab-part", "aria-label": "Measure it here" },
      el("h4", {}, "Measure it here"),
      el("p", {}, "Your browser follows one feed in four ways at once. Between it and lesson 01's server, cargo workbook counts the bytes of HTTP and of frames, your browser's headers included. The WebSocket is cargo workbook's own, and says what the feed says."),
      el("div", { class: "lab-fields" },
        servers((value) => {
          this.server = value;
          if (this.session) this.stop("Stopped: start with the other server.");
        }, SERVERS.slice(0, 2)),
        slider("An update every", {
          min: 500, max: 10000, step: 500, value: this.every, show: (ms) => `${ms / 1000} s, on average`,
          input: (ms) => {
            this.every = ms;
            this.session?.post(`cost/${this.server}/publish/${ms}`).catch(() => {});
          },
        }),
        slider("A poll every", {
          min: 250, max: 5000, step: 250, value: this.interval, show: (ms) => `${ms / 1000} s`,
          input: (ms) => { this.interval = ms; },
        })),
      el("div", { class: "lab-bar" }, this.go, this.said),
      el("div", { class: "lab-scroll", role: "region", "aria-label": "The cost so far", tabindex: 0 },
        el("table", { class: "lab-table" }, el("caption", {}, "The cost so far"),
          el("thead", {}, el("tr", {}, ...["way", "requests", "bytes up", "bytes down", "delay, median"].map((name) => el("th", { scope: "col" }, name)))),
          el("tbody", {}, ...body))),
      this.plot.figure), this.recordings() ?? "");
  }

  disconnectedCallback() {
    this.stop("");
  }

  /** One page at a time: a browser keeps six connections to a server, and each meter takes three. */
  async start() {
    await this.held;
    this.held = navigator.locks.request("workbook-cost", { ifAvailable: true }, async (lock) => {
      if (!lock) {
        this.said.textContent = "Another page measures already. Stop it first: a browser has six connections for one server, and each meter takes three.";
        return;
      }
      await this.measure();
      await new Promise((over) => { this.over = this.session ? over : over(); });
    });
  }

  async measure() {
    this.go.textContent = "Stop";
    this.said.textContent = "Connecting.";
    for (const row of this.rows.values()) Object.assign(row, { requests: 0, up: 0, down: 0, delays: [], points: [] });
    try {
      this.session = await Session.open("cost", this.server, {
        published: ({ number }) => { this.said.textContent = `${number} update${number === 1 ? "" : "s"} published.`; },
        cost: (cost) => this.cost(cost),
        gone: () => this.stop("The server is gone. Start it again with cargo workbook."),
      });
      if (this.server !== "own") this.said.textContent = STARTING;
      await this.session.post(`cost/${this.server}/publish/${this.every}`);
    } catch (error) {
      this.stop(this.server === "own" && this.session ? nobody("polling") : `${error.message}.`);
      return;
    }
    this.begun = performance.now();
    this.abort = new AbortController();
    this.said.textContent = "All four are waiting for the first update.";
    this.poll();
    this.longPoll();
    this.events = new EventSource(this.session.url(`cost/${this.server}/events`));
    this.socket = this.session.open(`cost/${this.server}/websocket`);
    this.timer = setInterval(() => this.draw(), 500);
  }

  stop(text) {
    this.go.textContent = "Start";
    this.said.textContent = text;
    clearInterval(this.timer);
    this.abort?.abort();
    this.events?.close();
    this.socket?.close();
    this.session?.close();
    this.session = null;
    this.over?.();
  }

  /** Asks, and returns the number of the last update there is. */
  async ask(way, since) {
    const response = await fetch(`${this.session.url(`cost/${this.server}/${way}`)}?since=${since}`, { signal: this.abort.signal });
    if (!response.ok) throw new Error(`the server says ${response.status}`);
    const lines = (await response.text()).trim().split("\n");
    return Number.parseInt(lines.at(-1), 10) || since;
  }

  async poll() {
    const { session, abort } = this;
    try {
      for (let since = 0; this.session === session;) {
        since = await this.ask("polling", since);
        await new Promise((resolve) => setTimeout(resolve, this.interval));
      }
    } catch (error) {
      if (!abort.signal.aborted) this.stop(`Polling failed: ${error.message}.`);
    }
  }

  async longPoll() {
    const { session, abort } = this;
    try {
      for (let since = 0; this.session === session;) since = await this.ask("long", since);
    } catch (error) {
      if (!abort.signal.aborted) this.stop(`Long polling failed: ${error.message}.`);
    }
  }

  cost({ way, requests, up, down, delays }) {
    const row = this.rows.get(way);
    Object.assign(row, { requests, up, down });
    row.delays.push(...delays);
    // One slow sample would spoil an average.
    const median = row.delays.toSorted((a, b) => a - b)[row.delays.length >> 1];
    const [first, second, third, fourth] = this.cells.get(way);
    first.textContent = requests;
    second.textContent = up;
    third.textContent = down;
    fourth.textContent = row.delays.length === 0 ? "" : median < 1 ? "below 1 ms" : `${Math.round(median)} ms`;
  }

  draw() {
    const now = (performance.now() - this.begun) / 1000;
    if (now > LONGEST) {
      this.stop("Five minutes are enough.");
      return;
    }
    for (const row of this.rows.values()) {
      row.points.push([now, row.up + row.down]);
      row.points = row.points.filter(([at]) => at > now - SHOWN);
    }
    this.plot.draw(this.rows, now);
  }
});

/** Bytes over time, a line for each way. */
function plot() {
  const [width, height] = [600, 200];
  const node = (tag, attributes, text = "") => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": "Bytes up and down over the last minute; the table has the numbers" });
  const lines = new Map(WAYS.map(({ way, who, dash }) =>
    [way, node("polyline", { class: `who-${who}`, "stroke-dasharray": dash, points: "" })]));
  const [top, left] = [el("span", {}, ""), el("span", {}, "")];
  svg.append(node("line", { x1: 0, x2: width, y1: height - 1, y2: height - 1 }), ...lines.values());
  const key = el("ul", { class: "lab-key", role: "list" }, ...WAYS.map(({ name, who, dash }) => {
    const sample = node("svg", { viewBox: "0 0 36 8", "aria-hidden": "true" });
    sample.append(node("polyline", { points: "0,4 36,4", "stroke-dasharray": dash }));
    return el("li", { class: `who-${who}` }, sample, name);
  }));
  return {
    figure: el("figure", { class: "lab-plot" }, el("figcaption", {}, "Bytes up and down, together"), top, svg,
      el("div", { class: "lab-axis" }, left, el("span", {}, "now")), key),
    draw(rows, now) {
      const most = Math.max(1, ...[...rows.values()].map(({ up, down }) => up + down));
      const begin = Math.max(0, now - SHOWN);
      const span = Math.max(now - begin, 5);
      for (const { way } of WAYS) {
        lines.get(way).setAttribute("points", rows.get(way).points.map(([at, bytes]) =>
          `${((at - begin) / span * width).toFixed(1)},${(height - 3 - bytes / most * (height - 6)).toFixed(1)}`).join(" "));
      }
      top.textContent = `${most} bytes`;
      left.textContent = begin === 0 ? "start" : `${SHOWN} s ago`;
    },
  };
}
