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
  /** Sends to the supervisor, with a connection or without. Throws when it cannot. */
  readonly send: (message: FromMoveSource, handle?: RawHandle) => void;
}

/** Sockets on their way at one time: each is still until the next worker has it. */
const maxOnTheirWay = 8;
const lookMs = 4;
/** Share of the time after which new messages of a socket wait for the next worker, so that its calls come to an end. */
const holdShare = 0.25;
/** How long a socket may take for the rest once its calls have been ended. */
const graceMs = 2_000;
/** The period over which sockets that could not move in time are closed. */
const closeOverMs = 2_000;
/** Sockets of presence closed at a look, so that not all clients reconnect at once. */
const closedPerLook = 8;

interface Leaving {
  readonly left: readonly MovedSubscription[];
  readonly input: UnreadInput;
}

/** Moves the sockets of a worker that is replaced to the next one, one after the other, each when nothing of it is half done. */
export class MoveSource {
  readonly #deps: MoveSourceDeps;
  readonly #warm: WarmChannels;
  /** Sockets that are offered and not settled, with this process's copy of their connections. */
  readonly #offered = new Map<number, { readonly handle: RawHandle; readonly fallback: Buffer }>();
  /** Sockets that are not read any more, while their last bytes leave. */
  readonly #leaving = new Map<SocketCore, Leaving>();
  readonly #flushing = new Set<SocketCore>();
  /** Sockets that have left their channels and are not quiet. */
  readonly #left = new WeakMap<SocketCore, readonly MovedSubscription[]>();
  #lastId = 0;
  #closed = 0;
  /** How many sockets of presence this look may still close. */
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
      // Sockets that move leave the set, which an iteration bears.
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

  /** Moves the socket if it is quiet; `share` is that of the time that has passed. */
  #step(core: SocketCore, share: number): void {
    const leaving = this.#leaving.get(core);
    if (leaving !== undefined) {
      this.#detach(core, leaving);
      return;
    }
    if (core.state !== 'open' || this.#flushing.has(core)) return;
    // From its end on nothing new is begun, and what does not end is ended.
    if (share >= holdShare) core.receiver.hold();
    if (share >= 1)
      core.socket.failCalls(new MovedError('The worker was replaced before it answered', { isUnknown: true }));
    if (usesPresence(core)) {
      if (share >= holdShare) this.#closePresent(core);
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

  /** The client reconnects to the next worker within the grace of its memberships. */
  #closePresent(core: SocketCore): void {
    if (core.openCalls > 0 || this.#mayClose === 0) return;
    this.#mayClose -= 1;
    this.#closed += 1;
    core.close(closeCodes.serviceRestart);
  }

  /** Publications that pass middleware may never come to an end while others follow. */
  #leaveBusyChannels(core: SocketCore): void {
    const { publishOut } = core.parts.channels;
    if (this.#left.has(core) || publishOut.waitingFor(core) === 0 || !areSettled(core.subscriptions)) return;
    this.#left.set(core, leaveChannels(core));
  }

  /** Publications without an ack must be in their stores before the client's next ones come by another worker. */
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

  /** Offers the socket once its last bytes have left. */
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
    // This process's copy only.
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
      return false; // The supervisor is gone, and this process ends.
    }
  }

  /** Until something has changed, or it is time to look again. */
  async #pause(): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.#wake = resolve));
    await Promise.race([sleep(lookMs), woken]);
    this.#wake = undefined;
    await sleep(0);
  }
}
