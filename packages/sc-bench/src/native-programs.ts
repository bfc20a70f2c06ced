import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The programs in C, built for this machine. */
export interface NativePrograms {
  /** The load generator. */
  readonly load: string;
  /** Whether it can speak TLS; it needs the headers of OpenSSL for that. */
  readonly hasTls: boolean;
  /** Keeps the cores awake. */
  readonly awake: string;
}

/** Builds them with the machine's C compiler. Throws when there is none. */
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
