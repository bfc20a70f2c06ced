import type { AppShape } from 'sc-protocol';
import { checks } from '../checked/checks.js';
import type { ClientOptions } from '../options.js';
import { SCClientSocket } from '../socket.js';
import { nodePlatform } from './platform.js';

/**
 * Creates a socket, typed by the application's interface if one is given, and connects it unless `autoConnect` is
 * false. Throws `InvalidOptionsError`.
 */
export function connect<App extends AppShape = AppShape>(options: ClientOptions = {}): SCClientSocket<App> {
  return new SCClientSocket(options, nodePlatform, checks);
}
