import { checkOptions as checkTable, Refusals, requireRule } from 'sc-protocol/kit';
import { type ClientOptions, clientTable, reconnectTable } from '../options.js';

/** Option names of the original that are not supported, with their replacements. */
const renamed = {
  protocol: '`secure: true`',
  autoProcessSubscriptions: '`autoSubscribeOnConnect`',
  initTimeout: '`connectTimeout`',
};

const renamedDelays = { delay: '`initialDelay`' };

/** Throws one `InvalidOptionsError` for all unknown and invalid options. */
export function checkOptions(options: ClientOptions): void {
  const refusals = new Refusals();
  refusals.run(() => checkTable('connect', options, clientTable, { renamed }));
  for (const part of ['hostname', 'port', 'host', 'secure', 'path', 'query'] as const) {
    const holds = (options.url ?? undefined) === undefined || !options[part];
    refusals.runUnlessRefused([part, 'url'], () =>
      requireRule(holds, part, 'absent when there is a `url`', options[part]),
    );
  }
  const context = { prefix: 'autoReconnectOptions.', renamed: renamedDelays };
  refusals.runUnlessRefused(['autoReconnectOptions'], () =>
    checkTable('connect', options.autoReconnectOptions ?? {}, reconnectTable, context),
  );
  refusals.throwAny();
}
