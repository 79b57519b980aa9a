import { Client as Emitter } from './emitter.js';

/** A client that also calls and is called: `20["ferret","tobi"]` is answered by `30["woot"]`. */
export class Client extends Emitter {
  /** The id of the next call. Each connection begins with 0. */
  #next = 0;
  /** What to do with an answer, by id. */
  #waiting = new Map();
  /** The packet that came last. */
  received;

  connect(...socket) {
    super.connect(...socket);
    this.#next = 0;
    this.socket.addEventListener('close', () => this.#failAll());
  }

  /**
   * Sends an event, and returns its packet. A function as the last argument gets the answer, once.
   * Without `timeout` it waits for ever, and hears nothing of a lost connection.
   */
  emit(name, ...args) {
    if (typeof args.at(-1) !== 'function') return super.emit(name, ...args);
    const callback = args.pop();
    return this.#call(name, args, (error, ...answer) => {
      if (!error) callback(...answer);
    });
  }

  /** `timeout(5000).emit(name, ...args, callback)`: an error comes first, or null and the answer. */
  timeout(limit) {
    return {
      emit: (name, ...args) => {
        const callback = args.pop();
        const id = this.#next;
        const timer = setTimeout(() => this.#end(id, new Error('timed out')), limit);
        return this.#call(name, args, (...outcome) => {
          clearTimeout(timer);
          callback(...outcome);
        });
      },
    };
  }

  receive(packet) {
    this.received = packet;
    const [, type, id, payload] = /^(\d)(\d*)(.*)$/s.exec(packet);
    const args = JSON.parse(payload);
    if (type === '3') {
      if (!this.#end(id, null, ...args)) this.on.stray?.(packet, ...args);
    } else if (id === '') {
      super.receive(packet);
    } else {
      const [name, ...rest] = args;
      this.on[name]?.(packet, ...rest, (...answer) => this.#send(`3${id}${JSON.stringify(answer)}`));
    }
  }

  #call(name, args, end) {
    const id = this.#next;
    this.#next += 1;
    // First into the table, then onto the wire.
    this.#waiting.set(String(id), end);
    return this.#send(`2${id}${JSON.stringify([name, ...args])}`);
  }

  /** Ends a call. `false`: none waits under this id. */
  #end(id, ...outcome) {
    const end = this.#waiting.get(String(id));
    this.#waiting.delete(String(id));
    end?.(...outcome);
    return Boolean(end);
  }

  #failAll() {
    for (const id of [...this.#waiting.keys()]) this.#end(id, new Error('disconnected'));
  }

  #send(packet) {
    this.socket.send(packet);
    return packet;
  }
}
