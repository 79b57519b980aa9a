// Acks: calls and their answers on a timeline, with a delay and a timeout to set.

import { Lab, able, button, el, live, servers, slider, status } from "./dom.js";
import { Session } from "./session.js";
import { Wires } from "./tap.js";

/** Milliseconds that the timeline shows, and how many calls are listed. */
const SHOWN = 12000;
const LISTED = 12;
const seconds = (ms) => `${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 1)} s`;

customElements.define("acks-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    [this.server, this.delay, this.limit] = ["reference", 0, 2500];
    this.calls = [];
    this.said = status();
    this.go = button("Connect", () => (this.session ? this.stop("Disconnected.") : this.start()), { class: "lab-go" });
    this.bar = [
      button("Call: ferret", () => this.call("ferret", "tobi")),
      button("Three at once: work for 3, 1 and 2 s", () => [3, 1, 2].forEach((time) => this.call("work", time))),
      button("Cut the wire", () => this.session.control({ cut: { who: "ann" } })),
    ];
    this.waiting = el("tbody", {});
    this.none = el("p", {}, el("small", {}, "No call waits."));
    this.lines = el("ol", { class: "lab-timeline", role: "list" });
    this.wires = new Wires(["ann", "server"]);
    this.append(el("section", { class: "lab-part", "aria-label": "Call the server" },
      el("h4", {}, "Call the server"),
      el("div", { class: "lab-fields" },
        servers((value) => {
          this.server = value;
          if (this.session) this.stop("Disconnected: connect to the other server.");
        }),
        slider("Answers take", {
          max: 5000, step: 100, value: 0, show: (ms) => `${seconds(ms)} longer`,
          input: (ms) => {
            this.delay = ms;
            this.session?.control({ line: { who: "ann", delay: ms } });
          },
        }),
        slider("A call waits for", { min: 500, max: 10000, step: 500, value: this.limit, show: seconds, input: (ms) => { this.limit = ms; } })),
      el("div", { class: "lab-bar" }, this.go, ...this.bar), this.said,
      el("div", { class: "lab-scroll", role: "region", "aria-label": "The calls that wait", tabindex: 0 },
        el("table", { class: "lab-table" }, el("caption", {}, "The calls that wait"),
          el("thead", {}, el("tr", {}, ...["id", "call", "gives up in"].map((name) => el("th", { scope: "col" }, name)))), this.waiting)),
      this.none,
      el("figure", {}, el("figcaption", {}, "The last calls, twelve seconds from left to right"), this.lines),
      this.wires.view),
    this.recordings() ?? "");
    this.enable();
  }

  disconnectedCallback() {
    this.stop("");
  }

  enable() {
    for (const button of this.bar) able(button, this.open);
    this.go.textContent = this.session ? "Disconnect" : "Connect";
  }

  async start() {
    this.calls = [];
    this.next = 0;
    this.lines.replaceChildren();
    able(this.go, false);
    try {
      this.session = await Session.open("acks", this.server, {
        wires: this.wires, said: this.said, hint: ["acks"],
        gone: () => this.stop("cargo workbook is gone."),
      });
      await this.session.start();
    } catch (error) {
      this.stop(`${error.message}.`);
      return;
    } finally {
      able(this.go, true);
    }
    this.session.control({ line: { who: "ann", delay: this.delay } });
    this.socket = this.session.socket("ann");
    this.socket.onopen = () => {
      this.open = true;
      this.said.textContent = "Connected. Call something.";
      this.enable();
    };
    this.socket.onmessage = ({ data }) => this.received(data);
    this.socket.onclose = async ({ code }) => {
      const { session, open } = this;
      this.open = false;
      for (const call of this.pending()) this.settle(call, "disconnected");
      const text = open ? `The connection is over: ${code}.` : session?.server === "own" ? await session.why() : "The server refused.";
      if (session && session === this.session) this.stop(text);
    };
    this.timer = setInterval(() => this.draw(), 100);
    this.enable();
  }

  stop(text) {
    const { session } = this;
    this.session = null;
    this.open = false;
    clearInterval(this.timer);
    this.socket?.close();
    session?.close();
    if (!this.said) return;
    for (const call of this.pending()) this.settle(call, "disconnected");
    this.said.textContent = text;
    this.draw();
    this.enable();
  }

  pending() {
    return this.calls.filter(({ end }) => end === undefined);
  }

  /** Enters a call in the table, and only then sends it. */
  call(name, argument) {
    const id = this.next;
    this.next += 1;
    const packet = `2${id}${JSON.stringify([name, argument])}`;
    const call = { id, packet, begin: performance.now(), limit: this.limit };
    call.bar = el("span", { class: "lab-span" });
    call.tail = el("span", { class: "lab-span lab-tail" });
    call.text = el("span", {}, "waits");
    call.line = el("li", { class: "who-ann" }, el("code", {}, packet), " ", call.text, el("span", { class: "lab-track", "aria-hidden": "true" }, call.bar, call.tail));
    call.timer = setTimeout(() => this.settle(call, "timed out"), call.limit);
    this.calls.push(call);
    this.lines.append(call.line);
    while (this.calls.length > LISTED && this.calls[0].end !== undefined) this.calls.shift().line.remove();
    this.socket.send(packet);
    this.draw();
  }

  received(packet) {
    const answer = /^3([0-9]+)(.*)$/.exec(packet);
    // An event: who came and who went. The wire shows it.
    if (!answer) return;
    const call = this.calls.find(({ id }) => id === Number(answer[1]));
    if (call?.end === undefined && call) {
      this.settle(call, `answered ${answer[2]}`);
    } else if (call) {
      call.late = performance.now();
      call.text.textContent += `; the answer came after ${seconds(Math.round((call.late - call.begin) / 100) * 100)}, late`;
      this.said.textContent = `Answer ${call.id} came late: nobody waits for it.`;
    }
  }

  settle(call, how) {
    clearTimeout(call.timer);
    call.end = performance.now();
    const text = `${how} after ${Math.round(call.end - call.begin)} ms`;
    call.text.textContent = text;
    call.line.classList.add(how.startsWith("answered") ? "lab-good" : "lab-bad");
    this.said.textContent = `Call ${call.id} ${text}.`;
    this.draw();
  }

  draw() {
    const now = performance.now();
    const pending = this.pending();
    this.none.hidden = pending.length > 0;
    this.waiting.replaceChildren(...pending.map(({ id, packet, begin, limit }) =>
      el("tr", {}, el("td", {}, id), el("td", {}, el("code", {}, packet)), el("td", {}, `${(Math.max(0, begin + limit - now) / 1000).toFixed(1)} s`))));
    const start = now - SHOWN;
    const place = (time) => Math.min(100, Math.max(0, (time - start) / SHOWN * 100));
    for (const { bar, tail, begin, end, late } of this.calls) {
      bar.style.left = `${place(begin)}%`;
      bar.style.width = `${Math.max(0.5, place(end ?? now) - place(begin))}%`;
      if (late === undefined) continue;
      tail.style.left = `${place(end)}%`;
      tail.style.width = `${place(late) - place(end)}%`;
    }
  }
});
