import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ReadyMessage } from '../servers/ready.js';
import { cpuTimeNs, processTree, residentBytes } from './process-tree.js';

export interface ServerProcessOptions {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Core to which all processes of the server are pinned, if any. */
  readonly core: number | undefined;
  readonly nodeOptions: readonly string[];
}

const startMs = 20_000;

/** A server under test, including its child processes. */
export class ServerProcess {
  readonly ports: readonly number[];
  readonly #child: ChildProcess;
  readonly #tree: readonly number[];

  private constructor(child: ChildProcess, ports: readonly number[]) {
    this.#child = child;
    this.ports = ports;
    this.#tree = child.pid === undefined ? [] : processTree(child.pid);
  }

  /** Resolves when the server listens. Otherwise rejects with its stderr output. */
  static async start({ script, env, core, nodeOptions }: ServerProcessOptions): Promise<ServerProcess> {
    const command = [process.execPath, '--expose-gc', ...nodeOptions, script];
    const [executable = '', ...parameters] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
    const child = spawn(executable, parameters, {
      // Disable the optional native addons of ws for all peers, even if they are installed.
      env: { ...process.env, NODE_ENV: 'production', WS_NO_BUFFER_UTIL: '1', WS_NO_UTF_8_VALIDATE: '1', ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
    const message = await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(startMs) }).catch(() => {
        child.kill('SIGKILL');
        throw new Error(`${script} was not ready after ${startMs} ms: ${stderr}`);
      }),
      once(child, 'exit').then(() => {
        const reason = /^\w*Error.*$/m.exec(stderr)?.[0] ?? stderr.trim();
        throw new Error(`${script} ended before it was ready: ${reason}`);
      }),
    ]);
    return new ServerProcess(child, (message[0] as ReadyMessage).ports);
  }

  /** CPU time of the whole process tree so far. */
  cpuTimeNs(): number {
    return cpuTimeNs(this.#tree);
  }

  /** Resident memory of the whole process tree after a garbage collection. */
  async residentBytes(): Promise<number> {
    this.#child.send({ collect: true });
    await once(this.#child, 'message', { signal: AbortSignal.timeout(startMs) });
    return residentBytes(this.#tree);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }
}
