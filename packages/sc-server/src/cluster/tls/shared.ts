import { createHash, randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { withTlsDefaults } from 'sc-balancer';
import { InvalidOptionsError } from 'sc-protocol';
import type { TicketKeysMessage, TlsMessage } from '../children/messages.js';
import type { ResolvedClusterOptions } from '../options/options.js';
import { packTlsOptions, type PortableTlsOptions } from './portable.js';
import type { ProtocolOptions } from '../options/protocol-options.js';

/** What Node takes as a session ticket key. */
const ticketKeyBytes = 48;
/** Longest `sessionIdContext` that OpenSSL takes. */
const contextBytes = 32;

/**
 * What all processes that end TLS share: the certificate, the session context and the ticket keys. A client that comes
 * back may meet another process, and a session can be resumed only where they match.
 */
export interface SharedTls {
  /** For a process that starts now; `undefined` without https. */
  current(): PortableTlsOptions | undefined;
  /** What has changed since the start: for a process that was told `current()` earlier. */
  changes(): readonly (TlsMessage | TicketKeysMessage)[];
  /** Another certificate, from now on. */
  replace(protocolOptions: ProtocolOptions): void;
  /** Changes the ticket keys again and again. */
  startRotation(): void;
  stopRotation(): void;
}

/** `tellAll` reaches the processes that end TLS and are ready. */
export function createSharedTls(
  { protocolOptions: given, appName, ticketKeyLifetime }: ResolvedClusterOptions,
  tellAll: (message: TlsMessage | TicketKeysMessage) => void,
): SharedTls {
  const sessionIdContext = createHash('sha256').update(appName).digest('hex').slice(0, contextBytes);
  const changes = new Map<string, TlsMessage | TicketKeysMessage>();
  let protocolOptions = given;
  let sealing = given?.ticketKeys ?? randomBytes(ticketKeyBytes);
  let timer: NodeJS.Timeout | undefined;

  function change(message: TlsMessage | TicketKeysMessage): void {
    changes.set(message.type, message);
    tellAll(message);
  }

  function rotate(): void {
    const opening = sealing;
    sealing = randomBytes(ticketKeyBytes);
    change({ type: 'ticket-keys', keys: [sealing, opening].map((key) => key.toString('base64')) });
  }

  return {
    current: () =>
      protocolOptions && packTlsOptions({ sessionIdContext, ...withTlsDefaults(protocolOptions), ticketKeys: sealing }),
    changes: () => [...changes.values()],
    replace(replaced) {
      protocolOptions = { ...replaced };
      delete protocolOptions.ticketKeys;
      change({ type: 'tls', tls: packTlsOptions(withTlsDefaults(protocolOptions)) });
    },
    startRotation() {
      // Keys that were given are shared with other hosts, and theirs to change.
      if (given === undefined || given.ticketKeys !== undefined || ticketKeyLifetime === 0) return;
      timer ??= setInterval(rotate, ticketKeyLifetime);
    },
    stopRotation: () => clearInterval(timer),
  };
}

/** Refuses a key and certificate that OpenSSL cannot use, or that do not belong together. */
export function checkSecureContext({ serverNames = {}, ...protocolOptions }: ProtocolOptions): void {
  try {
    for (const options of [protocolOptions, ...Object.values(serverNames)]) createSecureContext(options);
  } catch (cause) {
    const message = `\`protocolOptions\` cannot be used: ${(cause as Error).message}`;
    throw new InvalidOptionsError(message, { option: 'protocolOptions' }, { cause });
  }
}
