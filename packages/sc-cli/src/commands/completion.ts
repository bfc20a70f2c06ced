import type { Command } from 'commander';
import { completionScript, shells } from '../shared/completion-script.js';
import { CliError, exitCodes } from '../exit.js';
import { examples } from '../shared/examples.js';
import type { Terminal } from '../terminal.js';

/** Adds `completion <shell>`. */
export function completionCommand(program: Command, terminal: Terminal): void {
  program
    .command('completion')
    .argument('<shell>', shells.join(', '))
    .summary('print a script that completes commands in a shell')
    .description('Prints a script for a shell, by which Tab completes commands and flags.')
    .addHelpText(
      'after',
      examples('source <(sc completion bash)', 'sc completion fish > ~/.config/fish/completions/sc.fish'),
    )
    .action((shell: string) => {
      const script = completionScript(shell, program);
      if (script === undefined) {
        throw new CliError(`The shell must be one of ${shells.join(', ')}, got "${shell}"`, exitCodes.usage);
      }
      terminal.print(script.trimEnd());
    });
}
