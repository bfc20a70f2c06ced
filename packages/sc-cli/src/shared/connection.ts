import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { connect, type SCClientSocket } from 'sc-client';
import { CliError, exitCodes } from '../exit.js';
import type { Terminal } from '../terminal.js';
import { wholeNumber } from './numbers.js';

export interface ConnectionFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly timeout: number;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

const defaultUrl = 'ws://localhost:8000/socketcluster/';

/** Adds the flags of all commands that connect to a server. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('-u, --url <url>', `where the server is [env: SC_URL] (default: ${defaultUrl})`)
    .option('--token <token>', 'auth token to come with [env: SC_TOKEN]')
    .option('--token-file <path>', 'file that holds the auth token')
    .option(
      '--timeout <ms>',
      'how long to wait for the connection and for an answer',
      wholeNumber(1, 2 ** 31 - 1),
      10_000,
    )
    .option('--insecure', 'believe any certificate; for development')
    .option('--json', 'print JSON, one line for each result');
}

export interface OpenSettings {
  readonly autoReconnect?: boolean;
  /** Options of the WebSocket; ignored with TLS. */
  readonly wsOptions?: Readonly<Record<string, unknown>>;
}

/** Opens a connected socket. Rejects with `CliError` if the server is unreachable or refuses the token. */
export function openSocket(
  flags: ConnectionFlags,
  terminal: Terminal,
  { autoReconnect = false, wsOptions = {} }: OpenSettings = {},
): Promise<SCClientSocket> {
  const url = flags.url ?? (terminal.env['SC_URL'] || defaultUrl);
  if (!/^wss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new CliError(`--url must be an address such as ${defaultUrl}, got "${url}"`, exitCodes.usage);
  }
  const token = readToken(flags, terminal);
  const socket = connect({
    url,
    ackTimeout: flags.timeout,
    connectTimeout: flags.timeout,
    autoReconnect,
    authEngine: null,
    ...(token !== undefined && { auth: () => token }),
    wsOptions: {
      // With TLS, the WebSocket creates the connection itself.
      ...(url.startsWith('ws:') && wsOptions),
      ...(flags.insecure === true && { rejectUnauthorized: false }),
    },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.disconnect();
      reject(new CliError(`The server at ${url} cannot be used: ${error.message}`));
    };
    let lastError: Error | undefined;
    socket.on('error', (error) => {
      if (error instanceof Error) lastError = error;
    });
    const onAbort = (code: number): void => fail(lastError ?? new Error(`the connection was closed with ${code}`));
    socket.once('connectAbort', onAbort);
    socket.once('connect', ({ authError }) => {
      // Once connected, a failed attempt is retried instead of ending the command.
      socket.off('connectAbort', onAbort);
      if (token !== undefined && authError) fail(authError);
      else resolve(socket);
    });
  });
}

function readToken({ token, tokenFile }: ConnectionFlags, { env }: Terminal): string | undefined {
  if (tokenFile === undefined) return token ?? (env['SC_TOKEN'] || undefined);
  try {
    return readFileSync(tokenFile, 'utf8').trim();
  } catch {
    throw new CliError(`--token-file names a file that cannot be read: ${tokenFile}`, exitCodes.usage);
  }
}
