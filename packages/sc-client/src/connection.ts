import {
  BadConnectionError,
  type CallId,
  type ClientFrame,
  type HandshakeStatus,
  InvalidFrameError,
  type ServerFrame,
  type WireMessage,
  closeCodes,
} from 'sc-protocol';
import { Call } from './call.js';
import { CallTable } from './call-table.js';
import type { Platform } from './platform.js';
import { Transport, type TransportSettings } from './transport.js';
import { version } from './version.js';

export interface ConnectionSettings extends TransportSettings {
  readonly connectTimeout: number;
  readonly ackTimeout: number;
  readonly pingTimeoutDisabled: boolean;
}

/** What a connection asks and tells. After `closed`, which comes exactly once, it tells nothing more. */
export interface ConnectionEvents {
  nextCallId(): CallId;
  loadToken(): Promise<string | null>;
  /** The handshake is done. `token` is what was sent in it. */
  opened(connection: Connection, status: HandshakeStatus, token: string | null): void;
  /** Anything but answers, which the connection brings to their calls. */
  frame(frame: Exclude<ServerFrame, { type: 'response' }>, connection: Connection): void;
  message(data: WireMessage): void;
  fault(error: unknown): void;
  /** `error` says more than the code, where there is more to say. */
  closed(code: number, reason: string, error?: unknown): void;
}

/** Features this client can use, announced in the handshake. */
const features = ['batch'];

/** Limits for what a server may claim about its pings, in milliseconds. */
const shortestPingTimeoutMs = 100;
const longestPingTimeoutMs = 2 ** 31 - 1;

/** One transport with its handshake and the calls made on it. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #platform: Platform;
  readonly #events: ConnectionEvents;
  readonly #transport: Transport;
  readonly #calls = new CallTable();
  readonly #cancelConnectTimer: () => void;
  #isOpen = false;
  #error: unknown;

  /** Begins to connect; throws what the WebSocket's constructor throws. */
  constructor(settings: ConnectionSettings, platform: Platform, events: ConnectionEvents) {
    this.#settings = settings;
    this.#platform = platform;
    this.#events = events;
    this.#transport = new Transport(settings, platform, {
      ...events,
      opened: () => void this.#shakeHands(),
      frame: (frame) => this.#receive(frame),
      closed: (code, reason) => this.#ended(code, reason),
    });
    this.#cancelConnectTimer = platform.startTimer(() => {
      this.close(closeCodes.connectTimeout);
    }, settings.connectTimeout);
  }

  get isCongested(): boolean {
    return this.#transport.isCongested;
  }

  /** Closes when nothing was heard for longer than pings allow, without waiting for the timer to notice. */
  checkPings(): void {
    this.#transport.checkPings();
  }

  /** Throws what the codec throws. */
  send(frame: ClientFrame): void {
    this.#transport.send(frame);
  }

  /** Sends a frame that wants an answer. What the codec throws ends the call. */
  call(frame: (callId: CallId) => ClientFrame, call: Call): void {
    if (call.isEnded) return;
    const callId = this.#events.nextCallId();
    this.#calls.add(callId, call);
    try {
      this.#transport.send(frame(callId));
    } catch (error) {
      call.fail(error);
    }
  }

  close(code: number, reason = ''): void {
    this.#transport.close(code, reason);
  }

  async #shakeHands(): Promise<void> {
    let authToken: string | null;
    try {
      authToken = await this.#events.loadToken();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const client = { name: 'sc-client', version };
    const settings = { label: 'the handshake', timeoutMs: this.#settings.ackTimeout };
    const call = new Call(settings, this.#platform, (error, data) => {
      if (error !== null) this.#fail(error);
      else this.#open(data, authToken);
    });
    if (this.#transport.isClosed) call.fail(this.#lost('connectAbort'));
    else this.call((callId) => ({ type: 'handshake', callId, authToken, client, features }), call);
  }

  #open(data: unknown, authToken: string | null): void {
    const status = parseStatus(data);
    if (status === undefined) {
      this.#fail(new InvalidFrameError('The answer to the handshake has no id', { field: 'data.id' }));
      return;
    }
    this.#isOpen = true;
    this.#cancelConnectTimer();
    if (!this.#settings.pingTimeoutDisabled) this.#transport.watchPings(status.pingTimeout);
    this.#events.opened(this, status, authToken);
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'response') this.#calls.answer(frame);
    else if (frame.type === 'disconnect') this.close(frame.code, frame.reason);
    else this.#events.frame(frame, this);
  }

  /** The handshake failed. A server may say in its refusal with which code to close. */
  #fail(error: unknown): void {
    if (this.#transport.isClosed) return;
    this.#error = error;
    const { statusCode } = error as { readonly statusCode?: unknown };
    const isCode = typeof statusCode === 'number' && statusCode >= 4000 && statusCode <= 4999;
    this.close(isCode ? statusCode : closeCodes.handshakeFailed, (error as Error).message);
  }

  #ended(code: number, reason: string): void {
    this.#cancelConnectTimer();
    const ending = this.#isOpen ? 'disconnect' : 'connectAbort';
    this.#calls.failAll(() => this.#lost(ending));
    this.#events.closed(code, reason, this.#error);
  }

  #lost(type: 'disconnect' | 'connectAbort'): BadConnectionError {
    return new BadConnectionError('The connection was lost before the answer came', { type });
  }
}

function parseStatus(data: unknown): HandshakeStatus | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { id, isAuthenticated, pingTimeout, authError } = data as Record<string, unknown>;
  if (typeof id !== 'string') return undefined;
  const timeoutMs = typeof pingTimeout === 'number' && pingTimeout > 0 ? pingTimeout : 20_000;
  return {
    id,
    isAuthenticated: isAuthenticated === true,
    pingTimeout: Math.min(Math.max(timeoutMs, shortestPingTimeoutMs), longestPingTimeoutMs),
    ...(authError !== undefined && authError !== null && { authError }),
  };
}
