import { createCleanup } from '../cleanup.js';
import type { ConformanceCase } from './conformance-case.js';
import { scriptedServer, type ScriptedServer } from './scripted-server.js';

/** A client under test: how to start one, with short reconnect delays. */
export interface ClientTarget {
  /** Starts a client that connects to this URL. It keeps its token for the same `storage` object. */
  start(url: string, storage: object): ClientDriver;
}

/** The operations that the cases perform on a client. */
export interface ClientDriver {
  /** Calls a procedure. Rejects with the error of the response. */
  invoke(event: string, data?: unknown): Promise<unknown>;
  /** Sends an event without a call id. */
  emit(event: string, data?: unknown): void;
  /** Subscribes and reports publications. Resolves once the server has acknowledged the subscription. */
  subscribe(channel: string, onPublication: (data: unknown) => void): Promise<void>;
  unsubscribe(channel: string): void;
  /** Publishes and waits for the ack. */
  publish(channel: string, data: unknown): Promise<void>;
  /** Handles calls of the server. */
  handle(event: string, handler: (data: unknown) => unknown): void;
  /** Reports events of the server that are not calls. */
  listen(event: string, listener: (data: unknown) => void): void;
  /** Destroys the client. */
  close(): void;
}

/** Context of a case. */
export interface ClientCheck {
  readonly server: ScriptedServer;
  readonly storage: object;
  /** Starts a client that connects to the server. */
  readonly start: () => ClientDriver;
}

/** A case with a scripted server. */
export function clientCase(name: string, run: (check: ClientCheck) => Promise<void>): ConformanceCase<ClientTarget> {
  return {
    name,
    async run(target) {
      const cleanup = createCleanup();
      try {
        const server = cleanup.add(await scriptedServer(), (started) => started.close());
        const storage = {};
        await run({
          server,
          storage,
          start: () => cleanup.add(target.start(server.url, storage), (client) => client.close()),
        });
      } finally {
        await cleanup.run();
      }
    },
  };
}
