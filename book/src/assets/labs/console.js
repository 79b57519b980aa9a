// The console: one connection, as the browser's script sees it and as the wire does.

import { Lab, able, button, el, labelled, live, select, servers, status } from "./dom.js";
import { decoded, hex, unhex } from "./codec.js";
import { Session } from "./session.js";
import { Wires } from "./tap.js";

const STATES = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];

customElements.define("console-lab", class extends Lab {
  build() {
    if (!live) {
      this.append(this.still("What follows was recorded by the lesson's tests."));
      return;
    }
    this.server = "reference";
    this.said = status();
    this.script = el("ol", { class: "lab-log", role: "list", tabindex: 0, "aria-label": "What the browser's script sees" });
    this.wires = new Wires(["ann", "server"], { title: "The wire's view" });
    this.connect = button("Connect", () => this.open(), { class: "lab-go" });
    const text = el("input", { type: "text", value: "Hello", maxlength: 500, on: { keydown: ({ key }) => { if (key === "Enter") this.send(text.value, kind.value); } } });
    const kind = select([["text", "as text"], ["binary", "as binary, hex"]], () => {});
    const code = el("input", { type: "number", value: 1000, min: 0, max: 65535 });
    const reason = el("input", { type: "text", value: "bye", maxlength: 123 });
    this.bars = [
      el("div", { class: "lab-bar" }, labelled("Payload", text), labelled("Sent", kind), button("Send", () => this.send(text.value, kind.value))),
      el("div", { class: "lab-bar" }, labelled("Code", code), labelled("Reason", reason),
        button("Close", () => this.close(code.value, reason.value)),
        button("Cut the wire", () => this.session?.control({ cut: { who: "ann" } }))),
    ];
    this.append(el("section", { class: "lab-part", "aria-label": "Talk to a server" },
      el("h4", {}, "Talk to a server"),
      el("div", { class: "lab-fields" }, servers((value) => { this.server = value; })),
      el("div", { class: "lab-bar" }, this.connect, this.said), ...this.bars,
      el("p", {}, el("small", {}, "There is no button for a ping: a browser's script can neither send one nor see one. It can ask for the codes 1000 and 3000 to 4999 only. Try another.")),
      el("div", { class: "lab-two" },
        el("div", {}, el("h5", {}, "The script's view"), this.script), this.wires.view)),
    this.recordings() ?? "");
    this.enable();
  }

  disconnectedCallback() {
    this.session?.close();
  }

  enable() {
    const open = this.socket?.readyState === WebSocket.OPEN;
    for (const button of this.bars.flatMap((bar) => [...bar.querySelectorAll("button")])) able(button, open);
    able(this.connect, this.socket === undefined || this.socket.readyState === WebSocket.CLOSED);
  }

  log(name, detail) {
    const state = this.socket ? STATES[this.socket.readyState] : "";
    this.script.append(el("li", {}, el("b", {}, name), detail ? el("code", {}, ` ${detail}`) : "", el("small", {}, ` ${state}`)));
    while (this.script.childElementCount > 60) this.script.firstElementChild.remove();
    this.script.scrollTop = this.script.scrollHeight;
    this.said.textContent = detail ? `${name}: ${detail}` : name;
    this.enable();
  }

  async open() {
    this.script.replaceChildren();
    able(this.connect, false);
    this.session?.close();
    try {
      this.session = await Session.open("console", this.server, {
        wires: this.wires, said: this.said, hint: ["echo"],
        gone: () => {
          this.session = null;
          this.said.textContent = "cargo workbook is gone.";
        },
      });
      await this.session.start();
    } catch (error) {
      this.said.textContent = `${error.message}.`;
      able(this.connect, true);
      return;
    }
    const { session } = this;
    const socket = session.socket("ann");
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.log("open");
    };
    socket.onmessage = ({ data }) => this.log("message", typeof data === "string" ? data.slice(0, 500) : `${data.byteLength} bytes: ${hex(new Uint8Array(data.slice(0, 16)))}`);
    socket.onerror = () => this.log("error", "and no reason: script is not told");
    socket.onclose = async ({ code, reason, wasClean }) => {
      this.log("close", `${code}${reason ? ` "${reason}"` : ""}, ${wasClean ? "clean" : "not clean"}`);
      if (session.server === "own" && !opened) this.said.textContent = await session.why();
    };
    this.log("new WebSocket(…)");
  }

  send(payload, kind) {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    if (kind === "text") {
      this.socket.send(payload);
      this.log("send", payload);
      return;
    }
    const bytes = unhex(payload);
    if (bytes === null) this.said.textContent = "Binary is typed in hex: two digits a byte.";
    else {
      this.socket.send(bytes);
      this.log("send", `${bytes.length} bytes${decoded(bytes) === null ? "" : `: ${hex(bytes.slice(0, 16))}`}`);
    }
  }

  close(code, reason) {
    try {
      this.socket.close(Number(code), reason);
      this.log("close()", `${code} "${reason}"`);
    } catch (error) {
      this.log("close() throws", error.name);
    }
  }
});
