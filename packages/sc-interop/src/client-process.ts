import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitFor } from 'sc-testkit';

const hostFile = fileURLToPath(new URL('../host/main.cjs', import.meta.url));

export interface ClientEvent {
  readonly event: string;
  readonly args: readonly unknown[];
}

type Reply = ClientEvent | { readonly id: number; readonly result?: unknown; readonly error?: unknown };

/** A published client in its own process. Its events are recorded in a list. */
export class ClientProcess {
  readonly events: ClientEvent[] = [];
  readonly version: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: unknown) => void }>();
  #lastId = 0;

  constructor(version: string) {
    this.version = version;
    this.#child = fork(hostFile, { execArgv: ['--no-deprecation'] });
    this.#child.on('message', (reply) => this.#take(reply as Reply));
  }

  /** Creates the client and connects it. */
  async connect(port: number, options: object = {}, codec?: string): Promise<void> {
    const delays = { initialDelay: 50, randomness: 50, multiplier: 1, maxDelay: 100 };
    const base = { hostname: '127.0.0.1', port, ackTimeout: 2000, autoReconnectOptions: delays };
    await this.call('start', this.version, { ...base, ...options }, codec);
    await this.next('connect');
  }

  /** Runs a command of the host process. Rejects with the client's error as plain data. */
  call(command: string, ...args: unknown[]): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command, args });
    });
  }

  invoke(event: string, data?: unknown): Promise<unknown> {
    return this.call('invoke', event, data);
  }

  /** Resolves with the error of the call. Rejects if the call succeeds. */
  async failure(command: string, ...args: unknown[]): Promise<unknown> {
    const outcome = await this.call(command, ...args).then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
    if (!('error' in outcome)) throw new Error(`${command} succeeded with ${JSON.stringify(outcome.result)}`);
    return outcome.error;
  }

  count(event: string, ...args: unknown[]): number {
    return this.events.filter((one) => matches(one, event, args)).length;
  }

  /** Waits for the first event with this name and these leading arguments, from index `from` of the list. */
  next(event: string, args: readonly unknown[] = [], { from = 0, deadlineMs = 8_000 } = {}): Promise<ClientEvent> {
    return waitFor(() => this.events.slice(from).find((one) => matches(one, event, args)), {
      deadlineMs,
      what: () => `${event} ${JSON.stringify(args)} of client ${this.version}; saw ${this.#story()}`,
    });
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #story(): string {
    return JSON.stringify(this.events.filter(({ event }) => event !== 'message').slice(-30));
  }

  #take(reply: Reply): void {
    if ('event' in reply) {
      this.events.push(reply);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error !== undefined) waiting?.reject(reply.error);
    else waiting?.resolve(reply.result);
  }
}

function matches(one: ClientEvent, event: string, args: readonly unknown[]): boolean {
  return one.event === event && args.every((arg, index) => JSON.stringify(one.args[index]) === JSON.stringify(arg));
}
