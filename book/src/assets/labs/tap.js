// What the server's tap saw of a wire, drawn: a head, a frame, or the end. With two servers there are two
// wires side by side, and the second is compared with the first.

import { el, status } from "./dom.js";
import { decode, diagram, line, plural, unhex } from "./codec.js";
import { Comparison } from "./compare.js";
import { own } from "./hello.js";
import { Wire } from "./wire.js";

const TITLES = { reference: "The reference's wire", own: "Your server's wire" };

/** The wires of a lab. `heads: false` leaves the handshakes out of the pictures. */
export class Wires {
  constructor(names, { title = "On the wire", heads = true } = {}) {
    Object.assign(this, { names, title, heads });
    this.view = el("div", { class: "lab-wires" });
    this.begin("reference");
  }

  /** Empty wires for `server`, which may be both; returns what hears of each. */
  begin(server) {
    const sides = server === "both" ? ["reference", "own"] : [server];
    const said = status();
    const comparison = server === "both" && new Comparison((text, wrong) => {
      said.classList.toggle("lab-fault", wrong);
      said.textContent = text;
    });
    const taps = {};
    const regions = sides.map((side) => {
      const title = sides.length > 1 ? TITLES[side] : this.title;
      const wire = new Wire(title, this.names);
      taps[side] = this.tap(wire, side, comparison);
      return el("div", { class: "lab-scroll", role: "region", "aria-label": title, tabindex: 0 }, wire.figure);
    });
    this.view.replaceChildren(...(comparison ? [said] : []), el("div", { class: sides.length > 1 ? "lab-pair" : "" }, ...regions));
    this.said = said;
    return taps;
  }

  tap(wire, side, comparison) {
    const ends = (who, up) => (up ? [who, "server"] : ["server", who]);
    const hear = (who, up, item, step) => {
      if (comparison) comparison.hear(side, who, up, item, step);
    };
    /** Whose connection has ended: the other side's end adds nothing. */
    const over = new Set();
    const end = (who, by, text) => {
      if (over.has(who)) return null;
      over.add(who);
      return wire.note(by, text, who);
    };
    return {
      head: ({ who, up, lines }) => {
        over.delete(who);
        const step = this.heads ? wire.message(...ends(who, up), lines) : null;
        hear(who, up, { kind: "head", lines }, step);
      },
      frame: ({ who, up, hex, length }) => {
        const bytes = unhex(hex);
        const frame = decode(bytes, length);
        const says = line(frame);
        const step = wire.message(...ends(who, up), [says],
          el("details", { class: "lab-bytes" }, el("summary", {}, plural(length)), diagram(frame)));
        hear(who, up, { kind: "frame", bytes, length, says }, step);
        if (side === "own" && !up) own(hex);
      },
      noise: ({ who, up, hex, why }) => {
        const step = wire.message(...ends(who, up), [`data ${hex}`]);
        wire.note(up ? who : "server", `sends what is no frame: ${why}`);
        hear(who, up, { kind: "noise", says: "bytes that are no frame" }, step);
      },
      cut: ({ who }) => end(who, who, "is cut off: the wire is cut"),
      end: ({ who, up }) => {
        const step = end(who, up ? who : "server", up ? "ends the stream" : `closes the connection to ${who}`);
        hear(who, up, { kind: "end" }, step);
      },
      failed: ({ who, connected, why }) => wire.note("server", connected ? `gives ${who} no answer: ${why}` : "is not there", who),
    };
  }
}
