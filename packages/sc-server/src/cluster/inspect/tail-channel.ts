import type { Publication, Store } from 'ndata-store';
import { decodePayload, jsonOfPayload } from '../../channels/payload.js';
import { redactData } from '../../log/redact.js';

/** A publication as an operator sees it. */
export interface TailedPublication {
  /** Its offset in the stream of the channel, if it is kept. */
  readonly offset?: number;
  /** When it was published, or for one that is not kept, when it came. In milliseconds since 1970. */
  readonly at: number;
  /** It was published before the tail began. */
  readonly isPast: boolean;
  /** Its data without what looks like a secret; bytes that are no data are shown as their number. */
  readonly data: unknown;
}

export interface TailOptions {
  /** Publications of the past that come first, at most 1,000. */
  readonly history: number;
  readonly onPublication: (publication: TailedPublication) => void;
  /** Publications that were not shown, because more came than are shown in a second. */
  readonly onSkipped: (count: number) => void;
  /** The store is away, or refuses. Publications may be missing. */
  readonly onProblem: (error: Error) => void;
}

/** Publications that are shown a second, besides those of the past. */
export const maxTailedPerSecond = 100;

/** Shows the publications of a channel as they leave its store. The workers have nothing to do with it. */
export async function tailChannel(store: Store, channel: string, options: TailOptions): Promise<() => Promise<void>> {
  const { history, onPublication, onSkipped, onProblem } = options;
  let shownInSecond = 0;
  let skipped = 0;
  let last = 0;
  /** Publications that arrive while the past is read. */
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
    // Bytes that were published through the store need not be data.
    return `[${payload.length} bytes]`;
  }
}
