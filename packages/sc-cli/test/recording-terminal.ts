import type { Terminal } from '../src/terminal.js';

const plain = (text: string) => text;

/** A terminal that keeps what is written, in a folder with nothing in it. */
export function recordingTerminal(cwd = '/var/empty'): Terminal & { stdout(): string; stderr(): string } {
  let [stdout, stderr] = ['', ''];
  return {
    cwd,
    env: {},
    isInteractive: false,
    isOutputTerminal: false,
    print: (text) => void (stdout += `${text}\n`),
    say: (text) => void (stderr += `${text}\n`),
    colors: { bold: plain, green: plain, red: plain, yellow: plain, cyan: plain, dim: plain },
    stdout: () => stdout,
    stderr: () => stderr,
  };
}
