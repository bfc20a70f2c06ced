import { NdataStore, type ReadStreamOptions, type StreamPage } from 'ndata-store';
import type { Position, SubscribeAck } from 'sc-protocol';
import type { Cleanup, RawSocket, RawSocketOptions } from 'sc-testkit';
import type { SCServerOptions } from '../../../src/server/options.js';
import { startServer, type TestServer } from '../support.js';

/** A store in this process that counts the reads of streams. */
export class CountingStore extends NdataStore {
  reads = 0;

  constructor(options: ConstructorParameters<typeof NdataStore>[0]) {
    super(options);
    const read: (channel: string, given?: ReadStreamOptions) => Promise<StreamPage> = this.readStream.bind(this);
    this.readStream = (channel: string, given?: ReadStreamOptions) => {
      this.reads += 1;
      return read(channel, given);
    };
  }
}

export interface HistoryServer extends TestServer {
  readonly store: CountingStore;
  /** A client that knows positions and takes batches. */
  readonly positioned: (options?: RawSocketOptions & { publisher?: string; authToken?: string }) => Promise<RawSocket>;
}

export const rule = { history: { size: 5000, ageMs: 60_000 } };

/** A server whose channels keep what they are given: `room/…` keeps history, `price/…` the last value. */
export async function startWithHistory(cleanup: Cleanup, options: SCServerOptions = {}): Promise<HistoryServer> {
  const channels = {
    'room/{id}': rule,
    'short/{id}': { history: { size: 3, ageMs: 60_000 } },
    'price/*': { last: true },
  } as const;
  const store = cleanup.add(new CountingStore({ channels }), (one) => one.close());
  const server = await startServer(cleanup, { store, ...options });
  return {
    ...server,
    store,
    async positioned({ publisher, authToken, ...socketOptions } = {}) {
      const raw = await server.open(socketOptions);
      const client = { name: 'test', version: '1' };
      const features = ['batch', 'position', 'dedupe'];
      await raw.call('#handshake', {
        authToken: authToken ?? null,
        client,
        features,
        ...(publisher !== undefined && { publisher }),
      });
      return raw;
    },
  };
}

/** Subscribes, and returns what the ack says. */
export async function subscribe(raw: RawSocket, channel: string, more: object = {}): Promise<SubscribeAck> {
  const { error, data } = await raw.call('#subscribe', { channel, ...more });
  if (error !== undefined) throw Object.assign(new Error(error.message), error);
  return data as SubscribeAck;
}

/** Data and offset of each publication that a socket has received, in order. */
export function received(raw: RawSocket, channel: string): [data: unknown, offset: number | undefined][] {
  return raw.frames
    .filter(({ event, data }) => event === '#publish' && (data as { channel: string }).channel === channel)
    .map(({ data }) => data as { data?: unknown; offset?: number })
    .map(({ data, offset }) => [data, offset]);
}

export function positionOf({ epoch, offset }: Position): Position {
  return { epoch, offset };
}

export function numbered(from: number, to: number): [number, number][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, from + index]);
}
