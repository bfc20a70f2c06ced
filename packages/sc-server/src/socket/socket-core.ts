import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeCodes, closeReason, reconnectAdvice, type ClientFrame, type HandshakeFrame } from 'sc-protocol';
import { closeCodeForClient } from 'sc-protocol/legacy';
import type { AuthToken } from '../auth/tokens.js';
import { codecOf } from '../channels/codec-choice.js';
import type { LimitName } from '../limits/limit-hits.js';
import { logTooLong } from '../limits/log-too-long.js';
import type { ServerParts } from '../server/parts.js';
import type { FrameLimit } from '../websocket/frame-reader.js';
import { Transport, type TransportHandlers } from '../websocket/transport.js';
import { FrameWriter } from './frame-writer.js';
import { Identity } from './identity.js';
import { Liveness } from './liveness.js';
import { Opening } from './opening.js';
import { OutboundCalls } from './outbound-calls.js';
import { Receiver } from './receiver.js';
import { SCSocket } from './sc-socket.js';
import { nextSocketState, type SocketCause, type SocketState } from './state.js';
import { Subscriptions } from './subscriptions.js';

/** The server that a socket belongs to. */
export interface SocketOwner {
  /** A promise means that the frames behind this one wait for it; it never rejects. */
  handleFrame(core: SocketCore, frame: ClientFrame): Promise<void> | undefined;
  /** The handshake is done: the socket is ready for the application, which may take its time to set handlers. */
  opened(core: SocketCore): Promise<void> | undefined;
  closed(core: SocketCore, code: number, reason: string): void;
  badToken(core: SocketCore, error: unknown, signedToken: unknown): void;
}

/** A connection that was upgraded. */
export interface AcceptedConnection {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly remoteAddress: string | undefined;
  readonly stream: Duplex;
  readonly subprotocol: string;
}

/**
 * The inside of one client's socket: its state, and the parts that the frame handlers work on. The application sees the
 * `SCSocket` around it. Parts that not every socket needs are created on first use.
 */
export class SocketCore implements TransportHandlers {
  readonly parts: ServerParts;
  readonly id: string;
  readonly request: IncomingMessage;
  readonly remoteAddress: string | undefined;
  /** In milliseconds since 1970. */
  readonly connectedAt = Date.now();
  readonly socket: SCSocket;
  readonly writer: FrameWriter;
  /** Writes to the client, and is what channels deliver to. */
  readonly transport: Transport;
  readonly receiver: Receiver;
  readonly liveness: Liveness;
  /** Whether the client announced that it knows positions. */
  knowsPositions = false;
  /** Whether the client announced that it knows presence. */
  knowsPresence = false;
  /** Identifies the publisher whose numbers this client uses; `undefined` if it does not number its publications. */
  publisher: string | undefined;
  readonly #owner: SocketOwner;
  #state: SocketState = 'connecting';
  #identity: Identity | undefined;
  #calls: OutboundCalls | undefined;
  #subscriptions: Subscriptions | undefined;
  /** Until the socket is open, or closed. */
  #opening: Opening | undefined;

  constructor(parts: ServerParts, owner: SocketOwner, accepted: AcceptedConnection) {
    const { options, codecs, limits } = parts;
    this.parts = parts;
    this.#owner = owner;
    this.id = accepted.id;
    this.request = accepted.request;
    this.remoteAddress = accepted.remoteAddress;
    this.receiver = new Receiver(this);
    this.transport = new Transport(accepted.stream, parts.transport, this, limits.sizes.beforeHandshake);
    const encoding = codecs.encodings.of(codecOf(codecs.choice, accepted.subprotocol));
    this.writer = new FrameWriter(this.transport, encoding, options.protocolVersion, parts.transport.turn);
    this.socket = new SCSocket(this);
    this.#opening = new Opening(this);
    this.liveness = new Liveness(this);
  }

  get state(): SocketState {
    return this.#state;
  }

  get authToken(): AuthToken | undefined {
    return this.#identity?.token;
  }

  get identity(): Identity {
    return (this.#identity ??= new Identity(this));
  }

  /** Calls of the server to this client. */
  get calls(): OutboundCalls {
    return (this.#calls ??= new OutboundCalls(this.parts.counters.outboundCalls));
  }

  get subscriptions(): Subscriptions | undefined {
    return this.#subscriptions;
  }

  /** The same, made when the client is subscribed for the first time. */
  get ownSubscriptions(): Subscriptions {
    return (this.#subscriptions ??= new Subscriptions(this));
  }

  handleFrame(frame: ClientFrame): Promise<void> | undefined {
    return this.#owner.handleFrame(this, frame);
  }

  /**
   * Greets a client that began without a handshake, if such clients are served. Its frames wait for that; `undefined`
   * when they are not served.
   */
  greet(): Promise<void> | undefined {
    return this.#opening?.greet();
  }

  /** The client begins with a handshake. */
  beginHandshake(frame: HandshakeFrame): void {
    this.#opening?.begin(frame);
  }

  /** The handshake was answered well. Frames of the client wait for the promise, if there is one; it never rejects. */
  open(): Promise<void> | undefined {
    this.#stopOpening();
    if (!this.#advance('handshakeDone')) return undefined;
    this.transport.limitTo(this.parts.limits.sizes.afterHandshake);
    if (this.writer.isProbing) this.ping();
    return this.#owner.opened(this);
  }

  close(code: number, reason: string = closeReason(code)): void {
    if (this.#state === 'closed') return;
    const { writer } = this;
    const said = closeCodeForClient(writer.dialect, code);
    this.#opening?.refuse(said, reason);
    if (writer.dialect.saysDisconnect) writer.sendFrame({ type: 'disconnect', code: said, reason });
    this.transport.close(said, reason);
    this.onClose(code, reason);
  }

  closeAtLimit(limit: LimitName, code: number, reason?: string): void {
    if (this.#state === 'closed') return;
    this.parts.clientLog.reachedLimit(this, limit);
    this.close(code, reason);
  }

  expireAuthToken(): void {
    this.#identity?.expireIfDue();
  }

  announceBadToken(error: unknown, signedToken: unknown): void {
    this.socket.announce('badAuthToken', error, signedToken);
    this.#owner.badToken(this, error, signedToken);
  }

  ping(): void {
    if (this.#state !== 'open') return;
    this.expireAuthToken();
    this.writer.ping();
  }

  /** Hot path. */
  onMessage(message: string | Buffer): void {
    if (this.#state === 'closed') return;
    this.liveness.heard();
    this.liveness.spend(1);
    if (this.#identity !== undefined) this.#identity.expireIfDue();
    try {
      this.receiver.receive(message);
    } catch (error) {
      // Data of a client must never cause an uncaught error in the process.
      this.parts.logger.error('A message could not be handled', { error, socketId: this.id });
      this.close(closeCodes.internalError);
    }
  }

  onControl(): void {
    this.liveness.spend(1);
  }

  onProgress(): void {
    this.liveness.heard();
  }

  onSlowConsumer(limit: LimitName): void {
    this.closeAtLimit(limit, closeCodes.slowConsumer);
  }

  onFailure(code: number, message: string, limit: FrameLimit | undefined, messageBytes: number | undefined): void {
    if (limit === 'messageBytes') logTooLong(this, this.parts, messageBytes);
    const isEarly = this.#state === 'connecting' && limit === 'messageBytes';
    if (limit !== undefined) this.parts.clientLog.reachedLimit(this, isEarly ? 'handshakeBytes' : limit);
    this.onClose(code, message);
  }

  onClose(code: number, reason: string): void {
    const wasOpen = this.#state === 'open';
    if (!this.#advance('closed')) return;
    this.#stopOpening();
    this.liveness.stop();
    this.#identity?.stop();
    // A close that no client follows with a reconnect is a leave.
    this.#subscriptions?.close(wasOpen, reconnectAdvice(code) === 'never' ? 'left' : 'lost');
    this.#calls?.abortAll(code);
    this.#owner.closed(this, code, reason);
  }

  #stopOpening(): void {
    this.#opening?.stop();
    this.#opening = undefined;
  }

  #advance(cause: SocketCause): boolean {
    const next = nextSocketState(this.#state, cause);
    if (next !== undefined) this.#state = next;
    return next !== undefined;
  }
}
