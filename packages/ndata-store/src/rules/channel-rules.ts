import { InvalidOptionsError } from 'sc-protocol';
import { refuseUnknown, requireRule, requireWholeNumbers, showValue } from 'sc-protocol/kit';
import { parseChannelPattern } from './channel-pattern.js';
import type { ChannelMatcher } from './channel-pattern.js';

/** Limits of the history of a channel. */
export interface HistoryRule {
  /** Publications that a channel's stream keeps, at most 100,000. */
  readonly size: number;
  /** Milliseconds that it keeps them. */
  readonly ageMs: number;
}

/** Presence settings of a channel. */
export interface PresenceRule {
  /** Milliseconds that a user stays a member after its last connection was lost. @default 15000 */
  readonly graceMs?: number;
}

/** Rule for the channels of a pattern. */
export interface ChannelRule {
  /** The past publications that a channel keeps; `false` for none. @default false */
  readonly history?: HistoryRule | false;
  /** Keeps the last publication, however old: a history of size 1 without an age. @default none */
  readonly last?: true;
  /**
   * Treatment of publications while the log of the store cannot be written, as with a full disk: `'memory'` keeps them in
   * memory, `'refuse'` refuses them. @default 'memory'
   */
  readonly whenLogFails?: 'memory' | 'refuse';
  /** Settings of the members of the channel. @default those of a rule without settings */
  readonly presence?: PresenceRule;
  /** `host`: publications stay on this host. @default every host */
  readonly scope?: 'host';
}

/**
 * Rules by pattern of channel names; the first that matches holds, in the order written. In a pattern, `{name}` stands
 * for one part without `/`, and a final `*` for the rest.
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
  /** `undefined` when the channel keeps nothing. */
  readonly history: KeptHistory | undefined;
  /** Whether who subscribes is given the last publication. */
  readonly isLast: boolean;
  /** Whether publications are refused while the log cannot be written. */
  readonly refusesWithoutLog: boolean;
  readonly presence: Required<PresenceRule> | undefined;
  readonly scope: 'host' | undefined;
}

/** Grace of members in channels whose rule does not say. */
export const defaultGraceMs = 15_000;

/** A year and more; an age beyond that is none. */
export const noMaxAgeMs = Number.MAX_SAFE_INTEGER;

const maxHistorySize = 100_000;
/** Channels whose rule is remembered. When there are more, all are looked up again. */
const maxRemembered = 65_536;

/** The rules of a store or a worker, and which of them holds for a channel. */
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

  /** The rule that holds for a channel, if one does. Hot path. */
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
