import { monotonicMs } from 'sc-balancer';
import type { SendHandle } from 'node:child_process';
import { endConnection, type RawHandle } from '../../websocket/raw-handle.js';
import type { WorkerMember } from '../delivery/delivery.js';
import { tell } from '../pools/tell.js';

/** A socket in transit between two workers. */
export interface MovingSocket {
  readonly source: WorkerMember;
  /** Id of the socket at the source worker. */
  readonly sourceId: number;
  readonly state: string;
  /** A close frame to send if no worker accepts the socket. */
  readonly fallback: Buffer;
  readonly handle: RawHandle;
}

interface Offer {
  readonly socket: MovingSocket;
  readonly tried: Set<WorkerMember>;
  target: WorkerMember;
  deadline: NodeJS.Timeout;
}

export interface MoveOffersOwner {
  /** Returns the worker to offer a socket to, excluding those in `tried`. */
  chooseTarget(socket: MovingSocket, tried: ReadonlySet<WorkerMember>): WorkerMember | undefined;
  onSettled(socket: MovingSocket, target: WorkerMember | undefined): void;
  onRefused(target: WorkerMember, reason: string): void;
}

/** A worker must accept within half of this time, so that its reply arrives before the timeout. */
const ackTimeoutMs = 8_000;

/**
 * The sockets in transit from one worker to another. Holds a copy of each connection, without reading from it, until a
 * worker has accepted it. Offers it to the next worker if a worker refuses, exits, or does not reply in time.
 */
export class MoveOffers {
  readonly #owner: MoveOffersOwner;
  readonly #offers = new Map<number, Offer>();
  #lastId = 0;

  constructor(owner: MoveOffersOwner) {
    this.#owner = owner;
  }

  add(socket: MovingSocket): void {
    this.#offer(socket, new Set());
  }

  accepted(target: WorkerMember, id: number): void {
    const offer = this.#take(target, id);
    if (offer === undefined) return;
    // This closes only the handle of this process.
    offer.socket.handle.close();
    this.#owner.onSettled(offer.socket, target);
  }

  refused(target: WorkerMember, id: number, reason: string): void {
    const offer = this.#take(target, id);
    if (offer === undefined) return;
    this.#owner.onRefused(target, reason);
    this.#offer(offer.socket, offer.tried);
  }

  /** Removes a worker that has exited, after its last message was handled. */
  removeTarget(target: WorkerMember): void {
    for (const [id, offer] of this.#offers) {
      if (offer.target === target) this.#next(id, offer);
    }
  }

  /** Closes all sockets in transit, because no worker will accept them. */
  close(): void {
    for (const [id, offer] of this.#offers) {
      this.#forget(id, offer);
      this.#end(offer.socket);
    }
  }

  #offer(socket: MovingSocket, tried: Set<WorkerMember>): void {
    const target = this.#owner.chooseTarget(socket, tried);
    if (target === undefined) {
      this.#end(socket);
      return;
    }
    tried.add(target);
    const id = ++this.#lastId;
    const deadline = setTimeout(() => this.#onDeadline(id), ackTimeoutMs);
    const offer: Offer = { socket, tried, target, deadline };
    this.#offers.set(id, offer);
    const { state, handle } = socket;
    const message = { kind: 'adopt', id, state, expiresAt: monotonicMs() + ackTimeoutMs / 2 } as const;
    try {
      target.send({ type: 'move', message }, handle as unknown as SendHandle, {
        keepOpen: true,
        onError: () => this.#next(id, offer),
      });
    } catch {
      // The worker has exited.
      this.#next(id, offer);
    }
  }

  #onDeadline(id: number): void {
    // The reply may have arrived while this process was busy: Node runs timers before it reads input.
    setImmediate(() => {
      const offer = this.#offers.get(id);
      if (offer === undefined) return;
      this.#owner.onRefused(offer.target, 'It did not answer in time');
      this.#next(id, offer);
    });
  }

  #next(id: number, offer: Offer): void {
    if (this.#offers.get(id) !== offer) return;
    this.#forget(id, offer);
    this.#offer(offer.socket, offer.tried);
  }

  #take(target: WorkerMember, id: number): Offer | undefined {
    const offer = this.#offers.get(id);
    if (offer?.target !== target) return undefined;
    this.#forget(id, offer);
    return offer;
  }

  #forget(id: number, { deadline }: Offer): void {
    clearTimeout(deadline);
    this.#offers.delete(id);
  }

  #end(socket: MovingSocket): void {
    endConnection(socket.handle, socket.fallback);
    this.#owner.onSettled(socket, undefined);
  }
}

/** Notifies the source worker of the outcome of a move. */
export function tellSource({ source, sourceId }: MovingSocket, outcome: 'moved' | 'closed'): void {
  tell(source, { type: 'move', message: { kind: 'settled', id: sourceId, outcome } });
}
