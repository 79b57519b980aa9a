// What scrolls can be reached with the keyboard, and shows that there is more: long lines of code, wide
// tables. A table of three columns or more is a list of its rows on a phone: each cell knows its column.
(() => {
  const more = ({ currentTarget: region }) => {
    region.classList.toggle("is-cut", region.scrollWidth - region.clientWidth - region.scrollLeft > 1);
  };
  const reach = () => {
    for (const region of document.querySelectorAll("pre > code, .table-wrapper")) {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0;
      else region.removeAttribute("tabindex");
      region.addEventListener("scroll", more);
      more({ currentTarget: region });
    }
  };
  for (const table of document.querySelectorAll(".table-wrapper > table")) {
    const names = [...table.querySelectorAll("thead th")].map((th) => th.textContent.trim());
    if (names.length < 3) continue;
    table.classList.add("is-rows");
    // What is laid out as a list stays a table for those who hear it.
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody")) part.setAttribute("role", "rowgroup");
    for (const row of table.rows) {
      row.setAttribute("role", "row");
      [...row.cells].forEach((cell, n) => {
        cell.setAttribute("role", cell.matches("th") ? "columnheader" : "cell");
        if (names[n]) cell.dataset.name = names[n];
      });
    }
  }
  addEventListener("load", reach);
  addEventListener("resize", reach);
})();

// A browser loads no modules for a page that was opened as a file: its labs say what they need.
(() => {
  if (location.protocol !== "file:") return;
  document.documentElement.classList.add("is-file");
  for (const still of document.querySelectorAll(".lab > noscript")) {
    const says = document.createElement("p");
    says.className = "lab-still";
    says.textContent = "This lab needs a server for its page: cargo workbook is one.";
    still.replaceWith(says);
  }
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

// A step at a time, for a projector. With Alt: a letter alone is for whoever speaks to the browser.
(() => {
  let steps;
  addEventListener("keydown", (event) => {
    if (event.code !== "KeyP" || !event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    steps ??= import(new URL(`${path_to_root}assets/steps.js`, location.href).href);
    steps.then(({ toggle }) => toggle());
  });
})();
