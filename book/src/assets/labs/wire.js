// A sequence diagram that grows: the same elements that the book's figures have.

import { el } from "./dom.js";

const FRAMES = ["text", "binary", "ping", "pong", "close", "continuation", "data"];
/** How many steps are kept. */
const KEPT = 60;

export class Wire {
  constructor(title, names) {
    this.names = names;
    this.steps = el("ol", { class: "wire-steps", role: "list" });
    this.figure = el("figure", { class: `wire wire-${names.length}`, style: `--gaps:${Math.max(names.length - 1, 1)}` },
      el("figcaption", {}, title),
      el("div", { class: "wire-body" },
        el("div", { class: "wire-names", "aria-hidden": "true" },
          ...names.map((name, n) => el("span", { class: `who-${name}`, style: `--at:${n}` }, el("b", {}, name)))),
        this.steps));
  }

  clear() {
    this.steps.replaceChildren();
  }

  /** One message: its lines as a transcript has them. `more` is hung below. */
  message(from, to, lines, more) {
    const [a, b] = [this.names.indexOf(from), this.names.indexOf(to)];
    const frame = FRAMES.includes(lines[0].split(" ")[0]);
    this.add(el("li", {
      class: `wire-message wire-${a < b ? "right" : "left"} who-${from}`,
      style: `--a:${Math.min(a, b) + 1};--b:${Math.max(a, b) + 1}`,
    },
    el("span", { class: "wire-route" }, el("b", {}, from), el("span", { class: "wire-to" }, " to "),
      el("b", { class: `who-${to}` }, to), el("span", { class: "wire-to" }, ": ")),
    el("span", { class: frame ? "wire-card" : "wire-card wire-head" },
      ...(frame ? frameLine(lines[0]) : headLines(lines)), more)));
  }

  note(who, text, ends = false) {
    const at = this.names.indexOf(who);
    const place = at === 0 ? " wire-first" : at === this.names.length - 1 ? " wire-last" : "";
    this.add(el("li", { class: `wire-note who-${who}${place}${ends ? " wire-end" : ""}`, style: `--at:${at}` },
      el("span", {}, el("b", {}, who), ` ${text}`)));
  }

  add(step) {
    this.steps.append(step);
    while (this.steps.childElementCount > KEPT) this.steps.firstElementChild.remove();
    const region = this.figure.closest(".lab-scroll");
    if (region) region.scrollTop = region.scrollHeight;
  }
}

function frameLine(line) {
  const [opcode, ...rest] = line.split(" ");
  const fragment = rest[0] === "(fragment)";
  const payload = rest.slice(fragment ? 1 : 0).join(" ");
  return [
    el("span", { class: `wire-opcode wire-${opcode}` }, opcode, fragment ? el("em", {}, " fragment") : null),
    payload === "" ? null : " ",
    payload === "" ? null : el("code", {}, payload),
  ].filter((part) => part !== null);
}

function headLines([first, ...lines]) {
  const end = lines.indexOf("");
  const headers = end < 0 ? lines : lines.slice(0, end);
  const body = end < 0 ? [] : lines.slice(end + 1);
  return [
    el("code", { class: "wire-start" }, first),
    ...headers.map((line) => {
      const colon = line.indexOf(": ");
      return colon < 0
        ? el("code", { class: "wire-header" }, line)
        : el("code", { class: "wire-header" }, el("i", {}, line.slice(0, colon + 1)), line.slice(colon + 1));
    }),
    ...(body.length > 0 ? [el("span", { class: "wire-rule" })] : []),
    ...body.map((line) => el("code", { class: "wire-content" }, line || " ")),
  ];
}
