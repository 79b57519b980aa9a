// Questions that answer at once. Without this script the answers stand in <details>.

const PREFIX = "workbook.quiz.";

/** What the browser keeps; nothing where it does not want to. */
const kept = (key) => {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null;
  }
};
const keep = (key, answer) => {
  try {
    if (answer === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(answer));
  } catch {
    // Private windows and blocked storage: the answer lasts as long as the page.
  }
};

/** Hex as it is compared: two digits a byte, single blanks. Text: without blanks around it. */
const hex = (text) => (text.toLowerCase().replace(/0x|[\s,:]/g, "").match(/..?/g) ?? []).join(" ");

const button = (text, click) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", click);
  return button;
};

function enhance(quiz) {
  const { kind, key } = quiz.dataset;
  const fieldset = quiz.querySelector("fieldset");
  const inputs = [...quiz.querySelectorAll("input")];
  const answers = [...quiz.querySelectorAll(".quiz-answers li")].map((li) => ({
    right: li.classList.contains("quiz-right"),
    text: li.querySelector(".quiz-option").textContent,
    why: li.querySelector(".quiz-why").innerHTML,
  }));
  const details = quiz.querySelector(".quiz-answers");
  const typed = kind === "hex" || kind === "text";
  const said = document.createElement("div");
  said.className = "quiz-said";
  said.setAttribute("role", "status");

  const verdict = (right, text) => {
    const p = document.createElement("p");
    p.className = right ? "quiz-right" : "quiz-wrong";
    const word = document.createElement("strong");
    word.textContent = right ? "Right. " : "Not yet. ";
    const why = document.createElement("span");
    why.innerHTML = text;
    p.append(word, why);
    return p;
  };

  const check = () => {
    const answer = typed ? inputs[0].value : inputs.flatMap((input, n) => (input.checked ? [n] : []));
    if (answer.length === 0 && kind !== "receivers") {
      said.textContent = typed ? "Type an answer first." : "Choose first.";
      return;
    }
    keep(key, answer);
    if (typed) {
      const same = kind === "hex" ? hex : (text) => text.trim();
      const found = answers.find(({ text }) => same(text) === same(answer));
      const hint = kind === "hex" ? "Go byte by byte, and compare with the chapter." : "Compare with the chapter.";
      said.replaceChildren(verdict(found?.right === true, found?.why ?? hint));
      return;
    }
    const correct = answers.every(({ right }, n) => right === inputs[n].checked);
    // A missing one is not given away: only what was chosen is explained, or all once it is right. It
    // stands in what is read aloud.
    const explained = answers.filter((answer, n) => inputs[n].checked || (correct && kind !== "one"));
    const notes = explained.map(({ right, text, why }) => {
      const note = document.createElement("p");
      note.className = `quiz-note ${right ? "quiz-right" : "quiz-wrong"}`;
      note.innerHTML = why;
      if (kind !== "one") note.prepend(`${text}: `);
      return note;
    });
    said.replaceChildren(verdict(correct, correct || kind === "one" ? "" : "Something is missing, or too much."), ...notes);
  };

  const again = () => {
    keep(key, null);
    inputs.forEach((input) => {
      if (typed) input.value = "";
      else input.checked = false;
    });
    said.replaceChildren();
    details.open = false;
    inputs[0].focus();
  };

  const bar = document.createElement("div");
  bar.className = "lab-bar";
  bar.append(button("Check", check), button("Again", again));
  fieldset.append(bar, said);
  quiz.classList.add("is-live");
  quiz.querySelector(".quiz-answers summary").textContent = "All answers";
  if (typed) {
    inputs[0].addEventListener("keydown", (event) => {
      if (event.key === "Enter") check();
    });
  }

  const before = kept(key);
  if (typed && typeof before === "string") inputs[0].value = before;
  else if (!typed && Array.isArray(before)) before.forEach((n) => { if (inputs[n]) inputs[n].checked = true; });
  else return;
  check();
}

document.querySelectorAll(".quiz").forEach(enhance);
