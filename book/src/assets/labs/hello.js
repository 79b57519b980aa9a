// The seven bytes of the introduction, and whether the reader's own server has sent them yet.

export const HELLO = "81 05 48 65 6c 6c 6f";
const KEY = "workbook.hello";
const heard = new EventTarget();

export const ownHello = () => {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
};

/** A frame came from the reader's own server. */
export function own(frame) {
  if (frame !== HELLO || ownHello()) return;
  try {
    localStorage.setItem(KEY, new Date().toISOString());
  } catch {
    // Private windows and blocked storage: nothing is remembered.
  }
  heard.dispatchEvent(new Event("own"));
}

/** Calls when that changes, in this tab or in another one. */
export function onOwnHello(change) {
  heard.addEventListener("own", change);
  addEventListener("storage", ({ key }) => { if (key === KEY) change(); });
}
