import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { ResourceLimitError, StartError, TimeoutError } from 'sc-protocol';
import { createAdmission } from '../admission/admission.js';
import type { Admission } from '../admission/admission.js';
import { createPeerList } from '../admission/trusted-peers.js';
import { monotonicMs, parseHandOffReply } from './messages.js';
import type { HandOffOrder } from './messages.js';
import { resolveHandOffOptions } from './options.js';
import type { HandOffOptions, HandOffSettings } from './options.js';
import { listenProblem } from '../proxy/listen-problem.js';
import { TargetTable } from '../targets/target-table.js';
import type { TargetEntry } from '../targets/target-table.js';
import { WaitingLine } from './waiting-line.js';

/** A process that accepts connections. */
export interface HandOffTarget {
  /** Id of the target, unique within the listener. */
  readonly id: string;
  /**
   * Sends the order and the connection over the process's IPC channel with `keepOpen: true`, so that this process keeps
   * its descriptor and can offer the connection to another target. May throw if the process is gone.
   */
  send(order: HandOffOrder, connection: Socket): void;
}

/** Current state of a listener. */
export interface HandOffStatus {
  /** The targets and their open connections. */
  readonly targets: readonly { readonly id: string; readonly connections: number; readonly isDraining: boolean }[];
  /** Connections accepted from the kernel since the start, including refused ones. */
  readonly accepted: number;
  /** Connections that currently have no target. */
  readonly waiting: number;
  /** Connections closed since the start because no target accepted them. */
  readonly dropped: number;
}

interface PendingConnection {
  readonly connection: Socket;
  readonly address: string;
  /**
   * Targets that refused the connection or did not reply. Cleared after the retry delay if no other targets are left.
   */
  readonly tried: Set<string>;
  /** Targets in `tried` that refused because they have reached their connection limit. */
  readonly full: Set<string>;
  /** Closes the connection if no target has accepted it in time. */
  readonly deadline: NodeJS.Timeout;
  readonly expiresAt: number;
}

interface Offer {
  readonly pending: PendingConnection;
  readonly entry: Slots;
  readonly deadline: NodeJS.Timeout;
  readonly settle: () => void;
}

type Slots = TargetEntry<HandOffTarget>;

/**
 * Listens on the port and hands every accepted connection to the target with the fewest connections, without reading
 * from it. Keeps its own descriptor until the target has acknowledged, so that it can offer the connection to another
 * target.
 */
export class HandOffListener {
  readonly #settings: HandOffSettings;
  readonly #server: Server;
  readonly #table: TargetTable<HandOffTarget>;
  readonly #admission: Admission;
  readonly #isUncounted: (address: string | undefined) => boolean;
  readonly #waiting = new WaitingLine<PendingConnection>();
  readonly #offers = new Map<number, Offer>();
  readonly #now: () => number;
  #lastId = 0;
  #accepted = 0;
  #dropped = 0;
  #retry: NodeJS.Timeout | undefined;
  #onEmpty: (() => void) | undefined;
  #drainDeadline: NodeJS.Timeout | undefined;

  /** Creates a listener. Throws `InvalidOptionsError`. Call `listen()` to open the port. */
  constructor(options: HandOffOptions) {
    const settings = resolveHandOffOptions(options);
    this.#settings = settings;
    this.#now = settings.now ?? monotonicMs;
    this.#table = new TargetTable({ ...settings, now: this.#now });
    const perSecond = settings.connectsPerSecondPerAddress;
    this.#admission = createAdmission({ maxPerAddress: 0, perSecond, now: this.#now });
    this.#isUncounted = createPeerList(settings.uncountedPeers, 'uncountedPeers');
    // Socket options set here persist after the hand-off. noDelay is the default of HTTP servers.
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (connection) =>
      this.#onConnection(connection),
    );
  }

  /** Opens the port. Rejects with StartError, for example if the port is in use. */
  listen(): Promise<AddressInfo> {
    const { port, host, backlog } = this.#settings;
    return new Promise((resolve, reject) => {
      const onError = (cause: Error): void => reject(new StartError(listenProblem(port, cause), { port }, { cause }));
      this.#server.once('error', onError);
      this.#server.listen({ port, backlog, ...(host === undefined ? {} : { host }) }, () => {
        this.#server.off('error', onError);
        this.#server.on('error', this.#settings.onWarning);
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  /** Adds a target. Its share of new connections ramps up over `rampMs`. */
  addTarget(target: HandOffTarget): void {
    this.#table.add(target);
    this.#place();
  }

  /** Stops offering connections to the target. It may still accept connections offered before; its counts continue. */
  drainTarget(id: string): void {
    const entry = this.#table.get(id);
    if (entry !== undefined) entry.isDraining = true;
  }

  /** Removes a target that has exited. Connections that it has not acknowledged are offered to the next target. */
  removeTarget(id: string): void {
    const entry = this.#table.get(id);
    if (entry === undefined) return;
    this.#table.remove(id);
    for (const [offerId, offer] of this.#offers) {
      if (offer.entry === entry) this.#takeBack(offerId, offer);
    }
    this.#place();
  }

  /** Counts a connection that moved to this target from another one. The other target reports its end separately. */
  countMoved(id: string): void {
    const entry = this.#table.get(id);
    if (entry !== undefined) entry.connections++;
  }

  /** Handles a message of a target. Returns false if it does not belong to a hand-off. */
  handleMessage(id: string, message: unknown): boolean {
    const reply = parseHandOffReply(message);
    if (reply === undefined) return false;
    const entry = this.#table.get(id);
    if (entry === undefined) return true;
    switch (reply.kind) {
      case 'accepted':
        this.#onAccepted(entry, reply.id);
        break;
      case 'refused': {
        const offer = this.#offers.get(reply.id);
        if (offer?.entry !== entry) break;
        if (reply.isFull === true) offer.pending.full.add(entry.id);
        this.#takeBack(reply.id, offer);
        break;
      }
      case 'released':
        entry.connections = Math.max(0, entry.connections - reply.count);
        break;
    }
    this.#place();
    return true;
  }

  /** The current state. */
  status(): HandOffStatus {
    return {
      targets: this.#table.entries.map(({ id, connections, isDraining }) => ({ id, connections, isDraining })),
      accepted: this.#accepted,
      waiting: this.#waiting.size,
      dropped: this.#dropped,
    };
  }

  /** Stops listening, waits until targets have accepted all held connections or the deadline has passed, and closes. */
  async drain(deadlineMs: number): Promise<void> {
    this.#stopListening();
    if (this.#waiting.size + this.#offers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        this.#drainDeadline = setTimeout(resolve, deadlineMs);
      });
    }
    await this.close();
  }

  /**
   * Stops listening and closes connections that no target has accepted. Handed-over connections stay open. Idempotent.
   */
  async close(): Promise<void> {
    this.#stopListening();
    clearTimeout(this.#retry);
    clearTimeout(this.#drainDeadline);
    for (const [id, offer] of this.#offers) this.#takeBack(id, offer);
    for (const pending of this.#waiting) this.#drop(pending);
    this.#onEmpty?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #stopListening(): void {
    // Don't wait for the callback: it waits for connections that stay open in other processes.
    if (this.#server.listening) this.#server.close();
  }

  #onConnection(connection: Socket): void {
    this.#accepted += 1;
    // The target detects a client that has disconnected.
    connection.on('error', () => undefined);
    const { maxWaiting, maxConnections } = this.#settings;
    if (this.#waiting.size + this.#offers.size >= maxConnections) {
      const problem = `The maximum number of connections without a target (\`maxConnections\`, ${maxConnections}) is reached`;
      this.#refuse(connection, new ResourceLimitError(problem, { limit: 'maxConnections' }));
      return;
    }
    if (this.#waiting.size >= maxWaiting) {
      const problem = `${maxWaiting} connections wait for a target already`;
      this.#refuse(connection, new ResourceLimitError(problem, { limit: 'maxWaiting' }));
      return;
    }
    const address = connection.remoteAddress ?? '';
    if (!this.#isUncounted(address)) {
      if (!this.#admission.enter(address)) {
        const problem = `Too many connections from ${address}`;
        this.#refuse(connection, new ResourceLimitError(problem, { limit: 'connectsPerSecondPerAddress', address }));
        return;
      }
      connection.once('close', () => this.#admission.leave(address));
    }
    const pending: PendingConnection = {
      connection,
      address,
      tried: new Set(),
      full: new Set(),
      expiresAt: this.#now() + this.#settings.waitTimeoutMs,
      deadline: setTimeout(() => this.#onDeadline(pending), this.#settings.waitTimeoutMs),
    };
    this.#waiting.add(pending);
    this.#place();
  }

  /** Offers waiting connections to targets until one side runs out. */
  #place(): void {
    if (this.#waiting.size + this.#offers.size === 0) this.#onEmpty?.();
    let isExhausted = false;
    for (const pending of this.#waiting) {
      const entry = this.#table.choose(pending.address, (slots) => this.#isFree(slots) && !pending.tried.has(slots.id));
      if (entry !== undefined) this.#offer(pending, entry);
      else if (this.#isFullEverywhere(pending)) this.#refuseFull(pending);
      else if (pending.tried.size > 0) isExhausted = true;
      else break;
    }
    if (isExhausted) this.#retry ??= setTimeout(() => this.#retryAll(), this.#settings.retryDelayMs);
  }

  #isFullEverywhere({ full }: PendingConnection): boolean {
    return full.size > 0 && this.#table.entries.every(({ id, isDraining }) => isDraining || full.has(id));
  }

  #isFree(entry: Slots): boolean {
    return entry.offers.size < this.#settings.maxUnanswered;
  }

  #retryAll(): void {
    this.#retry = undefined;
    for (const { tried, full } of this.#waiting) {
      tried.clear();
      full.clear();
    }
    this.#place();
  }

  #offer(pending: PendingConnection, entry: Slots): void {
    this.#waiting.delete(pending);
    const { ackTimeoutMs } = this.#settings;
    const id = (this.#lastId = (this.#lastId + 1) % Number.MAX_SAFE_INTEGER);
    const deadline = setTimeout(() => this.#onAckTimeout(id), ackTimeoutMs);
    const offer: Offer = { pending, entry, deadline, settle: this.#table.offer(entry) };
    this.#offers.set(id, offer);
    entry.connections++;
    try {
      // The other half of the timeout covers the reply's way back, so that a late target cannot accept a connection
      // that has been offered to another one.
      entry.target.send({ kind: 'handOff', id, expiresAt: this.#now() + ackTimeoutMs / 2 }, pending.connection);
    } catch {
      // The target has exited and will be removed; the connection is still open here.
      this.#table.eject(entry);
      this.#takeBack(id, offer);
    }
  }

  #onAccepted(entry: Slots, id: number): void {
    const offer = this.#offers.get(id);
    if (offer?.entry !== entry) {
      // The acknowledgement came after the timeout. A `released` message will follow, so count the connection.
      entry.connections++;
      return;
    }
    this.#settle(id, offer);
    clearTimeout(offer.pending.deadline);
    // This closes only the descriptor of this process; no FIN is sent.
    offer.pending.connection.destroy();
  }

  #onAckTimeout(id: number): void {
    // The reply may have arrived while this process was busy: Node runs timers before it reads input.
    setImmediate(() => {
      const offer = this.#offers.get(id);
      if (offer === undefined) return;
      this.#table.eject(offer.entry);
      this.#takeBack(id, offer);
      this.#place();
    });
  }

  #takeBack(id: number, offer: Offer): void {
    this.#settle(id, offer);
    offer.entry.connections = Math.max(0, offer.entry.connections - 1);
    offer.pending.tried.add(offer.entry.id);
    if (offer.pending.connection.destroyed) clearTimeout(offer.pending.deadline);
    else if (this.#now() >= offer.pending.expiresAt) this.#expire(offer.pending);
    else this.#waiting.putBack(offer.pending);
  }

  #settle(id: number, offer: Offer): void {
    clearTimeout(offer.deadline);
    offer.settle();
    this.#offers.delete(id);
  }

  #onDeadline(pending: PendingConnection): void {
    // An offered connection expires in `#takeBack`, if its target does not accept it.
    if (this.#waiting.has(pending)) this.#expire(pending);
  }

  #expire(pending: PendingConnection): void {
    const problem = `No target took a connection within ${this.#settings.waitTimeoutMs} ms`;
    this.#settings.onWarning(new TimeoutError(problem));
    this.#drop(pending);
  }

  /**
   * Retrying cannot help while every target is at its limit, and a waiting connection would hold a file descriptor
   * here.
   */
  #refuseFull(pending: PendingConnection): void {
    const problem = 'Every target has as many connections as it can hold';
    this.#settings.onWarning(new ResourceLimitError(problem, { limit: 'targetConnections' }));
    this.#drop(pending);
  }

  #refuse(connection: Socket, problem: Error): void {
    this.#settings.onWarning(problem);
    this.#dropped++;
    connection.destroy();
  }

  #drop(pending: PendingConnection): void {
    clearTimeout(pending.deadline);
    this.#waiting.delete(pending);
    this.#dropped++;
    pending.connection.destroy();
  }
}
