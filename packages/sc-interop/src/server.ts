import { fileURLToPath } from 'node:url';
import { startProcess, type StartedProcess } from 'sc-testkit';

const serverFile = fileURLToPath(new URL('../server/main.js', import.meta.url));

export interface TestServer {
  readonly port: number;
  /** Kills it and starts it again on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The application of the acceptance server, with options of `SCServer` and short ping times. */
export async function startServer(options: object = {}, codec?: string): Promise<TestServer> {
  const env = {
    OPTIONS: JSON.stringify({ pingInterval: 300, pingTimeout: 1500, maxPayloadBytes: 2_000_000, ...options }),
    CODEC: codec,
  };
  let running: StartedProcess<{ port: number }> = await startProcess(serverFile, { env: { ...env, PORT: '0' } });
  const { port } = running.ready;
  return {
    port,
    async restart() {
      running.kill('SIGKILL');
      await running.exited;
      running = await startProcess(serverFile, { env: { ...env, PORT: String(port) } });
    },
    async stop() {
      await running.stop();
    },
  };
}
