// What the server's tap saw of a wire, drawn: a head, a frame, or the end.

import { el } from "./dom.js";
import { decode, diagram, line, unhex } from "./codec.js";

/** Reports that draw on `wire`; `seen(frame, who, up)` hears of each frame too. */
export function tap(wire, seen = () => {}) {
  const ends = (who, up) => (up ? [who, "server"] : ["server", who]);
  /** Whose connection has ended: the other side's end adds nothing. */
  const over = new Set();
  const end = (who, by, text) => {
    if (over.has(who)) return;
    over.add(who);
    wire.note(by, text, who);
  };
  return {
    head: ({ who, up, lines }) => {
      over.delete(who);
      wire.message(...ends(who, up), lines);
    },
    frame: ({ who, up, hex, length }) => {
      const frame = decode(unhex(hex), length);
      wire.message(...ends(who, up), [line(frame)],
        el("details", { class: "lab-bytes" }, el("summary", {}, `${length} byte${length === 1 ? "" : "s"}`), diagram(frame)));
      seen(frame, who, up);
    },
    noise: ({ who, up, hex, why }) => {
      wire.message(...ends(who, up), [`data ${hex}`]);
      wire.note(up ? who : "server", `sends what is no frame: ${why}`);
    },
    cut: ({ who }) => end(who, who, "is cut off: the wire is cut"),
    end: ({ who, up }) => end(who, up ? who : "server", up ? "ends the stream" : `closes the connection to ${who}`),
  };
}
