import type { SocketHost } from '../server/parts.js';
import type { SocketState } from '../socket/state.js';

/** What the entry says of the client. */
interface Sender {
  readonly host: Pick<SocketHost, 'logger' | 'options'>;
  readonly id: string;
  readonly state: SocketState;
  readonly authToken: Readonly<Record<string, unknown>> | undefined;
  readonly remoteAddress: string | undefined;
}

/**
 * Tells the log of a message that is longer than the server takes: older clients see the close code only, and come back to
 * send it again. `size` is what the message has at least.
 */
export function logTooLong(sender: Sender, size: number | undefined): void {
  const { logger, options } = sender.host;
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
