import type { AppShape } from 'sc-protocol';
import type { ClientOptions } from '../options.js';
import { webPlatform } from '../platform.js';
import { SCClientSocket } from '../socket.js';
import { checks } from './checks.js';

/** Same as the production entry, but validates the options. Throws `InvalidOptionsError`. */
export function connect<App extends AppShape = AppShape>(options: ClientOptions = {}): SCClientSocket<App> {
  return new SCClientSocket(options, webPlatform, checks);
}
