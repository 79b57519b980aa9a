// A sequence diagram that plays: packets travel, a broadcast in all directions at once, and waiting is to
// scale. With less motion it goes step by step.

import { able, button, el, status } from "./dom.js";

/** Milliseconds: a packet's way, a moment to read, and all waiting of a figure together. */
const [TRAVEL, READ, WAITING] = [800, 500, 6000];
/** A second of a figure takes this long, unless there are many. */
const SECOND = 1000;
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The buttons for a figure; `play` begins at the start, as far as the reader wants motion. */
export function player(figure) {
  const steps = [...figure.querySelectorAll(".wire-steps > li")];
  const waits = steps.reduce((sum, { dataset }) => sum + Number(dataset.ms ?? 0), 0);
  const scale = Math.min(SECOND / 1000, WAITING / Math.max(waits, 1));
  let shown = steps.length;
  let run = null;
  const said = status();
  const show = (count) => {
    shown = Math.min(count, steps.length);
    steps.forEach((step, n) => step.classList.toggle("is-to-come", n >= shown));
    able(next, shown < steps.length);
    said.textContent = shown === steps.length ? "" : `Step ${shown} of ${steps.length}.`;
  };
  const stop = () => {
    run = null;
    figure.getAnimations({ subtree: true }).forEach((animation) => animation.cancel());
  };
  const next = button("Next step", () => {
    stop();
    show(shown + 1);
    said.textContent ||= "That was all.";
  });
  const play = async () => {
    stop();
    if (still.matches) {
      show(1);
      return;
    }
    const mine = {};
    run = mine;
    show(0);
    said.textContent = "";
    for (const [n, step] of steps.entries()) {
      step.classList.remove("is-to-come");
      shown = n + 1;
      await travel(step, Number(step.dataset.ms ?? 0) * scale);
      if (run !== mine) return;
    }
    show(steps.length);
  };
  const bar = el("div", { class: "lab-bar" }, button("Play", play),
    button("From the start", () => {
      stop();
      show(1);
    }), next, button("All", () => {
      stop();
      show(steps.length);
    }), said);
  able(next, false);
  return { bar, play, steps: steps.length };
}

const number = (element, name) => Number(getComputedStyle(element).getPropertyValue(name));

/** One step: resolves when it has arrived. */
async function travel(step, wait) {
  const duration = wait || (step.matches(".wire-message") ? TRAVEL : READ);
  const animations = [];
  if (step.matches(".wire-message")) {
    const [a, b] = [number(step, "--a") - 1, number(step, "--b") - 1];
    const origin = step.querySelector(".wire-origin");
    const from = origin ? number(origin, "--at") : step.matches(".wire-right") ? a : b;
    const tips = [...step.querySelectorAll(".wire-tip")].map((tip) => number(tip, "--at"));
    const to = tips.length > 0 ? tips : [from === a ? b : a];
    const gaps = number(step, "--gaps");
    const place = (at) => `${(100 * at) / gaps}%`;
    const card = step.querySelector(".wire-card");
    // A list of steps, on a phone, has no lines to travel on.
    if (getComputedStyle(card, "::before").content === "none") return new Promise((next) => setTimeout(next, READ));
    card.style.setProperty("--origin", `${(100 * (from - a)) / (b - a)}%`);
    animations.push(card.animate([{ transform: "scaleX(0)" }, { transform: "none" }], { duration, pseudoElement: "::before", easing: "linear" }));
    for (const at of to) {
      const packet = el("i", { class: "wire-packet", "aria-hidden": "true" });
      step.append(packet);
      const way = packet.animate([{ left: place(from) }, { left: place(at) }], { duration, easing: "linear", fill: "forwards" });
      animations.push(way);
      way.finished.catch(() => {}).finally(() => packet.remove());
    }
  } else if (wait) {
    animations.push(step.animate([{ backgroundSize: "0 100%" }, { backgroundSize: "100% 100%" }], { duration, easing: "linear" }));
  } else {
    animations.push(step.animate([{ opacity: 0 }, { opacity: 1 }], { duration: READ }));
  }
  await Promise.allSettled(animations.map(({ finished }) => finished));
  if (!wait) await new Promise((next) => setTimeout(next, READ / 2));
}
