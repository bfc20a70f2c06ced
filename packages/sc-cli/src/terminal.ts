import pc from 'picocolors';

/** The environment of a command. */
export interface Terminal {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether prompts are possible: input and output are a terminal, and this is not a CI run. */
  readonly isInteractive: boolean;
  /** Whether results go to a terminal. */
  readonly isOutputTerminal: boolean;
  /** Results: stdout. */
  print(text: string): void;
  /** Progress, warnings and errors: stderr. */
  say(text: string): void;
  readonly colors: Colors;
}

export interface Colors {
  bold(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
}

/** The terminal of this process. Honours `--no-color`, `NO_COLOR` and `FORCE_COLOR`. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endWithReader);
  return {
    cwd: process.cwd(),
    env: process.env,
    isInteractive: isTerminal(process.stdin) && isTerminal(process.stdout) && process.env['CI'] === undefined,
    isOutputTerminal: isTerminal(process.stdout),
    print: (text) => process.stdout.write(`${text}\n`),
    say: (text) => process.stderr.write(`${text}\n`),
    colors: pc.createColors(wantsColors(process.env)),
  };
}

/** Exits when the reader of the output has exited, as after `| head -1`. */
function endWithReader({ code }: NodeJS.ErrnoException): void {
  process.exit(code === 'EPIPE' ? 0 : 1);
}

/** Whether to print colours: on terminals, unless the environment overrides it. */
function wantsColors(env: NodeJS.ProcessEnv): boolean {
  if (process.argv.includes('--no-color')) return false;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '') return env['FORCE_COLOR'] !== '0';
  return isTerminal(process.stdout) && isTerminal(process.stderr) && env['TERM'] !== 'dumb';
}

/** Without a terminal, Node omits `isTTY`, and `undefined` would enable autodetection of colours. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}
