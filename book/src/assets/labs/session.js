// The page's end of a lab's session: reports of what crosses the wires, controls for them.

export class Session {
  /** Opens one. Each report calls `report[kind](contents, at)`; `report.gone` tells the end. */
  static open(report) {
    return new Promise((resolve, reject) => {
      const session = new Session();
      session.reports = new WebSocket(`${location.origin.replace("http", "ws")}/_workbook/labs/session`);
      session.reports.onmessage = ({ data }) => {
        const { at, ...rest } = JSON.parse(data);
        const [[kind, contents]] = Object.entries(rest);
        if (kind === "session") {
          session.id = contents.id;
          resolve(session);
        } else {
          report[kind]?.(contents, at);
        }
      };
      session.reports.onclose = () => {
        reject(new Error("cargo workbook does not answer"));
        report.gone?.();
      };
    });
  }

  /** Has a reference started. An error says in one sentence why it is not. */
  async start(lab, server) {
    if (server !== "own") await this.post(`start/${lab}/${server}`);
  }

  async post(path) {
    const response = await fetch(this.url(path), { method: "POST" });
    if (!response.ok) throw new Error((await response.text()).trim());
    const { problem } = await response.json();
    if (problem) throw new Error(problem);
  }

  /** A WebSocket through a tunnel. */
  socket(lab, server, who) {
    return this.open(`socket/${lab}/${server}/${who}`);
  }

  open(path) {
    return new WebSocket(`${location.origin.replace("http", "ws")}${this.url(path)}`);
  }

  url(path) {
    return `/_workbook/labs/${this.id}/${path}`;
  }

  control(control) {
    if (this.reports.readyState === WebSocket.OPEN) this.reports.send(JSON.stringify(control));
  }

  close() {
    this.reports.onclose = null;
    this.reports.close();
  }
}
