import { Option, type Command } from 'commander';
import { clusterTable, environmentVariables, readEnvironment, type EnvironmentVariable } from 'sc-server/tools';
import { InvalidOptionsError } from 'sc-protocol';

/** Flags listed in the help; the others are accepted as well. */
const common: Readonly<Record<string, string>> = {
  port: 'public port; 0 for any free one',
  host: 'address to listen on',
  workers: 'number of workers, or auto',
  stores: 'number of stores',
  balancers: 'number of balancers',
  appName: 'name of the cluster',
  workerController: 'module that exports run(worker)',
  logLevel: 'silent, error, warn, info or debug',
};

/**
 * A flag for every option that can be written as text. Secrets are read from files: a command line is visible to all
 * users.
 */
export function addOptionFlags(command: Command): Command {
  for (const variable of flagVariables()) {
    const option = new Option(`--${flagName(variable)} <value>`, common[variable.option]);
    command.addOption(common[variable.option] === undefined ? option.hideHelp() : option);
  }
  return command;
}

/** Parses the options from the flags. Throws `InvalidOptionsError`, which names the flag. */
export function optionsFromFlags(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return readFlags(flags, (env) => readEnvironment(env, clusterTable).options);
}

/** The same options as environment variables, for a program that reads them itself. */
export function variablesFromFlags(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return readFlags(flags, (env) => env);
}

function readFlags<Result>(
  flags: Readonly<Record<string, unknown>>,
  read: (env: Readonly<Record<string, string>>) => Result,
): Result {
  const given = flagVariables().flatMap((variable) => {
    const value = flags[camelCase(flagName(variable))];
    return typeof value === 'string' ? [{ variable, value }] : [];
  });
  try {
    return read(Object.fromEntries(given.map(({ variable, value }) => [variable.name, value])));
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error;
    let { message } = error;
    for (const { variable } of given) {
      const { name } = variable;
      const flag = `--${flagName(variable)}`;
      message = message.replace(`\`${name}\` in the environment`, flag).replace(`\`${name}\` names`, `${flag} names`);
    }
    throw new InvalidOptionsError(message);
  }
}

function flagVariables(): readonly EnvironmentVariable[] {
  return environmentVariables(clusterTable).filter(
    ({ name, isSecret, isFile }) => name.startsWith('SC_') && (!isSecret || isFile),
  );
}

/** Converts `SC_PING_TIMEOUT` to `--ping-timeout`. */
function flagName({ name }: EnvironmentVariable): string {
  return name.slice('SC_'.length).toLowerCase().replaceAll('_', '-');
}

function camelCase(flag: string): string {
  return flag.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}
