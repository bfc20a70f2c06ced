import { resolveClusterOptions } from 'sc-server/tools';
import type { Finding } from './finding.js';

type Options = Readonly<Record<string, unknown>>;

/** Checks the configuration. */
export function checkOptionsForProduction(options: Options, env: NodeJS.ProcessEnv): Finding[] {
  return [checkValues(options), checkKey(options), checkOrigins(options), checkMode(env)];
}

function checkValues(options: Options): Finding {
  try {
    // A server file supplies its own worker controller; check the configured options anyway.
    resolveClusterOptions({ workerController: 'worker.js', ...options }, {});
    return { name: 'options', state: 'ok', message: 'every value keeps its rule' };
  } catch (error) {
    return { name: 'options', state: 'failure', message: (error as Error).message };
  }
}

function checkKey(options: Options): Finding {
  const { authKey } = options;
  const others = ['authPrivateKey', 'authPublicKey', 'authJwksUrl', 'authVerifyKeys'];
  if (others.some((name) => options[name] !== undefined)) return { name: 'key', state: 'ok', message: 'there is one' };
  if (typeof authKey !== 'string') {
    return {
      name: 'key',
      state: 'warning',
      message: 'no authKey: logins end with the cluster; sc token generate-key makes one',
    };
  }
  const distinct = new Set(authKey).size;
  return distinct < 12
    ? {
        name: 'key',
        state: 'failure',
        message: `authKey holds only ${distinct} different characters; sc token generate-key makes a strong one`,
      }
    : { name: 'key', state: 'ok', message: 'authKey is long enough' };
}

function checkOrigins({ origins = [] }: Options): Finding {
  const list = (Array.isArray(origins) ? origins : [origins]) as readonly unknown[];
  return list.includes('*')
    ? {
        name: 'origins',
        state: 'warning',
        message: 'every page of the web may connect with the cookies of its visitors',
      }
    : { name: 'origins', state: 'ok', message: list.length === 0 ? 'the own origin alone' : list.join(', ') };
}

function checkMode({ NODE_ENV }: NodeJS.ProcessEnv): Finding {
  return NODE_ENV === 'production'
    ? { name: 'NODE_ENV', state: 'ok', message: 'production' }
    : {
        name: 'NODE_ENV',
        state: 'warning',
        message: `${NODE_ENV ?? 'not set'}; frameworks are faster with production`,
      };
}
