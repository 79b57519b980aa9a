export const address = new URL('/chat', location);
address.protocol = address.protocol.replace('http', 'ws');

/** One connection that speaks in events: a packet is `2["name",...arguments]`. */
export class Client {
  /** `on` has a function for each event's name, and one for `close`. */
  constructor(on) {
    this.on = on;
  }

  connect(socket = new WebSocket(address)) {
    this.socket = socket;
    this.socket.onmessage = ({ data }) => this.receive(data);
    this.socket.onclose = ({ code, reason }) => this.on.close(code, reason);
  }

  receive(packet) {
    const [name, ...args] = JSON.parse(packet.slice(1));
    this.on[name]?.(packet, ...args);
  }

  emit(name, ...args) {
    const packet = '2' + JSON.stringify([name, ...args]);
    this.socket.send(packet);
    return packet;
  }

  close() {
    this.socket.close(1000, 'bye');
  }
}
