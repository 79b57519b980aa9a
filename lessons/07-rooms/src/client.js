import { Client as Caller } from './caller.js';
import { address } from './emitter.js';

/** One WebSocket that carries many namespaces. */
export class Connection {
  /** The clients by namespace. */
  #inside = new Map();

  /** `onclose` hears of the end of the whole connection. */
  constructor(onclose) {
    this.onclose = onclose;
  }

  connect() {
    this.socket = new WebSocket(address);
    this.socket.onopen = () => {
      for (const client of this.#inside.values()) client.enter();
    };
    this.socket.onmessage = ({ data }) => this.#receive(data);
    this.socket.onclose = ({ code, reason }) => {
      for (const client of this.#inside.values()) client.end(code, reason);
      this.onclose(code, reason);
    };
  }

  /**
   * The client of a namespace, which it enters now, or as soon as the connection is open. `on` has a
   * function for each event's name, one for `connect`, `connect_error` and `close` each.
   */
  of(namespace, on, auth) {
    const client = new Client(this, namespace, on, auth);
    this.#inside.set(namespace, client);
    if (this.isOpen()) client.enter();
    return client;
  }

  /** It is not entered again when the connection is. */
  forget(namespace) {
    this.#inside.delete(namespace);
  }

  isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  close() {
    this.socket.close(1000, 'bye');
  }

  #receive(text) {
    const [, kind, , name, rest] = /^(.)((\/[^,]*),?)?(.*)$/s.exec(text);
    this.#inside.get(name ?? '/')?.take(kind, kind + rest, text);
  }
}

/** A client of one namespace: lesson 6's, on a connection that it shares. */
export class Client extends Caller {
  constructor(connection, namespace, on, auth) {
    super(on);
    Object.assign(this, { connection, namespace, auth });
  }

  /** Sends the CONNECT. The answer makes it a client. */
  enter() {
    this.#send(`0${this.auth ? JSON.stringify(this.auth) : ''}`);
  }

  /** Leaves the namespace, and no other. */
  leave() {
    if (!this.isIn()) return;
    this.#send('1');
    this.connection.forget(this.namespace);
    this.end(1000, 'left');
  }

  isIn() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Takes a packet, of which the connection has cut the namespace; `text` is how it came. */
  take(kind, packet, text) {
    this.text = text;
    if (kind === '0') {
      this.connect(new Line((packet) => this.#send(packet)));
      this.on.connect?.(text, JSON.parse(packet.slice(1)).sid);
    } else if (kind === '4') {
      this.connection.forget(this.namespace);
      this.on.connect_error?.(text, JSON.parse(packet.slice(1)).message);
    } else if (kind === '1') {
      this.end(1000, 'put out by the server');
    } else if (this.isIn()) {
      this.socket.onmessage({ data: packet });
    }
  }

  /** It is over: calls that wait hear of it. */
  end(code, reason) {
    this.socket?.end(code, reason);
  }

  #send(packet) {
    const text = this.namespace === '/' ? packet : `${packet[0]}${this.namespace},${packet.slice(1)}`;
    this.connection.socket.send(text);
    this.sent = text;
  }
}

/** A socket without a network: what lessons 5 and 6 use of a WebSocket, for one namespace. */
class Line extends EventTarget {
  readyState = WebSocket.OPEN;

  constructor(send) {
    super();
    this.send = send;
  }

  end(code, reason) {
    if (this.readyState !== WebSocket.OPEN) return;
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new Event('close'));
    this.onclose({ code, reason });
  }
}
