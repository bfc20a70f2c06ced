import { fork } from 'node:child_process';
import { once } from 'node:events';

/** One of the published clients in its own process, with the same interface for every generation. */
export interface PublishedClient {
  /** Resolves with the status of the connection. */
  connected(): Promise<unknown>;
  /** Emits with ack, or invokes. Rejects with the error from the server. */
  call(event: string, data?: unknown): Promise<unknown>;
  /** Emits without ack, or transmits. */
  emit(event: string, data?: unknown): Promise<unknown>;
  /** Starts to collect an event. */
  hear(event: string): Promise<unknown>;
  heard(event: string): Promise<unknown[]>;
  /** Answers a call from the server with its data and a suffix. */
  answer(procedure: string, suffix: string): Promise<unknown>;
  /** Resolves when subscribed; rejects with the refusal. Collects publications from then on. */
  subscribe(channel: string): Promise<unknown>;
  received(channel: string): Promise<unknown[]>;
  publish(channel: string, data: unknown): Promise<unknown>;
  authToken(): Promise<Readonly<Record<string, unknown>> | null>;
  end(): Promise<void>;
}

type Reply = { readonly id: number; readonly result?: unknown; readonly error?: { readonly message: string } };

const file = new URL('fixtures/published-client.mjs', import.meta.url).pathname;

/** Starts the published `socketcluster-client` of a generation and connects it. */
export function publishedClient(generation: 14 | 20, port: number): PublishedClient {
  const child = fork(file, [String(generation), String(port)]);
  const waiting = new Map<number, (reply: Reply) => void>();
  const exited = once(child, 'exit');
  let lastId = 0;
  child.on('message', (reply: Reply) => {
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });

  const ask = (method: string, args: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result) : reject(Object.assign(new Error(error.message), error)),
      );
      child.send({ id, method, args });
    });
  return {
    connected: () => ask('connected', []),
    call: (...args) => ask('call', args),
    emit: (...args) => ask('emit', args),
    hear: (...args) => ask('hear', args),
    heard: (...args) => ask('heard', args) as Promise<unknown[]>,
    answer: (...args) => ask('answer', args),
    subscribe: (...args) => ask('subscribe', args),
    received: (...args) => ask('received', args) as Promise<unknown[]>,
    publish: (...args) => ask('publish', args),
    authToken: () => ask('authToken', []) as Promise<Readonly<Record<string, unknown>> | null>,
    async end() {
      child.kill();
      await exited;
    },
  };
}
