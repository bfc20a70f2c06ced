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
import { answerFrame, connectTimeoutCode, handshakeFailedCode, handshakeFrame, refusalFrame } from 'sc-protocol/client';
import { Call } from './call.js';
import type { SocketStatus } from './events.js';
import { type Platform, longestMs } from './platform.js';
import { type Encoded, Transport, type TransportSettings, isSayable } from './transport.js';
import { version } from './version.js';

export interface ConnectionSettings extends TransportSettings {
  readonly connectTimeout: number;
  readonly ackTimeout: number;
  readonly pingTimeoutDisabled: boolean;
  /** Counts the calls of the socket, over all of its connections: what waits in the outbox has its number already. */
  readonly nextCallId: () => CallId;
}

/** Whom a connection asks and tells. After `closed`, which comes exactly once, it tells nothing more. */
export interface ConnectionOwner {
  loadToken(): Promise<string | null>;
  /** The handshake is done. `token` is what was sent in it. */
  opened(connection: Connection, status: SocketStatus, token: string | null): void;
  /** Anything but answers, which the connection brings to their calls. */
  frame(frame: Exclude<ServerFrame, { type: 'response' }>, connection: Connection): void;
  message(data: WireMessage): void;
  fault(error: unknown): void;
  /** `error` says more than the code, where there is more to say. */
  closed(code: number, reason: string, error: unknown): void;
}

/** Features this client can use, announced in the handshake. */
const features = ['batch'];

/** Least that a server may claim about its pings, in milliseconds. */
const shortestPingTimeoutMs = 100;

/** One transport with its handshake and the calls made on it. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #platform: Platform;
  readonly #owner: ConnectionOwner;
  readonly #transport: Transport;
  readonly #calls = new Map<CallId, Call>();
  readonly #cancelConnectTimer: () => void;
  #isOpen = false;
  #error: unknown;

  /** Begins to connect; throws what the WebSocket's constructor throws. */
  constructor(settings: ConnectionSettings, platform: Platform, owner: ConnectionOwner) {
    this.#settings = settings;
    this.#platform = platform;
    this.#owner = owner;
    this.#transport = new Transport(settings, platform, {
      opened: () => void this.#shakeHands(),
      message: (data) => owner.message(data),
      frame: (frame) => this.#receive(frame),
      fault: (error) => owner.fault(error),
      closed: (code, reason, error) => this.#ended(code, reason, error),
    });
    this.#cancelConnectTimer = platform.startTimer(
      () => this.close(connectTimeoutCode, 'Connect timeout'),
      settings.connectTimeout,
    );
  }

  get isCongested(): boolean {
    return this.#transport.isCongested;
  }

  get isClosed(): boolean {
    return this.#transport.isClosed;
  }

  /** Closes when nothing was heard for longer than pings allow, without waiting for the timer to notice. */
  checkPings(): void {
    this.#transport.checkPings();
  }

  /** Throws what the codec throws, or `PayloadTooLargeError`. */
  send(frame: object): void {
    this.sendEncoded(this.#settings.codec.encode(frame));
  }

  sendEncoded(message: Encoded): void {
    this.#transport.send(message);
  }

  /** Sends a frame that wants an answer. What the codec throws ends the call. */
  call(frame: (callId: CallId) => object, call: Call): void {
    const callId = this.#settings.nextCallId();
    this.callEncoded(() => this.#settings.codec.encode(frame(callId)), callId, call);
  }

  callEncoded(message: () => Encoded, callId: CallId, call: Call): void {
    if (call.isEnded) return;
    this.#calls.set(callId, call);
    call.heldBy(() => this.#calls.delete(callId));
    try {
      this.sendEncoded(message());
    } catch (error) {
      call.end(error);
    }
  }

  /** Answers a call of the server, if it was one. Throws what the codec throws. */
  answer(callId: CallId | undefined, error: unknown, data?: unknown): void {
    if (callId === undefined) return;
    this.send((error ?? null) === null ? answerFrame(callId, data) : refusalFrame(callId, dehydrateError(error)));
  }

  close(code: number, reason: string): void {
    this.#transport.close(code, reason);
  }

  async #shakeHands(): Promise<void> {
    let authToken: string | null;
    try {
      authToken = await this.#owner.loadToken();
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.isClosed) return;
    const settings = { label: 'the handshake', timeoutMs: this.#settings.ackTimeout };
    const call = new Call(settings, this.#platform, (error, data) => {
      if (error === null) this.#open(data, authToken);
      else this.#fail(error);
    });
    this.call((callId) => handshakeFrame(authToken, { name: 'sc-client', version }, features, callId), call);
  }

  #open(data: unknown, authToken: string | null): void {
    const status = parseStatus(data);
    if (status === undefined) {
      this.#fail(new InvalidFrameError('The handshake was answered without an id', { field: 'data.id' }));
      return;
    }
    this.#isOpen = true;
    this.#cancelConnectTimer();
    this.#transport.maxPayloadBytes = Number(status.maxPayloadBytes) || Infinity;
    if (!this.#settings.pingTimeoutDisabled) this.#transport.watchPings(status.pingTimeout);
    this.#owner.opened(this, status, authToken);
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'response') this.#answered(frame);
    else if (frame.type === 'disconnect') this.close(frame.code, frame.reason);
    else this.#owner.frame(frame, this);
  }

  /** Ends the call that this is the answer to. An answer to nothing, or a second one, is ignored. */
  #answered({ responseId, data, error }: ResponseFrame): void {
    const call = this.#calls.get(responseId);
    call?.end(error === undefined ? null : hydrateError(error), data);
  }

  /** The handshake failed. A server may say in its refusal with which code to close. */
  #fail(error: unknown): void {
    if (this.isClosed) return;
    this.#error = error;
    const { statusCode, message } = Object(error) as { readonly statusCode?: unknown; readonly message?: unknown };
    this.close(isSayable(statusCode) ? statusCode : handshakeFailedCode, String(message ?? error));
  }

  #ended(code: number, text: string, failure: unknown): void {
    this.#cancelConnectTimer();
    const error = this.#error ?? failure;
    const { message, code: kind } = Object(error) as { readonly message?: string; readonly code?: string };
    // Node tells several failed addresses by an error without a message.
    const reason = text || message || kind || `Closed with code ${code}`;
    const type = this.#isOpen ? 'disconnect' : 'connectAbort';
    for (const call of [...this.#calls.values()]) {
      const details = { type, closeCode: code, reason };
      call.end(new BadConnectionError(`The connection was lost before an answer came: ${reason} (${code})`, details));
    }
    this.#owner.closed(code, reason, error);
  }
}

function parseStatus(data: unknown): SocketStatus | undefined {
  const { id, isAuthenticated, pingTimeout, authError, ...more } = Object(data) as Record<string, unknown>;
  if (typeof id !== 'string') return undefined;
  const timeoutMs = typeof pingTimeout === 'number' && pingTimeout > 0 ? pingTimeout : 20_000;
  return {
    ...more,
    id,
    isAuthenticated: isAuthenticated === true,
    pingTimeout: Math.min(Math.max(timeoutMs, shortestPingTimeoutMs), longestMs),
    ...((authError ?? null) !== null && { authError: hydrateError(authError) }),
  };
}
