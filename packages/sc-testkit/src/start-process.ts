import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { processGroup } from './process-tree.js';
import { waitFor, withDeadline } from './wait-for.js';

export interface StartProcessOptions {
  /** Added to the environment of the test; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /** Program that runs the file. @default Node */
  readonly program?: string;
  readonly cwd?: string;
  /** Time limit for the readiness line, in milliseconds. @default 30000 */
  readonly readyDeadlineMs?: number;
  /** Pattern of the readiness line; its first group, if any, is parsed as JSON. @default `READY {json}` */
  readonly readyLine?: RegExp;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process in its own process group. */
export interface StartedProcess<Ready = unknown> {
  readonly pid: number;
  /** Data of the readiness line. */
  readonly ready: Ready;
  /** Resolves when the process itself has ended. */
  readonly exited: Promise<ProcessExit>;
  /** All output of the process and its children, with stdout and stderr interleaved. */
  output(): string;
  /** Waits until the output matches. */
  outputMatch(pattern: RegExp, options?: { readonly deadlineMs?: number }): Promise<RegExpMatchArray>;
  /** Writes to its standard input. */
  write(text: string): void;
  /** Signals only this process. */
  kill(signal?: NodeJS.Signals): void;
  /** Signals the whole process group, like Ctrl-C in a terminal. */
  killGroup(signal: NodeJS.Signals): void;
  /** Stops the process (SIGTERM, then SIGKILL) and its process group. Does nothing if it has already ended. */
  stop(): Promise<ProcessExit>;
}

/** Starts a file and waits for its readiness line. Rejects with its output if it ends or misses the deadline. */
export async function startProcess<Ready = unknown>(
  file: string,
  options: StartProcessOptions = {},
): Promise<StartedProcess<Ready>> {
  const running = launch(file, options);
  const readyLine = options.readyLine ?? /^READY (\{.*\})$/m;
  try {
    // Also stops waiting when the process exits, because the line can no longer appear.
    await waitFor(() => readyLine.test(running.output()) || running.hasEnded(), {
      deadlineMs: options.readyDeadlineMs ?? 30_000,
      what: () => `${file} to be ready; it wrote:\n${running.output()}`,
    });
    const match = readyLine.exec(running.output());
    if (match === null) {
      const exit = JSON.stringify(await running.exited);
      throw new Error(`${file} ended before it was ready: ${exit}\n${running.output()}`);
    }
    return { ...running, ready: (match[1] === undefined ? undefined : JSON.parse(match[1])) as Ready };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

export interface FinishedProcess extends ProcessExit {
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a file to its end. At the deadline, rejects and stops its process group. */
export async function runProcess(
  file: string,
  options: Omit<StartProcessOptions, 'readyLine' | 'readyDeadlineMs'> & {
    /** @default 60000 */
    readonly deadlineMs?: number;
    /** Written to its standard input. */
    readonly input?: string;
  } = {},
): Promise<FinishedProcess> {
  const running = launch(file, options);
  running.child.stdin?.end(options.input ?? '');
  try {
    const exit = await withDeadline(running.closed, {
      deadlineMs: options.deadlineMs ?? 60_000,
      what: () => `${file} ${(options.args ?? []).join(' ')} to end; it wrote:\n${running.output()}`,
    });
    return { ...exit, pid: running.pid, stdout: running.stdout(), stderr: running.stderr() };
  } finally {
    await running.stop();
  }
}

type Running = Omit<StartedProcess, 'ready'> & {
  readonly child: ChildProcess;
  readonly closed: Promise<ProcessExit>;
  /** Whether it has ended and all its output has been received. */
  hasEnded(): boolean;
  stdout(): string;
  stderr(): string;
};

function launch(file: string, options: StartProcessOptions): Running {
  // NODE_ENV is set by the test runner and absent in real use. A busy test machine must not count as overload.
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODE_ENV: undefined,
    SC_MAX_EVENT_LOOP_LAG: '0',
    ...options.env,
  };
  for (const name of Object.keys(env)) if (env[name] === undefined) Reflect.deleteProperty(env, name);
  const child = spawn(options.program ?? process.execPath, [file, ...(options.args ?? [])], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = '';
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    stderr += text;
  });
  child.stdin.on('error', () => undefined); // The process may end without reading its input.
  const { pid } = child;
  if (pid === undefined) throw new Error(`Cannot start ${options.program ?? process.execPath}`);
  const exited = endOf(child, 'exit');
  const closed = endOf(child, 'close');
  let hasEnded = false;
  void closed.then(() => {
    hasEnded = true;
  });

  const running: Running = {
    child,
    pid,
    exited,
    closed,
    hasEnded: () => hasEnded,
    output: () => output,
    stdout: () => stdout,
    stderr: () => stderr,
    async outputMatch(pattern, { deadlineMs = 10_000 } = {}) {
      return waitFor(() => output.match(pattern), {
        deadlineMs,
        what: () => `${file} to write ${pattern.source}; it wrote:\n${output}`,
      });
    },
    write(text) {
      child.stdin.write(text);
    },
    kill(signal = 'SIGKILL') {
      child.kill(signal);
    },
    killGroup(signal) {
      try {
        process.kill(-pid, signal);
      } catch {
        // The process group has already ended.
      }
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await withDeadline(exited, { what: 'the end' }).catch(() => undefined);
      }
      running.killGroup('SIGKILL');
      await waitFor(() => processGroup(pid).length === 0, { what: `process group ${pid} to end` });
      return exited;
    },
  };
  return running;
}

function endOf(child: ChildProcess, event: 'exit' | 'close'): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once(event, (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
    // A program that fails to start emits no `exit`.
    child.once('error', () => {
      resolve({ code: 127, signal: null });
    });
  });
}
