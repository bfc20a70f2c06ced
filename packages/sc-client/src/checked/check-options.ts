import { checkOptions as checkTable, requireRule } from 'sc-protocol/kit';
import { type ClientOptions, clientTable, reconnectTable } from '../options.js';

/** Names of the original that mean something else today, and what to write instead. */
const renamed = {
  protocol: '`secure: true`',
  autoProcessSubscriptions: '`autoSubscribeOnConnect`',
  initTimeout: '`connectTimeout`',
};

const renamedDelays = { delay: '`initialDelay`' };

/** Throws `InvalidOptionsError` for the first option that is not known or breaks its rule. */
export function checkOptions(options: ClientOptions): void {
  checkTable('connect', options, clientTable, { renamed });
  for (const part of ['hostname', 'port', 'host', 'secure', 'path', 'query'] as const) {
    const holds = options.url === undefined || !options[part];
    requireRule(holds, part, 'absent when there is a `url`', options[part]);
  }
  const { autoReconnectOptions = {} } = options;
  checkTable('connect', autoReconnectOptions, reconnectTable, {
    prefix: 'autoReconnectOptions.',
    renamed: renamedDelays,
  });
}
