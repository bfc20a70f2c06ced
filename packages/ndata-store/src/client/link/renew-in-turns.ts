import type { Socket } from 'node:net';

/** Subscriptions and retained calls that are given again in one loop turn. */
const perTurn = 2000;

export interface RenewalOwner {
  /** Whether the link is still the present one. */
  readonly isCurrent: () => boolean;
  /** Sends what was written so far. */
  readonly flush: () => void;
  readonly done: () => void;
}

/** Gives a store what its predecessor had, in turns, so that neither this process nor the link has it all at once. */
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
