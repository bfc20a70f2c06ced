import type { Logger } from '../../log/logger.js';
import type { FromMover, ToMover } from '../../moves/messages.js';
import { isRawHandle } from '../../websocket/raw-handle.js';
import type { Delivery, WorkerMember } from '../delivery/delivery.js';
import { tell } from '../pools/tell.js';
import type { MoveCounts } from './move-counts.js';
import { MoveOffers, tellSource } from './move-offers.js';

export interface MovesDeps {
  readonly delivery: Delivery;
  readonly logger: Logger;
  /** The workers that have not exited. */
  readonly workers: () => readonly WorkerMember[];
  readonly timeoutMs: number;
}

/** The moves of the sockets of one worker. */
interface Session {
  readonly source: WorkerMember;
  target: WorkerMember | undefined;
  readonly targets: Set<WorkerMember>;
  readonly startedAt: number;
  moved: number;
  finish: () => void;
  deadline: NodeJS.Timeout;
}

/** Additional time before a worker that does not report progress of its moves is given up. */
const graceMs = 10_000;

/**
 * Moves the open sockets of a replaced worker to its successor: relays messages between the two, and the connections.
 * If the successor is lost, another worker takes its place.
 */
export class Moves {
  readonly #deps: MovesDeps;
  readonly #offers: MoveOffers;
  readonly #sessions = new Map<WorkerMember, Session>();
  #moved = 0;
  #closed = 0;

  constructor(deps: MovesDeps) {
    this.#deps = deps;
    this.#offers = new MoveOffers({
      chooseTarget: ({ source }, tried) => this.#chooseTarget(source, tried),
      onSettled: (socket, target) => {
        if (target === undefined) this.#closed += 1;
        else this.#count(socket.source, target);
        tellSource(socket, target === undefined ? 'closed' : 'moved');
      },
      onRefused: ({ id, pid }, reason) =>
        deps.logger.warn('A worker did not take a socket that moves', { worker: id, workerPid: pid, reason }),
    });
  }

  get counts(): MoveCounts {
    return { moved: this.#moved, closed: this.#closed };
  }

  /** Settles when the worker has no sockets left, has exited, or makes no progress. */
  async moveAll(source: WorkerMember, successor: WorkerMember): Promise<void> {
    const { delivery, timeoutMs, logger } = this.#deps;
    const closedBefore = this.#closed;
    // Call this before draining, while the source is still a target and its connections are counted.
    delivery.beginMoves(source, successor);
    delivery.drainWorker(source);
    const startedAt = performance.now();
    await new Promise<void>((finish) => {
      const deadline = setTimeout(finish, timeoutMs + graceMs);
      const targets = new Set([successor]);
      const session: Session = { source, target: successor, targets, startedAt, moved: 0, finish, deadline };
      this.#sessions.set(source, session);
      this.#tell(source, { kind: 'begin', timeoutMs });
    });
    const session = this.#sessions.get(source);
    if (session === undefined) return;
    this.#sessions.delete(source);
    clearTimeout(session.deadline);
    for (const target of session.targets) this.#tell(target, { kind: 'release' });
    const details = {
      worker: source.id,
      moved: session.moved,
      closed: this.#closed - closedBefore,
      ms: Math.round(performance.now() - startedAt),
    };
    if (details.moved + details.closed > 0) logger.info('Open sockets moved to the new worker', details);
  }

  handleMessage(member: WorkerMember, message: FromMover, handle: unknown): void {
    const session = this.#sessions.get(member);
    switch (message.kind) {
      case 'warm':
        if (session?.target !== undefined) this.#tell(session.target, { kind: 'follow', channels: message.channels });
        break;
      case 'offer':
        this.#progress(session);
        this.#onOffer(member, message, handle);
        break;
      case 'done':
        this.#closed += message.closed;
        session?.finish();
        break;
      case 'following':
        for (const { source, target } of this.#sessions.values()) {
          if (target === member) this.#tell(source, { kind: 'warmed', channels: message.channels });
        }
        break;
      case 'accepted':
        this.#offers.accepted(member, message.id);
        break;
      case 'refused':
        this.#offers.refused(member, message.id, message.reason);
        break;
      default:
        message satisfies never;
    }
  }

  /** Removes a worker that is stopping or has exited, as the source and as a target of moves. */
  remove(member: WorkerMember): void {
    this.#sessions.get(member)?.finish();
    for (const session of this.#sessions.values()) {
      session.targets.delete(member);
      if (session.target !== member) continue;
      session.target = this.#chooseTarget(session.source, new Set([member]));
      if (session.target !== undefined) session.targets.add(session.target);
      this.#tell(session.source, { kind: session.target === undefined ? 'end' : 'retarget' });
    }
  }

  /** Removes a worker that has exited. */
  forget(member: WorkerMember): void {
    this.remove(member);
    this.#offers.removeTarget(member);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.finish();
    this.#offers.close();
  }

  #onOffer(source: WorkerMember, offer: Extract<FromMover, { kind: 'offer' }>, handle: unknown): void {
    if (!isRawHandle(handle)) {
      // Without a handle the move fails; the worker still has its own copy of the connection.
      this.#tell(source, { kind: 'settled', id: offer.id, outcome: 'lost' });
      return;
    }
    const { id: sourceId, state } = offer;
    this.#offers.add({ source, sourceId, state, fallback: Buffer.from(offer.fallback, 'base64'), handle });
  }

  #chooseTarget(source: WorkerMember, tried: ReadonlySet<WorkerMember>): WorkerMember | undefined {
    const target = this.#sessions.get(source)?.target;
    const isFit = (member: WorkerMember): boolean =>
      member.state === 'ready' && member !== source && !tried.has(member) && !this.#sessions.has(member);
    if (target !== undefined && isFit(target)) return target;
    return this.#deps.workers().find(isFit);
  }

  #count(source: WorkerMember, target: WorkerMember): void {
    this.#moved += 1;
    const session = this.#sessions.get(source);
    if (session !== undefined) session.moved += 1;
    this.#deps.delivery.countMoved(target);
  }

  /** Each offer is progress, and extends the deadline: a worker with many sockets needs more time. */
  #progress(session: Session | undefined): void {
    session?.deadline.refresh();
  }

  #tell(member: WorkerMember, message: ToMover): void {
    tell(member, { type: 'move', message });
  }
}
