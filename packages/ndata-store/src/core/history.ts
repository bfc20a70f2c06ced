import type { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import type { Stream, StreamLimits } from '../data/stream.js';
import type { Streams } from '../data/streams.js';
import type { ChannelRuleTable } from '../rules/channel-rules.js';

export interface HistoryOwner {
  /** Bytes that kept publications may take now. */
  room(): number;
  /** Throws when no more can be kept for now, as when a log is too slow. */
  admit(): void;
  /** Why the log cannot be written, if so. */
  logFailure(): Error | undefined;
}

/**
 * Decides which publications are kept, and how much: by the channel rules, and where no rule applies by the limits with which
 * a publisher began the stream. Later publishers cannot change them.
 */
export class History {
  readonly #streams: Streams;
  readonly #rules: ChannelRuleTable;
  readonly #owner: HistoryOwner;

  constructor(streams: Streams, rules: ChannelRuleTable, owner: HistoryOwner) {
    this.#streams = streams;
    this.#rules = rules;
    this.#owner = owner;
  }

  /** Whether no channel keeps anything. Hot path. */
  get isOff(): boolean {
    return this.#rules.isEmpty && this.#streams.size === 0;
  }

  /** The channel's stream, which begins now if its rule keeps history and there is none. */
  open(channel: string, now: number): Stream | undefined {
    const limits = this.#limitsOf(channel);
    return limits === undefined ? undefined : this.#streams.open(channel, limits, now);
  }

  /** Whether who subscribes to the channel is given its last publication. */
  isLast(channel: string): boolean {
    return this.#rules.ruleOf(channel)?.isLast === true;
  }

  /**
   * Keeps a publication as the newest of its channel's stream, if the channel has one, and returns the stream. Without a
   * rule, `own` limits begin one. When history is full, entries of the least recently used streams go. Hot path.
   */
  keep(channel: string, payload: Buffer, now: number, own?: StreamLimits): Stream | undefined {
    const given = this.#limitsOf(channel);
    const limits = given ?? own;
    if (limits === undefined) return undefined;
    if (given === undefined) this.#requireNoRule(channel);
    const failure = this.#owner.logFailure();
    if (failure !== undefined && this.#rules.ruleOf(channel)?.refusesWithoutLog === true) throw failure;
    this.#owner.admit();
    const stream = this.#streams.open(channel, limits, now, given === undefined);
    this.#streams.append(stream, now, payload.toString('latin1'));
    this.#streams.evict(this.#owner.room(), stream);
    return stream;
  }

  /**
   * Holds the streams that a folder brought back to the rules of now. A stream whose channel keeps nothing any more goes:
   * if it stayed, its readers would not learn of the publications that it lacks.
   */
  applyRules(now: number): void {
    for (const channel of this.#streams.channels()) {
      const stream = this.#streams.get(channel);
      const limits = this.#limitsOf(channel);
      if (limits === undefined) this.#streams.remove(channel);
      else if (stream !== undefined) this.#limit(stream, limits, now);
    }
    this.#streams.evict(this.#owner.room(), undefined);
  }

  /** Hot path. */
  #limitsOf(channel: string): StreamLimits | undefined {
    const rule = this.#rules.ruleOf(channel);
    if (rule !== undefined) return rule.history;
    const stream = this.#streams.get(channel);
    return stream?.hasOwnLimits === true ? stream.limits : undefined;
  }

  #requireNoRule(channel: string): void {
    const rule = this.#rules.ruleOf(channel);
    if (rule === undefined) return;
    throw new InvalidArgumentsError(
      `The channel "${channel}" cannot keep publications: its rule \`channels[${JSON.stringify(rule.pattern)}]\` has no history`,
    );
  }

  #limit(stream: Stream, limits: StreamLimits, now: number): void {
    this.#streams.limit(stream, limits);
    this.#streams.trim(stream, now);
  }
}
