import type { Publication, Store } from 'ndata-store';
import { decodePayload, jsonOfPayload } from '../../channels/payload.js';
import { redactData } from '../../log/redact.js';

/** A publication as shown to an operator. */
export interface TailedPublication {
  /** Offset in the stream of the channel, if the channel keeps a history. */
  readonly offset?: number;
  /** Time in milliseconds since 1970: of the publish for past publications, of the arrival for live ones. */
  readonly at: number;
  /** Whether it was published before the tail began. */
  readonly isPast: boolean;
  /** The data with likely secrets redacted; for bytes that cannot be decoded, their number. */
  readonly data: unknown;
}

export interface TailOptions {
  /** Number of past publications to show first, at most 1000. */
  readonly history: number;
  readonly onPublication: (publication: TailedPublication) => void;
  /** Called with the number of publications not shown because of the rate limit. */
  readonly onSkipped: (count: number) => void;
  /** Called if the store is unreachable or refuses. Publications may be missing. */
  readonly onProblem: (error: Error) => void;
}

/** Maximum number of live publications shown per second. */
export const maxTailedPerSecond = 100;

/** Shows the publications of a channel as its store delivers them, without involving the workers. */
export async function tailChannel(store: Store, channel: string, options: TailOptions): Promise<() => Promise<void>> {
  const { history, onPublication, onSkipped, onProblem } = options;
  let shownInSecond = 0;
  let skipped = 0;
  let last = 0;
  /** Publications that arrive while the history is read. */
  let waiting: Publication[] | undefined = [];
  const timer = setInterval(() => {
    shownInSecond = 0;
    if (skipped > 0) onSkipped(skipped);
    skipped = 0;
  }, 1_000);
  const show = ({ offset, payload }: Publication): void => {
    if (offset > 0 && offset <= last) return;
    if (offset > 0) last = offset;
    if (++shownInSecond > maxTailedPerSecond) skipped += 1;
    else onPublication({ ...(offset > 0 && { offset }), at: Date.now(), isPast: false, data: shown(payload) });
  };
  let opened: () => void = () => undefined;
  let refuse: (error: Error) => void = () => undefined;
  const isOpen = new Promise<void>((resolve, reject) => {
    opened = resolve;
    refuse = reject;
  });
  const handle = store.open(channel, {
    subscribed: () => opened(),
    publication(publication) {
      if (waiting === undefined) show(publication);
      else if (waiting.length < maxTailedPerSecond) waiting.push(publication);
      else skipped += 1;
    },
    lost: (count) => onSkipped(count),
    interrupted: onProblem,
    refused(error) {
      refuse(error);
      onProblem(error);
    },
  });
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await handle.close();
  };
  try {
    await isOpen;
    if (history > 0) {
      const { publications } = await store.readStream(channel, { limit: history });
      for (const { offset, at, payload } of publications) {
        onPublication({ offset, at, isPast: true, data: shown(payload) });
        last = offset;
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const early = waiting;
  waiting = undefined;
  for (const publication of early) show(publication);
  return stop;
}

function shown(payload: Uint8Array): unknown {
  try {
    return redactData(decodePayload(jsonOfPayload(payload)));
  } catch {
    // Payloads published through the store may not be decodable.
    return `[${payload.length} bytes]`;
  }
}
