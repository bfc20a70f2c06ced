import { createCleanup, type Cleanup } from '../cleanup.js';
import { rawSocket, type RawSocket, type RawSocketOptions } from '../raw-socket.js';
import type { ConformanceCase } from './conformance-case.js';

/** A running server under test. */
export interface ServerTarget {
  /** URL of the WebSocket endpoint, for example `ws://localhost:8000/socketcluster/`. */
  readonly url: string;
}

/** Context of a case. */
export interface ServerCheck {
  readonly cleanup: Cleanup;
  /** Opens a WebSocket without a handshake. */
  open(options?: RawSocketOptions): Promise<RawSocket>;
  /** Opens a WebSocket and completes its handshake. */
  connect(options?: RawSocketOptions): Promise<RawSocket>;
  /** Returns a channel name that no other case uses. */
  channel(): string;
}

/** A case that runs over raw WebSockets. */
export function serverCase(name: string, run: (check: ServerCheck) => Promise<void>): ConformanceCase<ServerTarget> {
  return {
    name,
    async run({ url }) {
      const cleanup = createCleanup();
      const check: ServerCheck = {
        cleanup,
        async open(options) {
          return cleanup.add(await rawSocket(url, options), (socket) => socket.terminate());
        },
        async connect(options) {
          const socket = await check.open(options);
          await socket.handshake();
          return socket;
        },
        channel: () => `conformance/${Math.random().toString(36).slice(2)}`,
      };
      try {
        await run(check);
      } finally {
        await cleanup.run();
      }
    },
  };
}
