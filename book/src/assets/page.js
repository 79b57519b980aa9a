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
