import type { ClientOptions } from '../options.js';
import { SCClientSocket } from '../socket.js';
import { nodePlatform } from './platform.js';

/** Makes a socket and, unless `autoConnect` is false, connects it. Throws `InvalidOptionsError`. */
export function connect(options: ClientOptions = {}): SCClientSocket {
  return new SCClientSocket(options, nodePlatform);
}
