import type { Buffer } from 'node:buffer';
import { InvalidArgumentsError } from 'sc-protocol';
import type { Stream, StreamLimits } from '../data/stream.js';
import type { Streams } from '../data/streams.js';
import type { ChannelRuleTable } from '../rules/channel-rules.js';

export interface HistoryOwner {
  /** Bytes that kept publications may currently take. */
  room(): number;
  /** Throws when no more publications can be kept for now, e.g. because the log is too slow. */
  admit(): void;
  /** The error if the log cannot be written. */
  logFailure(): Error | undefined;
}

/**
 * Decides which publications are kept, and the limits of their streams: by the channel rules, or, if no rule applies,
 * by the limits of the publisher that created the stream. Later publishers cannot change these limits.
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

  /** Whether no channel has history. Hot path. */
  get isOff(): boolean {
    return this.#rules.isEmpty && this.#streams.size === 0;
  }

  /** Returns the channel's stream, creating it if the channel's rule keeps history. */
  open(channel: string, now: number): Stream | undefined {
    const limits = this.#limitsOf(channel);
    return limits === undefined ? undefined : this.#streams.open(channel, limits, now);
  }

  /** Whether new subscribers of the channel receive its last publication. */
  isLast(channel: string): boolean {
    return this.#rules.ruleOf(channel)?.isLast === true;
  }

  /**
   * Appends a publication to the channel's stream, if the channel has one, and returns the stream. Without a rule,
   * `own` limits create a stream. When history is full, evicts entries of the least recently used streams. Hot path.
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
   * Applies the current rules to the streams restored from the folder. Removes the streams of channels that no longer
   * keep history: otherwise their readers would not detect the gap of the publications that are not kept.
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
