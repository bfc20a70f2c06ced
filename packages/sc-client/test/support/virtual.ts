import type { Platform } from '../../src/platform.js';
import type { VirtualTime } from './virtual-time.js';
import { VirtualWebSocket, type Wire } from './virtual-web-socket.js';

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
export class VirtualConnection extends VirtualWebSocket {
  readonly #server: VirtualServer;
  readonly subscriptions = new Set<string>();
  /** Publications in the order in which they were sent. */
  readonly sent: [channel: string, data: number][] = [];
  token: string | null = null;
  isOpen = false;
  #version = 0;
  #inOrderAt = 0;
  #cancelExpiry: (() => void) | undefined;

  constructor(server: VirtualServer) {
    super(server);
    this.#server = server;
    server.connections.add(this);
  }

  protected override ended(): void {
    this.isOpen = false;
    this.#server.connections.delete(this);
    this.#cancelExpiry?.();
  }

  setAuthToken(token: string): void {
    this.#version++;
    this.#take(token);
    this.say({ event: '#setAuthToken', data: { token } });
  }

  removeAuthToken(): void {
    this.#version++;
    if (this.token === null) return;
    this.#take(null);
    this.say({ event: '#removeAuthToken' });
    this.#expel();
  }

  kickOut(channel: string): void {
    if (this.subscriptions.delete(channel)) this.say({ event: '#kickOut', data: { channel, message: 'Out' } });
  }

  publish(channel: string, data: number): void {
    if (!this.subscriptions.has(channel)) return;
    this.sent.push([channel, data]);
    this.say({ event: '#publish', data: { channel, data } });
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
      this.say({ event: '#kickOut', data: { channel, message: 'No token', waitForAuth: true } });
    }
  }

  protected override receive({ event, data, cid: rid }: Wire): void {
    const refuse = (name: string, code: string): void => this.say({ rid, error: { name, message: name, code } });
    switch (event) {
      case '#handshake': {
        const { authToken } = data as { authToken: string | null };
        this.#later(() => {
          if (this.#server.isValid(authToken)) this.#take(authToken);
          const isAuthenticated = this.token !== null;
          this.isOpen = true;
          const serverTime = this.#server.time.now;
          this.say({ rid, data: { id: 'x', isAuthenticated, pingTimeout: 20_000, serverTime } });
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
            this.say({ rid, data: { isAuthenticated: true, authError: null } });
          }
        });
        break;
      }
      case '#removeAuthToken':
        this.#version++;
        this.#take(null);
        this.say({ rid });
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
            this.say({ rid });
          }
        }, true);
        break;
      }
      case '#unsubscribe':
        this.#later(() => this.subscriptions.delete(data as string), true);
        break;
      default:
        if (rid !== undefined) this.say({ rid });
    }
  }

  /** Runs work of the server after a delay; in order if `isInOrder`. */
  #later(run: () => void, isInOrder = false): void {
    const { time, random } = this.#server;
    const at = time.now + random() * 15;
    const orderedAt = isInOrder ? (this.#inOrderAt = Math.max(at, this.#inOrderAt)) : at;
    time.after(orderedAt - time.now, () => {
      if (this.readyState === 1) run();
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
