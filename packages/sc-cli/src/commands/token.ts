import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { clusterTable, KeyAuthority, readEnvironment } from 'sc-server/tools';
import { loadConfig } from '../config/load-config.js';
import { CliError, exitCodes } from '../exit.js';
import { examples } from '../shared/examples.js';
import { wholeNumber } from '../shared/numbers.js';
import type { Terminal } from '../terminal.js';

interface KeyFlags {
  readonly keyFile?: string;
  readonly config?: string;
  readonly json?: boolean;
}

const quiet = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** Adds `token sign`, `token verify` and `token generate-key`. */
export function tokenCommand(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .summary('sign and verify auth tokens, make keys')
    .description('Signs and verifies auth tokens with the key of the configuration, and makes keys.')
    .addHelpText(
      'after',
      examples('sc token generate-key > auth-key', 'sc token sign \'{"username":"ada"}\' --key-file auth-key'),
    );
  const keyed = (command: Command) =>
    command
      .option('--key-file <path>', 'file with the secret, instead of the key of the configuration')
      .option('-c, --config <file>', 'configuration to read')
      .option('--json', 'print JSON');
  keyed(token.command('sign'))
    .argument('<claims>', 'JSON object')
    .summary('sign a token')
    .description('Signs claims and prints the token.')
    .option('--expires <seconds>', 'life of the token', wholeNumber(1))
    .addHelpText('after', examples('sc token sign \'{"username":"ada"}\' --expires 3600 --key-file auth-key'))
    .action(async (text: string, flags: KeyFlags & { readonly expires?: number }) => {
      const authority = await authorityOf(flags, terminal);
      const life = flags.expires === undefined ? {} : { expiresInSeconds: flags.expires };
      const signed = await authority.issue(claimsFrom(text), life).signed;
      terminal.print(flags.json === true ? JSON.stringify({ token: signed }) : signed);
    });
  keyed(token.command('verify'))
    .argument('<token>', 'the signed token')
    .summary('verify a token and print its claims')
    .description('Verifies a token and prints its claims as JSON. Ends with 1 when it does not count.')
    .addHelpText('after', examples('sc token verify "$TOKEN" --key-file auth-key'))
    .action(async (signed: string, flags: KeyFlags) => {
      const claims = await (await authorityOf(flags, terminal)).verify(signed);
      terminal.print(JSON.stringify(claims, null, flags.json === true ? 0 : 2));
    });
  token
    .command('generate-key')
    .summary('make a key')
    .description('Prints a new random secret, or a new private key.')
    .option('--type <type>', 'secret, ed25519 or rsa', 'secret')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('sc token generate-key > auth-key', 'sc token generate-key --type ed25519 > key.pem'),
    )
    .action(({ type, json }: { readonly type: string; readonly json?: boolean }) => {
      const key = generateKey(type);
      terminal.print(json === true ? JSON.stringify({ type, key }) : key.trimEnd());
    });
}

async function authorityOf({ keyFile, config }: KeyFlags, terminal: Terminal): Promise<KeyAuthority> {
  const { options } =
    keyFile === undefined
      ? await loadConfig(terminal, {}, config)
      : readEnvironment({ SC_AUTH_KEY_FILE: keyFile }, clusterTable);
  const names = ['authKey', 'authPrivateKey', 'authPublicKey', 'authJwksUrl', 'authVerifyKeys'];
  if (!names.some((name) => options[name] !== undefined)) {
    throw new CliError(
      'There is no key: give --key-file, or SC_AUTH_KEY_FILE, or authKey in sc.config',
      exitCodes.usage,
    );
  }
  return new KeyAuthority(options, quiet);
}

function claimsFrom(text: string): object {
  try {
    const claims = JSON.parse(text) as unknown;
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims;
  } catch {
    // Reported below.
  }
  throw new CliError(`The claims must be a JSON object such as {"username":"ada"}, got ${text}`, exitCodes.usage);
}

function generateKey(type: string): string {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  switch (type) {
    case 'secret':
      return randomBytes(32).toString('hex');
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey.export(pem) as string;
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey.export(pem) as string;
    default:
      throw new CliError(`--type must be one of secret, ed25519, rsa, got "${type}"`, exitCodes.usage);
  }
}
