import type { AppShape } from 'sc-protocol';
import type { ClientOptions } from './options.js';
import { webPlatform } from './platform.js';
import { SCClientSocket } from './socket.js';

/** Makes a socket, typed by the application's interface if one is given, and, unless `autoConnect` is false, connects it. Throws `InvalidOptionsError`, but not in production. */
export function connect<App extends AppShape = AppShape>(options: ClientOptions = {}): SCClientSocket<App> {
  return new SCClientSocket(options, webPlatform);
}
