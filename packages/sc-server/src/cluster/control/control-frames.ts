import { dehydrateError, type WireError } from 'sc-protocol';
import { isLogLevel, type LogThreshold } from '../../log/entry.js';
import type { InspectRequest } from '../inspect/inspect-requests.js';

/** Requests to a running cluster, each one line of JSON: `{"command":"status"}`. */
export type ControlRequest =
  | InspectRequest
  | { readonly command: 'status' | 'reload' | 'stop' | 'store-access' }
  /** Drain time in milliseconds, instead of the option `drainTime`. */
  | { readonly command: 'drain'; readonly overMs?: number }
  | { readonly command: 'log-level'; readonly level: LogThreshold };

/** The response, one line of JSON: sent at once, or when the requested operation is complete. */
export type ControlAnswer = { readonly result: unknown } | { readonly error: WireError };

/** Parses a line. Returns `undefined` if it is not a request. */
export function parseRequest(line: string): ControlRequest | undefined {
  let value: { command?: unknown; overMs?: unknown; level?: unknown } | null;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    return undefined;
  }
  switch (value?.command) {
    case 'status':
    case 'store-access':
    case 'reload':
    case 'stop':
      return { command: value.command };
    case 'drain':
      if (value.overMs === undefined) return { command: 'drain' };
      return typeof value.overMs === 'number' ? { command: 'drain', overMs: value.overMs } : undefined;
    case 'channels':
    case 'clients':
    case 'disconnect':
    case 'kick':
    case 'revoke':
      // The fields are validated where they are used, with errors that name them.
      return value as InspectRequest;
    case 'log-level':
      return isLogLevel(value.level) ? { command: 'log-level', level: value.level } : undefined;
    default:
      return undefined;
  }
}

export function parseAnswer(line: string): ControlAnswer | undefined {
  try {
    const answer = JSON.parse(line) as ControlAnswer | null;
    return typeof answer === 'object' && answer !== null && ('result' in answer || 'error' in answer)
      ? answer
      : undefined;
  } catch {
    return undefined;
  }
}

export function answerLine(result: unknown): string {
  return `${JSON.stringify({ result: result ?? null })}\n`;
}

export function errorLine(error: unknown): string {
  return `${JSON.stringify({ error: dehydrateError(error) })}\n`;
}
