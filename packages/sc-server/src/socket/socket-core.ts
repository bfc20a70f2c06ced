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
  /** Handles a frame. Later frames wait for the returned promise, if any; it never rejects. */
  handleFrame(core: SocketCore, frame: ClientFrame): Promise<void> | undefined;
  /**
   * Called after the handshake. Frames of the client wait for the returned promise while the application sets up
   * handlers.
   */
  opened(core: SocketCore): Promise<void> | undefined;
  closed(core: SocketCore, code: number, reason: string): void;
  badToken(core: SocketCore, error: unknown, signedToken: unknown): void;
}

/** An upgraded connection. */
export interface AcceptedConnection {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly remoteAddress: string | undefined;
  readonly stream: Duplex;
  readonly subprotocol: string;
  /** State from the previous process, if the socket has moved. */
  readonly moved?: { readonly liveness: SavedLiveness; readonly lastCallId: number } | undefined;
}

/**
 * The internal state of one client's socket, and the parts that the frame handlers work on. The application sees the
 * `SCSocket` around it. Optional parts are created on first use.
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
  /** Writes to the client. Channels deliver to it directly. */
  readonly transport: Transport;
  readonly receiver: Receiver;
  readonly liveness: Liveness;
  /** Whether the client announced the feature `position`. */
  knowsPositions = false;
  /** Whether the client announced the feature `presence`. */
  knowsPresence = false;
  /** Publisher id under which the client numbers its publishes; `undefined` if it does not number them. */
  publisher: string | undefined;
  /** Number of unanswered calls of the client. */
  openCalls = 0;
  /** Whether the open socket moved here from another process. */
  readonly isMoved: boolean;
  /** JSON of the application's `keep` value, passed on when the socket moves. */
  kept: string | undefined;
  /** Ids of orders that the previous process already carried out for this client. */
  carriedOut: ReadonlySet<string> | undefined;
  /** Channels to which the client has published without an ack. */
  unacked: Set<string> | undefined;
  readonly #owner: SocketOwner;
  #state: SocketState = 'connecting';
  #identity: Identity | undefined;
  #calls: OutboundCalls | undefined;
  #subscriptions: Subscriptions | undefined;
  /** Set until the socket is open or closed. */
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

  /** State to pass on when the socket moves; `undefined` if the client never had a token. */
  get savedIdentity(): SavedIdentity | undefined {
    return this.#identity?.save();
  }

  /** Id of the last call to the client; 0 if there was none. */
  get lastCallId(): number {
    return this.#calls?.lastId ?? 0;
  }

  /** Whether a call to the client, a token signature or a token verification is in flight. */
  get isWaiting(): boolean {
    return (this.#calls?.size ?? 0) > 0 || this.#identity?.isSettled === false;
  }

  get subscriptions(): Subscriptions | undefined {
    return this.#subscriptions;
  }

  /** Like `subscriptions`, but created on first use. */
  get ownSubscriptions(): Subscriptions {
    return (this.#subscriptions ??= new Subscriptions(this));
  }

  handleFrame(frame: ClientFrame): Promise<void> | undefined {
    return this.#owner.handleFrame(this, frame);
  }

  /**
   * Greets a client that sent no handshake. Its frames wait for the returned promise. Returns `undefined` if such
   * clients are not supported.
   */
  greet(): Promise<void> | undefined {
    return this.#opening?.greet();
  }

  /** Starts the opening with the client's handshake. */
  beginHandshake(frame: HandshakeFrame): void {
    this.#opening?.begin(frame);
  }

  noteUnacked(channel: string): void {
    (this.unacked ??= new Set()).add(channel);
  }

  /** Announces a socket that moved here already open. Its frames wait for the returned promise, if any. */
  announceMoved(): Promise<void> | undefined {
    return this.#owner.opened(this);
  }

  /** Ends this socket after the client has moved to another process. */
  leave(): void {
    this.#end(0, 'moved', false);
  }

  /** Opens the socket after a successful handshake. Frames wait for the returned promise, if any; it never rejects. */
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
      // Client data must never cause an uncaught exception.
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
    // A close code after which clients do not reconnect counts as a leave.
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
