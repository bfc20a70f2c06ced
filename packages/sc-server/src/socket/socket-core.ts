import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  SocketProtocolError,
  closeCodes,
  closeReason,
  defaultDialect,
  dialects,
  jsonCodec,
  type CallId,
  type Dialect,
  type HandshakeFrame,
  type ServerFrame,
} from 'sc-protocol';
import { closeCodeForClient, createPingProber, errorForClient, type PingProber } from 'sc-protocol/legacy';
import { AckBatch } from './answers.js';
import { Identity } from './identity.js';
import type { AuthToken } from '../auth/tokens.js';
import { B6Greeting } from './b6-greeting.js';
import { codecOf } from '../channels/codec-choice.js';
import type { Encoding } from '../channels/encoding.js';
import type { Subscriber } from '../channels/fan-out.js';
import type { Beating } from './heartbeat.js';
import type { Limited } from '../limits/inbound-rate.js';
import type { LimitName } from '../limits/limit-hits.js';
import { OutboundCalls } from './outbound-calls.js';
import { Receiver } from './receiver.js';
import type { SocketHost } from '../server/parts.js';
import { logTooLong } from '../limits/log-too-long.js';
import { nextSocketState, type SocketCause, type SocketState } from './state.js';
import { SCSocket } from './sc-socket.js';
import { Subscriptions } from './subscriptions.js';
import type { FrameLimit } from '../websocket/frame-reader.js';
import { frameMessage, outgoingBytes, type Outgoing } from '../websocket/outgoing.js';
import { Transport, type ReservedPlace, type TransportHandlers } from '../websocket/transport.js';

const emptyPing = frameMessage('');

/**
 * The inside of one client's socket: its state, and what the frame handlers work on. The application sees the
 * `SCSocket` around it. Whatever not every socket needs is made when it is first needed.
 */
export class SocketCore implements Beating, Limited, TransportHandlers {
  readonly host: SocketHost;
  readonly id: string;
  readonly request: IncomingMessage;
  readonly remoteAddress: string | undefined;
  readonly socket: SCSocket;
  readonly encoding: Encoding;
  allowance: number;
  lastHeard: number;
  beatSlot: number | undefined;
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  #state: SocketState = 'connecting';
  #identity: Identity | undefined;
  #calls: OutboundCalls | undefined;
  #ackBatch: AckBatch | undefined;
  #subscriptions: Subscriptions | undefined;
  /** Where the next frame goes instead of behind those that were sent before it. */
  #place: ReservedPlace | undefined;
  #prober: PingProber | undefined;
  #b6Greeting: B6Greeting | undefined;
  #handshakeTimer: NodeJS.Timeout | undefined;
  /** The handshake that is not answered yet. */
  #handshakeCallId: CallId | undefined;
  #pauses = 0;

  constructor(
    host: SocketHost,
    id: string,
    request: IncomingMessage,
    remoteAddress: string | undefined,
    stream: Duplex,
    subprotocol: string,
  ) {
    this.host = host;
    this.id = id;
    this.request = request;
    this.remoteAddress = remoteAddress;
    this.allowance = host.inboundRate.burst;
    this.lastHeard = host.heartbeat.tick;
    this.#receiver = new Receiver(this);
    this.#transport = new Transport(stream, host.transportHost, this, host.frameLimits.beforeHandshake);
    this.encoding = host.encodings.of(codecOf(host.codecs, subprotocol));
    this.socket = new SCSocket(this);
    this.#handshakeTimer = setTimeout(() => this.#onHandshakeLate(), host.options.handshakeTimeout);
    if (host.options.legacyDialects.includes('b6')) this.#b6Greeting = new B6Greeting(this);
    host.heartbeat.add(this);
  }

  get state(): SocketState {
    return this.#state;
  }

  get dialect(): Dialect {
    return this.#prober?.dialect ?? (this.host.options.protocolVersion === 1 ? dialects.v1 : defaultDialect);
  }

  get pendingBytes(): number {
    return this.#transport.pendingBytes;
  }

  /** What channels deliver to. */
  get subscriber(): Subscriber {
    return this.#transport;
  }

  get authToken(): AuthToken | undefined {
    return this.#identity?.token;
  }

  get identity(): Identity {
    return (this.#identity ??= new Identity(this));
  }

  /** Calls of the server to this client. */
  get calls(): OutboundCalls {
    return (this.#calls ??= new OutboundCalls());
  }

  get subscriptions(): Subscriptions | undefined {
    return this.#subscriptions;
  }

  /** The same, made when the client subscribes for the first time. */
  get ownSubscriptions(): Subscriptions {
    return (this.#subscriptions ??= new Subscriptions(this));
  }

  /** Hot path. */
  send(frame: Outgoing): void {
    this.#transport.send(frame);
  }

  /** Throws what the codec throws for data that it cannot encode. */
  sendFrame(frame: ServerFrame): void {
    const encoded = this.encode(frame);
    if (this.#place === undefined) this.#transport.send(encoded);
    else this.#fill(this.#place, encoded);
  }

  encode(frame: ServerFrame): Outgoing {
    return this.encoding.frame(frame, this.dialect);
  }

  /** Keeps a place for a frame that is not ready yet; later frames wait for it. */
  reserve(): ReservedPlace {
    return this.#transport.reserve();
  }

  /** Does something of which `answer` tells the client; the answer leaves before whatever was sent meanwhile. */
  answerFirst(act: () => void, answer: () => void): void {
    const place = this.#transport.reserve();
    try {
      act();
      this.#place = place;
      answer();
    } finally {
      this.#fill(place);
    }
  }

  /** The same for a frame that may be dropped: it is, and counted, while too much waits for this client. */
  sendVolatile(frame: ServerFrame): void {
    const encoded = this.encoding.frame(frame, this.dialect);
    if (this.#transport.takesVolatile(outgoingBytes(encoded), 1)) this.#transport.send(encoded);
  }

  /** Sends several frames as one array; only to a client that asked for it. */
  sendFrames(frames: readonly ServerFrame[]): void {
    this.#transport.send(this.encoding.batch(frames, this.dialect));
  }

  /** Answers that wait for the end of the turn, to leave together. */
  get ackBatch(): AckBatch {
    return (this.#ackBatch ??= new AckBatch(this));
  }

  /** Sends a ready WebSocket text message that is no frame of the protocol. */
  sendText(text: string): void {
    this.#transport.send(text);
  }

  /**
   * Greets a client that began without a handshake, if such clients are served. Its frames wait for that; `undefined`
   * when they are not served.
   */
  greet(): Promise<void> | undefined {
    return this.#b6Greeting?.greet();
  }

  /** Frames of the client wait until this settles. Nothing may be held up already. */
  holdInbound(busy: Promise<void>): void {
    this.#receiver.holdUp(busy);
  }

  /** The dialect is known without asking. */
  speakDialect(prober: PingProber): void {
    this.#prober = prober;
  }

  /** Finds out, or begins to find out, which dialect the client speaks. */
  settleDialect(frame: HandshakeFrame): void {
    this.#stopGreeting();
    this.#handshakeCallId = frame.callId;
    const { protocolVersion } = this.host.options;
    // A client that announces itself speaks the newest dialect; nothing has to be found out.
    if (frame.client !== undefined || frame.features.length > 0 || protocolVersion === 2) return;
    const { codec } = this.encoding;
    this.#prober = createPingProber({ protocolVersion, binaryCodec: codec === jsonCodec ? undefined : codec });
  }

  /** The handshake was answered well. Frames of the client wait for the promise, if there is one; it never rejects. */
  open(): Promise<void> | undefined {
    clearTimeout(this.#handshakeTimer);
    this.#handshakeTimer = undefined;
    this.#handshakeCallId = undefined;
    if (!this.#advance('handshakeDone')) return undefined;
    this.#transport.limitTo(this.host.frameLimits.afterHandshake);
    this.#stopGreeting();
    if (this.#prober !== undefined) this.ping();
    return this.host.opened(this);
  }

  close(code: number, reason: string = closeReason(code)): void {
    if (this.#state === 'closed') return;
    const { dialect } = this;
    const said = closeCodeForClient(dialect, code);
    this.#refuseHandshake(said, reason);
    if (dialect.saysDisconnect) this.sendFrame({ type: 'disconnect', code: said, reason });
    this.#transport.close(said, reason);
    this.onClose(code, reason);
  }

  closeAtLimit(limit: LimitName, code: number, reason?: string): void {
    if (this.#state === 'closed') return;
    this.host.limitHits.hit(limit);
    this.close(code, reason);
  }

  terminate(): void {
    this.#transport.terminate();
  }

  expireAuthToken(): void {
    this.#identity?.expireIfDue();
  }

  announceBadToken(error: unknown, signedToken: unknown): void {
    this.socket.announce('badAuthToken', error, signedToken);
    this.host.badToken(this, error, signedToken);
  }

  get isReadingPaused(): boolean {
    return this.#pauses > 0;
  }

  ping(): void {
    if (this.#state !== 'open') return;
    this.expireAuthToken();
    if (this.#prober === undefined) this.#transport.send(emptyPing);
    else for (const ping of this.#prober.pings()) this.#transport.send(frameMessage(ping));
  }

  /** Whether a message, as it came or decoded, answers a ping. */
  isPong(value: unknown): boolean {
    return this.#prober === undefined ? value === '' : this.#prober.isPong(value);
  }

  onSilent(): void {
    this.closeAtLimit('pingTimeout', closeCodes.pongTimeout);
  }

  onRateExceeded(): void {
    const { host } = this;
    if (host.options.inboundRatePolicy === 'close') {
      this.closeAtLimit('inboundRate', closeCodes.policyViolation, 'Too many messages');
      return;
    }
    host.limitHits.hit('inboundRate');
    this.pauseReading();
  }

  onRateRestored(): void {
    this.resumeReading();
  }

  pauseReading(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#transport.pause();
  }

  resumeReading(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#transport.resume();
  }

  onText(text: string): void {
    this.#onMessage(text);
  }

  onBinary(data: Buffer): void {
    this.#onMessage(data);
  }

  onControl(): void {
    this.host.inboundRate.spend(this, 1);
  }

  onProgress(): void {
    this.lastHeard = this.host.heartbeat.tick;
  }

  onSlowConsumer(limit: LimitName): void {
    this.closeAtLimit(limit, closeCodes.slowConsumer);
  }

  onFailure(code: number, message: string, limit: FrameLimit | undefined, messageBytes: number | undefined): void {
    if (limit === 'messageBytes') logTooLong(this, messageBytes);
    const isEarly = this.#state === 'connecting' && limit === 'messageBytes';
    if (limit !== undefined) this.host.limitHits.hit(isEarly ? 'handshakeBytes' : limit);
    this.onClose(code, message);
  }

  onClose(code: number, reason: string): void {
    const wasOpen = this.#state === 'open';
    if (!this.#advance('closed')) return;
    clearTimeout(this.#handshakeTimer);
    this.#stopGreeting();
    const { host } = this;
    host.heartbeat.remove(this);
    host.inboundRate.forget(this);
    this.#identity?.stop();
    this.#subscriptions?.close(wasOpen);
    this.#calls?.abortAll(code);
    host.closed(this, code, reason);
  }

  /** Hot path. */
  #onMessage(message: string | Buffer): void {
    if (this.#state === 'closed') return;
    const { host } = this;
    this.lastHeard = host.heartbeat.tick;
    host.inboundRate.spend(this, 1);
    if (this.#identity !== undefined) this.#identity.expireIfDue();
    try {
      this.#receiver.receive(message);
    } catch (error) {
      // Nothing that a client sends may reach the process as an uncaught error.
      host.logger.error('A message could not be handled', { error, socketId: this.id });
      this.close(closeCodes.internalError);
    }
  }

  /** A handshake is answered too, so that the client need not wait for its deadline. */
  #refuseHandshake(statusCode: number, reason: string): void {
    const callId = this.#handshakeCallId;
    if (callId === undefined) return;
    this.#handshakeCallId = undefined;
    const error = new SocketProtocolError(reason === '' ? 'The server closed the socket' : reason, { statusCode });
    this.sendFrame({
      type: 'response',
      responseId: callId,
      error: errorForClient(this.dialect, error),
      data: { code: statusCode },
    });
  }

  #onHandshakeLate(): void {
    this.closeAtLimit('handshakeTimeout', closeCodes.handshakeTimeout);
    // Whoever said nothing so far will not say goodbye either.
    this.#transport.end();
  }

  #fill(place: ReservedPlace, frame?: Outgoing): void {
    if (this.#place === place) this.#place = undefined;
    place.fill(frame);
  }

  #stopGreeting(): void {
    this.#b6Greeting?.stop();
    this.#b6Greeting = undefined;
  }

  #advance(cause: SocketCause): boolean {
    const next = nextSocketState(this.#state, cause);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}
