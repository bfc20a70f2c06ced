import type { Socket } from 'node:net';

/** Subscriptions and retained calls restored per event loop turn. */
const perTurn = 2000;

export interface RenewalOwner {
  /** Whether the link is still the current one. */
  readonly isCurrent: () => boolean;
  /** Flushes the buffered frames. */
  readonly flush: () => void;
  readonly done: () => void;
}

/** Restores the state of the previous link in batches, so as not to block this process or flood the link. */
export function renewInTurns(socket: Socket, steps: Generator<void, void>, owner: RenewalOwner): void {
  if (!owner.isCurrent()) return;
  for (let i = 0; i < perTurn; i++) {
    if (steps.next().done !== true) continue;
    owner.done();
    return;
  }
  owner.flush();
  const goOn = (): void => renewInTurns(socket, steps, owner);
  if (socket.writableNeedDrain) socket.once('drain', goOn);
  else setImmediate(goOn);
}
