import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodePlan, type LoadPlan } from './plan.js';

/** The load generator's report at the end of a phase. */
export interface LoadReport {
  readonly seconds: number;
  /** Seconds in which the client was busy. */
  readonly busy: number;
  /** Number of echoes or deliveries received. */
  readonly messages: number;
  /** Number of publications sent. */
  readonly sent: number;
  readonly lost: number;
  readonly extra: number;
  /** Number of connections closed by the server. */
  readonly closed: number;
  readonly minLength: number;
  readonly maxLength: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** One message of the measured run, in hex. */
  readonly sample: string;
}

const phases = { connect: 'connected', warm: 'warm', run: 'done' } as const;

/** A running load generator. `run` executes its phases one by one. */
export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  /** Pins the process to `core`, if given. */
  constructor(program: string, plan: LoadPlan, directory: string, core: number | undefined) {
    // A unique file: another generator may not have read its plan yet.
    const file = join(mkdtempSync(join(directory, 'plan-')), 'plan');
    writeFileSync(file, encodePlan(plan));
    const command = core === undefined ? [program, file] : ['taskset', '-c', String(core), program, file];
    const [executable = program, ...parameters] = command;
    this.#child = spawn(executable, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    // Ignore write errors: if the generator has exited, stderr has the reason.
    this.#child.stdin?.on('error', () => undefined);
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('The load generator has no stdout');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Runs one phase. Rejects if the generator fails. */
  async run(phase: keyof typeof phases): Promise<LoadReport> {
    this.#child.stdin?.write(`${phase}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`The load generator failed: ${this.#stderr.trim() || 'no reason given'}`);
    const report = JSON.parse(line.value) as LoadReport & { phase: string };
    if (report.phase !== phases[phase]) throw new Error(`The load generator is in phase ${report.phase}`);
    return report;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end('end\n');
    await exited;
  }
}
