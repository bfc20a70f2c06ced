import { confirm, isCancel } from '@clack/prompts';
import { CliError, exitCodes } from '../exit.js';

/** Asks whether to write into a folder that is not empty. Ctrl-C ends the program with 130. */
export async function confirmOverwrite(name: string): Promise<boolean> {
  const answer = await confirm({
    message: `The folder ${name} is not empty. Write into it? Files of the same name are replaced.`,
    initialValue: false,
  });
  if (isCancel(answer)) throw new CliError('', exitCodes.interrupted);
  return answer;
}
