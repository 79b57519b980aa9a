// The page's own WebSocket: reloads the page when the book has changed, says what is wrong with
// its sources, hands the lesson's news to panel.js, and finds the server again after a restart.
(() => {
  const { version } = document.currentScript.dataset;
  const FIRST = 250; // milliseconds before the first attempt to connect again
  const LAST = 8000; // and at most between two attempts
  const PATIENCE = 5000; // for an attempt that is neither accepted nor refused
  let wait = FIRST;
  let timer = null;
  let socket = null;
  let lost = false;

  const style = document.createElement("style");
  style.textContent = `
    .live { position: fixed; inset: auto 1.2rem 1.2rem; z-index: 200; max-height: 50vh; overflow: auto;
      margin: 0 auto; max-width: 84rem; padding: 1rem 1.6rem; border-radius: 6px; font-size: 1.4rem;
      color: #fff; background: #7a1420; box-shadow: 0 2px 12px #0006; }
    .live.quiet { background: #30363d; width: fit-content; margin: 0 0 0 auto; }
    .live strong { display: block; }
    .live code { display: block; padding: .3rem 0; background: none; color: inherit; white-space: pre-wrap; }
    .live button { margin-top: .6rem; padding: .2rem 1rem; font: inherit; color: inherit; background: none;
      border: 1px solid; border-radius: 4px; cursor: pointer; }
    .live:empty { display: none; }
    @media print { .live { display: none; } }`;
  const box = document.createElement("div");
  box.className = "live";
  box.setAttribute("role", "status");
  document.head.append(style);
  document.body.append(box);

  const say = (text, lines, quiet) => {
    if (box.querySelector("strong")?.textContent === text && lines.length === 0) return;
    const title = document.createElement("strong");
    title.textContent = text;
    const places = lines.map((line) => {
      const code = document.createElement("code");
      code.textContent = line;
      return code;
    });
    box.classList.toggle("quiet", quiet);
    box.replaceChildren(title, ...places);
  };

  // The server is away, or only the WebSocket does not come through: said once, until it does.
  const explain = async () => {
    const reached = await fetch("/_workbook/live", { method: "HEAD" }).then(
      () => true,
      () => false,
    );
    if (!lost) return;
    if (reached) {
      say(
        "This page cannot open its WebSocket: an extension or a proxy blocks it. Reload the page to see what is new.",
        [],
        true,
      );
      return;
    }
    say(
      `No connection: is cargo workbook still running? This page tries again by itself, at least every ${(1.2 * LAST) / 1000} seconds.`,
      [],
      true,
    );
    if (box.querySelector("button")) return;
    const now = document.createElement("button");
    now.type = "button";
    now.textContent = "Try now";
    now.addEventListener("click", connect);
    box.append(now);
  };

  const tell = (news) => document.dispatchEvent(new CustomEvent("workbook", { detail: news }));
  document.addEventListener("workbook-run", () => {
    if (socket.readyState === WebSocket.OPEN) socket.send("run");
  });

  const connect = () => {
    clearTimeout(timer);
    timer = null;
    const lesson = document.querySelector(".panel[data-lesson]")?.dataset.lesson;
    if (socket && socket.readyState < WebSocket.CLOSING) {
      socket.onclose = null;
      socket.close();
    }
    const query = lesson ? `?${lesson}` : "";
    const mine = new WebSocket(`${location.origin.replace("http", "ws")}/_workbook/live${query}`);
    socket = mine;
    const late = setTimeout(() => mine.close(), PATIENCE);
    mine.onopen = () => {
      clearTimeout(late);
      if (lost) tell({ connected: true });
      lost = false;
    };
    mine.onmessage = ({ data }) => {
      const news = JSON.parse(data);
      wait = FIRST;
      if (news.version === undefined) {
        tell(news);
      } else if (news.version !== version) {
        location.reload();
      } else if (news.problems.length > 0) {
        say("The book cannot be rebuilt. This is the last good one.", news.problems, false);
      } else {
        box.replaceChildren();
      }
    };
    // A failed attempt closes too, so this is the one place that tries again.
    mine.onclose = () => {
      clearTimeout(late);
      if (!lost) tell({ connected: false });
      lost = true;
      if (wait > FIRST) explain();
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
