import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProcess, type StartedProcess } from 'sc-testkit';

export const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

export interface App extends StartedProcess {
  readonly port: number;
  readonly healthPort: number;
}

/** Starts the app with the environment of the deployment files. */
export async function startApp(env: Record<string, string> = {}): Promise<App> {
  const started = await startProcess<{ port: number; healthPort: number }>(path('server.js'), {
    env: { PORT: '0', SC_HEALTH_PORT: '0', SC_WORKERS: '2', ...env },
  });
  return { ...started, ...started.ready };
}

/** Copies one of the files into a directory with other ports. Every port to replace must occur in the file. */
export function withPorts(name: string, directory: string, ports: Readonly<Record<string, string>>): string {
  let text = readFileSync(path(name), 'utf8');
  for (const [from, to] of Object.entries(ports)) {
    if (!text.includes(from)) throw new Error(`${name} does not contain ${from}`);
    text = text.replaceAll(from, to);
  }
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}
