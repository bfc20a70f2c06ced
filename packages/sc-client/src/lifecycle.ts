import { InvalidActionError, InvalidArgumentsError } from 'sc-protocol';
import { normalCode } from 'sc-protocol/client';
import { Connection, type ConnectionCore, type ConnectionOwner } from './connection.js';
import { Reconnector, type ReconnectOptions } from './reconnect.js';
import { type EndingEvent, type SocketCause, type SocketState, nextSocketStep } from './socket-state.js';
import { isSayable } from './transport.js';

export interface LifecycleCore extends ConnectionCore {
  readonly autoReconnect: boolean;
  readonly autoReconnectOptions: ReconnectOptions;
}

/** Implemented by the socket: the callbacks of a connection, with `ended` in place of `closed`. */
export interface LifecycleOwner extends Omit<ConnectionOwner, 'closed'> {
  readonly ended: (event: EndingEvent, code: number, reason: string, error: unknown) => void;
}

/** Manages the successive connections of a socket: when to connect, when to stop, and the socket's state. */
export class Lifecycle {
  readonly #core: LifecycleCore;
  readonly #owner: LifecycleOwner;
  readonly #reconnector: Reconnector;
  #connection: Connection | undefined;
  #state: SocketState = 'closed';
  #life: 'lasting' | 'ending' | 'destroyed' = 'lasting';

  constructor(core: LifecycleCore, owner: LifecycleOwner) {
    this.#core = core;
    this.#owner = owner;
    this.#reconnector = new Reconnector(core.autoReconnectOptions, core.platform, () => this.connect());
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Does nothing if the socket is connecting or open. */
  connect(): void {
    if (this.#life === 'destroyed') throw new InvalidActionError('The socket was destroyed');
    this.#reconnector.cancel();
    // A listener of the final `close` event may call this to reconnect, as after any other close. Ignore it while the
    // socket is being destroyed.
    if (this.#state !== 'closed' || this.#life === 'ending') return;
    const owner = this.#owner;
    this.#connection = new Connection(this.#core, {
      ...owner,
      opened: (connection, status, token) => {
        this.#advance('opened');
        this.#reconnector.opened();
        owner.opened(connection, status, token);
      },
      closed: (code, reason, error) => this.#closed(code, reason, error),
    });
    this.#advance('connect');
  }

  /** Closes the connection without scheduling a reconnect. */
  disconnect(code: number = normalCode, reason = ''): void {
    if (!isSayable(code))
      throw new InvalidArgumentsError(`A close code must be 1000 or 3000 to 4999, got ${String(code)}`);
    this.#connection?.close(code, reason);
    // A reconnect advised by the code does not apply: the user asked to stop.
    this.#reconnector.cancel();
  }

  reconnect(code?: number, reason?: string): void {
    this.disconnect(code, reason);
    this.connect();
  }

  destroy(): void {
    this.#life = 'ending';
    this.disconnect();
    this.#life = 'destroyed';
  }

  /**
   * Called when the machine wakes up or the network returns: runs a scheduled attempt now, and closes a connection that
   * has been silent for longer than its ping timeout.
   */
  wake(): void {
    this.#reconnector.hurry();
    this.#connection?.checkPings();
  }

  #closed(code: number, reason: string, error: unknown): void {
    this.#connection = undefined;
    const ending = this.#advance('closed');
    if (this.#core.autoReconnect) this.#reconnector.closed(code);
    if (ending !== undefined) this.#owner.ended(ending, code, reason || `Closed with code ${code}`, error);
  }

  #advance(cause: SocketCause): EndingEvent | undefined {
    const { state, ending } = nextSocketStep(this.#state, cause);
    this.#state = state;
    return ending;
  }
}
