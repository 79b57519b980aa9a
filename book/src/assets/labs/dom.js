// Elements, and what all labs share: their recordings, their switch, their note on a still copy.

import { player } from "./play.js";

/** Whether `cargo workbook` serves this page. */
export const live = document.querySelector("script[data-version]") !== null;

/** An element. `on` holds its listeners; `true` and `false` set and leave an attribute. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A button. One that is not able keeps the focus, and does nothing. */
export const button = (text, click, attributes = {}) =>
  el("button", {
    type: "button", ...attributes,
    on: { click: (event) => { if (event.currentTarget.getAttribute("aria-disabled") !== "true") click(event); } },
  }, text);

export const able = (button, can) => {
  if (can) button.removeAttribute("aria-disabled");
  else button.setAttribute("aria-disabled", "true");
};

/** A control and its label. */
export const labelled = (text, control) => el("label", {}, el("span", {}, text), control);

export const select = (options, change) =>
  el("select", { on: { change: ({ target }) => change(target.value) } },
    ...options.map(([value, text]) => el("option", { value }, text)));

/** A slider that says what its value means; `set` moves it. */
export function slider(text, { min = 0, max, value, step = 1, show, input }) {
  const shown = el("b", { "aria-hidden": "true" });
  const control = el("input", {
    type: "range", min, max, step,
    on: {
      input: () => {
        tell();
        input(Number(control.value));
      },
    },
  });
  const tell = () => {
    shown.textContent = show(Number(control.value));
    control.setAttribute("aria-valuetext", shown.textContent);
  };
  const label = el("label", { class: "lab-slider" }, el("span", {}, text, " ", shown), control);
  label.set = (value) => {
    control.value = value;
    tell();
  };
  label.set(value);
  return label;
}

/** One of several, as a row of radio buttons. */
let groups = 0;
export function choice(legend, options, change) {
  const name = `lab-choice-${++groups}`;
  return el("fieldset", { class: "lab-choice" }, el("legend", {}, legend),
    ...options.map(([value, text], n) =>
      el("label", {}, el("input", {
        type: "radio", name, value, checked: n === 0,
        on: { change: () => change(value) },
      }), el("span", {}, text))));
}

/** The one switch: the reference, the reader's own server, or both. */
export const SERVERS = [["reference", "reference"], ["own", "yours, on 127.0.0.1:3000"], ["both", "both, and compare"]];
export const servers = (change, options = SERVERS) => choice("Server", options, change);

/** What is said while a reference starts. */
export const STARTING = "The reference starts. The first time it is built, which can take a minute.";

/** What is said where nobody is on port 3000. */
export const nobody = (topic, options = "") =>
  `Nobody answers on 127.0.0.1:3000. Start your server: cargo run -p ${topic} -- 127.0.0.1:3000${options}`;

/** A line that is read aloud when it changes. */
export const status = () => el("p", { class: "lab-status", role: "status" });

export class Lab extends HTMLElement {
  connectedCallback() {
    if (this.recorded) return;
    this.recorded = [...this.children];
    this.build();
    if (live) this.prepare();
  }

  /** Has the lab's references built as soon as it is in sight. */
  prepare() {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      seen.disconnect();
      fetch(`/_workbook/labs/build/${this.localName.replace("-lab", "")}`, { method: "POST" }).catch(() => {});
    });
    seen.observe(this.closest("section") ?? this);
  }

  /** What a copy of the book without a server shows: how to go live, and the recordings. */
  still(what) {
    return el("div", { class: "lab-still" },
      el("p", {}, "Nothing is live on this copy of the book. ", what, " Run ",
        el("code", {}, "cargo workbook"), " in your clone to play with the real thing."),
      ...this.recorded.map(replay));
  }

  /** The recordings, out of the way. */
  recordings() {
    if (this.recorded.length === 0) return null;
    return el("details", {}, el("summary", {}, "What the lesson's tests recorded"),
      ...this.recorded.map(replay));
  }
}

/** A recorded figure, with buttons to go through it. */
function replay(figure) {
  const { bar, steps } = player(figure);
  return steps < 2 ? figure : el("div", {}, bar, figure);
}
