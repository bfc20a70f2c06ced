import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The load generator, built for this machine. */
export interface LoadProgram {
  readonly path: string;
  /** Whether it can speak TLS; it needs the headers of OpenSSL for that. */
  readonly hasTls: boolean;
}

/** Builds the load generator with the machine's C compiler. Throws when there is none. */
export function compileLoadProgram(packageDirectory: string, outDirectory: string): LoadProgram {
  const path = join(outDirectory, 'load');
  const source = join(packageDirectory, 'native', 'load.c');
  const hasTls = existsSync('/usr/include/openssl/ssl.h');
  const tls = hasTls ? ['-DWITH_TLS', '-lssl', '-lcrypto'] : [];
  execFileSync('cc', ['-O2', '-o', path, source, ...tls], { stdio: ['ignore', 'inherit', 'inherit'] });
  return { path, hasTls };
}
