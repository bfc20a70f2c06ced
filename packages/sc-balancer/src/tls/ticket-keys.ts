import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { InvalidArgumentsError } from 'sc-protocol';
import { maxHelloBytes, readTicketNames, ticketNameBytes } from './client-hello.js';

/** Size of a ticket key in Node: its name, and the keys for encryption and authentication. */
const keyBytes = 48;

/**
 * The session ticket keys of a TLS server. The first one seals new tickets, all of them open what they have sealed, so
 * that keys can be rotated and clients still resume.
 *
 * A Node server has one key. A client that comes with a ticket of an older one is recognized by the name of the key in
 * its first message, and the server has the older key while it reads that message.
 */
export class TicketKeys {
  readonly #server: Server;
  readonly #helloTimeoutMs: number;
  #keys: readonly Buffer[];

  /** `keys` are those of an earlier server, newest first; without them the server's own is used. */
  constructor(server: Server, helloTimeoutMs: number, keys?: readonly Buffer[]) {
    this.#server = server;
    this.#helloTimeoutMs = helloTimeoutMs;
    this.#keys = [server.getTicketKeys()];
    if (keys !== undefined) this.set(keys);
  }

  get keys(): readonly Buffer[] {
    return this.#keys;
  }

  /** Newest first. Throws InvalidArgumentsError when one has not 48 bytes or there is none. */
  set(keys: readonly Buffer[]): void {
    const [newest] = keys;
    if (newest === undefined || keys.some(({ length }) => length !== keyBytes)) {
      throw new InvalidArgumentsError(`Ticket keys must be one or more buffers of ${keyBytes} bytes`);
    }
    this.#keys = [...keys];
    this.#server.setTicketKeys(newest);
  }

  /** Gives a fresh connection to the server. */
  take(connection: Socket): void {
    if (this.#keys.length === 1) {
      this.#server.emit('connection', connection);
      return;
    }
    readHello(connection, this.#helloTimeoutMs, (names) => {
      const [newest, ...older] = this.#keys;
      const key = older.find((candidate) => names.some((name) => name.equals(candidate.subarray(0, ticketNameBytes))));
      // The server reads what the stream holds on the next tick: these three follow each other.
      if (key !== undefined) process.nextTick(() => this.#server.setTicketKeys(key));
      this.#server.emit('connection', connection);
      if (key !== undefined && newest !== undefined) process.nextTick(() => this.set(this.#keys));
    });
  }
}

/** Looks at the first message and puts it back. Says nothing of a connection that ends before. */
function readHello(connection: Socket, timeoutMs: number, onHello: (ticketNames: readonly Buffer[]) => void): void {
  const deadline = setTimeout(() => connection.destroy(), timeoutMs);
  let bytes = Buffer.alloc(0);
  const onReadable = (): void => {
    for (let chunk = connection.read() as Buffer | null; chunk !== null; chunk = connection.read() as Buffer | null) {
      bytes = Buffer.concat([bytes, chunk]);
    }
    const names = bytes.length > maxHelloBytes ? [] : readTicketNames(bytes);
    if (names === 'incomplete') return;
    stop();
    if (bytes.length > 0) connection.unshift(bytes);
    // The stream leaves its paused reading on the next tick; only then may a server take it.
    process.nextTick(onHello, names);
  };
  const onEnd = (): void => {
    stop();
    connection.destroy();
  };
  const stop = (): void => {
    clearTimeout(deadline);
    connection.off('readable', onReadable).off('end', onEnd).off('close', stop);
  };
  connection.on('readable', onReadable).on('end', onEnd).on('close', stop);
}
