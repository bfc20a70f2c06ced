import type { CallId } from '../frames.js';

/** An event as it travels, without fields that are not set. */
export function wireEvent(name: string, data: unknown, callId?: CallId): object {
  if (callId === undefined) return data === undefined ? { event: name } : { event: name, data };
  return { event: name, data, cid: callId };
}
