// What scrolls can be reached with the keyboard: long lines of code, wide tables.
(() => {
  const reach = () => {
    for (const region of document.querySelectorAll("pre > code, .table-wrapper")) {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
      else region.removeAttribute("tabindex");
    }
  };
  addEventListener("load", reach);
  addEventListener("resize", reach);
})();

// mdBook's button for the sidebar is a label: it gets a button's role, and its keys.
(() => {
  const toggle = document.getElementById("mdbook-sidebar-toggle");
  if (!toggle) return;
  toggle.setAttribute("role", "button");
  toggle.tabIndex = 0;
  toggle.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle.click();
  });
})();

// Keys inside a widget are the widget's: mdBook turns the page by the arrows, whatever has the focus.
(() => {
  document.querySelector("main")?.addEventListener("keydown", (event) => {
    const inside = event.target.closest("button, summary, [tabindex], .lab, .quiz, .predict, flip-frame");
    if (inside && /^Arrow/.test(event.key)) event.stopPropagation();
  });
})();

// The next chapter is a chapter, and so is the one before: their solutions are read on purpose.
(() => {
  const here = location.pathname;
  const isSolution = (path) => path.includes("/solutions/");
  const chapters = [...document.querySelectorAll("#mdbook-sidebar .chapter a[href]")]
    .filter(({ hash }) => !hash)
    .map(({ pathname }) => pathname)
    .filter((path, n, all) => !isSolution(path) && all.indexOf(path) === n);
  const at = chapters.indexOf(here);
  if (at < 0) return;
  for (const [name, to] of [["previous", chapters[at - 1]], ["next", chapters[at + 1]]]) {
    for (const link of document.querySelectorAll(`a.${name}:is(.nav-chapters, .mobile-nav-chapters)`)) {
      if (to && isSolution(link.pathname)) link.pathname = to;
    }
  }
})();
