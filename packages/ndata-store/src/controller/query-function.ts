// The only place where text from a client is run as code. Reached only with `unsafeQueryFunctions`.
// eslint-disable-next-line no-restricted-imports
import { createContext, runInContext } from 'node:vm';
import { InvalidArgumentsError } from 'sc-protocol';

const namePattern = /^[A-Za-z_$][\w$]*$/;

/**
 * Runs a function's source with the arguments, for at most `timeoutMs` milliseconds. The entries of `data` are its
 * variables. The context protects from mistakes, not from attackers: the source can escape it.
 */
export function runQueryFunction(source: string, data: unknown, args: readonly unknown[], timeoutMs: number): unknown {
  const variables = typeof data === 'object' && data !== null ? Object.keys(data) : [];
  for (const name of variables) {
    if (!namePattern.test(name)) throw new InvalidArgumentsError(`"${name}" cannot be the name of a variable`);
  }
  const context = createContext({ dataText: JSON.stringify(data ?? {}), args });
  const code = `(() => { const { ${variables.join(', ')} } = JSON.parse(dataText); return (${source}\n)(...args); })()`;
  return runInContext(code, context, { timeout: timeoutMs });
}
