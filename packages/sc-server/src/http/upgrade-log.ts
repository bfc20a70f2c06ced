import type { IncomingMessage } from 'node:http';
import type { Logger } from '../log/logger.js';
import { originOf } from './origins.js';

/** Names of subprotocols that are warned of; a client may make up as many as it likes. */
const maxNames = 16;
const maxLength = 100;

/** Tells the log why clients could not connect. */
export interface UpgradeLog {
  readonly onRefused: (request: IncomingMessage, status: number, reason: string) => void;
  readonly onUnknownSubprotocol: (offered: readonly string[]) => void;
}

export function createUpgradeLog(logger: Logger): UpgradeLog {
  const known = new Set<string>();
  return {
    onRefused: (request, status, reason) => logger.debug('Upgrade refused', refusalOf(request, status, reason)),
    // Browsers fail such a connection without saying why.
    onUnknownSubprotocol(offered) {
      const names = offered.map(cut).join(', ');
      if (known.has(names) || known.size >= maxNames) return;
      known.add(names);
      logger.warn(
        `A client offered the WebSocket subprotocol "${names}", which no codec of this server has, so it cannot connect. Pass the codec in the option \`codecs\`, or to addCodec().`,
      );
    },
  };
}

/** Details of a refused upgrade for the log. */
export function refusalOf(request: IncomingMessage, status: number, reason: string): object {
  const origin = originOf(request);
  return {
    status,
    reason,
    url: cut(request.url ?? ''),
    remoteAddress: request.socket.remoteAddress,
    ...(origin !== undefined && { origin: cut(origin) }),
  };
}

function cut(text: string): string {
  return text.slice(0, maxLength);
}
