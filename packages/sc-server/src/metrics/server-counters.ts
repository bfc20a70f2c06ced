import { closeCodes } from 'sc-protocol';
import type { Traffic } from '../limits/traffic.js';

/**
 * Outcomes of a client's publication. `failed`: the store did not accept it; counted only if the client waits for the
 * result.
 */
export const publicationOutcomes = ['accepted', 'refused', 'failed'] as const;

/** Outcomes of a client's call. `abandoned`: the client disconnected before the response. */
export const callOutcomes = ['ok', 'error', 'noHandler', 'refused', 'abandoned'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

/** Outcomes of a call to a client. `lost`: the connection closed first; `aborted`: the caller's signal aborted it. */
export const outboundCallOutcomes = ['ok', 'error', 'timeout', 'lost', 'aborted'] as const;
export type OutboundCallOutcome = (typeof outboundCallOutcomes)[number];

/** Rules by which a client's request is refused: options, middleware lines, the token, the RFC. */
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

/** Results of a subscription that requested missed publications: recovered completely, or the reason why not. */
export const catchUpResults = ['recovered', 'ahead', 'epoch', 'forked', 'tooMuch', 'trimmed'] as const;

/** Codes of RFC 6455 and our own. Clients can close with any other code, and each one must not create a time series. */
const knownCodes: ReadonlySet<number> = new Set([
  ...Array.from({ length: 16 }, (_, index) => 1_000 + index),
  ...Object.values(closeCodes),
]);

/**
 * Counts of one server. Fields are plain numbers that are incremented where the event happens and read at most once per
 * second, so a metric costs one addition.
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
  /** Our own codes start at zero, so that the first occurrence of each shows as growth. */
  readonly closes: Record<string, number> = zeros(Object.values(closeCodes).map(String));

  closed(code: number): void {
    const label = knownCodes.has(code) ? String(code) : 'other';
    this.closes[label] = (this.closes[label] ?? 0) + 1;
  }
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
