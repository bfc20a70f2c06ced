export { nearestName } from './nearest-name.js';
export { checkOptions, longestTimerMs, ruleProblem } from './option-rules.js';
export { count, defaultsOf, duration, flag, number, oneOf, settle, text, value } from './option-table.js';
export { givenOptions, Refusals } from './refusals.js';
export { refuseUnknown, requireRule, requireWholeNumbers, showValue } from './refuse.js';

export type { CheckContext, Part, Rule, RuleTable } from './option-rules.js';
export type {
  OptionOf,
  OptionsOf,
  OptionTable,
  OptionWithDefault,
  SettledOptions,
  UndefinableOptionsOf,
} from './option-table.js';
export type { UnknownContext } from './refuse.js';
