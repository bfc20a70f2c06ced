import type { Command } from 'commander';
import { loadConfig } from '../config/load-config.js';
import { addOptionFlags, optionsFromFlags } from '../config/option-flags.js';
import { CliError } from '../exit.js';
import { checkHost } from '../doctor/check-host.js';
import { checkOptionsForProduction } from '../doctor/check-options.js';
import type { Finding } from '../doctor/finding.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

type DoctorFlags = Readonly<Record<string, unknown>> & { readonly config?: string; readonly json?: boolean };

/** Adds `doctor`. */
export function doctorCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('doctor')
    .summary('look for what would go wrong in production')
    .description(
      'Looks at this host and at the configuration for what would go wrong in production. Ends with 1 when something will.',
    )
    .option('-c, --config <file>', 'configuration to read')
    .option('--json', 'print JSON: an array of findings')
    .addHelpText('after', examples('sc doctor', 'NODE_ENV=production sc doctor --json'));
  addOptionFlags(command).action(async (flags: DoctorFlags) => {
    const { options, warnings } = await loadConfig(terminal, optionsFromFlags(flags), flags.config);
    const findings: Finding[] = [
      ...(await checkHost(options)),
      ...checkOptionsForProduction(options, terminal.env),
      ...warnings.map((message) => ({ name: 'environment', state: 'warning' as const, message })),
    ];
    if (flags.json === true) terminal.print(JSON.stringify(findings));
    else
      for (const { name, state, message } of findings) terminal.print(`${mark(state, terminal)} ${name}: ${message}`);
    const failures = findings.filter(({ state }) => state === 'failure').length;
    if (failures > 0) throw new CliError(`${failures} of these checks failed`);
  });
}

function mark(state: Finding['state'], { colors }: Terminal): string {
  switch (state) {
    case 'ok':
      return colors.green('ok     ');
    case 'warning':
      return colors.yellow('warning');
    case 'failure':
      return colors.red('failure');
    default:
      return state satisfies never;
  }
}
