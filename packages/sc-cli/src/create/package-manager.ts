import { spawn } from 'node:child_process';

const known = ['npm', 'pnpm', 'yarn', 'bun'] as const;

export type PackageManager = (typeof known)[number];

/** The package manager that started this program, according to its user agent; npm by default. */
export function packageManagerOf(userAgent: string | undefined): PackageManager {
  const name = userAgent?.split('/')[0];
  return known.find((candidate) => candidate === name) ?? 'npm';
}

/** Runs `install` in a folder with visible output, and returns the exit code. */
export function runInstall(manager: PackageManager, folder: string, env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    // On Windows the package managers are batch files, which only a shell can start. The command line contains no user
    // input.
    const child = spawn(manager, ['install'], {
      cwd: folder,
      env,
      // Results of this program go to stdout, output of other programs to stderr.
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    child.on('error', () => {
      resolve(127);
    });
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}
