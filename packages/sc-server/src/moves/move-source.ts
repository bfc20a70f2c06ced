import { setTimeout as sleep } from 'node:timers/promises';
import { closeCodes, closeReason, MovedError } from 'sc-protocol';
import { closeCodeForClient } from 'sc-protocol/legacy';
import { closeSpread } from '../server/close-spread.js';
import type { ServerParts } from '../server/parts.js';
import type { SocketCore } from '../socket/socket-core.js';
import { frameClose } from '../websocket/close-frame.js';
import { endConnection, type RawHandle } from '../websocket/raw-handle.js';
import { capture, leaveChannels, stopReading, type UnreadInput } from './capture.js';
import type { FromMoveSource, ToMoveSource } from './messages.js';
import { encodeMovedSocket, type MovedSubscription } from './moved-socket.js';
import { areSettled, obstacleOf, usesPresence } from './quiet.js';
import { WarmChannels } from './warm-channels.js';

export interface MoveSourceDeps {
  readonly parts: ServerParts;
  /** The sockets of this process. */
  readonly cores: ReadonlySet<SocketCore>;
  /** Sends a message to the supervisor, optionally with a connection. Throws if it cannot be sent. */
  readonly send: (message: FromMoveSource, handle?: RawHandle) => void;
}

/** Maximum sockets in flight; a socket is unresponsive until the next worker has it. */
const maxOnTheirWay = 8;
const lookMs = 4;
/**
 * Share of the timeout after which new messages of a socket are buffered for the next worker, so that its calls can
 * complete.
 */
const holdShare = 0.25;
/** Milliseconds for a socket to become quiet after its calls were ended. */
const graceMs = 2_000;
/** The period over which sockets that could not move in time are closed. */
const closeOverMs = 2_000;
/** Maximum sockets with presence closed in each round, so that not all clients reconnect at once. */
const closedPerLook = 8;

interface Leaving {
  readonly left: readonly MovedSubscription[];
  readonly input: UnreadInput;
}

/** Moves the sockets of a worker being replaced to the next worker, each as soon as it has no work in progress. */
export class MoveSource {
  readonly #deps: MoveSourceDeps;
  readonly #warm: WarmChannels;
  /** Offered sockets without an outcome, with this process's copy of their connections. */
  readonly #offered = new Map<number, { readonly handle: RawHandle; readonly fallback: Buffer }>();
  /** Sockets that are no longer read, while their last bytes are flushed. */
  readonly #leaving = new Map<SocketCore, Leaving>();
  readonly #flushing = new Set<SocketCore>();
  /** Sockets that have left their channels but are not quiet yet. */
  readonly #left = new WeakMap<SocketCore, readonly MovedSubscription[]>();
  #lastId = 0;
  #closed = 0;
  /** Number of sockets with presence that this round may still close. */
  #mayClose = 0;
  #hasTarget = true;
  #isRunning = false;
  #wake: (() => void) | undefined;

  constructor(deps: MoveSourceDeps) {
    this.#deps = deps;
    this.#warm = new WarmChannels(deps.parts.channels.feeds, (channels) => this.#send({ kind: 'warm', channels }));
  }

  handleMessage(message: ToMoveSource): void {
    switch (message.kind) {
      case 'begin':
        if (!this.#isRunning) void this.#run(message.timeoutMs);
        break;
      case 'warmed':
        this.#warm.add(message.channels);
        break;
      case 'retarget':
        this.#warm.clear();
        break;
      case 'end':
        this.#hasTarget = false;
        break;
      case 'settled':
        this.#settled(message.id, message.outcome);
        break;
      default:
        message satisfies never;
    }
    this.#wake?.();
  }

  async #run(timeoutMs: number): Promise<void> {
    this.#isRunning = true;
    const startedAt = performance.now();
    const { cores } = this.#deps;
    while (cores.size > 0 && this.#hasTarget) {
      const passedMs = performance.now() - startedAt;
      if (passedMs > timeoutMs + graceMs) break;
      this.#mayClose = closedPerLook;
      // Sockets that move are deleted from the set during iteration, which a Set allows.
      for (const core of cores) {
        if (this.#offered.size >= maxOnTheirWay) break;
        this.#step(core, passedMs / timeoutMs);
      }
      this.#warm.requestMissing();
      await this.#pause();
    }
    const left = cores.size;
    this.#closed += left;
    if (left > 0) await closeSpread(cores, closeOverMs, closeCodes.serviceRestart);
    while (this.#offered.size > 0) await this.#pause();
    this.#send({ kind: 'done', closed: this.#closed });
  }

  /** Moves the socket if it is quiet. `share` is the elapsed fraction of the timeout. */
  #step(core: SocketCore, share: number): void {
    const leaving = this.#leaving.get(core);
    if (leaving !== undefined) {
      this.#detach(core, leaving);
      return;
    }
    if (core.state !== 'open' || this.#flushing.has(core)) return;
    // Accept no new work after `holdShare`; end the remaining calls at the timeout.
    if (share >= holdShare) core.receiver.hold();
    if (share >= 1)
      core.socket.failCalls(new MovedError('The worker was replaced before it answered', { isUnknown: true }));
    if (usesPresence(core)) {
      this.#closePresent(core);
      return;
    }
    const isCovered = this.#warm.covers(core);
    if (!isCovered && share < 1) return;
    if (share >= holdShare) this.#leaveBusyChannels(core);
    if (obstacleOf(core) !== undefined) return;
    if (core.unacked !== undefined) {
      this.#awaitPublications(core, core.unacked);
      return;
    }
    this.#leave(core);
  }

  /**
   * Closes a socket that uses presence. The client reconnects to the next worker within the grace period of its
   * memberships.
   */
  #closePresent(core: SocketCore): void {
    if (core.openCalls > 0 || this.#mayClose === 0) return;
    this.#mayClose -= 1;
    this.#closed += 1;
    core.close(closeCodes.serviceRestart);
  }

  /**
   * Leaves the channels of a socket whose publications are in middleware: otherwise new publications could keep it busy
   * forever.
   */
  #leaveBusyChannels(core: SocketCore): void {
    const { publishOut } = core.parts.channels;
    if (this.#left.has(core) || publishOut.waitingFor(core) === 0 || !areSettled(core.subscriptions)) return;
    this.#left.set(core, leaveChannels(core));
  }

  /**
   * Waits for publications without an ack: they must reach their stores before the client's next ones arrive through
   * another worker.
   */
  #awaitPublications(core: SocketCore, channels: ReadonlySet<string>): void {
    const { exchange } = this.#deps.parts.channels;
    core.unacked = undefined;
    this.#flushing.add(core);
    void Promise.allSettled([...channels].map((channel) => exchange.position(channel))).then(() => {
      this.#flushing.delete(core);
      this.#wake?.();
    });
  }

  #leave(core: SocketCore): void {
    const leaving = { left: this.#left.get(core) ?? leaveChannels(core), input: stopReading(core) };
    this.#leaving.set(core, leaving);
    this.#detach(core, leaving);
  }

  /** Offers the socket once its last bytes are flushed. */
  #detach(core: SocketCore, { left, input }: Leaving): void {
    if (core.state === 'closed') {
      this.#leaving.delete(core);
      return;
    }
    const { transport } = core;
    transport.flush();
    if (transport.pendingBytes > 0) return;
    const state = encodeMovedSocket(capture(core, left, input));
    const handle = transport.detach();
    if (handle === undefined) return;
    this.#leaving.delete(core);
    const code = closeCodeForClient(core.writer.dialect, closeCodes.serviceRestart);
    const fallback = frameClose(code, closeReason(closeCodes.serviceRestart));
    core.leave();
    const id = ++this.#lastId;
    this.#offered.set(id, { handle, fallback });
    if (state === undefined) {
      this.#drop(id);
      return;
    }
    const message: FromMoveSource = { kind: 'offer', id, state, fallback: fallback.toString('base64') };
    if (!this.#send(message, handle)) this.#drop(id);
  }

  #settled(id: number, outcome: 'moved' | 'closed' | 'lost'): void {
    const offered = this.#offered.get(id);
    if (offered === undefined) return;
    if (outcome === 'lost') {
      this.#drop(id);
      return;
    }
    this.#offered.delete(id);
    // Closes only this process's copy.
    offered.handle.close();
  }

  #drop(id: number): void {
    const offered = this.#offered.get(id);
    if (offered === undefined) return;
    this.#offered.delete(id);
    this.#closed += 1;
    endConnection(offered.handle, offered.fallback);
  }

  #send(message: FromMoveSource, handle?: RawHandle): boolean {
    try {
      this.#deps.send(message, handle);
      return true;
    } catch {
      return false; // The supervisor has exited, so this process will exit too.
    }
  }

  /** Waits until a change, or until the next round is due. */
  async #pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([sleep(lookMs), woken]);
    this.#wake = undefined;
    await sleep(0);
  }
}
