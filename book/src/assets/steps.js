// A chapter a step at a time, over the whole screen: for a projector. `page.js` loads this on Alt+P.
//
// A step is a heading with what stands under it. A step that is higher than the screen is scrolled
// before the next one comes. The keys are those of a presenter's remote, and of the keyboard.

const FORWARD = ["PageDown", "ArrowRight", "ArrowDown", " "];
const BACK = ["PageUp", "ArrowLeft", "ArrowUp"];
const WIDGET = "button, summary, input, select, textarea, a, [tabindex='0'], .lab, .quiz, .predict, .watch, flip-frame";

const root = document.documentElement;
const main = document.querySelector("main");
let steps = [];
let at = 0;

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("steps.css", import.meta.url).href;
document.head.append(style);

const count = document.createElement("output");
count.className = "steps-count";

/** The chapter's parts, each with the elements from one heading to the next. */
function parts() {
  const found = [];
  for (const element of main.children) {
    if (found.length === 0 || element.matches("h1, h2, h3")) found.push([]);
    found.at(-1).push(element);
  }
  // A heading alone is a title of what follows it.
  return found.reduceRight((rest, part) => {
    const alone = part.length === 1 && part[0].matches("h1, h2") && rest.length > 0;
    return alone ? [[...part, ...rest[0]], ...rest.slice(1)] : [part, ...rest];
  }, []);
}

function show(step, atEnd = false) {
  at = Math.min(Math.max(step, 0), steps.length - 1);
  steps.forEach((part, n) => {
    for (const element of part) element.toggleAttribute("data-other-step", n !== at);
  });
  count.value = `${at + 1} of ${steps.length}`;
  scrollTo(0, atEnd ? root.scrollHeight : 0);
}

const isAtEnd = () => scrollY + innerHeight >= root.scrollHeight - 2;

function turn(by) {
  if (by > 0 ? isAtEnd() : scrollY <= 2) {
    const next = at + by;
    if (next >= 0 && next < steps.length) show(next, by < 0);
  } else {
    // A little of what was read stays in view.
    scrollBy(0, by * innerHeight * 0.85);
  }
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target } = event;
  // A widget has its keys, but for those of the remote.
  const isIts = !key.startsWith("Page") && key !== "Escape" && target.closest?.(WIDGET);
  if (isIts) {
    // mdBook would turn the chapter.
    if (key.startsWith("Arrow")) event.stopPropagation();
    return;
  }
  if (FORWARD.includes(key)) turn(1);
  else if (BACK.includes(key)) turn(-1);
  else if (key === "Home") show(0);
  else if (key === "End") show(steps.length - 1);
  else if (key === "Escape") leave();
  else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function left() {
  if (!document.fullscreenElement) leave();
}

function enter() {
  steps = parts();
  const view = steps.findLastIndex(([first]) => first.getBoundingClientRect().top < innerHeight / 2);
  root.classList.add("steps");
  document.body.append(count);
  addEventListener("keydown", pressed, true);
  show(view);
  // A browser that does not allow it shows the same in its window.
  root.requestFullscreen?.().then(() => root.addEventListener("fullscreenchange", left), () => {});
}

function leave() {
  if (!root.classList.contains("steps")) return;
  removeEventListener("keydown", pressed, true);
  root.removeEventListener("fullscreenchange", left);
  root.classList.remove("steps");
  count.remove();
  for (const element of main.children) element.removeAttribute("data-other-step");
  steps[at][0].scrollIntoView();
  if (document.fullscreenElement) document.exitFullscreen();
}

/** Enters the steps, or leaves them. */
export const toggle = () => (root.classList.contains("steps") ? leave() : enter());
