// The reader's progress in the page: the chapter's panel and its cards, the marks in the sidebar, the
// stack of lessons. What it shows comes from `cargo workbook` through live.js; without it, nothing moves.
(() => {
  const panel = document.querySelector(".panel[data-lesson]");

  // Makes `from` like `to` and keeps what is the same: focus, scrolling, what the reader opened.
  const become = (from, to) => {
    // What the server wants open, or closed, counts once: when that changes.
    const wish = to.hasAttribute("data-open");
    if (from.hasAttribute("data-open") !== wish) from.open = wish;
    for (const { name, value } of to.attributes) {
      if (name !== "open" && from.getAttribute(name) !== value) from.setAttribute(name, value);
    }
    for (const { name } of [...from.attributes]) {
      if (name !== "open" && !to.hasAttribute(name)) from.removeAttribute(name);
    }
    const theirs = [...to.childNodes];
    for (const [n, node] of theirs.entries()) {
      const mine = from.childNodes[n];
      if (!mine) {
        from.append(node);
      } else if (mine.nodeType !== node.nodeType || mine.nodeName !== node.nodeName) {
        mine.replaceWith(node);
      } else if (node.nodeType === Node.TEXT_NODE) {
        if (mine.data !== node.data) mine.data = node.data;
      } else {
        become(mine, node);
      }
    }
    while (from.childNodes.length > theirs.length) from.lastChild.remove();
  };

  const show = (place, html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    become(place, template.content.firstElementChild);
  };

  // How things stand, in the menu bar: it leads to what is next.
  const beacon = document.createElement("a");
  beacon.className = "panel-beacon";
  const tell = () => {
    const count = panel.querySelector(".panel-count");
    const says = panel.querySelector(".panel-says");
    beacon.dataset.phase = panel.dataset.phase;
    beacon.hidden = !count;
    beacon.href = says?.querySelector("a")?.hash || "#your-code";
    const short = document.createElement("b");
    short.textContent = count?.textContent.match(/\d+/g).join("/") ?? "";
    beacon.replaceChildren(short, ` ${says?.textContent ?? ""}`);
  };
  if (panel) {
    panel.id = "your-code";
    document.querySelector("#mdbook-menu-bar .right-buttons")?.before(beacon);
    tell();
    panel.addEventListener("click", ({ target }) => {
      if (target.closest(".panel-run")) document.dispatchEvent(new CustomEvent("workbook-run"));
    });
  }

  const WORDS = { done: "all tests pass", old: "passed before the code changed" };
  const mark = (place, state) => {
    let sign = place.querySelector(":scope > .lesson-mark");
    if (!WORDS[state]) {
      sign?.remove();
      return;
    }
    if (!sign) {
      sign = document.createElement("span");
      sign.setAttribute("role", "img");
      place.append(sign);
    }
    sign.className = `lesson-mark is-${state}`;
    sign.setAttribute("aria-label", WORDS[state]);
    sign.title = WORDS[state];
  };
  const progress = (lessons) => {
    for (const link of document.querySelectorAll("#mdbook-sidebar a[href]")) {
      const stem = link.getAttribute("href").match(/(\d\d-[a-z0-9-]+)\.html$/)?.[1];
      if (stem && !link.hash && !link.pathname.includes("/solutions/")) mark(link, lessons[stem]?.state);
    }
    for (const layer of document.querySelectorAll(".stack [data-lesson]")) {
      const { state, passed, all } = lessons[layer.dataset.lesson] ?? {};
      layer.dataset.state = state ?? "none";
      layer.style.setProperty("--part", state && state !== "old" ? `${(100 * passed) / all}%` : "0%");
      mark(layer.querySelector(".stack-name"), state);
    }
  };

  document.addEventListener("workbook", ({ detail: news }) => {
    if (news.panel && panel) {
      show(panel, news.panel);
      tell();
    }
    for (const [name, html] of Object.entries(news.cards ?? {})) {
      const place = document.querySelector(`.card-tests[data-module="${name}"]`);
      if (place) show(place, html);
    }
    if (news.progress) progress(news.progress);
    if (news.connected !== undefined && panel) panel.classList.toggle("is-cut-off", !news.connected);
  });
})();
