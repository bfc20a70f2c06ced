import type { HistoryEvent, HistoryPosition } from './history-event.js';

/** The subset of a client's channel that the recorder uses. Channels of `sc-client` satisfy it. */
export interface RecordedChannel {
  /** Name of the channel. */
  readonly name: string;
  /** Position of the last publication that was delivered. */
  readonly position?: HistoryPosition | undefined;
  /** Reports an acknowledged subscription. */
  on(event: 'subscribe', listener: (name: string, status?: SubscribeStatus) => void): unknown;
  /** Reports the end of the subscription. */
  on(event: 'unsubscribe', listener: (name: string) => void): unknown;
  /** Reports that the server ended the subscription. */
  on(event: 'kickOut', listener: (message: string, name: string) => void): unknown;
  /** Adds a function that is called with each publication. */
  watch(watcher: (data: unknown, publication?: { readonly offset?: number | undefined }) => void): unknown;
  /** Publishes. Rejects if the publication was refused or its outcome is unknown. May resolve with its position. */
  publish(data: unknown): Promise<unknown>;
}

interface SubscribeStatus {
  readonly recovered?: boolean | undefined;
  readonly reason?: string | undefined;
}

/** Payload of a publication by a recorded client. */
interface Payload {
  readonly id: string;
}

/** Collects the log of a run, in the order of events in this process. */
export class HistoryRecorder {
  /** The events so far. */
  readonly log: HistoryEvent[] = [];
  readonly #now: () => number;
  #count = 0;

  /** `now` returns milliseconds of one clock for the whole log. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Records the events of the channel's subscriber. Call it before `subscribe`, and publish with `publish`. */
  watch(client: string, channel: RecordedChannel): void {
    const { name } = channel;
    const common = (): { at: number; client: string; channel: string } => ({ at: this.#now(), client, channel: name });
    channel.on('subscribe', (_name, { recovered, reason } = {}) => {
      this.log.push({ ...common(), type: 'subscribe', recovered, reason, position: channel.position });
    });
    channel.on('kickOut', () => void this.log.push({ ...common(), type: 'leave' }));
    channel.watch((data, publication) => {
      const { position } = channel;
      const isPlaced = position !== undefined && publication?.offset === position.offset;
      // Data of other publishers is ignored.
      const id = (Object(data) as Partial<Payload>).id;
      if (id !== undefined)
        this.log.push({ ...common(), type: 'deliver', id, position: isPlaced ? position : undefined });
    });
  }

  /** Records that the client ended the subscription. */
  left(client: string, channel: string): void {
    this.log.push({ type: 'leave', at: this.#now(), client, channel });
  }

  /** Publishes and records the outcome; `data` is added to the payload. Never rejects. */
  async publish(client: string, channel: RecordedChannel, data?: object): Promise<void> {
    const id = `${client}/${++this.#count}`;
    const common = (): { at: number; client: string; channel: string; id: string } => ({
      at: this.#now(),
      client,
      channel: channel.name,
      id,
    });
    this.log.push({ ...common(), type: 'attempt' });
    try {
      const answer = await channel.publish({ ...data, id } satisfies Payload);
      this.log.push({ ...common(), type: 'ack', position: positionIn(answer) });
    } catch (error) {
      const { isUnknown } = Object(error) as { readonly isUnknown?: boolean };
      // Unless the error states that the publish did not happen, its outcome is unknown.
      this.log.push({ ...common(), type: 'fail', isUnknown: isUnknown !== false });
    }
  }
}

function positionIn(answer: unknown): HistoryPosition | undefined {
  const { epoch, offset } = Object(answer) as Partial<HistoryPosition>;
  return typeof epoch === 'string' && typeof offset === 'number' ? { epoch, offset } : undefined;
}
