// Frames in bytes (RFC 6455, section 5), and what they say. Broken ones too: nothing is thrown away.

import { el } from "./dom.js";

export const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
/** A longer payload shows its first bytes only, as in the lessons' snapshots. */
const [WHOLE, SHOWN] = [16, 7];
/** Characters of a text that are quoted. */
const QUOTED = 32;

export const utf8 = (text) => new TextEncoder().encode(text);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** Bytes from hex as people write it; null if it is not hex. */
export function unhex(text) {
  const digits = text.toLowerCase().replace(/0x|[\s,:]/g, "");
  if (!/^([0-9a-f]{2})*$/.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

export const newKey = () => crypto.getRandomValues(new Uint8Array(4));

export const masked = (payload, key) => key ? payload.map((byte, n) => byte ^ key[n % 4]) : payload;

/** The header's bytes. */
export function encodeHeader({ fin = true, rsv = 0, opcode, key, length }) {
  const bytes = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const mask = key ? 0x80 : 0;
  if (length < 126) {
    bytes.push(mask | length);
  } else if (length < 0x10000) {
    bytes.push(mask | 126, length >> 8, length & 0xff);
  } else {
    bytes.push(mask | 127, ...[7, 6, 5, 4, 3, 2, 1, 0].map((n) => Math.floor(length / 256 ** n) & 0xff));
  }
  return Uint8Array.from([...bytes, ...(key ?? [])]);
}

export function encode(frame) {
  const header = encodeHeader({ ...frame, length: frame.payload.length });
  const bytes = new Uint8Array(header.length + frame.payload.length);
  bytes.set(header);
  bytes.set(masked(frame.payload, frame.key), header.length);
  return bytes;
}

/**
 * The frame that `bytes` begin with: what it says, and its fields. `total` is how long it really
 * is, where only its first bytes are at hand.
 */
export function decode(bytes, total = null) {
  const fields = [];
  let at = 0;
  const take = (count, part, note) => {
    const taken = bytes.slice(at, at + count);
    at += taken.length;
    fields.push({ part, bytes: taken, note });
    return taken.length === count ? taken : null;
  };
  const frame = { fields, whole: false };
  const [first] = take(1, "opcode", "") ?? [];
  frame.fin = (first & 0x80) !== 0;
  frame.rsv = (first >> 4) & 7;
  frame.opcode = first & 15;
  frame.name = OPCODES[frame.opcode] ?? `opcode ${frame.opcode}`;
  const reserved = [4, 2, 1].flatMap((bit, n) => (frame.rsv & bit ? [`RSV${n + 1}`] : []));
  fields[0].note = [frame.fin ? "FIN" : "no FIN", ...reserved, frame.name].join(", ");
  const second = take(1, "length", "cut off");
  if (!second) return frame;
  frame.masked = (second[0] & 0x80) !== 0;
  let length = second[0] & 0x7f;
  const says = frame.masked ? "masked, " : "";
  frame.form = length === 126 ? 2 : length === 127 ? 8 : 0;
  if (frame.form) {
    fields[1].note = `${says}length in the next ${frame.form} bytes`;
    const more = take(frame.form, "length", "cut off");
    if (!more) return frame;
    length = more.reduce((sum, byte) => sum * 256 + byte, 0);
    fields[2].note = plural(length);
  } else {
    fields[1].note = says + plural(length);
  }
  frame.length = length;
  if (frame.masked) {
    const key = take(4, "key", "masking key");
    if (!key) return frame;
    frame.key = key;
  }
  frame.header = at;
  const there = bytes.slice(at, at + length);
  frame.whole = total === null ? there.length === length : total >= at + length;
  frame.cut = there.length < length;
  frame.payload = masked(there, frame.key);
  at += there.length;
  frame.size = at;
  if (there.length > 0) {
    const elided = there.length > WHOLE || (frame.whole && frame.cut);
    const shown = (bytes) => (elided ? bytes.slice(0, SHOWN) : bytes);
    const some = frame.whole ? "" : `, ${there.length} of ${plural(length)}`;
    if (frame.masked) fields.push({ part: "masked", bytes: shown(there), elided, note: `payload, masked${some}` });
    const word = frame.masked ? "unmasked" : "payload";
    const part = frame.masked ? "clear" : "payload";
    const clear = frame.payload;
    if (frame.opcode === 8 && there.length >= 2) {
      fields.push({ part, bytes: clear.slice(0, 2), note: `${word}: code ${frame.payload[0] * 256 + frame.payload[1]}` });
      const reason = clear.slice(2);
      if (reason.length > 0) fields.push({ part, bytes: shown(reason), elided, note: `${word}: reason ${quoted(reason)}` });
    } else {
      // Compressed bytes (RSV1) and binary ones are no text, even if they look like one.
      const text = frame.opcode === 2 || frame.rsv ? null : decoded(clear.slice(0, QUOTED), clear.length > QUOTED);
      const more = elided && (clear.length > QUOTED || frame.cut) ? " …" : some;
      const says = text === null || /\p{Cc}/u.test(text) ? elided ? `, ${plural(length)}` : some : `: ${JSON.stringify(text)}${more}`;
      fields.push({ part, bytes: shown(clear), elided, note: word + says });
    }
  }
  return frame;
}

/** The frame in a line, as transcripts have it. */
export function line(frame) {
  const fragment = frame.fin === false ? " (fragment)" : "";
  if (!frame.payload) return `data ${hex(frame.fields[0].bytes)} …`;
  const word = OPCODES[frame.opcode] ?? "data";
  if (frame.length === 0) return word + fragment;
  if (frame.opcode === 8 && frame.length >= 2) {
    const reason = frame.payload.length > 2 ? ` ${quoted(frame.payload.slice(2))}` : "";
    return `close ${frame.payload[0] * 256 + frame.payload[1]}${reason}`;
  }
  const text = frame.opcode === 2 ? null : decoded(frame.payload, frame.cut);
  const payload = frame.payload.slice(0, 48);
  if (text === null) return `${word}${fragment} ${frame.length > 16 ? `${plural(frame.length)}: ` : ""}${hex(payload.slice(0, 16))}${frame.length > 16 ? " …" : ""}`;
  return `${word}${fragment} ${text.length > 80 ? `${plural(frame.length)}: ${text.slice(0, 80)} …` : text}`;
}

/** The close code for what breaks the rule of a section (RFC 6455, section 7.4.1). */
export const codeOf = (section) => (section === "8.1" ? 1007 : 1002);

/**
 * Which rules of RFC 6455 a frame breaks, as the reference says it. `sender` is `client` or
 * `server`; `open` says whether an unfinished message came before.
 */
export function faults(frame, sender, open = false) {
  const control = frame.opcode >= 8;
  const faults = [];
  if (frame.form === undefined) return faults;
  if (frame.length >= 2 ** 63) faults.push(["the length's first bit must be 0", "5.2"]);
  else if ((frame.form === 2 && frame.length < 126) || (frame.form === 8 && frame.length < 0x10000)) {
    faults.push(["the length fits in fewer bytes", "5.2"]);
  }
  if (!(frame.opcode in OPCODES)) faults.push([`opcode ${frame.opcode} is reserved`, "5.2"]);
  if (frame.rsv) faults.push(["a reserved bit is set", "5.2"]);
  if (sender === "client" && !frame.masked) faults.push(["a client's frame must be masked", "5.1"]);
  if (sender === "server" && frame.masked) faults.push(["a server's frame must not be masked", "5.1"]);
  if (control && !frame.fin) faults.push(["a control frame must have FIN", "5.5"]);
  if (control && frame.length > 125) faults.push(["a control frame holds 125 bytes at most", "5.5"]);
  if (frame.opcode === 0 && !open) faults.push(["there is no message to continue", "5.4"]);
  if ((frame.opcode === 1 || frame.opcode === 2) && open) faults.push(["the last message is unfinished", "5.4"]);
  if (frame.opcode === 1 && frame.fin && frame.whole && !open && !frame.rsv && decoded(frame.payload, frame.cut) === null) {
    faults.push(["text must be UTF-8", "8.1"]);
  }
  if (frame.opcode === 8 && frame.payload && frame.whole) {
    if (frame.length === 1) faults.push(["a close code has 2 bytes", "5.5.1"]);
    if (frame.length >= 2) {
      const code = frame.payload[0] * 256 + frame.payload[1];
      const fine = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
      if (!fine) faults.push([`close code ${code} must not be sent`, "7.4"]);
      if (decoded(frame.payload.slice(2)) === null) faults.push(["text must be UTF-8", "8.1"]);
    }
  }
  return faults;
}

const FIRST = [["FIN", 1], ["RSV", 3], ["opcode", 4]];
const SECOND = [["MASK", 1], ["length", 7]];

/** The fields as a picture, as xray.rs draws it; `bits` draws the bits of the first two bytes. */
export function diagram(frame, bits = false) {
  const item = (part, classes, ...children) => el("li", { class: `xray-${part}${classes}` }, ...children);
  const cells = (bytes, elided) =>
    el("code", {}, ...[...Array.from(bytes, digits), ...(elided ? ["…"] : [])].flatMap((text) => [el("b", {}, text), " "]));
  return el("ol", { class: "xray-frame", role: "list" }, ...frame.fields.flatMap(({ part, bytes, note, elided }, n) => {
    const says = el("span", {}, note);
    if (bits && n < 2) return [item(part, " xray-byte", bitsOf(bytes[0], n === 0 ? FIRST : SECOND), cells(bytes), says)];
    const items = [item(part, "", cells(bytes, elided), says)];
    if (part === "masked") {
      const tiles = item("key", " xray-tiles", cells(masked(new Uint8Array(bytes.length), frame.key)),
        el("span", {}, "XOR the key, again and again"));
      tiles.setAttribute("aria-hidden", "true");
      items.push(tiles);
    }
    return items;
  }));
}

const digits = (byte) => byte.toString(16).padStart(2, "0");

/** The bits of a byte under their brackets. */
function bitsOf(byte, fields) {
  const bits = [...byte.toString(2).padStart(8, "0")];
  return el("code", { class: "xray-bits", "aria-hidden": "true" }, ...fields.map(([name, count]) =>
    el("span", { style: `--n:${count}` }, el("i", {}, name), ...bits.splice(0, count).map((bit) => el("b", {}, bit)))));
}

export const plural = (count) => `${count} byte${count === 1 ? "" : "s"}`;

const quoted = (bytes) => {
  const text = decoded(bytes, true);
  return text === null ? hex(bytes) : JSON.stringify(text);
};

/** Text, or null if it is not UTF-8. An unfinished character at the end is left out if `cut`. */
export function decoded(bytes, cut = false) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    return null;
  }
}
