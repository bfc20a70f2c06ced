import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of the C programs, compiled on this machine. */
export interface NativePrograms {
  /** The load generator. */
  readonly load: string;
  /** Whether the load generator supports TLS, which requires the OpenSSL headers. */
  readonly hasTls: boolean;
  /** The program that keeps the cores awake. */
  readonly awake: string;
}

/** Compiles the programs with `cc`. Throws if no C compiler is installed. */
export function compilePrograms(packageDirectory: string, outDirectory: string): NativePrograms {
  const compile = (name: string, libraries: readonly string[] = []): string => {
    const path = join(outDirectory, name);
    const source = join(packageDirectory, 'native', `${name}.c`);
    execFileSync('cc', ['-O2', '-o', path, source, ...libraries], { stdio: ['ignore', 'inherit', 'inherit'] });
    return path;
  };
  const hasTls = existsSync('/usr/include/openssl/ssl.h');
  const tls = hasTls ? ['-DWITH_TLS', '-lssl', '-lcrypto'] : [];
  return { load: compile('load', tls), hasTls, awake: compile('awake') };
}
