// One input, two wires: what the reader's own server sends, against what the reference sends. What may
// differ is made equal first: keys and what is computed from them, dates, free headers, connections' ids.

import { decode, decoded, hex, utf8 } from "./codec.js";
import { sha1 } from "./sha1.js";

export const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
export const acceptOf = (key) => btoa(String.fromCharCode(...sha1(utf8(key + GUID))));

/** Milliseconds: until all that belongs together is here, and until nothing more comes. */
const [SETTLED, OVER] = [250, 1500];
/** The headers of an answer that mean something to a WebSocket (RFC 6455, section 4.2.2). */
const HEADERS = ["upgrade", "connection", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-extensions", "sec-websocket-version"];

export class Comparison {
  /** `tell(text, wrong)` hears of each result. */
  constructor(tell) {
    this.tell = tell;
    /** For each side: what went to whom, the keys that were asked with, and whose each id is. */
    this.sides = Object.fromEntries(["reference", "own"].map((side) => [side, { sent: new Map(), keys: new Map(), ids: new Map() }]));
  }

  /** What the tap saw: a head, a frame, or the end; `step` is where it is drawn. */
  hear(side, who, up, item, step) {
    const { sent, keys, ids } = this.sides[side];
    if (up) {
      const key = item.lines && headers(item.lines).get("sec-websocket-key");
      if (key) keys.set(who, key);
      return;
    }
    if (!sent.has(who)) sent.set(who, []);
    sent.get(who).push({ ...item, step });
    const welcome = /^(?:2\["welcome",(\d+)\]|0\{"sid":"(\d+)"\})$/.exec(textOf(item) ?? "");
    if (welcome) ids.set(welcome[1] ?? welcome[2], who);
    clearTimeout(this.soon);
    clearTimeout(this.late);
    if (this.found) return;
    this.soon = setTimeout(() => this.compare(false), SETTLED);
    this.late = setTimeout(() => this.compare(true), OVER);
  }

  /** Looks for the first difference; `over`: what is missing now is missing. */
  compare(over) {
    let same = 0;
    const { reference, own } = this.sides;
    for (const who of new Set([...reference.sent.keys(), ...own.sent.keys()])) {
      const [a, b] = [reference, own].map(({ sent }) => sent.get(who) ?? []);
      for (let n = 0; n < Math.max(a.length, b.length); n += 1) {
        if (!a[n] || !b[n]) {
          if (!over) break;
          return this.differs(b[n]?.step ?? own.sent.get(who)?.at(-1)?.step, null, a[n]
            ? `The reference sends ${who} ${nameOf(a[n])}. Yours does not.`
            : `Yours sends ${who} ${nameOf(b[n])}. The reference does not.`);
        }
        const difference = compareItems(a[n], b[n], who, reference, own);
        if (difference) return this.differs(b[n].step, difference.byte, `To ${who}: ${difference.text}`);
        same += 1;
      }
    }
    this.tell(`Both have sent the same: ${same} head${same === 1 ? "" : "s"} and frames so far.`, false);
  }

  differs(step, byte, text) {
    this.found = true;
    mark(step, byte, text);
    this.tell(text, true);
  }
}

/** Marks a step of the wire, and the byte of its frame if there is one. */
export function mark(step, byte, text) {
  if (!step) return;
  step.classList.add("wire-differs");
  const note = document.createElement("p");
  note.className = "lab-fault";
  note.textContent = text;
  (step.querySelector(".wire-card") ?? step).append(note);
  const region = step.closest(".lab-scroll");
  const bytes = step.querySelectorAll(".xray-frame li:not(.xray-clear, .xray-tiles) > code:not(.xray-bits) b");
  if (byte !== null && bytes[byte]) {
    bytes[byte].classList.add("is-different");
    step.querySelector(".lab-bytes").open = true;
  }
  if (region) region.scrollTop += step.getBoundingClientRect().top - region.getBoundingClientRect().top;
}

function compareItems(a, b, who, reference, own) {
  if (a.kind !== b.kind) return { byte: 0, text: `yours sends ${nameOf(b)}, the reference ${nameOf(a)}.` };
  if (a.kind === "head") return compareHeads(a.lines, b.lines, reference.keys.get(who), own.keys.get(who));
  if (a.kind === "frame") return compareFrames(a, b, reference.ids, own.ids);
  return null;
}

const headers = (lines) => new Map(lines.slice(1).filter((line) => line.includes(":")).map((line) => {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}));

/** The first difference of two answers; the keys are those that were asked with. */
export function compareHeads(reference, own, keyOfReference, keyOfOwn) {
  const status = (lines) => lines[0].split(" ").slice(0, 2).join(" ");
  if (status(reference) !== status(own)) {
    const [a, b] = [status(reference), status(own)];
    return { byte: null, text: `byte ${firstByte(a, b)} of the first line: yours says ${b}, the reference ${a} (RFC 6455, section 4.2.2).` };
  }
  const [a, b] = [[reference, keyOfReference], [own, keyOfOwn]].map(([lines, key]) => {
    const found = headers(lines);
    // Each key is fresh: a right answer to one equals a right answer to the other.
    if (key && found.get("sec-websocket-accept") === acceptOf(key)) found.set("sec-websocket-accept", "(right for its key)");
    for (const name of ["upgrade", "connection"]) if (found.has(name)) found.set(name, found.get(name).toLowerCase());
    return found;
  });
  for (const name of HEADERS) {
    const [expected, got] = [a.get(name), b.get(name)];
    if (expected === got) continue;
    const text = got === undefined ? `yours has no ${name}, the reference says ${expected}`
      : expected === undefined ? `yours says ${name}: ${got}, the reference does not`
        : `byte ${firstByte(expected, got)} of ${name}: yours says ${got}, the reference ${expected}`;
    return { byte: null, text: `${text} (RFC 6455, section 4.2.2).` };
  }
  return null;
}

/** Where two texts part. */
const firstByte = (a, b) => [...`${a}\0`].findIndex((c, n) => c !== b[n]);

/** The first difference of two frames. */
function compareFrames(a, b, idsOfReference, idsOfOwn) {
  const [x, y] = [a.bytes, b.bytes];
  const [first, second] = [decode(x, a.length), decode(y, b.length)];
  const at = (byte, rule) => ({ byte, text: `byte ${byte} is ${hex(y.slice(byte, byte + 1)) || "missing"}, the reference sends ${hex(x.slice(byte, byte + 1)) || "nothing"}: ${rule}.` });
  if (x[0] !== y[0]) return at(0, "FIN, reserved bits and opcode (RFC 6455, section 5.2)");
  if ((x[1] ^ y[1]) & 0x80) return at(1, "a server does not mask (RFC 6455, section 5.1)");
  const [p, q] = [equal(a, first, idsOfReference), equal(b, second, idsOfOwn)];
  const same = p.length === q.length && p.every((byte, n) => byte === q[n]);
  if (!same) {
    const n = p.findIndex((byte, n) => byte !== q[n]);
    const from = n < 0 ? p.length : n;
    const rule = first.opcode === 8 ? from < 2 ? "the close code (RFC 6455, section 7.4)" : "the reason (RFC 6455, section 5.5.1)"
      : "the payload, which is what your handler says";
    return at(second.header + from, rule);
  }
  if (first.form !== second.form) return at(1, "the length takes the shortest form (RFC 6455, section 5.2)");
  if (a.length !== b.length && p.length === first.payload.length) return at(1, "the length (RFC 6455, section 5.2)");
  return null;
}

/** A payload with its sender's name for a connection's id: which ids there are is a matter of luck. */
function equal(item, frame, ids) {
  const text = textOf(item);
  if (text === null) return frame.payload ?? new Uint8Array();
  return utf8(text.replace(/^(2\d*\["[^"]*",|0\{"sid":")(\d+)(?=[,\]"])/, (all, before, id) => (ids.has(id) ? before + ids.get(id) : all)));
}

function textOf(item) {
  if (item.kind !== "frame") return null;
  const frame = decode(item.bytes, item.length);
  return frame.opcode === 1 && frame.payload ? decoded(frame.payload, frame.cut) : null;
}

const nameOf = ({ kind, lines, says }) => (kind === "head" ? lines[0] : kind === "end" ? "the end of the connection" : says);
