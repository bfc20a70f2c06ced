import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  closeCodes,
  closeReason,
  dehydrateError,
  dialects,
  jsonCodec,
  type CallId,
  type Codec,
  type Dialect,
  type ServerFrame,
} from 'sc-protocol';
import type { WebSocket } from 'ws';
import type { AuthToken } from './auth/tokens.js';
import type { CodecChoice } from './codec-choice.js';
import { createEncoding, jsonEncoding, type Encoding } from './encoding.js';
import type { Subscriber } from './fan-out.js';
import type { Beating } from './heartbeat.js';
import type { Limited } from './inbound-rate.js';
import { OutboundCalls } from './outbound-calls.js';
import { Receiver } from './receiver.js';
import type { SocketHost } from './socket-host.js';
import { nextSocketState, type SocketCause, type SocketState } from './socket-state.js';
import { SCSocket } from './socket.js';
import { Transport } from './transport.js';
import { frameText } from './websocket-frame.js';

/** One channel of one socket; not active until the store has it. */
export interface Subscription {
  isActive: boolean;
}

/**
 * The inside of one client's socket: its state, and what the frame handlers work on. The application sees the
 * `SCSocket` around it. Whatever not every socket needs is made when it is first needed.
 */
export class SocketCore implements Subscriber, Beating, Limited {
  readonly host: SocketHost;
  readonly id: string;
  readonly request: IncomingMessage;
  readonly socket: SCSocket;
  readonly encoding: Encoding;
  /** `undefined` until the client has shown which ping it answers. */
  settledDialect: Dialect | undefined;
  authToken: AuthToken | undefined;
  signedAuthToken: string | undefined;
  allowance: number;
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  #state: SocketState = 'connecting';
  #calls: OutboundCalls | undefined;
  #subscriptions: Map<string, Subscription> | undefined;
  #handshakeTimer: NodeJS.Timeout | undefined;
  #hasHeard = true;
  #pauses = 0;

  constructor(host: SocketHost, id: string, request: IncomingMessage, ws: WebSocket, stream: Duplex) {
    this.host = host;
    this.id = id;
    this.request = request;
    this.allowance = host.inboundRate.burst;
    const { options, codecs } = host;
    this.settledDialect = fixedDialect(options.protocolVersion, codecs.engine);
    this.#receiver = new Receiver(this);
    this.#transport = new Transport(ws, stream, host.turn, options.maxPendingBytes, {
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onClose: (code, reason) => this.#onClose(code, reason),
      onSlowConsumer: () => this.close(closeCodes.slowConsumer),
    });
    this.encoding = chooseEncoding(codecs, this.#transport.subprotocol, this.dialect);
    this.socket = new SCSocket(this);
    this.#handshakeTimer = setTimeout(() => this.close(closeCodes.handshakeTimeout), options.handshakeTimeout);
    host.heartbeat.add(this);
  }

  get state(): SocketState {
    return this.#state;
  }

  get dialect(): Dialect {
    return this.settledDialect ?? dialects.v2;
  }

  get pendingBytes(): number {
    return this.#transport.pendingBytes;
  }

  /** Calls of the server to this client. */
  get calls(): OutboundCalls {
    return (this.#calls ??= new OutboundCalls());
  }

  get subscriptions(): Map<string, Subscription> {
    return (this.#subscriptions ??= new Map());
  }

  /** Hot path. */
  send(frame: Buffer): void {
    this.#transport.send(frame);
  }

  sendFrame(frame: ServerFrame): void {
    this.#transport.send(this.encoding.frame(frame, this.dialect));
  }

  /** Sends a ready WebSocket text message that is no frame of the protocol. */
  sendText(text: string): void {
    this.#transport.send(frameText(text));
  }

  respond(callId: CallId | undefined, data?: unknown): void {
    if (callId !== undefined) this.sendFrame({ type: 'response', responseId: callId, data });
  }

  /** Answers with an error, in wire form already or as thrown by our own code. */
  respondError(callId: CallId | undefined, error: unknown, data?: unknown): void {
    if (callId !== undefined)
      this.sendFrame({ type: 'response', responseId: callId, error: dehydrateError(error), data });
  }

  /** The handshake was answered well. */
  open(): void {
    clearTimeout(this.#handshakeTimer);
    this.#handshakeTimer = undefined;
    if (this.#advance('handshakeDone')) this.host.opened(this);
  }

  close(code: number, reason: string = closeReason(code)): void {
    if (this.#state === 'closed') return;
    if (this.dialect.saysDisconnect) this.sendFrame({ type: 'disconnect', code, reason });
    this.#transport.close(code, reason);
    this.#onClose(code, reason);
  }

  terminate(): void {
    this.#transport.terminate();
  }

  /** The token has run out or was taken back. */
  removeAuthToken(): void {
    const had = this.authToken;
    this.authToken = undefined;
    this.signedAuthToken = undefined;
    this.sendFrame({ type: 'removeAuthToken', callId: undefined });
    if (had !== undefined) this.socket.announceDeauthentication(had);
  }

  /** Ends the token's power the moment its time is up, whoever asks first. */
  expireAuthToken(): void {
    const expiry = this.authToken?.exp;
    if (expiry !== undefined && Date.now() >= expiry * 1000) this.removeAuthToken();
  }

  takeHeard(): boolean {
    const heard = this.#hasHeard;
    this.#hasHeard = false;
    return heard;
  }

  ping(): void {
    if (this.#state !== 'open') return;
    this.expireAuthToken();
    if (this.settledDialect !== undefined) {
      this.sendText(this.settledDialect.ping);
      return;
    }
    // Not known yet which ping this client answers. To one that does not know it, a ping is a raw message at worst.
    for (const dialect of Object.values(dialects)) this.sendText(dialect.ping);
  }

  onSilent(): void {
    this.close(closeCodes.pongTimeout);
  }

  pauseReading(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#transport.pause();
  }

  resumeReading(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#transport.resume();
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'closed') return;
    this.#hasHeard = true;
    this.host.inboundRate.spend(this);
    if (this.authToken !== undefined) this.expireAuthToken();
    this.#receiver.receive(data, isBinary);
  }

  #onClose(code: number, reason: string): void {
    const wasOpen = this.#state === 'open';
    if (!this.#advance('closed')) return;
    clearTimeout(this.#handshakeTimer);
    const { host } = this;
    host.heartbeat.remove(this);
    host.inboundRate.forget(this);
    if (this.#subscriptions !== undefined) {
      for (const [channel, { isActive }] of this.#subscriptions) {
        if (isActive) host.fanOut.remove(channel, this);
        host.topics.release(channel);
        if (wasOpen) this.socket.announce('unsubscribe', channel);
      }
      this.#subscriptions.clear();
    }
    this.#calls?.abortAll(code);
    host.closed(this, code, reason);
  }

  #advance(cause: SocketCause): boolean {
    const next = nextSocketState(this.#state, cause);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}

function fixedDialect(version: 'auto' | 1 | 2, codecEngine: Codec | undefined): Dialect | undefined {
  if (version === 1) return dialects.v1;
  // A codec of the application's own may not survive a text that it did not make, so nothing is probed.
  return version === 2 || codecEngine !== undefined ? dialects.v2 : undefined;
}

const encodings = new WeakMap<Codec, Encoding>();

function chooseEncoding({ engine, offered }: CodecChoice, subprotocol: string, dialect: Dialect): Encoding {
  const agreed = offered.find((one) => one.subprotocol !== undefined && one.subprotocol === subprotocol);
  const codec = agreed ?? engine ?? jsonCodec;
  if (codec === jsonCodec) return jsonEncoding;
  let encoding = encodings.get(codec);
  if (encoding === undefined) {
    encoding = createEncoding(codec, dialect);
    encodings.set(codec, encoding);
  }
  return encoding;
}
