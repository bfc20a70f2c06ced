import { dehydrateError, type WireError } from 'sc-protocol';

/** What can be asked of a running cluster, one line of JSON each: `{"command":"status"}`. */
export type ControlCommand = 'status' | 'reload' | 'stop';

/** The one line of JSON that comes back: at once, or when what was asked for is done. */
export type ControlAnswer = { readonly result: unknown } | { readonly error: WireError };

const commands: readonly string[] = ['status', 'reload', 'stop'] satisfies ControlCommand[];

/** The command of a line, or `undefined` for a line that is none. */
export function parseCommand(line: string): ControlCommand | undefined {
  try {
    const { command } = JSON.parse(line) as { command?: unknown };
    return typeof command === 'string' && commands.includes(command) ? (command as ControlCommand) : undefined;
  } catch {
    return undefined;
  }
}

export function parseAnswer(line: string): ControlAnswer | undefined {
  try {
    const answer = JSON.parse(line) as ControlAnswer | null;
    return typeof answer === 'object' && answer !== null && ('result' in answer || 'error' in answer)
      ? answer
      : undefined;
  } catch {
    return undefined;
  }
}

export function answerLine(result: unknown): string {
  return `${JSON.stringify({ result: result ?? null })}\n`;
}

export function errorLine(error: unknown): string {
  return `${JSON.stringify({ error: dehydrateError(error) })}\n`;
}
