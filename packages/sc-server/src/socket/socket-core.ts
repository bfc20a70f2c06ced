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
import { Identity, type SavedIdentity } from './identity.js';
import { Liveness, type SavedLiveness } from './liveness.js';
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
  /** State of the client in the process that had it before, if there was one. */
  readonly moved?: { readonly liveness: SavedLiveness; readonly lastCallId: number } | undefined;
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
  readonly subprotocol: string;
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
  /** Calls of the client that are not answered. */
  openCalls = 0;
  /** Whether the client came from another process when it was open. */
  readonly isMoved: boolean;
  /** Data of the application for the process that the client moves to, as JSON. */
  kept: string | undefined;
  /** Orders that were carried out for this client in the process that had it before. */
  carriedOut: ReadonlySet<string> | undefined;
  /** Channels to which the client has published without an ack. */
  unacked: Set<string> | undefined;
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
    this.subprotocol = accepted.subprotocol;
    this.receiver = new Receiver(this);
    this.transport = new Transport(accepted.stream, parts.transport, this, limits.sizes.beforeHandshake);
    const encoding = codecs.encodings.of(codecOf(codecs.choice, accepted.subprotocol));
    this.writer = new FrameWriter(this.transport, encoding, options.protocolVersion, parts.transport.turn);
    this.socket = new SCSocket(this);
    const { moved } = accepted;
    this.isMoved = moved !== undefined;
    this.liveness = new Liveness(this, moved?.liveness);
    if (moved === undefined) {
      this.#opening = new Opening(this);
      return;
    }
    if (moved.lastCallId > 0) this.#calls = new OutboundCalls(parts.counters.outboundCalls, moved.lastCallId);
    this.#advance('handshakeDone');
    this.transport.input.limitTo(limits.sizes.afterHandshake);
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

  /** For the process that goes on with the client; `undefined` if the client never had a token. */
  get savedIdentity(): SavedIdentity | undefined {
    return this.#identity?.save();
  }

  /** The last id of such a call; 0 if there was none. */
  get lastCallId(): number {
    return this.#calls?.lastId ?? 0;
  }

  /** Whether an answer of the client, a signature or a check of a token is waited for. */
  get isWaiting(): boolean {
    return (this.#calls?.size ?? 0) > 0 || this.#identity?.isSettled === false;
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

  noteUnacked(channel: string): void {
    (this.unacked ??= new Set()).add(channel);
  }

  /** The client is open, and came from another process. Its frames wait for the promise, if there is one. */
  announceMoved(): Promise<void> | undefined {
    return this.#owner.opened(this);
  }

  /** Another process has the client. */
  leave(): void {
    this.#end(0, 'moved', false);
  }

  /** The handshake was answered well. Frames of the client wait for the promise, if there is one; it never rejects. */
  open(): Promise<void> | undefined {
    this.#stopOpening();
    if (!this.#advance('handshakeDone')) return undefined;
    this.transport.input.limitTo(this.parts.limits.sizes.afterHandshake);
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
    this.#end(code, reason, this.#state === 'open');
  }

  #end(code: number, reason: string, endsSubscriptions: boolean): void {
    if (!this.#advance('closed')) return;
    this.#stopOpening();
    this.liveness.stop();
    this.#identity?.stop();
    // A close that no client follows with a reconnect is a leave.
    this.#subscriptions?.close(endsSubscriptions, reconnectAdvice(code) === 'never' ? 'left' : 'lost');
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
