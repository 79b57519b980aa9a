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
