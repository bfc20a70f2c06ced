import type { Buffer } from 'node:buffer';
import { subscribe, unsubscribe } from '../../commands/channels.js';
import type { ChannelHandle, ChannelSink, Since, SubscribedPage } from '../../channel-sink.js';
import type { Call } from '../../commands/call.js';
import type { ChannelSinks, SinkEntry } from '../channel-sinks.js';
import type { ControlCall } from './pending-calls.js';

/** The part of a link that subscriptions use. Control calls are exempt from the limits, so load cannot block them. */
export interface ControlLane {
  /** Whether control calls can be sent now. If not, the next `renewal` sends them. */
  readonly isOpen: boolean;
  control(call: ControlCall): void;
}

/** The subscriptions of a link. Resubscribes all sinks on each new link. */
export class Subscriptions {
  readonly #lane: ControlLane;
  readonly #sinks: ChannelSinks;
  readonly #closings = new Set<() => void>();

  constructor(lane: ControlLane, sinks: ChannelSinks) {
    this.#lane = lane;
    this.#sinks = sinks;
  }

  open(channel: string, sink: ChannelSink, since: Since | undefined): ChannelHandle {
    const entry = this.#sinks.add(channel, sink, since);
    if (this.#lane.isOpen) this.#ask(entry);
    return { close: () => this.#close(entry) };
  }

  /** Subscribes all waiting sinks, one per step. */
  *renewal(): Generator<void, void> {
    for (const entry of this.#sinks.all()) {
      if (entry.state !== 'waiting') continue;
      this.#ask(entry);
      yield;
    }
  }

  lost(error: Error): void {
    this.#sinks.interrupted(error);
    this.#settleClosings();
  }

  end(error: Error): void {
    this.#sinks.end(error);
    this.#settleClosings();
  }

  #ask(entry: SinkEntry): void {
    entry.state = 'asked';
    this.#lane.control(new Asking(entry, this.#sinks));
  }

  #close(entry: SinkEntry): Promise<void> {
    const wasAsked = entry.state === 'asked' || entry.state === 'open';
    // The subscription has ended with the link.
    if (!this.#sinks.remove(entry) || !wasAsked || !this.#lane.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#closings.delete(done);
        resolve();
      };
      this.#closings.add(done);
      this.#lane.control({ call: unsubscribe.call(entry.channel), settled: done, failed: done });
    });
  }

  #settleClosings(): void {
    for (const done of [...this.#closings]) done();
  }
}

/** A subscribe request in flight. A class avoids closures: after a restart there is one request per channel. */
class Asking implements ControlCall {
  readonly call: Call<SubscribedPage>;
  readonly #entry: SinkEntry;
  readonly #sinks: ChannelSinks;

  constructor(entry: SinkEntry, sinks: ChannelSinks) {
    this.call = subscribe.call(entry.channel, entry.since?.());
    this.#entry = entry;
    this.#sinks = sinks;
  }

  settled(buffer: Buffer, start: number, end: number): void {
    if (this.#entry.state === 'asked') this.#sinks.subscribed(this.#entry, this.call.decode(buffer, start, end));
  }

  failed(error: Error): void {
    if (this.#entry.state === 'asked') this.#sinks.refused(this.#entry, error);
  }
}
