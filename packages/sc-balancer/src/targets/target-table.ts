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
 * A target that has not acknowledged a connection for this long may have stopped. It gets no further ones until it
 * answers, unless all others are as slow.
 */
const suspectAfterMs = 250;

/** One target and its counts. */
export interface TargetEntry<T> extends TargetLoad {
  readonly target: T;
  /** When each connection was offered that the target has not acknowledged, oldest first. */
  readonly offers: Set<Offer>;
  connections: number;
  ejectedUntil: number;
  /** Takes no new connections, finishes those it has. */
  isDraining: boolean;
  /** The target to which its connections have moved. */
  heir: TargetEntry<T> | undefined;
}

/** The targets of a balancer with their connection counts. Chooses the target of the next connection. */
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

  /** The connections of one target are moving to another one, and count for that from now on. */
  succeed(from: string, to: string): void {
    const entry = this.#entries.get(from);
    const heir = this.#entries.get(to);
    if (entry === undefined || heir === undefined || entry === heir) return;
    heir.connections += entry.connections;
    entry.connections = 0;
    entry.heir = heir;
  }

  /** A connection that counted for the target has ended. */
  release(entry: TargetEntry<T>): void {
    let owner = entry;
    while (owner.heir !== undefined) owner = owner.heir;
    owner.connections--;
  }

  /** The entry for the next connection, among those that `accept` lets take part. */
  choose(address: string | undefined, accept: (entry: TargetEntry<T>) => boolean): TargetEntry<T> | undefined {
    const { policy, rampMs, random } = this.rules;
    const now = this.rules.now();
    const candidates = this.entries.filter((entry) => !entry.isDraining && accept(entry));
    const answering = candidates.filter(({ offers }) => !isSuspect(offers, now));
    const eligible = answering.length > 0 ? answering : candidates;
    return chooseTarget(eligible, { policy, rampMs, random, now, turn: this.#turn++, address });
  }

  /** A connection was offered to the target. Returns the function to call when it has answered, or is not waited for any more. */
  offer(entry: TargetEntry<T>): () => void {
    const offer = { at: this.rules.now() };
    entry.offers.add(offer);
    return () => void entry.offers.delete(offer);
  }

  /** Passes over a target that failed, for a while. */
  eject(entry: TargetEntry<T>): void {
    entry.ejectedUntil = this.rules.now() + this.rules.ejectMs;
  }
}

function isSuspect(offers: ReadonlySet<Offer>, now: number): boolean {
  for (const { at } of offers) return now - at > suspectAfterMs;
  return false;
}
