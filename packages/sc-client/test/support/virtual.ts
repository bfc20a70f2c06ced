import type { Platform } from '../../src/platform.js';
import type { WebSocketLike } from '../../src/web-socket.js';

/** Numbers from 0 up to 1 that follow from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Time that passes only when it is told to. */
export class VirtualTime {
  now = 0;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.now + Math.max(delayMs, 0), order: ++this.#order, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Runs every timer up to that moment, and what follows from each before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await microtasks();
    }
    this.now = end;
    await microtasks();
  }
}

async function microtasks(): Promise<void> {
  for (let i = 0; i < 25; i++) await Promise.resolve();
}

export interface Wire {
  readonly event?: string;
  readonly data?: unknown;
  readonly cid?: number;
}

interface Token {
  readonly endsAt: number;
}

/** State shared by the sockets of one server. */
export class VirtualServer {
  readonly connections = new Set<VirtualConnection>();
  readonly tokens = new Map<string, Token>();
  readonly time: VirtualTime;
  readonly random: () => number;
  #count = 0;

  constructor(time: VirtualTime, random: () => number) {
    this.time = time;
    this.random = random;
  }

  sign(lifeMs: number): string {
    const endsAt = this.time.now + lifeMs;
    const claims = { n: ++this.#count, exp: endsAt / 1000 };
    const token = `x.${btoa(JSON.stringify(claims)).replace(/=/g, '')}.x`;
    this.tokens.set(token, { endsAt });
    return token;
  }

  /** Sends the next number to every subscriber. */
  publish(channel: string): void {
    const data = ++this.#count;
    for (const connection of this.connections) connection.publish(channel, data);
  }

  isValid(token: unknown): token is string {
    const known = this.tokens.get(token as string);
    return known !== undefined && known.endsAt > this.time.now;
  }
}

/** One connection, the server's end of it included: keeps the rules of PROTOCOL.md, with a way that takes its time. */
export class VirtualConnection implements WebSocketLike {
  binaryType = '';
  readyState = 0;
  readonly bufferedAmount = 0;
  onopen: WebSocketLike['onopen'] = null;
  onmessage: WebSocketLike['onmessage'] = null;
  onerror: WebSocketLike['onerror'] = null;
  onclose: WebSocketLike['onclose'] = null;
  readonly #server: VirtualServer;
  readonly subscriptions = new Set<string>();
  /** Publications in the order in which they were sent. */
  readonly sent: [channel: string, data: number][] = [];
  token: string | null = null;
  isOpen = false;
  #version = 0;
  readonly #arrivesAt = { client: 0, server: 0 };
  #cancelExpiry: (() => void) | undefined;

  constructor(server: VirtualServer) {
    this.#server = server;
    server.connections.add(this);
    this.#carry('client', () => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.onopen?.();
    });
  }

  send(message: unknown): void {
    if (message === '') return;
    const wire = JSON.parse(message as string) as Wire;
    this.#carry('server', () => this.#receive(wire));
  }

  close(code = 1005): void {
    this.cut(code);
  }

  /** Ends it; the client hears of it a little later. */
  cut(code = 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.isOpen = false;
    this.#server.connections.delete(this);
    this.#cancelExpiry?.();
    this.#server.time.after(this.#server.random() * 10, () => this.onclose?.({ code, reason: '' }));
  }

  setAuthToken(token: string): void {
    this.#version++;
    this.#take(token);
    this.#say({ event: '#setAuthToken', data: { token } });
  }

  removeAuthToken(): void {
    this.#version++;
    if (this.token === null) return;
    this.#take(null);
    this.#say({ event: '#removeAuthToken' });
    this.#expel();
  }

  kickOut(channel: string): void {
    if (this.subscriptions.delete(channel)) this.#say({ event: '#kickOut', data: { channel, message: 'Out' } });
  }

  publish(channel: string, data: number): void {
    if (!this.subscriptions.has(channel)) return;
    this.sent.push([channel, data]);
    this.#say({ event: '#publish', data: { channel, data } });
  }

  #take(token: string | null): void {
    this.token = token;
    this.#cancelExpiry?.();
    const known = token === null ? undefined : this.#server.tokens.get(token);
    if (known === undefined || known.endsAt === Infinity) return;
    this.#cancelExpiry = this.#server.time.after(known.endsAt - this.#server.time.now, () => this.removeAuthToken());
  }

  #expel(): void {
    for (const channel of this.subscriptions) {
      if (!channel.startsWith('private')) continue;
      this.subscriptions.delete(channel);
      this.#say({ event: '#kickOut', data: { channel, message: 'No token', waitForAuth: true } });
    }
  }

  #receive({ event, data, cid: rid }: Wire): void {
    const refuse = (name: string, code: string): void => this.#say({ rid, error: { name, message: name, code } });
    switch (event) {
      case '#handshake': {
        const { authToken } = data as { authToken: string | null };
        this.#later(() => {
          if (this.#server.isValid(authToken)) this.#take(authToken);
          const isAuthenticated = this.token !== null;
          this.isOpen = true;
          const serverTime = this.#server.time.now;
          this.#say({ rid, data: { id: 'x', isAuthenticated, pingTimeout: 20_000, serverTime } });
        });
        break;
      }
      case '#authenticate': {
        const version = ++this.#version;
        this.#later(() => {
          if (version !== this.#version) refuse('AbortedError', 'SC_ABORTED');
          else if (!this.#server.isValid(data)) refuse('AuthTokenInvalidError', 'SC_AUTH_TOKEN_INVALID');
          else {
            this.#take(data);
            this.#say({ rid, data: { isAuthenticated: true, authError: null } });
          }
        });
        break;
      }
      case '#removeAuthToken':
        this.#version++;
        this.#take(null);
        this.#say({ rid });
        this.#expel();
        break;
      case '#subscribe': {
        const { channel } = data as { channel: string };
        this.#later(() => {
          const isFlaky = this.#server.random() < 0.1;
          if (isFlaky) refuse('StoreUnavailableError', 'SC_STORE_UNAVAILABLE');
          else if (channel.startsWith('private') && this.token === null) refuse('AuthError', 'SC_AUTH');
          else {
            this.subscriptions.add(channel);
            this.#say({ rid });
          }
        }, true);
        break;
      }
      case '#unsubscribe':
        this.#later(() => this.subscriptions.delete(data as string), true);
        break;
      default:
        if (rid !== undefined) this.#say({ rid });
    }
  }

  #say(frame: object): void {
    this.#carry('client', () => {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
    });
  }

  #inOrderAt = 0;

  /** Runs work of the server after a delay; in order if `isInOrder`. */
  #later(run: () => void, isInOrder = false): void {
    const { time, random } = this.#server;
    const at = time.now + random() * 15;
    const orderedAt = isInOrder ? (this.#inOrderAt = Math.max(at, this.#inOrderAt)) : at;
    time.after(orderedAt - time.now, () => {
      if (this.readyState === 1) run();
    });
  }

  #carry(to: 'client' | 'server', run: () => void): void {
    const { time, random } = this.#server;
    this.#arrivesAt[to] = Math.max(this.#arrivesAt[to], time.now + 1 + random() * 15);
    time.after(this.#arrivesAt[to] - time.now, () => {
      if (to === 'client' || this.readyState === 1) run();
    });
  }
}

export function virtualPlatform(server: VirtualServer, opened: (connection: VirtualConnection) => void): Platform {
  return {
    openWebSocket() {
      const connection = new VirtualConnection(server);
      opened(connection);
      return connection;
    },
    location: undefined,
    localStorage: undefined,
    watchStorage: () => () => undefined,
    watchWake: () => () => undefined,
    // A clock that was set wrong.
    now: () => server.time.now + 1e9,
    elapsed: () => server.time.now,
    random: server.random,
    startTimer: (run, delayMs) => server.time.after(delayMs, run),
  };
}
