import type { Logger } from '../log/logger.js';
import type { ResolvedServerOptions } from '../server/options.js';

/** The client's details in the log entry. */
interface Sender {
  readonly id: string;
  readonly state: string;
  readonly authToken: Readonly<Record<string, unknown>> | undefined;
  readonly remoteAddress: string | undefined;
}

interface Deps {
  readonly logger: Logger;
  readonly options: ResolvedServerOptions;
}

/**
 * Logs a message that exceeds the server's size limit: older clients see only the close code, reconnect and send it
 * again. `size` is the minimum size of the message in bytes.
 */
export function logTooLong(sender: Sender, { logger, options }: Deps, size: number | undefined): void {
  const isEarly = sender.state === 'connecting';
  const option =
    isEarly && options.maxHandshakeBytes < options.maxPayloadBytes ? 'maxHandshakeBytes' : 'maxPayloadBytes';
  logger.warn(`A client sent a message that is longer than \`${option}\`, and was closed with 1009`, {
    socketId: sender.id,
    user: sender.authToken?.[options.userClaim],
    remoteAddress: sender.remoteAddress,
    size,
    limit: options[option],
  });
}
