import type { Logger } from '../log/logger.js';
import { cutForLog } from '../log/printable.js';

/** Names of subprotocols that are warned of; a client may make up as many as it likes. */
const maxNames = 16;

/** Warns of subprotocols that no codec has, once for each: browsers fail such a connection without saying why. */
export function createSubprotocolWarning(logger: Logger): (offered: readonly string[]) => void {
  const known = new Set<string>();
  return (offered) => {
    const names = offered.map(cutForLog).join(', ');
    if (known.has(names) || known.size >= maxNames) return;
    known.add(names);
    logger.warn(
      `A client offered the WebSocket subprotocol "${names}", which no codec of this server has, so it cannot connect. Pass the codec in the option \`codecs\`, or to addCodec().`,
    );
  };
}
