import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { InvalidArgumentsError } from 'sc-protocol';
import { socketsAreFiles } from '../host/platform.js';
import { answerLine, errorLine, parseCommand, type ControlCommand } from './control-frames.js';

/** What the supervisor does for whoever may write to its control socket. */
export interface ControlHandlers {
  status(): unknown;
  reload(): Promise<void>;
  /** Begins to end the cluster. The answer is sent when it has ended. */
  stop(): void;
}

const maxCommandBytes = 1024;
const maxConnections = 16;
const commandDeadlineMs = 5_000;

/**
 * The control socket of a cluster: a unix socket that only the user of the supervisor may use. Each connection asks for
 * one thing, in a line of JSON, gets a line, and is ended.
 */
export class ControlServer {
  readonly #path: string;
  readonly #handlers: ControlHandlers;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Those who wait for the end of the cluster. */
  readonly #awaitingEnd = new Set<Socket>();

  constructor(path: string, handlers: ControlHandlers) {
    this.#path = path;
    this.#handlers = handlers;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = maxConnections;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      // So that the socket has mode 0600 from its first moment. Listening on a path happens within the call.
      const umask = socketsAreFiles ? process.umask(0o177) : undefined;
      this.#server.listen(this.#path, resolve);
      if (umask !== undefined) process.umask(umask);
    });
  }

  /** Answers those who asked for the end, and ends every connection. */
  close(): void {
    this.#server.close();
    for (const socket of this.#awaitingEnd) socket.end(answerLine(null));
    for (const socket of this.#open) if (!this.#awaitingEnd.has(socket)) socket.destroy();
    if (socketsAreFiles) rmSync(this.#path, { force: true });
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    const deadline = setTimeout(() => socket.destroy(), commandDeadlineMs);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', () => undefined); // Whoever asked has gone.
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
      void this.#answer(end === -1 ? undefined : parseCommand(text.slice(0, end)), socket);
    };
    socket.on('data', onData);
  }

  async #answer(command: ControlCommand | undefined, socket: Socket): Promise<void> {
    try {
      switch (command) {
        case 'status':
          socket.end(answerLine(this.#handlers.status()));
          return;
        case 'reload':
          await this.#handlers.reload();
          socket.end(answerLine(null));
          return;
        case 'stop':
          this.#awaitingEnd.add(socket);
          this.#handlers.stop();
          return;
        case undefined:
          throw new InvalidArgumentsError('A command must be a line of JSON: {"command":"status"}, "reload" or "stop"');
        default:
          command satisfies never;
      }
    } catch (error) {
      socket.end(errorLine(error));
    }
  }
}
