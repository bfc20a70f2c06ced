import { spawn } from 'node:child_process';

/** Opens a page in the desktop's browser. Does nothing if there is none. */
export function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['explorer', url]
        : ['xdg-open', url];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined); // The URL has been printed.
  child.unref();
}
