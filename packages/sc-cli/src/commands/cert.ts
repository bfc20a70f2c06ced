import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { CliError, exitCodes } from '../exit.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import { selfSigned } from '../shared/self-signed.js';
import type { Terminal } from '../terminal.js';

interface CertFlags {
  readonly out: string;
  readonly days: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

const defaultHosts = ['localhost', '127.0.0.1', '::1'];

/** Adds `cert [hosts...]`. */
export function certCommand(program: Command, terminal: Terminal): void {
  program
    .command('cert')
    .argument('[hosts...]', `host names and addresses (default: ${defaultHosts.join(' ')})`)
    .summary('make a certificate for development')
    .description(
      'Makes a key and a certificate that vouches for itself: key.pem and cert.pem. Browsers warn of it; never use it in production.',
    )
    .option('-o, --out <folder>', 'where to write', '.')
    .option('--days <number>', 'how long it lasts', wholeNumber(1, 825), 30)
    .option('-f, --force', 'replace files that are there')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('sc cert', 'sc cert myhost.local 192.168.1.2 --out certs'))
    .action((hosts: readonly string[], flags: CertFlags) => {
      const wrong = hosts.find((host) => !/^[a-zA-Z0-9*.:-]{1,253}$/.test(host));
      if (wrong !== undefined)
        throw new CliError(`A host must be a name or an address, got "${wrong}"`, exitCodes.usage);
      const folder = resolve(terminal.cwd, flags.out);
      const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
      const there = Object.values(files).find((file) => existsSync(file));
      if (there !== undefined && flags.force !== true) {
        throw new CliError(`${there} already exists. Add --force to replace it.`);
      }
      const { key, cert } = selfSigned(hosts.length === 0 ? defaultHosts : hosts, flags.days);
      mkdirSync(folder, { recursive: true });
      // An existing file would keep its mode.
      rmSync(files.key, { force: true });
      writeFileSync(files.key, key, { mode: 0o600 });
      writeFileSync(files.cert, cert);
      if (flags.json === true) terminal.print(JSON.stringify(files));
      else {
        terminal.print(`Wrote ${files.key} and ${files.cert}. To use them:`);
        terminal.print(
          `  SC_PROTOCOL=https SC_PROTOCOL_OPTIONS_KEY_FILE=${files.key} SC_PROTOCOL_OPTIONS_CERT_FILE=${files.cert}`,
        );
      }
    });
}
