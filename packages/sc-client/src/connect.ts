import type { AppShape } from 'sc-protocol';
import type { ClientOptions } from './options.js';
import { webPlatform } from './platform.js';
import { SCClientSocket } from './socket.js';

/**
 * Creates a socket, typed by the application's interface if one is given, and connects it unless `autoConnect` is
 * false. Throws `InvalidOptionsError`, except in production builds.
 */
export function connect<App extends AppShape = AppShape>(options: ClientOptions = {}): SCClientSocket<App> {
  return new SCClientSocket(options, webPlatform);
}
