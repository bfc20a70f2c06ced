import { checkSecureContext } from '../tls/shared.js';
import type { SocketClusterOptions } from './cluster-table.js';
import { resolveClusterOptions } from './options.js';
import type { ResolvedClusterOptions } from './resolved-options.js';

/** Resolves the options. The stack of an option error starts at the caller, whose mistake it is. */
export function resolveForCaller(
  options: SocketClusterOptions,
  caller: new (options: never) => unknown,
): ResolvedClusterOptions {
  try {
    const resolved = resolveClusterOptions(options);
    if (resolved.protocolOptions !== undefined) checkSecureContext(resolved.protocolOptions);
    return resolved;
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error, caller);
    throw error;
  }
}
