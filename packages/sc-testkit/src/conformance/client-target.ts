import { createCleanup } from '../cleanup.js';
import type { ConformanceCase } from './conformance-case.js';
import { scriptedServer, type ScriptedServer } from './scripted-server.js';

/** A client to be checked: how to start one, with short reconnect delays. */
export interface ClientTarget {
  /** Starts a client that connects to this URL. It keeps its token as long as `storage` is the same object. */
  start(url: string, storage: object): ClientDriver;
}

/** The operations that the cases perform on a client. */
export interface ClientDriver {
  /** Calls a procedure. Rejects with the error of the response. */
  invoke(event: string, data?: unknown): Promise<unknown>;
  /** Sends an event without a call id. */
  emit(event: string, data?: unknown): void;
  /** Subscribes and reports publications. Settles once the server has acked. */
  subscribe(channel: string, onPublication: (data: unknown) => void): Promise<void>;
  unsubscribe(channel: string): void;
  /** Publishes and waits for the ack. */
  publish(channel: string, data: unknown): Promise<void>;
  /** Answers calls of the server. */
  handle(event: string, handler: (data: unknown) => unknown): void;
  /** Reports events of the server that are no calls. */
  listen(event: string, listener: (data: unknown) => void): void;
  /** Ends the client for good. */
  close(): void;
}

/** Context of a case. */
export interface ClientCheck {
  readonly server: ScriptedServer;
  readonly storage: object;
  /** Starts a client at the server. */
  readonly start: () => ClientDriver;
}

/** A case in which a scripted server speaks to the client. */
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
