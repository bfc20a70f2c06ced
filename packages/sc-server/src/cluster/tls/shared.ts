import { createHash, randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { mergeTlsOptions, withTlsDefaults } from 'sc-balancer';
import { InvalidOptionsError } from 'sc-protocol';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import type { ProtocolOptions } from '../options/protocol-options.js';
import { packTlsOptions, type PortableTlsOptions } from './portable.js';

/** Size of a session ticket key in Node. */
const ticketKeyBytes = 48;
/** Maximum length of `sessionIdContext` in OpenSSL. */
const contextBytes = 32;

/**
 * The complete TLS state of a process that terminates TLS. It is always sent as a whole, at the start of a process and
 * after every change, so that processes that start later behave the same.
 */
export interface TlsState {
  /** Increases with every change. */
  readonly revision: number;
  readonly options: PortableTlsOptions;
  /** Keys of TLS session tickets, base64: the first one encrypts new tickets, all of them decrypt. */
  readonly ticketKeys: readonly string[];
}

/**
 * The desired TLS state of all processes, kept by the supervisor: options, session context and ticket keys. A client
 * may reconnect to another process, and a session can be resumed only if these match.
 */
export interface SharedTls {
  /** `undefined` without https. */
  readonly state: TlsState | undefined;
  /** Called after every change. */
  onChange: (state: TlsState) => void;
  /** Returns the options merged with a change. */
  merged(given: ProtocolOptions): ProtocolOptions;
  /** Replaces all options. */
  replace(protocolOptions: ProtocolOptions): void;
  /** Starts to rotate the ticket keys periodically. */
  startRotation(): void;
  stopRotation(): void;
}

export function createSharedTls({
  protocolOptions: given,
  appName,
  ticketKeyLifetime,
}: Pick<ResolvedClusterOptions, 'protocolOptions' | 'appName' | 'ticketKeyLifetime'>): SharedTls {
  let options = given;
  let context = given && contextOf(given, appName);
  let keys: readonly Buffer[] = [given?.ticketKeys ?? randomBytes(ticketKeyBytes)];
  let hasGivenKeys = given?.ticketKeys !== undefined;
  let revision = 0;
  let state = describe();
  let timer: NodeJS.Timeout | undefined;

  function describe(): TlsState | undefined {
    if (options === undefined || context === undefined) return undefined;
    const rest = { ...options };
    delete rest.ticketKeys;
    // Workers support HTTP/1.1 only. ALPN makes that explicit to clients that also offer HTTP/2.
    const complete = { ALPNProtocols: ['http/1.1'], ...withTlsDefaults(rest), sessionIdContext: context };
    return { revision, options: packTlsOptions(complete), ticketKeys: keys.map((key) => key.toString('base64')) };
  }

  function change(): void {
    revision += 1;
    state = describe();
    if (state !== undefined) shared.onChange(state);
  }

  const shared: SharedTls = {
    get state() {
      return state;
    },
    onChange: () => undefined,
    merged: (changes) => mergeTlsOptions(options ?? {}, changes),
    replace(replacement) {
      const [sealing] = keys;
      const newContext = contextOf(replacement, appName);
      if (replacement.ticketKeys !== undefined) {
        keys = [replacement.ticketKeys, ...(sealing === undefined ? [] : [sealing])];
        hasGivenKeys = true;
      } else if (newContext !== context && !hasGivenKeys) {
        // Sessions created under other rules, for example without a client certificate, must not be resumed.
        keys = [randomBytes(ticketKeyBytes)];
      }
      options = replacement;
      context = newContext;
      change();
    },
    startRotation() {
      // Given keys are shared with other hosts; do not rotate them.
      if (given === undefined || hasGivenKeys || ticketKeyLifetime === 0) return;
      timer ??= setInterval(() => {
        keys = [randomBytes(ticketKeyBytes), ...keys.slice(0, 1)];
        change();
      }, ticketKeyLifetime);
    },
    stopRotation: () => clearInterval(timer),
  };
  return shared;
}

/**
 * Derives the session context from all options except for the certificates: sessions can be resumed only under the same
 * rules.
 */
function contextOf(options: ProtocolOptions, appName: string): string {
  const rules: Record<string, unknown> = { ...options };
  for (const name of ['key', 'cert', 'pfx', 'passphrase', 'ticketKeys']) delete rules[name];
  rules['serverNames'] = Object.entries(options.serverNames ?? {}).map(([name, { ca, crl }]) => [name, ca, crl]);
  const { json } = packTlsOptions(rules);
  return createHash('sha256').update(`${appName}\0${json}`).digest('hex').slice(0, contextBytes);
}

/** Rejects a key and certificate that OpenSSL cannot use or that do not match. */
export function checkSecureContext({ serverNames = {}, ...protocolOptions }: ProtocolOptions): void {
  try {
    for (const options of [protocolOptions, ...Object.values(serverNames)]) createSecureContext(options);
  } catch (cause) {
    const message = `\`protocolOptions\` cannot be used: ${(cause as Error).message}`;
    throw new InvalidOptionsError(message, { option: 'protocolOptions' }, { cause });
  }
}
