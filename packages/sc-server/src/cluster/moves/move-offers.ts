import { monotonicMs } from 'sc-balancer';
import type { SendHandle } from 'node:child_process';
import { endConnection, type RawHandle } from '../../websocket/raw-handle.js';
import type { WorkerMember } from '../delivery/delivery.js';
import { tell } from '../pools/tell.js';

/** An open socket between two workers. */
export interface MovingSocket {
  readonly source: WorkerMember;
  /** Its number at the worker that had it. */
  readonly sourceId: number;
  readonly state: string;
  /** A close frame for the case that no worker takes it. */
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
  /** The worker to offer a socket to, among those that it was not offered to. */
  chooseTarget(socket: MovingSocket, tried: ReadonlySet<WorkerMember>): WorkerMember | undefined;
  onSettled(socket: MovingSocket, target: WorkerMember | undefined): void;
  onRefused(target: WorkerMember, reason: string): void;
}

/** A worker must accept within half of this; then it is sure that the answer is here in time. */
const ackTimeoutMs = 8_000;

/**
 * The sockets that are on their way from one worker to another. Holds a copy of each connection, of which it reads nothing,
 * until a worker has accepted it; offers it to the next one when a worker refuses, exits, or does not answer.
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
    // This process's copy only.
    offer.socket.handle.close();
    this.#owner.onSettled(offer.socket, target);
  }

  refused(target: WorkerMember, id: number, reason: string): void {
    const offer = this.#take(target, id);
    if (offer === undefined) return;
    this.#owner.onRefused(target, reason);
    this.#offer(offer.socket, offer.tried);
  }

  /** A worker has exited, after its last message. */
  removeTarget(target: WorkerMember): void {
    for (const [id, offer] of this.#offers) {
      if (offer.target === target) this.#next(id, offer);
    }
  }

  /** No worker will take a socket any more. */
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
      // The worker has gone.
      this.#next(id, offer);
    }
  }

  #onDeadline(id: number): void {
    // The answer may have arrived while this process was busy: timers run before input is read.
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

/** Tells a worker about the sockets that it has given away. */
export function tellSource({ source, sourceId }: MovingSocket, outcome: 'moved' | 'closed'): void {
  tell(source, { type: 'move', message: { kind: 'settled', id: sourceId, outcome } });
}
