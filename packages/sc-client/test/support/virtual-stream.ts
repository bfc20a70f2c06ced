import type { Platform } from '../../src/platform.js';
import type { VirtualTime } from './virtual-time.js';
import { VirtualWebSocket, type Wire } from './virtual-web-socket.js';

interface Entry {
  readonly offset: number;
  readonly data: unknown;
}

interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** A fault of the model, to see that the checker finds it. */
export type Fault = 'none' | 'repeats' | 'lies';

/** One channel with history, as a store and its workers keep it, by the rules of PROTOCOL.md. */
export class VirtualStream {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly connections = new Set<StreamConnection>();
  readonly #fault: Fault;
  readonly #published = new Map<string, Position>();
  /** Whether single publications get lost on the way to a connection. */
  isSpotty = true;
  #entries: Entry[] = [];
  #stream = 1;
  #life = 1;
  #isNewLife = false;
  #top = 0;

  constructor(time: VirtualTime, random: () => number, fault: Fault) {
    this.time = time;
    this.random = random;
    this.#fault = fault;
  }

  get epoch(): string {
    return `s${this.#stream}.${this.#life}`;
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.#top };
  }

  /** The same number of a publisher again is the same publication. */
  publish(key: string, data: unknown): { readonly position: Position; readonly duplicate?: true } {
    const known = this.#published.get(key);
    if (known !== undefined && this.#fault !== 'repeats') return { position: known, duplicate: true };
    const entry = { offset: ++this.#top, data };
    this.#entries.push(entry);
    const { position } = this;
    this.#published.set(key, position);
    const epoch = this.#isNewLife ? { epoch: this.epoch } : undefined;
    this.#isNewLife = false;
    for (const connection of this.connections) {
      // A fault of the worker loses some: the client has to notice.
      if (!this.isSpotty || this.random() > 0.05) connection.deliver({ ...entry, ...epoch });
    }
    return { position };
  }

  /** The publications after the position, and the answer that announces them. */
  recover(since: Position | undefined): { readonly ack: object; readonly missed: readonly Entry[] } {
    if (since === undefined) return { ack: this.position, missed: [] };
    const kept = this.#entries[0]?.offset ?? this.#top + 1;
    const [stream] = since.epoch.split('.');
    const isSame = stream === `s${this.#stream}`;
    const recovered = isSame && (since.offset >= kept - 1 || this.#fault === 'lies');
    if (!recovered) {
      return { ack: { ...this.position, recovered, reason: isSame ? 'trimmed' : 'epoch' }, missed: [] };
    }
    const missed = this.#entries.filter(({ offset }) => offset > since.offset);
    return { ack: { ...this.position, recovered, ...(missed.length > 0 && { missed: missed.length }) }, missed };
  }

  trim(): void {
    this.#entries = this.#entries.slice(Math.floor(this.random() * this.#entries.length));
  }

  /** The store dies and comes back with everything. */
  restart(): void {
    this.#life++;
    this.#isNewLife = true;
  }

  /** The store dies and comes back with nothing. */
  lose(): void {
    this.#stream++;
    this.#life = 1;
    this.#entries = [];
    this.#published.clear();
    this.#top = 0;
    this.#isNewLife = false;
    for (const connection of this.connections) {
      if (connection.isSubscribed)
        connection.say({ event: '#position', data: { channel: 'room', ...this.position, reason: 'epoch' } });
    }
  }
}

/** One connection to it. Frames take their time in both directions, in order, until it is cut. */
export class StreamConnection extends VirtualWebSocket {
  isSubscribed = false;
  readonly #stream: VirtualStream;
  #publisher = '';

  constructor(stream: VirtualStream) {
    super(stream);
    this.#stream = stream;
    stream.connections.add(this);
  }

  protected override ended(): void {
    this.#stream.connections.delete(this);
  }

  deliver({ data, ...place }: { readonly offset: number; readonly data: unknown; readonly epoch?: string }): void {
    if (this.isSubscribed) this.say({ event: '#publish', data: { channel: 'room', ...place, data } });
  }

  protected override receive({ event, data, cid: rid }: Wire): void {
    const {
      publisher,
      since,
      seq,
      data: published,
    } = Object(data) as {
      readonly publisher?: string;
      readonly since?: Position;
      readonly seq?: number;
      readonly data?: unknown;
    };
    if (event === '#handshake') {
      this.#publisher = publisher ?? '';
      this.say({
        rid,
        data: { id: 'x', isAuthenticated: false, pingTimeout: 20_000, features: ['position', 'dedupe'] },
      });
    } else if (event === '#subscribe') {
      const { ack, missed } = this.#stream.recover(since);
      this.say({ rid, data: ack });
      this.isSubscribed = true;
      for (const entry of missed) this.deliver(entry);
    } else if (event === '#publish') {
      this.say({ rid, ...this.#stream.publish(`${this.#publisher} ${seq}`, published) });
    } else this.say({ rid });
  }
}

export function streamPlatform(stream: VirtualStream, opened: (connection: StreamConnection) => void): Platform {
  return {
    openWebSocket() {
      const connection = new StreamConnection(stream);
      opened(connection);
      return connection;
    },
    location: undefined,
    localStorage: undefined,
    watchStorage: () => () => undefined,
    watchWake: () => () => undefined,
    now: () => stream.time.now,
    elapsed: () => stream.time.now,
    random: stream.random,
    startTimer: (run, delayMs) => stream.time.after(delayMs, run),
  };
}
