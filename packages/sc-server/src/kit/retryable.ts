import { errorRegistry } from 'sc-protocol';

const retryableCodes = new Set(errorRegistry.filter(({ retry }) => retry).map(({ code }) => code));

/** Whether the same call may succeed when it is made again. */
export function isRetryable(error: unknown): boolean {
  return retryableCodes.has((error as { readonly code?: string } | undefined)?.code ?? '');
}
