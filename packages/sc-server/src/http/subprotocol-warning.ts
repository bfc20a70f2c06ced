import type { Logger } from '../log/logger.js';
import { cutForLog } from '../log/printable.js';

/** Maximum number of subprotocol names to warn about, because clients can invent any number. */
const maxNames = 16;

/** Warns once for each subprotocol that no codec has: browsers fail such a connection without a reason. */
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
