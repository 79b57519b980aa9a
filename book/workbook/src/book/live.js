// The page's own WebSocket: reloads the page when the book has changed, says what is wrong with
// its sources, and finds the server again after a restart.
(() => {
  const { version } = document.currentScript.dataset;
  const FIRST = 250; // milliseconds before the first attempt to connect again
  const LAST = 8000; // and at most between two attempts
  let wait = FIRST;
  let timer = null;
  let socket = null;

  const style = document.createElement("style");
  style.textContent = `
    .live { position: fixed; inset: auto 1.2rem 1.2rem; z-index: 200; max-height: 50vh; overflow: auto;
      margin: 0 auto; max-width: 84rem; padding: 1rem 1.6rem; border-radius: 6px; font-size: 1.4rem;
      color: #fff; background: #7a1420; box-shadow: 0 2px 12px #0006; }
    .live.quiet { background: #30363d; width: fit-content; margin: 0 0 0 auto; }
    .live strong { display: block; }
    .live code { display: block; padding: .3rem 0; background: none; color: inherit; white-space: pre-wrap; }
    .live[hidden] { display: none; }
    @media print { .live { display: none; } }`;
  const box = document.createElement("div");
  box.className = "live";
  box.hidden = true;
  box.setAttribute("role", "status");
  document.head.append(style);
  document.body.append(box);

  const say = (text, lines, quiet) => {
    const title = document.createElement("strong");
    title.textContent = text;
    const places = lines.map((line) => {
      const code = document.createElement("code");
      code.textContent = line;
      return code;
    });
    box.replaceChildren(title, ...places);
    box.classList.toggle("quiet", quiet);
    box.hidden = false;
  };

  const connect = () => {
    clearTimeout(timer);
    timer = null;
    socket = new WebSocket(`ws://${location.host}/_workbook/live`);
    socket.onmessage = ({ data }) => {
      const shown = JSON.parse(data);
      wait = FIRST;
      if (shown.version !== version) {
        location.reload();
      } else if (shown.problems.length > 0) {
        say("The book cannot be rebuilt. This is the last good one.", shown.problems, false);
      } else {
        box.hidden = true;
      }
    };
    // A failed attempt closes too, so this is the one place that tries again.
    socket.onclose = () => {
      if (wait > FIRST) {
        say(`No connection to cargo workbook. Next attempt in ${Math.ceil(wait / 1000)} s.`, [], true);
      }
      timer = setTimeout(connect, wait * (0.8 + 0.4 * Math.random()));
      wait = Math.min(2 * wait, LAST);
    };
  };

  // A tab that comes back, or a machine that wakes up, does not wait for its turn.
  const now = () => {
    if (timer !== null && document.visibilityState === "visible") connect();
  };
  document.addEventListener("visibilitychange", now);
  addEventListener("online", now);
  addEventListener("pagehide", () => {
    socket.onclose = null;
    socket.close();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) connect();
  });
  connect();
})();
