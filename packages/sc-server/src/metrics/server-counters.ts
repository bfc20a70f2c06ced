import { closeCodes } from 'sc-protocol';
import type { Traffic } from '../limits/traffic.js';

/** How a publication of a client ended: `failed` means that the store did not take it, as far as the client waits for that. */
export const publicationOutcomes = ['accepted', 'refused', 'failed'] as const;

/** How a call of a client ended. `abandoned`: the client left before it was answered. */
export const callOutcomes = ['ok', 'error', 'noHandler', 'refused', 'abandoned'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** How a call to a client ended. `lost`: the connection closed before; `aborted`: the caller's signal ended it. */
export const outboundCallOutcomes = ['ok', 'error', 'timeout', 'lost', 'aborted'] as const;
export type OutboundCallOutcome = (typeof outboundCallOutcomes)[number];

/** Rules by which something that a client asks for is refused: options, middleware lines, the token, the RFC. */
export const refusalRules = [
  'allowClientPublish',
  'allowNoOrigin',
  'authToken',
  'authenticate',
  'badRequest',
  'closing',
  'connectionRate',
  'event',
  'handshake',
  'internalChannel',
  'origins',
  'overload',
  'publishIn',
  'publishOut',
  'secure',
  'subscribe',
] as const;
export type RefusalRule = (typeof refusalRules)[number];

/** How a subscription that asked for what it had missed began: with all of it, or without it and why. */
export const catchUpResults = ['recovered', 'ahead', 'epoch', 'forked', 'tooMuch', 'trimmed'] as const;

/** Codes of RFC 6455, and our own. A client may close with any other one, and those must not make a series each. */
const knownCodes: ReadonlySet<number> = new Set([
  ...Array.from({ length: 16 }, (_, index) => 1_000 + index),
  ...Object.values(closeCodes),
]);

/**
 * Counts of one server. Fields are plain numbers that are incremented where the event happens, and read once a second
 * at most, so a metric costs an addition.
 */
export class ServerCounters implements Traffic {
  framesReceived = 0;
  framesSent = 0;
  bytesReceived = 0;
  bytesSent = 0;
  deliveries = 0;
  connections = 0;
  handshakes = 0;
  readonly publications = zeros(publicationOutcomes);
  readonly calls = zeros(callOutcomes);
  readonly outboundCalls = zeros(outboundCallOutcomes);
  readonly refusals = zeros(refusalRules);
  readonly catchUps = zeros(catchUpResults);
  /** Our own codes are there from the start, so that the first of a kind shows as growth. */
  readonly closes: Record<string, number> = zeros(Object.values(closeCodes).map(String));

  closed(code: number): void {
    const label = knownCodes.has(code) ? String(code) : 'other';
    this.closes[label] = (this.closes[label] ?? 0) + 1;
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
