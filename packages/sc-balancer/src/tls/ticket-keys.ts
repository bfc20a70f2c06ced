import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import { InvalidArgumentsError } from 'sc-protocol';
import { maxHelloBytes, readTicketNames, ticketNameBytes } from './client-hello.js';

/** Size of a ticket key in Node: key name, encryption key and authentication key. */
const keyBytes = 48;

/**
 * The session ticket keys of a TLS server. The first one encrypts new tickets; all of them decrypt existing tickets, so
 * that clients can still resume after a key rotation.
 *
 * A Node server holds only one key. The key name in the ClientHello shows whether a client's ticket was encrypted with
 * an older key; the server then uses that key while it reads this ClientHello.
 */
export class TicketKeys {
  readonly #server: Server;
  readonly #helloTimeoutMs: number;
  #keys: readonly Buffer[];

  /** `keys` are the keys of an earlier server, newest first. If omitted, the server's own key is used. */
  constructor(server: Server, helloTimeoutMs: number, keys?: readonly Buffer[]) {
    this.#server = server;
    this.#helloTimeoutMs = helloTimeoutMs;
    this.#keys = [server.getTicketKeys()];
    if (keys !== undefined) this.set(keys);
  }

  get keys(): readonly Buffer[] {
    return this.#keys;
  }

  /** Sets the keys, newest first. Throws InvalidArgumentsError if the list is empty or a key is not 48 bytes long. */
  set(keys: readonly Buffer[]): void {
    const [newest] = keys;
    if (newest === undefined || keys.some(({ length }) => length !== keyBytes)) {
      throw new InvalidArgumentsError(`Ticket keys must be one or more buffers of ${keyBytes} bytes`);
    }
    this.#keys = [...keys];
    this.#server.setTicketKeys(newest);
  }

  /** Passes a fresh connection to the server. */
  take(connection: Socket): void {
    if (this.#keys.length === 1) {
      this.#server.emit('connection', connection);
      return;
    }
    readHello(connection, this.#helloTimeoutMs, (names) => {
      const [newest, ...older] = this.#keys;
      const key = older.find((candidate) => names.some((name) => name.equals(candidate.subarray(0, ticketNameBytes))));
      // The server reads the buffered ClientHello on the next tick: queue set, read and reset in this order.
      if (key !== undefined) process.nextTick(() => this.#server.setTicketKeys(key));
      this.#server.emit('connection', connection);
      if (key !== undefined && newest !== undefined) process.nextTick(() => this.set(this.#keys));
    });
  }
}

/**
 * Reads the ClientHello and puts it back into the stream. Destroys the connection without a callback if it ends
 * earlier.
 */
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
    // Removing the `readable` listener takes effect on the next tick; only then can a server read the stream.
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
