import type { Command } from 'commander';
import { defaultsOf } from 'sc-protocol/kit';
import { clusterTable, environmentVariables, resolveClusterOptions } from 'sc-server/tools';
import { findServer } from '../config/launch-plan.js';
import { loadConfig } from '../config/load-config.js';
import { addOptionFlags, optionsFromFlags } from '../config/option-flags.js';
import { examples } from '../shared/examples.js';
import { table } from '../shared/table.js';
import type { Terminal } from '../terminal.js';

type ConfigFlags = Readonly<Record<string, unknown>> & { readonly config?: string; readonly json?: boolean };

const defaults: Readonly<Record<string, unknown>> = defaultsOf(clusterTable);

/** Adds `config check`, `config show` and `config env`. */
export function configCommand(program: Command, terminal: Terminal): void {
  const config = program
    .command('config')
    .summary('check and show the configuration')
    .description(
      'Checks and shows what sc start would use: flags, then the environment, then sc.config, then the defaults.',
    )
    .addHelpText('after', examples('sc config check', 'sc config show --origin'));
  const sub = (name: string, summary: string) =>
    addOptionFlags(
      config
        .command(name)
        .summary(summary)
        .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`),
    )
      .option('-c, --config <file>', 'configuration to read')
      .option('--json', 'print JSON');
  sub('check', 'check the configuration; ends with 2 when something is wrong')
    .addHelpText('after', examples('sc config check'))
    .action((flags: ConfigFlags) => check(flags, terminal));
  sub('show', 'show the value of every option')
    .option('--origin', 'say where each value comes from')
    .addHelpText('after', examples('sc config show', 'sc config show --origin --port 9000'))
    .action((flags: ConfigFlags & { readonly origin?: boolean }) => show(flags, terminal));
  config
    .command('env')
    .summary('list the environment variables')
    .description('Lists every environment variable that is read, with its option and the default.')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc config env', 'sc config env --json'))
    .action(({ json }: { readonly json?: boolean }) => {
      const rows = environmentVariables(clusterTable).map(({ name, option, isFile, isSecret }) => ({
        name,
        option,
        ...(defaults[option] !== undefined && { default: defaults[option] }),
        isFile,
        isSecret,
      }));
      if (json === true) terminal.print(JSON.stringify(rows));
      else {
        const cells = rows.map((row) => [row.name, row.option, row.isFile ? 'path of a file' : text(row.default)]);
        terminal.print(table(['variable', 'option', 'default'], cells));
      }
    });
}

async function check(flags: ConfigFlags, terminal: Terminal): Promise<void> {
  const { file, options, warnings } = await loadConfig(terminal, optionsFromFlags(flags), flags.config);
  // A server file passes its own options, including the worker controller. The remaining options are read here.
  const isConfigured = file !== undefined || options['workerController'] !== undefined;
  const server = isConfigured ? undefined : findServer(terminal.cwd);
  resolveClusterOptions(server === undefined ? options : { workerController: server, ...options }, {});
  if (flags.json === true) terminal.print(JSON.stringify({ ok: true, file: file ?? null, warnings }));
  else if (server !== undefined) {
    for (const warning of warnings) terminal.say(`${terminal.colors.yellow('warning:')} ${warning}`);
    terminal.print(`The environment is right. Options in ${server} are checked when it starts.`);
  } else {
    for (const warning of warnings) terminal.say(`${terminal.colors.yellow('warning:')} ${warning}`);
    terminal.print(`The configuration is right${file === undefined ? ' (there is no file)' : `: ${file}`}.`);
  }
}

async function show(flags: ConfigFlags & { readonly origin?: boolean }, terminal: Terminal): Promise<void> {
  const { options, origins } = await loadConfig(terminal, optionsFromFlags(flags), flags.config);
  const rows = Object.entries(clusterTable).map(([name, rule]) => {
    const { origin, detail } = origins.get(name) ?? { origin: 'default' as const, detail: '' };
    const given = options[name] ?? defaults[name];
    const value = rule.secret === true && options[name] !== undefined ? '[secret]' : given;
    return { name, value: typeof value === 'function' ? '[function]' : (value ?? null), origin, detail };
  });
  if (flags.json === true) {
    const entries = rows.map(({ name, value, origin, detail }) => [
      name,
      flags.origin === true ? { value, origin, ...(detail !== '' && { detail }) } : value,
    ]);
    terminal.print(JSON.stringify(Object.fromEntries(entries)));
    return;
  }
  const cells = rows.map(({ name, value, origin, detail }) => [
    name,
    text(value),
    ...(flags.origin === true ? [detail === '' ? origin : `${origin}: ${detail}`] : []),
  ]);
  terminal.print(table(['option', 'value', ...(flags.origin === true ? ['origin'] : [])], cells));
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
