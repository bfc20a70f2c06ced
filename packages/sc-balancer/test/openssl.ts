import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface OpensslVisit {
  /** Everything that `openssl s_client` said. */
  readonly output: string;
  readonly exitCode: number | null;
}

/**
 * Visits a server that says "hi" with `openssl s_client` and leaves when it has heard it, so that session tickets have
 * come too.
 */
export async function visitWithOpenssl(port: number, ...options: string[]): Promise<OpensslVisit> {
  const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (text: string): void => {
    output += text;
    if (/^hi/m.test(output)) client.stdin.end();
  };
  client.stdout.setEncoding('utf8').on('data', collect);
  client.stderr.setEncoding('utf8').on('data', collect);
  client.stdin.on('error', () => undefined);
  const [exitCode] = (await once(client, 'close')) as [number | null];
  return { output, exitCode };
}
