import { InvalidFrameError, maxNameBytes, maxNestingDepth, type ClientFrame } from 'sc-protocol';
import { isLimitName, type LimitName } from './limit-hits.js';
import type { ResolvedServerOptions } from '../server/options.js';

/** The limit that caused the refusal of a frame, if any. */
export function limitBehind(refusal: unknown): LimitName | undefined {
  // Not `instanceof`: a codec may use another copy of the protocol package.
  const { limit } = Object(refusal) as { readonly limit?: unknown };
  return isLimitName(limit) ? limit : undefined;
}

/** Limits of one server for data from clients, stricter than those of the protocol. */
export class FrameRules {
  readonly #maxNameBytes: number;
  readonly #maxNestingDepth: number;

  constructor(options: Pick<ResolvedServerOptions, 'maxNameBytes' | 'maxNestingDepth'>) {
    this.#maxNameBytes = options.maxNameBytes;
    this.#maxNestingDepth = options.maxNestingDepth;
  }

  /** Throws `InvalidFrameError` for a message that is nested too deeply. */
  checkMessage(value: unknown): void {
    const most = this.#maxNestingDepth;
    if (most === maxNestingDepth || !isDeeper(value, most)) return;
    throw new InvalidFrameError(`A message must not be nested deeper than ${most} levels`, {
      field: 'data',
      limit: 'nesting',
    });
  }

  /** Throws `InvalidFrameError` for a frame with a name that is too long. */
  checkFrame(frame: ClientFrame): void {
    const most = this.#maxNameBytes;
    if (most === maxNameBytes) return;
    const long = namesIn(frame).find((name) => Buffer.byteLength(name) > most);
    if (long === undefined) return;
    const { callId } = frame as { callId?: number };
    throw new InvalidFrameError(`A name must be at most ${most} bytes, got ${Buffer.byteLength(long)}`, {
      field: frame.type === 'event' ? 'event' : 'channel',
      limit: 'nameBytes',
      ...(callId !== undefined && { callId }),
    });
  }
}

function namesIn(frame: ClientFrame): readonly string[] {
  switch (frame.type) {
    case 'event':
      return [frame.name];
    case 'publish':
      return [frame.channel];
    case 'subscribe':
      return frame.subscriptions.map(({ channel }) => channel);
    case 'unsubscribe':
      return frame.channels;
    default:
      return [];
  }
}

/** Whether a value is nested deeper than this number of levels below the outermost. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false;
  return levels < 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
