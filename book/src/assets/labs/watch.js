// Predict, commit, watch: the marks are judged when the reader opens the figure, and the figure plays.

import { el } from "./dom.js";
import { player } from "./play.js";

customElements.define("watch-wire", class extends HTMLElement {
  connectedCallback() {
    if (this.said) return;
    this.said = el("p", { class: "lab-status", role: "status" });
    this.details = this.querySelector("details");
    this.details.before(this.said);
    this.details.addEventListener("toggle", () => this.commit(), { once: true });
  }

  commit() {
    const labels = [...this.querySelectorAll("fieldset label")];
    const choices = this.dataset.ask === "next";
    let right = 0;
    for (const label of labels) {
      const { checked } = label.querySelector("input");
      const good = checked === "right" in label.dataset;
      label.querySelector("input").disabled = true;
      right += good;
      // Of several answers only the chosen one is judged, and the right one shown.
      if (choices && !checked && good) continue;
      label.classList.add(good ? "is-right" : "is-wrong");
      const why = label.querySelector("small");
      if (!choices || checked) why.prepend(good ? "right: " : "wrong: ");
      why.hidden = false;
    }
    const questions = choices ? [...this.querySelectorAll("fieldset")] : labels;
    if (choices) right = questions.filter((question) => question.querySelector("[data-right] input").checked).length;
    this.said.textContent = `${right} of ${questions.length} right.`;
    this.querySelector("summary").textContent = "What crossed the wire";
    const answer = this.closest(".predict")?.querySelector(":scope > details");
    if (answer) answer.open = true;
    const { bar, play } = player(this.querySelector("figure"));
    this.querySelector("figure").before(bar);
    play();
  }
});
