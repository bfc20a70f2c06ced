import { InvalidArgumentsError } from 'sc-protocol';
import { chooseTarget } from './target-choice.js';
import type { ChoicePolicy, TargetLoad } from './target-choice.js';

export interface TableRules {
  readonly policy: ChoicePolicy;
  readonly rampMs: number;
  readonly ejectMs: number;
  readonly now: () => number;
  readonly random: () => number;
}

/** A connection that a target has not acknowledged yet. */
export interface Offer {
  readonly at: number;
}

/**
 * A target that leaves a connection unacknowledged for longer than this may have stopped. It gets no new connections
 * until it replies, unless all other targets are as slow.
 */
const suspectAfterMs = 250;

/** One target and its counts. */
export interface TargetEntry<T> extends TargetLoad {
  readonly target: T;
  /** Connections offered to the target and not acknowledged yet, oldest first. */
  readonly offers: Set<Offer>;
  connections: number;
  ejectedUntil: number;
  /** Accepts no new connections; open ones continue. */
  isDraining: boolean;
  /** The target that took over its connections. */
  heir: TargetEntry<T> | undefined;
}

/** The targets of a balancer and their connection counts. Chooses the target of the next connection. */
export class TargetTable<T extends { readonly id: string }> {
  readonly #entries = new Map<string, TargetEntry<T>>();
  #turn = 0;

  constructor(readonly rules: TableRules) {}

  get entries(): readonly TargetEntry<T>[] {
    return [...this.#entries.values()];
  }

  get(id: string): TargetEntry<T> | undefined {
    return this.#entries.get(id);
  }

  add(target: T): TargetEntry<T> {
    if (this.#entries.has(target.id)) throw new InvalidArgumentsError(`Target "${target.id}" already exists`);
    const addedAt = this.rules.now();
    // While no target has connections, a ramp would only distribute them unevenly.
    const isFirst = [...this.#entries.values()].every((entry) => entry.isDraining || entry.connections === 0);
    const entry = {
      id: target.id,
      target,
      offers: new Set<Offer>(),
      connections: 0,
      addedAt: isFirst ? -Infinity : addedAt,
      ejectedUntil: -Infinity,
      isDraining: false,
      heir: undefined,
    };
    this.#entries.set(target.id, entry);
    return entry;
  }

  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /**
   * Moves the connection count of one target to another one. Later releases of the moved connections count for the new
   * target.
   */
  succeed(from: string, to: string): void {
    const entry = this.#entries.get(from);
    const heir = this.#entries.get(to);
    if (entry === undefined || heir === undefined || entry === heir) return;
    heir.connections += entry.connections;
    entry.connections = 0;
    entry.heir = heir;
  }

  /** Decrements the count of the target, or of its heir, when a connection ends. */
  release(entry: TargetEntry<T>): void {
    let owner = entry;
    while (owner.heir !== undefined) owner = owner.heir;
    owner.connections--;
  }

  /** Returns the entry for the next connection, among those that `accept` permits. */
  choose(address: string | undefined, accept: (entry: TargetEntry<T>) => boolean): TargetEntry<T> | undefined {
    const { policy, rampMs, random } = this.rules;
    const now = this.rules.now();
    const candidates = this.entries.filter((entry) => !entry.isDraining && accept(entry));
    const answering = candidates.filter(({ offers }) => !isSuspect(offers, now));
    const eligible = answering.length > 0 ? answering : candidates;
    return chooseTarget(eligible, { policy, rampMs, random, now, turn: this.#turn++, address });
  }

  /** Records that a connection was offered to the target. Returns a function to call on the reply or the timeout. */
  offer(entry: TargetEntry<T>): () => void {
    const offer = { at: this.rules.now() };
    entry.offers.add(offer);
    return () => void entry.offers.delete(offer);
  }

  /** Skips a failed target for `ejectMs`. */
  eject(entry: TargetEntry<T>): void {
    entry.ejectedUntil = this.rules.now() + this.rules.ejectMs;
  }
}

function isSuspect(offers: ReadonlySet<Offer>, now: number): boolean {
  for (const { at } of offers) return now - at > suspectAfterMs;
  return false;
}
