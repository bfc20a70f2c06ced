import type { Rule } from './option-rules.js';

declare const valueType: unique symbol;

/** An option: how its value is checked and read, with the type of the value. */
export type OptionOf<Value> = Rule & { readonly [valueType]?: Value };

/** An option that has a default. */
export type OptionWithDefault<Value> = OptionOf<Value> & { readonly default: Value };

/** Declarations of options by name. The comment of each is its description, in editors and in the documentation. */
export type OptionTable = Readonly<Record<string, OptionOf<unknown>>>;

/** The options that a table declares, as given by a user. */
export type OptionsOf<Table extends OptionTable> = { [Name in keyof Table]?: ValueOf<Table[Name]> };

/** Same for options that are read-only and may be `undefined`, which counts as absent. */
export type UndefinableOptionsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]?: ValueOf<Table[Name]> | undefined;
};

/** The options that a table declares, with their defaults. */
export type SettledOptions<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends { readonly default: unknown }
    ? ValueOf<Table[Name]>
    : ValueOf<Table[Name]> | undefined;
};

type ValueOf<Declared> = Declared extends { readonly [valueType]?: infer Value } ? Exclude<Value, undefined> : never;

type Settings<Type extends Rule['type'], Value> = Omit<Extract<Rule, { readonly type: Type }>, 'type' | 'values'> & {
  readonly default?: Value;
};

type With<Setting, Value> = Setting & { readonly default: Value };

/** Declares a text. */
export function text(settings: With<Settings<'string', string>, string>): OptionWithDefault<string>;
export function text(settings?: Settings<'string', string>): OptionOf<string>;
export function text(settings: object = {}): OptionOf<string> {
  return { type: 'string', ...settings };
}

/** Declares a boolean. */
export function flag(settings: With<Settings<'boolean', boolean>, boolean>): OptionWithDefault<boolean>;
export function flag(settings?: Settings<'boolean', boolean>): OptionOf<boolean>;
export function flag(settings: object = {}): OptionOf<boolean> {
  return { type: 'boolean', ...settings };
}

/** Declares a time in whole milliseconds. */
export function duration(settings: With<Settings<'duration', number>, number>): OptionWithDefault<number>;
export function duration(settings?: Settings<'duration', number>): OptionOf<number>;
export function duration(settings: object = {}): OptionOf<number> {
  return { type: 'duration', ...settings };
}

/** Declares a whole number. */
export function count(settings: With<Settings<'count', number>, number>): OptionWithDefault<number>;
export function count(settings: Settings<'count', number>): OptionOf<number>;
export function count(settings: { readonly min: number }): OptionOf<number> {
  return { type: 'count', ...settings };
}

/** Declares a number that need not be whole. */
export function number(settings: With<Settings<'number', number>, number>): OptionWithDefault<number>;
export function number(settings: Settings<'number', number>): OptionOf<number>;
export function number(settings: object): OptionOf<number> {
  return { type: 'number', ...settings };
}

/** Declares one of a few values. */
export function oneOf<const Value>(
  values: readonly Value[],
  settings: { readonly default: Value },
): OptionWithDefault<Value>;
export function oneOf<const Value>(values: readonly Value[]): OptionOf<Value>;
export function oneOf<const Value>(values: readonly Value[], settings: object = {}): OptionOf<Value> {
  return { type: 'one-of', values, ...settings };
}

/** Declares any other value, of the given type. */
export function value<Value>(settings: With<Settings<'any', Value>, Value>): OptionWithDefault<Value>;
export function value<Value>(settings?: Settings<'any', Value>): OptionOf<Value>;
export function value(settings: object = {}): OptionOf<unknown> {
  return { type: 'any', ...settings };
}

/** The defaults of a table, by name. */
export function defaultsOf<Table extends OptionTable>(table: Table): DefaultsOf<Table> {
  const withDefault = Object.entries(table).filter(([, option]) => 'default' in option);
  // By the overloads above, an option has the type of its default exactly if it has one.
  return Object.fromEntries(
    withDefault.map(([name, option]) => [name, (option as OptionWithDefault<unknown>).default]),
  ) as DefaultsOf<Table>;
}

type DefaultsOf<Table extends OptionTable> = {
  readonly [Name in keyof Table as Table[Name] extends { readonly default: unknown } ? Name : never]: ValueOf<
    Table[Name]
  >;
};

/** The given options of the table, with defaults for the others. `undefined` and `null` mean "not given". */
export function settle<Table extends OptionTable>(table: Table, given: object): SettledOptions<Table> {
  const values = given as Readonly<Record<string, unknown>>;
  const entries = Object.entries(table).map(([name, option]) => [
    name,
    values[name] ?? ('default' in option ? option.default : undefined),
  ]);
  return Object.fromEntries(entries) as SettledOptions<Table>;
}
