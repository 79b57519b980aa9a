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
    this.last = null;
  }

  /** One message: its lines as a transcript has them. `more` is hung below. */
  message(from, to, lines, more) {
    // The same to another one at once: both are a fork.
    const { last } = this;
    if (last?.step === this.steps.lastElementChild && last?.from === from && !last.step.matches(".wire-differs") && !last.to.includes(to) && last.lines.join("\n") === lines.join("\n")) {
      last.step.remove();
      return this.draw(from, [...last.to, to], lines, last.more);
    }
    return this.draw(from, [to], lines, more);
  }

  draw(from, to, lines, more) {
    const at = (name) => this.names.indexOf(name);
    to.sort((a, b) => at(a) - at(b));
    const places = [from, ...to].map(at);
    const [a, b] = [Math.min(...places), Math.max(...places)];
    const frame = FRAMES.includes(lines[0].split(" ")[0]);
    const name = (name, n) => [n === 0 ? null : el("span", { class: "wire-to" }, n === to.length - 1 ? " and " : ", "),
      el("b", { class: `who-${name}` }, name)];
    const tips = to.length === 1 ? [] : [el("i", { class: "wire-origin", style: `--at:${at(from)}` }),
      ...to.map((name) => el("i", { class: `wire-tip wire-tip-${at(name) < at(from) ? "left" : "right"}`, style: `--at:${at(name)}` }))];
    const step = el("li", {
      class: `wire-message wire-${to.length > 1 ? "fork" : at(from) < at(to[0]) ? "right" : "left"} who-${from}`,
      style: `--a:${a + 1};--b:${b + 1}`,
    },
    el("span", { class: "wire-route" }, el("b", {}, from), el("span", { class: "wire-to" }, " to "),
      ...to.flatMap(name), el("span", { class: "wire-to" }, ": ")),
    el("span", { class: frame ? "wire-card" : "wire-card wire-head" },
      el("span", { class: "wire-text" }, ...(frame ? frameLine(lines[0]) : headLines(lines))), more), ...tips);
    this.add(step);
    this.last = { step, from, to, lines, more };
    return step;
  }

  /** `over` names the one whose connection ends with it. */
  note(who, text, over = null) {
    const at = this.names.indexOf(who);
    const place = at === 0 ? " wire-first" : at === this.names.length - 1 ? " wire-last" : "";
    return this.add(el("li", { class: `wire-note who-${who}${place}${over ? " wire-end" : ""}`, style: `--at:${at}` },
      el("span", {}, el("b", {}, who), ` ${text}`),
      over ? el("i", { class: "wire-over", style: `--at:${this.names.indexOf(over)}` }) : null));
  }

  add(step) {
    this.steps.append(step);
    while (this.steps.childElementCount > KEPT) this.steps.firstElementChild.remove();
    const region = this.figure.closest(".lab-scroll");
    if (region) region.scrollTop = region.scrollHeight;
    return step;
  }
}

function frameLine(line) {
  const [opcode, ...rest] = line.split(" ");
  const fragment = rest[0] === "(fragment)";
  const payload = rest.slice(fragment ? 1 : 0).join(" ");
  return [
    el("span", { class: `wire-opcode wire-${opcode}` }, opcode, fragment ? el("em", {}, " fragment") : null),
    payload === "" ? null : " ",
    payload === "" ? null : el("code", {}, ...breakable(payload)),
  ].filter((part) => part !== null);
}

/** Text that breaks between its tokens, where it must. */
const breakable = (text) =>
  text.split(/(?<=[,./&?])/).flatMap((token, n) => (n === 0 ? [token] : [el("wbr"), token]));

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
