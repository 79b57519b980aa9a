// The frame lab: make a message and see every bit, paste hex and have it read.

import { Lab, button, choice, el, labelled, select, status } from "./dom.js";
import { decode, diagram, encode, faults, line, newKey, plural, unhex, utf8 } from "./codec.js";

/** How many frames of what was pasted are drawn. */
const DRAWN = 16;
/** What there is to paste: the examples of RFC 6455, section 5.7, and frames that break a rule. */
const EXAMPLES = [
  ["", "choose an example"],
  ["81 05 48 65 6c 6c 6f", "a text, from a server"],
  ["81 85 37 fa 21 3d 7f 9f 4d 51 58", "the same, from a client"],
  ["01 03 48 65 6c 80 02 6c 6f", "the same, in two fragments"],
  ["89 05 48 65 6c 6c 6f 8a 85 37 fa 21 3d 7f 9f 4d 51 58", "a ping, and its pong"],
  ["88 02 03 e8", "a close, with code 1000"],
  ["81 7e 00 05 48 65 6c 6c 6f", "a length that is too long"],
  ["09 00", "a ping without FIN"],
  ["c1 05 48 65 6c 6c 6f", "a reserved bit"],
  ["88 02 03 ee", "a close that must not be sent"],
  ["81 02 c3 28", "a text that is not UTF-8"],
];

customElements.define("frame-lab", class extends Lab {
  build() {
    this.append(this.writer(), this.reader());
  }

  writer() {
    // A key for each frame: none is ever used twice.
    const keys = () => Array.from({ length: 3 }, newKey);
    const message = { text: "Hello", opcode: 1, fragments: 1, keys: keys(), masks: true };
    const drawn = el("div", { class: "lab-drawn" });
    const said = status();
    const draw = () => {
      const { frames, problem } = split(message);
      said.textContent = problem ?? summary(frames);
      drawn.replaceChildren(...frames.map((bytes) => diagram(decode(bytes), true)));
    };
    const set = (name) => (value) => {
      message[name] = value;
      draw();
    };
    const view = el("section", { class: "lab-part", "aria-label": "Make a message" },
      el("h4", {}, "Make a message"),
      el("div", { class: "lab-fields" },
        labelled("Payload", el("input", {
          type: "text", value: message.text, spellcheck: "false",
          on: { input: ({ target }) => set("text")(target.value) },
        })),
        labelled("Opcode", select([[1, "1 text"], [2, "2 binary"], [8, "8 close, code 1000"], [9, "9 ping"], [10, "10 pong"]],
          (value) => set("opcode")(Number(value)))),
        labelled("Frames", select([[1, "1, whole"], [2, "2 fragments"], [3, "3 fragments"]],
          (value) => set("fragments")(Number(value)))),
        choice("Sender", [[true, "a client: masked"], [false, "a server: not masked"]], set("masks"))),
      el("div", { class: "lab-bar" },
        button("New masking keys", () => set("keys")(keys()))),
      said, el("figure", { class: "xray" }, el("figcaption", {}, "The bytes on the wire, and their bits"), drawn));
    draw();
    return view;
  }

  reader() {
    const drawn = el("div", { class: "lab-drawn" });
    const said = status();
    const input = el("textarea", { rows: 3, spellcheck: "false", on: { input: () => read() } }, EXAMPLES[1][0]);
    let sender = "server";
    const read = () => {
      drawn.replaceChildren();
      const bytes = unhex(input.value);
      if (input.value.trim() === "" || bytes?.length === 0) said.textContent = "Paste bytes, or choose an example.";
      else if (bytes === null) said.textContent = "That is not hex: two digits a byte.";
      else said.textContent = this.read(bytes, sender, drawn);
    };
    const view = el("section", { class: "lab-part", "aria-label": "Read bytes" },
      el("h4", {}, "Read bytes"),
      el("div", { class: "lab-fields" },
        labelled("Example", select(EXAMPLES, (value) => {
          if (value) input.value = value;
          read();
        })),
        choice("Sent by", [["server", "a server"], ["client", "a client"]], (value) => {
          sender = value;
          read();
        })),
      labelled("Hex", input), said,
      el("figure", { class: "xray" }, el("figcaption", {}, "What the bytes say"), drawn));
    read();
    return view;
  }

  /** Draws all frames, each with the rules that it breaks; says what there is. */
  read(bytes, sender, drawn) {
    let [at, open, count, broken] = [0, false, 0, 0];
    while (at < bytes.length && count < DRAWN) {
      const frame = decode(bytes.slice(at));
      const wrong = faults(frame, sender, open);
      count += 1;
      broken += wrong.length > 0;
      drawn.append(el("div", { class: "lab-frame" },
        el("p", {}, el("code", {}, line(frame)), frame.whole ? "" : " (unfinished)"),
        diagram(frame, true),
        ...wrong.map(([rule, section]) =>
          el("p", { class: "lab-fault" }, el("b", {}, "Refused: "), `${rule} (§${section}).`))));
      if (!frame.whole) break;
      if (frame.opcode < 8) open = !frame.fin;
      at += frame.size;
    }
    const frames = `${count} frame${count === 1 ? "" : "s"} in ${plural(bytes.length)}`;
    const end = at < bytes.length ? ", the last one unfinished" : open ? ", and the message goes on" : "";
    return broken ? `${frames}${end}. ${broken} of them a peer must refuse.` : `${frames}${end}.`;
  }
});

/** The frames of a message, and what is wrong with it. */
function split({ text, opcode, fragments, keys, masks }) {
  const payload = opcode === 8 ? Uint8Array.from([0x03, 0xe8, ...utf8(text)]) : utf8(text);
  const control = opcode >= 8;
  if (control && fragments > 1) return { frames: [], problem: "A control frame cannot be fragmented (§5.5)." };
  if (control && payload.length > 125) return { frames: [], problem: "A control frame holds 125 bytes at most (§5.5)." };
  const size = Math.max(1, Math.ceil(payload.length / fragments));
  const frames = Array.from({ length: fragments }, (_, n) => encode({
    fin: n === fragments - 1,
    opcode: n === 0 ? opcode : 0,
    key: masks ? keys[n] : null,
    payload: n === fragments - 1 ? payload.slice(n * size) : payload.slice(n * size, (n + 1) * size),
  }));
  return { frames };
}

function summary(frames) {
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  const headers = frames.reduce((sum, frame) => sum + decode(frame).header, 0);
  return `${plural(bytes)} on the wire: ${headers} of header, ${bytes - headers} of payload.`;
}
