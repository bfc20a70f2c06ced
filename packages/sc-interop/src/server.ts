import { fileURLToPath } from 'node:url';
import { startProcess, type StartedProcess } from 'sc-testkit';

export interface TestServer {
  readonly port: number;
  /** Kills the server and restarts it on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Tested versions of the published server. */
export type PublishedVersion = '14' | '19' | '20';

/** The application of the acceptance server, with options of `SCServer` and short ping times. */
export function startServer(options: object = {}, codec?: string): Promise<TestServer> {
  const all = { pingInterval: 300, pingTimeout: 1500, maxPayloadBytes: 2_000_000, ...options };
  return start('main.js', [], { OPTIONS: JSON.stringify(all), CODEC: codec });
}

/** A published server with a similar application and short ping times. */
export function startPublishedServer(version: PublishedVersion): Promise<TestServer> {
  const file = version === '14' ? 'published-14.cjs' : 'published-streams.cjs';
  return start(file, [version], { OPTIONS: JSON.stringify({ pingInterval: 300, pingTimeout: 1500 }) });
}

async function start(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TestServer> {
  const path = fileURLToPath(new URL(`../server/${file}`, import.meta.url));
  const startAt = (port: number): Promise<StartedProcess<{ port: number }>> =>
    startProcess(path, { args, env: { ...env, PORT: String(port) } });
  let running = await startAt(0);
  const { port } = running.ready;
  return {
    port,
    async restart() {
      running.kill('SIGKILL');
      await running.exited;
      running = await startAt(port);
    },
    async stop() {
      await running.stop();
    },
  };
}
