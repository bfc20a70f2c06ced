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

/** One target and its counts. */
export interface TargetEntry<T> extends TargetLoad {
  readonly target: T;
  connections: number;
  ejectedUntil: number;
  /** Takes no new connections, finishes those it has. */
  isDraining: boolean;
}

/** The targets of a balancer: who is there, how much each one has, and who is next. */
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
    if (this.#entries.has(target.id)) throw new InvalidArgumentsError(`There is a target "${target.id}" already`);
    const addedAt = this.rules.now();
    // As long as nobody has a connection there is nothing to catch up with, and a ramp would only make them uneven.
    const isFirst = [...this.#entries.values()].every((entry) => entry.isDraining || entry.connections === 0);
    const entry = {
      id: target.id,
      target,
      connections: 0,
      addedAt: isFirst ? -Infinity : addedAt,
      ejectedUntil: -Infinity,
      isDraining: false,
    };
    this.#entries.set(target.id, entry);
    return entry;
  }

  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** The entry for the next connection, among those that `accept` lets take part. */
  choose(address: string | undefined, accept: (entry: TargetEntry<T>) => boolean): TargetEntry<T> | undefined {
    const { policy, rampMs, now, random } = this.rules;
    const candidates = this.entries.filter((entry) => !entry.isDraining && accept(entry));
    return chooseTarget(candidates, { policy, rampMs, random, now: now(), turn: this.#turn++, address });
  }

  /** Passes over a target that failed, for a while. */
  eject(entry: TargetEntry<T>): void {
    entry.ejectedUntil = this.rules.now() + this.rules.ejectMs;
  }
}
