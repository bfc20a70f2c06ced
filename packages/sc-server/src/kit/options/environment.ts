import { readFileSync } from 'node:fs';
import { InvalidOptionsError } from 'sc-protocol';
import { nearestName, Refusals, ruleProblem, showValue, type Part, type Rule, type RuleTable } from 'sc-protocol/kit';
import { hasTextForm, valueFromText } from './from-text.js';

/** An environment variable that sets an option. */
export interface EnvironmentVariable {
  /** Name of the variable. */
  readonly name: string;
  /** Name of the option. */
  readonly option: string;
  /** Whether the value must not be shown. */
  readonly isSecret: boolean;
  /** Whether the variable is the path of a file that contains the value. */
  readonly isFile: boolean;
  /** The field of the option that the variable sets, if not the whole option. */
  readonly part?: Part;
}

/** Options read from the environment. */
export interface EnvironmentOptions {
  /** The options, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The variables that set each option. */
  readonly origins: ReadonlyMap<string, readonly string[]>;
  /** Warnings about variables with our prefix that set nothing and resemble a known name. */
  readonly warnings: readonly string[];
}

const prefix = 'SC_';

/** Variables set by hosting platforms, used as a fallback. */
const aliases: Readonly<Record<string, string>> = { port: 'PORT' };

/** Returns all supported variables, in the order of the options: `pingTimeout` is `SC_PING_TIMEOUT`. */
export function environmentVariables(rules: RuleTable): readonly EnvironmentVariable[] {
  return Object.entries(rules).flatMap(([option, rule]) => variablesOf(option, rule));
}

/**
 * Reads options from the environment. An empty variable counts as not set. Throws one `InvalidOptionsError`, which
 * names the variables, for all invalid values and unreadable files.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, rules: RuleTable): EnvironmentOptions {
  const options: Record<string, unknown> = {};
  const origins = new Map<string, readonly string[]>();
  const refusals = new Refusals();
  for (const [option, rule] of Object.entries(rules)) {
    const given = variablesOf(option, rule).filter(({ name }) => isSet(env[name]));
    if (given.length === 0) continue;
    refusals.run(() => {
      refuseTwice(given);
      options[option] = rule.parts === undefined ? readValue(env, rule, given) : readParts(env, option, given);
    });
    origins.set(
      option,
      given.map(({ name }) => name),
    );
  }
  refusals.throwAny();
  return { options, origins, warnings: strayWarnings(env, rules) };
}

/** Returns the environment without secret variables, for child processes. */
export function withoutSecretVariables(env: NodeJS.ProcessEnv, rules: RuleTable): NodeJS.ProcessEnv {
  const rest = { ...env };
  for (const { name, isSecret } of environmentVariables(rules)) if (isSecret) delete rest[name];
  return rest;
}

function variablesOf(option: string, rule: Rule): EnvironmentVariable[] {
  const name = prefix + option.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  const isSecret = rule.secret === true;
  if (rule.parts !== undefined) {
    return rule.parts.flatMap((part) => {
      const own = { name: `${name}_${part.name.toUpperCase()}`, option, part, isSecret };
      const file = { ...own, name: `${own.name}_FILE`, isFile: true };
      return part.type === 'bytes' ? [file] : [{ ...own, isFile: false }, file];
    });
  }
  if (!hasTextForm(rule)) return [];
  const variables = [{ name, option, isSecret, isFile: false }];
  if (isSecret) variables.push({ name: `${name}_FILE`, option, isSecret, isFile: true });
  const alias = aliases[option];
  if (alias !== undefined) variables.push({ name: alias, option, isSecret, isFile: false });
  return variables;
}

/** Rejects an option that is set both by value and by file, because it is ambiguous. */
function refuseTwice(given: readonly EnvironmentVariable[]): void {
  for (const { name, option } of given) {
    if (given.some((other) => other.name === `${name}_FILE`)) {
      throw new InvalidOptionsError(`\`${name}\` and \`${name}_FILE\` are both set: keep one of them`, { option });
    }
  }
}

function readValue(env: NodeJS.ProcessEnv, rule: Rule, given: readonly EnvironmentVariable[]): unknown {
  const [variable] = given;
  if (variable === undefined) return undefined;
  const { name, option } = variable;
  const text = readText(env, variable);
  const refuse = (problem: string) => {
    const got = rule.secret === true ? '' : `, got ${showValue(text)}`;
    return new InvalidOptionsError(`\`${name}\` in the environment ${problem}${got}`, { option });
  };
  let value: unknown;
  try {
    value = valueFromText(rule, text);
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const problem = ruleProblem(rule, value);
  if (problem !== undefined) throw refuse(problem);
  return value;
}

/**
 * Returns a function, so that files are read again whenever the option is. The first call, here, reports unreadable
 * files.
 */
function readParts(env: NodeJS.ProcessEnv, option: string, given: readonly EnvironmentVariable[]): () => object {
  const read = () =>
    Object.fromEntries(
      given.map((variable) => [
        variable.part?.name ?? option,
        variable.part?.type === 'bytes' ? readBytes(env, variable) : readText(env, variable),
      ]),
    );
  read();
  return read;
}

function readText(env: NodeJS.ProcessEnv, variable: EnvironmentVariable): string {
  // Editors and `echo` append a line break, which is not part of the secret.
  if (variable.isFile)
    return readBytes(env, variable)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  return env[variable.name] ?? '';
}

function readBytes(env: NodeJS.ProcessEnv, { name, option }: EnvironmentVariable): Buffer {
  const path = env[name] ?? '';
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    const message = `\`${name}\` names a file that cannot be read (${code}): ${showValue(path)}`;
    throw new InvalidOptionsError(message, { option }, { cause });
  }
}

function strayWarnings(env: NodeJS.ProcessEnv, rules: RuleTable): string[] {
  const known = environmentVariables(rules).map(({ name }) => name.slice(prefix.length));
  return Object.keys(env).flatMap((name) => {
    const bare = name.slice(prefix.length);
    if (!name.startsWith(prefix) || known.includes(bare)) return [];
    const nearest = nearestName(bare, known);
    return nearest === undefined
      ? []
      : [`The environment variable ${name} sets nothing; did you mean ${prefix}${nearest}?`];
  });
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
