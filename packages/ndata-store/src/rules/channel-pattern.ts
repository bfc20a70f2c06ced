import { InvalidOptionsError, nameProblem } from 'sc-protocol';

/** Returns whether a channel name matches. */
export type ChannelMatcher = (channel: string) => boolean;

/** A placeholder in a pattern. */
const placeholderPattern = /\{([^{}]*)\}/g;
const namePattern = /^[A-Za-z_]\w*$/;

/**
 * Parses a pattern of channel names: text, `{name}` for one part without `/`, and a final `*` for the rest. Channels
 * that begin with `#` are system channels: only a pattern that begins with `#` matches them. Throws
 * `InvalidOptionsError`.
 */
export function parseChannelPattern(pattern: string): ChannelMatcher {
  const refuse = (rule: string): never => {
    throw new InvalidOptionsError(`A pattern of \`channels\` ${rule}, got ${JSON.stringify(pattern)}`, {
      option: 'channels',
    });
  };
  const problem = nameProblem(pattern);
  if (problem !== undefined) refuse(problem);
  if (/^\d+$/.test(pattern)) refuse('must not be a number: JavaScript lists such keys before all others');
  const hasRest = pattern.endsWith('*');
  const fixed = hasRest ? pattern.slice(0, -1) : pattern;
  if (fixed.includes('*')) refuse('may have `*` only as its last character');
  const names = new Set<string>();
  for (const [, name = ''] of fixed.matchAll(placeholderPattern)) {
    if (!namePattern.test(name)) refuse('must have a name of letters, digits and _ between { and }');
    if (names.has(name)) refuse('must not use a name twice');
    names.add(name);
  }
  if (/[{}]/.test(fixed.replaceAll(placeholderPattern, ''))) refuse('must close each { with a }');
  // With one placeholder per part, matching takes linear time in the length of the name.
  if (fixed.split('/').some((part) => part.split('{').length > 2)) refuse('may have one {name} between two slashes');
  if (hasRest && fixed.endsWith('}')) refuse('must have text between {name} and *');
  if (names.size === 0) {
    if (!hasRest) return (channel) => channel === pattern;
    return (channel) => channel.length > fixed.length && channel.startsWith(fixed) && isOpenTo(pattern, channel);
  }
  const source = fixed
    .split(placeholderPattern)
    .map((text, index) => (index % 2 === 0 ? escape(text) : '[^/]+'))
    .join('');
  const expression = new RegExp(`^${source}${hasRest ? '.+' : ''}$`, 's');
  return (channel) => isOpenTo(pattern, channel) && expression.test(channel);
}

function isOpenTo(pattern: string, channel: string): boolean {
  return !channel.startsWith('#') || pattern.startsWith('#');
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
