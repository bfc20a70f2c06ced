import { startProcess } from 'sc-testkit';
import type { Cleanup, StartedProcess } from 'sc-testkit';

export interface Chat extends StartedProcess {
  readonly url: string;
  /** One entry for each line of the central log. */
  logEntries(): Readonly<Record<string, unknown>>[];
}

const serverFile = new URL('../server.js', import.meta.url).pathname;

/** Starts the example on a free port. */
export async function startChat(cleanup: Cleanup, env: Readonly<Record<string, string>> = {}): Promise<Chat> {
  const server = cleanup.add(
    await startProcess(serverFile, { env: { PORT: '0', ...env }, readyLine: /^Open http:\S+ in two tabs/m }),
    (started) => started.stop(),
  );
  return {
    ...server,
    url: /^Open (http:\S+)/m.exec(server.output())?.[1] ?? '',
    logEntries: () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

/** The pid that the terminal shows for a process, such as `worker 0`. */
export function pidOf(chat: Chat, name: string): number {
  return Number(new RegExp(`^  ${name} +pid (\\d+)$`, 'm').exec(chat.output())?.[1]);
}
