// The page's end of a lab's session: reports of what crosses the wires, controls for them. Two servers
// are two sessions, and what goes to the first goes to the second.

import { STARTING, nobody } from "./dom.js";

/** How long a report may take to follow what it is about, in milliseconds. */
const REASON = 500;

export class Session {
  /**
   * Connects to `server`: a reference, `own` or `both`. `wires` draws what crosses, `said` is told what is
   * waited for, `hint` is the topic and options that start the reader's own, and each other report calls `report[kind](contents, at)`; `report.gone` tells the end.
   */
  static async open(lab, server, { wires, said, hint, ...report }) {
    const taps = wires?.begin(server) ?? {};
    const first = server === "both" ? "reference" : server;
    const session = await Session.connect({ ...Session.own(first, taps), ...report });
    Object.assign(session, { lab, server: first, hint });
    if (server === "both") {
      session.twin = await Session.connect(Session.own("own", taps));
      Object.assign(session.twin, { lab, server: "own", at: Promise.resolve(), said: wires.said, hint });
    }
    if (first !== "own" && said) said.textContent = STARTING;
    return session;
  }

  /** The reports that draw a wire. */
  static own(server, taps) {
    return taps[server] ?? taps[Object.keys(taps)[0]] ?? {};
  }

  static connect(report) {
    return new Promise((resolve, reject) => {
      const session = new Session();
      try {
        session.reports = new WebSocket(`${location.origin.replace("http", "ws")}/_workbook/labs/session`);
      } catch {
        reject(new Error("This browser lets no page open a WebSocket, so the lab cannot talk to a server"));
        return;
      }
      session.reports.onmessage = ({ data }) => {
        const { at, ...rest } = JSON.parse(data);
        const [[kind, contents]] = Object.entries(rest);
        if (kind === "session") {
          session.id = contents.id;
          resolve(session);
          return;
        }
        const refused = kind === "head" && !contents.up && !contents.lines[0].startsWith("HTTP/1.1 101") ? contents.lines[0] : null;
        if (kind === "failed" || refused) {
          session.failure = { ...contents, refused };
          session.onfailure?.();
        }
        report[kind]?.(contents, at);
      };
      session.reports.onclose = () => {
        reject(new Error("The lab has no connection: cargo workbook is not running, or this browser blocks WebSockets"));
        report.gone?.();
      };
    });
  }

  /** Has the reference started. An error says in one sentence why it is not. */
  async start() {
    if (this.server !== "own") await this.post(`start/${this.lab}/${this.server}`);
  }

  async post(path) {
    const response = await fetch(this.url(path), { method: "POST" });
    if (!response.ok) throw new Error((await response.text()).trim());
    const { problem } = await response.json();
    if (problem) throw new Error(problem);
  }

  /** A WebSocket through a tunnel. */
  socket(who) {
    const socket = this.tunnel(who);
    this.twin?.follow(socket, who);
    return socket;
  }

  tunnel(who) {
    return this.open(`socket/${this.lab}/${this.server}/${who}`);
  }

  open(path) {
    return new WebSocket(`${location.origin.replace("http", "ws")}${this.url(path)}`);
  }

  /** Opens the same, and sends and closes the same, in the same order. */
  follow(socket, who) {
    let mine;
    const then = (action) => { this.at = this.at.then(action).catch(() => {}); };
    const inside = (action) => then(() => { if (mine.readyState === WebSocket.OPEN) action(); });
    then(() => new Promise((next) => {
      mine = this.tunnel(who);
      let opened = false;
      mine.onopen = () => {
        opened = true;
        next();
      };
      mine.onclose = async () => {
        next();
        if (!opened) this.said.textContent = await this.why();
      };
    }));
    for (const name of ["send", "close"]) {
      socket[name] = (...what) => {
        WebSocket.prototype[name].apply(socket, what);
        inside(() => mine[name](...what));
      };
    }
  }

  /** Why there is no WebSocket to the reader's own server: nobody is there, or it hung up, or said no. */
  async why() {
    if (!this.failure) {
      await new Promise((next) => {
        this.onfailure = next;
        setTimeout(next, REASON);
      });
    }
    const { connected, why, refused } = this.failure ?? {};
    if (refused) return `Your server opens no WebSocket: it answers ${refused}.`;
    if (!connected) return nobody(...this.hint);
    return `Something listens on 127.0.0.1:3000, but ${why}. Is an exercise still a todo? Your server's terminal says so.`;
  }

  url(path) {
    return `/_workbook/labs/${this.id}/${path}`;
  }

  control(control) {
    if (this.reports.readyState === WebSocket.OPEN) this.reports.send(JSON.stringify(control));
    this.twin?.control(control);
  }

  close() {
    this.reports.onclose = null;
    // What ended it may still be on its way to the wire.
    setTimeout(() => this.reports.close(), REASON);
    this.twin?.close();
  }
}
