import { InvalidOptionsError } from 'sc-protocol';
import { refuseUnknown, requireRule, requireWholeNumbers, showValue } from 'sc-protocol/kit';
import { parseChannelPattern } from './channel-pattern.js';
import type { ChannelMatcher } from './channel-pattern.js';

/** Limits of the history of a channel. */
export interface HistoryRule {
  /** Number of publications that a channel's stream keeps, at most 100,000. */
  readonly size: number;
  /** Milliseconds that the stream keeps a publication. */
  readonly ageMs: number;
}

/** Presence settings of a channel. */
export interface PresenceRule {
  /** Milliseconds that a user remains a member after its last connection is lost. @default 15000 */
  readonly graceMs?: number;
}

/** Rule for the channels of a pattern. */
export interface ChannelRule {
  /** The past publications that a channel keeps; `false` for none. @default false */
  readonly history?: HistoryRule | false;
  /** Keeps the last publication regardless of its age: a history of size 1 without a maximum age. @default none */
  readonly last?: true;
  /**
   * Treatment of publications while the store's log cannot be written, e.g. because the disk is full: `'memory'` keeps
   * them in memory, `'refuse'` rejects them. @default 'memory'
   */
  readonly whenLogFails?: 'memory' | 'refuse';
  /** Settings for the members of the channel. @default the defaults of `PresenceRule` */
  readonly presence?: PresenceRule;
  /** `host`: publications stay on this host. @default every host */
  readonly scope?: 'host';
}

/**
 * Rules by pattern of channel names. The first matching rule applies, in the order written. In a pattern, `{name}`
 * matches one part without `/`, and a final `*` the rest.
 */
export type ChannelRules = Readonly<Record<string, ChannelRule>>;

/** Limits of a channel's stream. */
export interface KeptHistory {
  readonly maxSize: number;
  readonly maxAgeMs: number;
}

/** A rule with its defaults filled in. */
export interface ResolvedChannelRule {
  readonly pattern: string;
  /** `undefined` if the channel keeps no history. */
  readonly history: KeptHistory | undefined;
  /** Whether new subscribers receive the last publication. */
  readonly isLast: boolean;
  /** Whether publications are rejected while the log cannot be written. */
  readonly refusesWithoutLog: boolean;
  readonly presence: Required<PresenceRule> | undefined;
  readonly scope: 'host' | undefined;
}

/** Grace of members in channels whose rule does not set one. */
export const defaultGraceMs = 15_000;

/** Value of `maxAgeMs` without a maximum age. */
export const noMaxAgeMs = Number.MAX_SAFE_INTEGER;

const maxHistorySize = 100_000;
/** Maximum number of cached channels. Beyond it, the cache is cleared. */
const maxRemembered = 65_536;

/** The rules of a store or a worker. Finds the rule that applies to a channel. */
export class ChannelRuleTable {
  readonly #rules: readonly (readonly [ChannelMatcher, ResolvedChannelRule])[];
  readonly #remembered = new Map<string, ResolvedChannelRule | undefined>();

  /** Throws `InvalidOptionsError`. */
  constructor(rules: ChannelRules = {}) {
    requireRule(isPlainObject(rules), 'channels', 'an object of rules by pattern', rules);
    this.#rules = Object.entries(rules).map(([pattern, rule]) => [
      parseChannelPattern(pattern),
      resolveRule(pattern, rule),
    ]);
  }

  /** Whether there are no rules. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** The rule that applies to a channel, if any. Hot path. */
  ruleOf(channel: string): ResolvedChannelRule | undefined {
    if (this.#rules.length === 0) return undefined;
    const remembered = this.#remembered.get(channel);
    if (remembered !== undefined || this.#remembered.has(channel)) return remembered;
    const rule = this.#rules.find(([matches]) => matches(channel))?.[1];
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(channel, rule);
    return rule;
  }
}

function resolveRule(pattern: string, rule: ChannelRule): ResolvedChannelRule {
  const option = `channels[${JSON.stringify(pattern)}]`;
  requireRule(isPlainObject(rule), option, 'an object', rule);
  refuseUnknown(rule, ['history', 'last', 'whenLogFails', 'presence', 'scope'], { prefix: `${option}.` });
  const { history, last, whenLogFails, presence, scope } = rule;
  requireRule(last === undefined || last, `${option}.last`, 'true or left out', last);
  requireRule([undefined, 'host'].includes(scope), `${option}.scope`, "'host' or left out", scope);
  requireRule(
    [undefined, 'memory', 'refuse'].includes(whenLogFails),
    `${option}.whenLogFails`,
    "'memory' or 'refuse'",
    whenLogFails,
  );
  if (whenLogFails !== undefined && last !== true && (history ?? false) === false) {
    throw new InvalidOptionsError(`\`${option}.whenLogFails\` needs history or last, and there is none`, {
      option: `${option}.whenLogFails`,
    });
  }
  if (last === true && history !== undefined) {
    throw new InvalidOptionsError(
      `\`${option}.last\` is a history of one publication: \`history\` must be left out, got ${showValue(history)}`,
      { option: `${option}.history` },
    );
  }
  return {
    pattern,
    history: last === true ? { maxSize: 1, maxAgeMs: noMaxAgeMs } : resolveHistory(`${option}.history`, history),
    isLast: last === true,
    refusesWithoutLog: whenLogFails === 'refuse',
    presence: resolvePresence(`${option}.presence`, presence),
    scope,
  };
}

function resolveHistory(option: string, history: HistoryRule | false | undefined): KeptHistory | undefined {
  if (history === undefined || history === false) return undefined;
  requireRule(isPlainObject(history), option, '{ size, ageMs } or false', history);
  const prefix = `${option}.`;
  refuseUnknown(history, ['size', 'ageMs'], { prefix });
  requireWholeNumbers({ ...history }, ['size'], { min: 1, max: maxHistorySize, prefix });
  requireWholeNumbers({ ...history }, ['ageMs'], { min: 1, prefix });
  return { maxSize: history.size, maxAgeMs: history.ageMs };
}

function resolvePresence(option: string, presence: PresenceRule | undefined): Required<PresenceRule> | undefined {
  if (presence === undefined) return undefined;
  requireRule(isPlainObject(presence), option, '{ graceMs }', presence);
  const prefix = `${option}.`;
  refuseUnknown(presence, ['graceMs'], { prefix });
  const { graceMs = defaultGraceMs } = presence;
  requireWholeNumbers({ graceMs }, ['graceMs'], { min: 0, prefix });
  return { graceMs };
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
