import {
  BadConnectionError,
  type CallId,
  InvalidFrameError,
  type ResponseFrame,
  type ServerFrame,
  type WireMessage,
  dehydrateError,
  hydrateError,
} from 'sc-protocol';
import { connectTimeoutCode, handshakeFailedCode, wireEvent } from 'sc-protocol/client';
import { Call } from './call.js';
import type { SocketStatus } from './events.js';
import { type Platform, longestMs } from './platform.js';
import { Transport, type TransportSettings, isSayable } from './transport.js';
import { version } from './version.js';

export interface ConnectionSettings extends TransportSettings {
  readonly connectTimeout: number;
  readonly ackTimeout: number;
  readonly pingTimeoutDisabled: boolean;
}

/** What a connection asks and tells. After `closed`, which comes exactly once, it tells nothing more. */
export interface ConnectionEvents {
  loadToken(): Promise<string | null>;
  /** The handshake is done. `token` is what was sent in it. */
  opened(connection: Connection, status: SocketStatus, token: string | null): void;
  /** Anything but answers, which the connection brings to their calls. */
  frame(frame: Exclude<ServerFrame, { type: 'response' }>, connection: Connection): void;
  message(data: WireMessage): void;
  fault(error: unknown): void;
  /** `error` says more than the code, where there is more to say. */
  closed(code: number, reason: string, error?: unknown): void;
}

/** Features this client can use, announced in the handshake. */
const features = ['batch'];

/** Least that a server may claim about its pings, in milliseconds. */
const shortestPingTimeoutMs = 100;

/** One transport with its handshake and the calls made on it. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #platform: Platform;
  readonly #events: ConnectionEvents;
  readonly #transport: Transport;
  readonly #calls = new Map<CallId, Call>();
  readonly #cancelConnectTimer: () => void;
  #lastCallId = 0;
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
    this.#cancelConnectTimer = platform.startTimer(
      () => this.close(connectTimeoutCode, 'Connect timeout'),
      settings.connectTimeout,
    );
  }

  get isCongested(): boolean {
    return this.#transport.isCongested;
  }

  /** Closes when nothing was heard for longer than pings allow, without waiting for the timer to notice. */
  checkPings(): void {
    this.#transport.checkPings();
  }

  /** Throws what the codec throws. */
  send(event: string, data?: unknown, callId?: CallId): void {
    this.#transport.send(wireEvent(event, data, callId));
  }

  /** Sends an event that wants an answer. What the codec throws ends the call. */
  call(event: string, data: unknown, call: Call): void {
    if (call.isEnded) return;
    const callId = ++this.#lastCallId;
    this.#calls.set(callId, call);
    call.heldBy(() => this.#calls.delete(callId));
    try {
      this.send(event, data, callId);
    } catch (error) {
      call.end(error);
    }
  }

  /** Answers a call of the server, if it was one. Throws what the codec throws. */
  answer(callId: CallId | undefined, error: unknown, data?: unknown): void {
    if (callId === undefined) return;
    const isFine = error === null || error === undefined;
    this.#transport.send(isFine ? { rid: callId, data } : { rid: callId, error: dehydrateError(error) });
  }

  close(code: number, reason: string): void {
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
    if (this.#transport.isClosed) return;
    const settings = { label: 'the handshake', timeoutMs: this.#settings.ackTimeout };
    const call = new Call(settings, this.#platform, (error, data) => {
      if (error === null) this.#open(data, authToken);
      else this.#fail(error);
    });
    this.call('#handshake', { authToken, client: { name: 'sc-client', version }, features }, call);
  }

  #open(data: unknown, authToken: string | null): void {
    const status = parseStatus(data);
    if (status === undefined) {
      this.#fail(new InvalidFrameError('The handshake was answered without an id', { field: 'data.id' }));
      return;
    }
    this.#isOpen = true;
    this.#cancelConnectTimer();
    if (!this.#settings.pingTimeoutDisabled) this.#transport.watchPings(status.pingTimeout);
    this.#events.opened(this, status, authToken);
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'response') this.#answered(frame);
    else if (frame.type === 'disconnect') this.close(frame.code, frame.reason);
    else this.#events.frame(frame, this);
  }

  /** Ends the call that this is the answer to. An answer to nothing, or a second one, is ignored. */
  #answered({ responseId, data, error }: ResponseFrame): void {
    const call = this.#calls.get(responseId);
    call?.end(error === undefined ? null : hydrateError(error), data);
  }

  /** The handshake failed. A server may say in its refusal with which code to close. */
  #fail(error: unknown): void {
    if (this.#transport.isClosed) return;
    this.#error = error;
    const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message: string };
    this.close(isSayable(statusCode) ? statusCode : handshakeFailedCode, message);
  }

  #ended(code: number, reason: string): void {
    this.#cancelConnectTimer();
    const type = this.#isOpen ? 'disconnect' : 'connectAbort';
    for (const call of [...this.#calls.values()]) {
      call.end(new BadConnectionError('The connection was lost before an answer came', { type }));
    }
    this.#events.closed(code, reason, this.#error);
  }
}

function parseStatus(data: unknown): SocketStatus | undefined {
  const { id, isAuthenticated, pingTimeout, authError } = Object(data) as Record<string, unknown>;
  if (typeof id !== 'string') return undefined;
  const timeoutMs = typeof pingTimeout === 'number' && pingTimeout > 0 ? pingTimeout : 20_000;
  return {
    id,
    isAuthenticated: isAuthenticated === true,
    pingTimeout: Math.min(Math.max(timeoutMs, shortestPingTimeoutMs), longestMs),
    ...(authError !== undefined && authError !== null && { authError: hydrateError(authError) }),
  };
}
