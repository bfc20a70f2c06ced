import { existsSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { InvalidArgumentsError, StartError } from 'sc-protocol';
import type { LogThreshold } from '../../log/entry.js';
import type { Logger } from '../../log/logger.js';
import { socketsAreFiles } from '../host/platform.js';
import type { InspectRequest } from '../inspect/inspect-requests.js';
import type { StoreAccess } from '../pools/pools.js';
import { answerLine, errorLine, parseRequest, type ControlRequest } from './control-frames.js';

/** Operations of the supervisor for users with access to its control socket. */
export interface ControlOwner {
  status(): unknown;
  reload(): Promise<void>;
  /** Starts to stop the cluster. The response is sent when it has stopped. */
  stop(): void;
  /** Like `stop`, with this drain time instead of the option `drainTime`. Throws if the time is invalid. */
  drain(overMs: number | undefined): void;
  setLogLevel(level: LogThreshold): void;
  /** Returns the addresses and the secret of the stores. */
  storeAccess(): StoreAccess;
  /** Answers a query or carries out an action on clients. Rejects with `InvalidArgumentsError`. */
  inspect(request: InspectRequest): Promise<unknown>;
}

/** Large enough for a long user claim and for lists of channel names. */
const maxCommandBytes = 262_144;
const maxConnections = 16;
const commandDeadlineMs = 5_000;

/**
 * The control socket of a cluster: a unix socket that only the user of the supervisor can access. Each connection sends
 * one request as a line of JSON, receives one line, and is closed.
 */
export class ControlServer {
  readonly #path: string;
  readonly #owner: ControlOwner;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Connections that receive their response when the cluster has stopped. */
  readonly #awaitingEnd = new Set<Socket>();

  constructor(path: string, owner: ControlOwner) {
    this.#path = path;
    this.#owner = owner;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = maxConnections;
  }

  /** Listens, or logs a warning on failure: the cluster also works without the control socket. */
  async tryListen(logger: Logger): Promise<void> {
    try {
      await this.listen();
    } catch (error) {
      const path = this.#path;
      logger.warn('Control socket unavailable; `sc status`, `reload` and `stop` will not work', { path, error });
    }
  }

  /** Listens on the path. Rejects if that fails or another process listens there. */
  async listen(): Promise<void> {
    if (!socketsAreFiles) return this.#listenOn(this.#path);
    if (existsSync(this.#path) && (await isListenedOn(this.#path))) {
      throw new StartError(`Another process listens on the control socket ${this.#path}`);
    }
    // Bind under a temporary name first: a socket with the final name is then always listening, or was left by a killed
    // cluster.
    const temporary = `${this.#path}~`;
    rmSync(temporary, { force: true });
    await this.#listenOn(temporary);
    renameSync(temporary, this.#path);
  }

  /** Listens again if the socket file was removed. Requests in progress continue. */
  async restore(): Promise<void> {
    if (!this.#server.listening || !socketsAreFiles || existsSync(this.#path)) return;
    this.#server.close();
    await this.listen();
  }

  /** Responds to stop and drain requests, and closes all connections. */
  close(): void {
    this.#server.close();
    for (const socket of this.#awaitingEnd) socket.end(answerLine(null));
    for (const socket of this.#open) if (!this.#awaitingEnd.has(socket)) socket.destroy();
    if (socketsAreFiles) rmSync(this.#path, { force: true });
  }

  #listenOn(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // Creates the socket with mode 0600 atomically. `listen` on a path binds synchronously.
      const umask = socketsAreFiles ? process.umask(0o177) : undefined;
      this.#server.listen(path, () => {
        this.#server.off('error', reject);
        resolve();
      });
      if (umask !== undefined) process.umask(umask);
    });
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    const deadline = setTimeout(() => socket.destroy(), commandDeadlineMs);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined); // The client has disconnected.
    socket.on('close', () => {
      clearTimeout(deadline);
      this.#open.delete(socket);
      this.#awaitingEnd.delete(socket);
    });
    const onData = (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end === -1 && text.length <= maxCommandBytes) return;
      clearTimeout(deadline);
      socket.off('data', onData);
      socket.resume();
      void this.#answer(end === -1 ? undefined : parseRequest(text.slice(0, end)), socket);
    };
    socket.on('data', onData);
  }

  async #answer(request: ControlRequest | undefined, socket: Socket): Promise<void> {
    try {
      switch (request?.command) {
        case 'status':
          socket.end(answerLine(this.#owner.status()));
          return;
        case 'reload':
          await this.#owner.reload();
          socket.end(answerLine(null));
          return;
        case 'stop':
          this.#awaitingEnd.add(socket);
          this.#owner.stop();
          return;
        case 'drain':
          this.#owner.drain(request.overMs);
          this.#awaitingEnd.add(socket);
          return;
        case 'store-access':
          socket.end(answerLine(this.#owner.storeAccess()));
          return;
        case 'channels':
        case 'clients':
        case 'disconnect':
        case 'kick':
        case 'revoke':
          socket.end(answerLine(await this.#owner.inspect(request)));
          return;
        case 'log-level':
          this.#owner.setLogLevel(request.level);
          socket.end(answerLine(null));
          return;
        case undefined:
          throw new InvalidArgumentsError(
            'A request must be a line of JSON: {"command":"status"}, "reload", "stop", "drain" with "overMs", "log-level" with "level", "store-access", "channels", "clients", "disconnect", "kick", or "revoke"',
          );
        default:
          request satisfies never;
      }
    } catch (error) {
      socket.end(errorLine(error));
    }
  }
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
