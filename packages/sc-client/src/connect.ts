import type { ClientOptions } from './options.js';
import { webPlatform } from './platform.js';
import { SCClientSocket } from './socket.js';

/** Makes a socket and, unless `autoConnect` is false, connects it. Throws `InvalidOptionsError`. */
export function connect(options: ClientOptions = {}): SCClientSocket {
  return new SCClientSocket(options, webPlatform);
}
