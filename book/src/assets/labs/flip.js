// The frame you can flip: the picture of a frame, its bits as switches, and what it says as a sentence.

import { button, choice, el, slider } from "./dom.js";
import { codeOf, decode, decoded, diagram, encode, faults, hex, newKey, plural, unhex, utf8 } from "./codec.js";
import { HELLO, onOwnHello, ownHello } from "./hello.js";

const LENGTHS = [0, 1, 5, 125, 126, 65535, 65536];
/** More than a reader of this book takes. */
const LIMIT = 16 * 2 ** 20;
/** Milliseconds for each column under the mask. */
const COLUMN = 450;
const BITS = ["FIN", "RSV1", "RSV2", "RSV3", "opcode, 8", "opcode, 4", "opcode, 2", "opcode, 1",
  "MASK", "length, 64", "length, 32", "length, 16", "length, 8", "length, 4", "length, 2", "length, 1"];
const still = matchMedia("(prefers-reduced-motion: reduce)");

customElements.define("flip-frame", class extends HTMLElement {
  connectedCallback() {
    if (this.bits) return;
    this.figure = this.closest("figure");
    this.list = this.querySelector(".xray-frame");
    this.says = this.querySelector(".flip-says");
    this.says.setAttribute("role", "status");
    const wire = [...this.list.querySelectorAll("li:not(.xray-clear, .xray-tiles) > code:not(.xray-bits)")];
    this.first = unhex(wire.map((code) => code.textContent).join(""));
    this.switches();
    this.controls();
    this.reset();
    if (hex(this.first) === HELLO) this.awaitOwn();
  }

  /** Makes each bit a button; they stay, whatever the frame becomes. */
  switches() {
    this.bits = [...this.list.querySelectorAll(".xray-bits b")].map((cell, n) => {
      const bit = button("", () => this.flip(n), { class: "xray-bit" });
      cell.replaceWith(bit);
      return bit;
    });
    [...this.list.querySelectorAll(".xray-bits")].forEach((bits, n) => {
      bits.removeAttribute("aria-hidden");
      bits.setAttribute("role", "group");
      bits.setAttribute("aria-label", `The bits of byte ${n}`);
    });
    // One stop for Tab; the arrows go from bit to bit.
    this.list.addEventListener("keydown", (event) => {
      const at = this.bits.indexOf(event.target);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: 15 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      this.at(Math.min(15, Math.max(0, to))).focus();
    });
  }

  at(n) {
    this.bits.forEach((bit, m) => { bit.tabIndex = m === n ? 0 : -1; });
    return this.bits[n];
  }

  controls() {
    const again = (change) => {
      change();
      this.bytes = encode({ opcode: 1, key: this.sender === "client" ? newKey() : null, payload: letters(this.length) });
      this.render();
    };
    this.from = choice("From", [["server", "a server"], ["client", "a client"]], (sender) => again(() => { this.sender = sender; }));
    this.slider = slider("A payload of", {
      max: LENGTHS.length - 1, value: 2, show: (n) => plural(LENGTHS[n]),
      input: (n) => again(() => { this.length = LENGTHS[n]; }),
    });
    this.play = button("Slide the mask over it", () => this.slide());
    this.append(el("div", { class: "lab-fields flip-controls" }, this.from, this.slider),
      el("div", { class: "lab-bar" }, this.play, button("As it was", () => this.reset())));
  }

  reset() {
    this.bytes = this.first.slice();
    this.sender = this.bytes[1] & 0x80 ? "client" : "server";
    this.length = 5;
    this.from.querySelector(`[value="${this.sender}"]`).checked = true;
    this.slider.set(LENGTHS.indexOf(this.length));
    this.at(0);
    this.render();
  }

  flip(n) {
    this.at(n);
    this.bytes[n >> 3] ^= 0x80 >> (n & 7);
    this.render();
  }

  render() {
    this.run = null;
    const frame = decode(this.bytes);
    const drawn = [...diagram(frame, true).children];
    // The first two bytes keep their buttons, and so the focus.
    this.bits.forEach((bit, n) => {
      const set = (this.bytes[n >> 3] >> (7 - (n & 7))) & 1;
      bit.textContent = set;
      bit.dataset.bit = set;
      bit.setAttribute("aria-label", `${BITS[n]}: ${set}`);
    });
    for (const n of [0, 1]) {
      const [, ...fresh] = drawn[n].children;
      [...this.list.children[n].children].slice(1).forEach((part, m) => part.replaceWith(fresh[m]));
    }
    while (this.list.children.length > 2) this.list.lastElementChild.remove();
    this.list.append(...drawn.slice(2));
    const [fine, text] = sentence(this.bytes, this.sender);
    this.say(text, !fine);
    const tiles = this.list.querySelector(".xray-tiles");
    this.play.hidden = !tiles;
    this.play.textContent = still.matches ? "Lay the mask over it" : "Slide the mask over it";
  }

  say(text, wrong = false) {
    this.says.classList.toggle("flip-wrong", wrong);
    if (this.says.textContent !== text) this.says.textContent = text;
  }

  /** The key over the payload, column by column: by itself, or a column for each press. */
  async slide() {
    if (this.run && still.matches) return this.run.next();
    const rows = [".xray-masked", ".xray-tiles", ".xray-clear"].map((row) => [...this.list.querySelectorAll(`${row} b`)]);
    const columns = rows[1].map((tile, n) => ({ cells: [rows[0][n], tile, rows[2][n]], byte: this.byte(n) }));
    const hidden = (from) => columns.slice(from).forEach(({ cells: [, tile, clear] }) => {
      tile.classList.add("is-to-come");
      clear.classList.add("is-to-come");
    });
    hidden(0);
    let at = 0;
    const run = {
      next: () => {
        columns.forEach(({ cells }) => cells.forEach((cell) => cell.classList.remove("is-now")));
        if (at === columns.length) {
          this.run = null;
          this.play.textContent = still.matches ? "Lay the mask over it" : "Slide the mask over it";
          this.say(sentence(this.bytes, this.sender)[1]);
          return;
        }
        const { cells, byte: [wire, key, clear] } = columns[at];
        // The four tiles come from where they were: the key is the same, further on.
        if (at % 4 === 0) {
          columns.slice(at, at + 4).forEach(({ cells: [, tile] }, n) => {
            tile.classList.remove("is-to-come");
            const before = columns[at - 4 + n]?.cells[1];
            if (!before || still.matches) return;
            const [a, b] = [before.getBoundingClientRect(), tile.getBoundingClientRect()];
            tile.animate([{ transform: `translate(${a.x - b.x}px, ${a.y - b.y}px)` }, { transform: "none" }], { duration: COLUMN, easing: "ease-in-out" });
          });
        }
        cells.forEach((cell) => cell.classList.add("is-now"));
        cells[2].classList.remove("is-to-come");
        this.says.textContent = `${hex([wire])} XOR ${hex([key])} is ${hex([clear])}${clear > 32 && clear < 127 ? `, ${String.fromCharCode(clear)}` : ""}.`;
        at += 1;
      },
    };
    this.run = run;
    run.next();
    if (still.matches) {
      this.play.textContent = "Next byte";
      return;
    }
    while (this.run === run) {
      await new Promise((next) => setTimeout(next, COLUMN));
      if (this.run === run) run.next();
    }
  }

  /** Byte `n` of the payload on the wire, of the key, and of the two together. */
  byte(n) {
    const { key, payload } = decode(this.bytes);
    return [payload[n] ^ key[n % 4], key[n % 4], payload[n]];
  }

  /** Hollow until the reader's own server has sent these bytes. */
  awaitOwn() {
    const note = el("p", { class: "flip-own" });
    this.append(note);
    const show = () => {
      const own = ownHello();
      this.figure.classList.toggle("is-hollow", !own);
      note.textContent = own
        ? "Solid: your own server has sent these seven bytes."
        : "The seven bytes stay hollow until your own server has sent them. Any lab that talks to it will notice.";
    };
    onOwnHello(show);
    show();
  }
});

const CODES = { 1002: "1002, protocol error", 1007: "1007, not the data it says it is" };
const letters = (length) => utf8("Hello".repeat(Math.ceil(length / 5)).slice(0, length));

/** Whether the bytes may come from `sender`, and what they are, in a sentence or two. */
export function sentence(bytes, sender) {
  const frame = decode(bytes);
  const [wrong] = faults(frame, sender);
  const refused = ([rule, section]) => `${CODES[codeOf(section)]}: ${rule} (RFC 6455, section ${section}).`;
  if (wrong) return [false, `Refused with ${refused(wrong)}`];
  if (frame.length > LIMIT) return [false, `It promises ${plural(frame.length)}. A reader with a limit refuses at once, with 1009, too big (RFC 6455, section 10.4).`];
  const what = frame.opcode >= 8 ? `${article(frame.name)} frame` : frame.fin ? `A whole ${frame.name} message` : `The first fragment of a ${frame.name} message`;
  if (!frame.whole) {
    const missing = frame.length === undefined || frame.header === undefined
      ? "the header itself is not complete"
      : `${plural(frame.header + frame.length - bytes.length)} ${frame.header + frame.length - bytes.length === 1 ? "is" : "are"} missing`;
    return [true, `${what} from a ${sender}, once it is all here: ${missing}, and the reader waits.`];
  }
  const text = frame.opcode === 2 ? null : decoded(frame.payload.slice(0, 32), frame.payload.length > 32);
  const payload = frame.length === 0 ? ", with nothing in it" : text === null ? `: ${plural(frame.length)}` : frame.length > 32 ? `, of ${plural(frame.length)}` : `: ${JSON.stringify(text)}`;
  const first = `${what} from a ${sender}${payload}.`;
  const rest = bytes.slice(frame.size);
  if (rest.length === 0) return [true, first];
  const next = decode(rest);
  const [broken] = faults(next, sender, frame.opcode < 8 && !frame.fin);
  const left = `${first} ${rest.length === 1 ? "One byte is" : `${plural(rest.length)} are`} left over: ${hex(rest.slice(0, 1))} is taken for the next frame's first byte`;
  if (broken) return [false, `${left}. Refused with ${refused(broken)}`];
  return [true, next.whole ? `${left}.` : `${left}, and the reader waits.`];
}

const article = (name) => `${/^[aeiou]/.test(name) ? "An" : "A"} ${name}`;
