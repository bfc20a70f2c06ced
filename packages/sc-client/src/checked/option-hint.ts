import { nearestName } from 'sc-protocol/options';

/** Names of the original that mean something else today. */
const renamed = new Map([
  ['protocol', '`secure: true`'],
  ['autoProcessSubscriptions', '`autoSubscribeOnConnect`'],
  ['initTimeout', '`connectTimeout`'],
  ['delay', '`initialDelay`'],
]);

/** The replacement of a removed option, or the nearest known name. */
export function optionHint(name: string, known: readonly string[], prefix: string): string {
  const replacement = renamed.get(name);
  if (replacement !== undefined) return ` any more: use ${replacement}`;
  const nearest = nearestName(name, known);
  return nearest === undefined ? '' : `; did you mean \`${prefix}${nearest}\`?`;
}
