import { InvalidOptionsError } from 'sc-protocol';
import { requireRule } from 'sc-protocol/options';
import type { ClientOptions } from '../options.js';
import type { ReconnectOptions } from '../reconnect.js';
import { optionHint } from './option-hint.js';
import { type Rule, beginning, checkOption, functions, milliseconds, number, oneOf, type } from './option-rules.js';

const text = type('string');
const aHost: Rule = (value) => !/^[^\s/?#]+$/.test(String(value)) && 'a host name';
const flag = type('boolean');
const anObject = type('object');

const rules: Readonly<Record<keyof ClientOptions, Rule>> = {
  url: beginning('ws://', 'wss://', 'http://', 'https://'),
  hostname: aHost,
  port: number(1, 65_535),
  host: aHost,
  secure: flag,
  path: beginning('/'),
  query: (value) => text(value) && anObject(value) && 'a string or an object',
  ackTimeout: milliseconds(1),
  connectTimeout: milliseconds(1),
  autoConnect: flag,
  autoReconnect: flag,
  autoReconnectOptions: anObject,
  autoSubscribeOnConnect: flag,
  authTokenName: text,
  authEngine: functions('loadToken', 'saveToken', 'removeToken'),
  auth: type('function'),
  binaryType: oneOf('arraybuffer'),
  codecEngine: functions('encode', 'decode'),
  protocolVersion: oneOf(1, 2),
  pingTimeoutDisabled: flag,
  wsOptions: anObject,
  outboxLimit: number(0, Infinity),
  outboxTimeout: milliseconds(1),
  outboxPolicy: oneOf('refuse', 'dropOldest'),
};

const reconnectRules: Readonly<Record<keyof ReconnectOptions, Rule>> = {
  initialDelay: milliseconds(0),
  randomness: milliseconds(0),
  multiplier: number(1, 100),
  maxDelay: milliseconds(0),
};

/** Throws `InvalidOptionsError` for the first option that is not known or breaks its rule. */
export function checkOptions(options: ClientOptions): void {
  checkOption(anObject, 'options', options);
  checkGroup(options, rules, '');
  for (const part of ['hostname', 'port', 'host', 'secure', 'path', 'query'] as const) {
    const holds = options.url === undefined || !options[part];
    requireRule(holds, part, 'absent when there is a `url`', options[part]);
  }
  checkGroup(options.autoReconnectOptions ?? {}, reconnectRules, 'autoReconnectOptions.');
}

function checkGroup(group: object, known: Readonly<Record<string, Rule>>, prefix: string): void {
  for (const [name, value] of Object.entries(group)) {
    const option = prefix + name;
    if (!Object.hasOwn(known, name)) {
      const hint = optionHint(name, Object.keys(known), prefix);
      throw new InvalidOptionsError(`\`${option}\` is not an option${hint}`, { option });
    }
    if (value !== undefined) checkOption(known[name] as Rule, option, value);
  }
}
