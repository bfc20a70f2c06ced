import type { Buffer } from 'node:buffer';
import { StoreError } from 'sc-protocol';
import { unwatchMembers, watchMembers } from '../commands/members.js';
import type { MemberDiff } from '../data/channel-members.js';
import type { MemberClock } from '../data/member-graces.js';
import type { MembersPage } from '../data/members.js';
import type { MemberChange, MemberSink } from '../member-sink.js';
import type { ControlLane } from './link/subscriptions.js';
import { MemberList } from './member-list.js';

interface Watch {
  readonly channel: string;
  readonly list: MemberList;
  readonly sinks: Set<MemberSink>;
  /** The watch request has been sent on the current link. */
  isAsked: boolean;
  /** The list has been loaded. */
  isOpen: boolean;
  cancelSettling: (() => void) | undefined;
}

/** The channels whose members this process watches at one store. All sinks of a channel share one watch. */
export class MemberWatches {
  readonly #lane: ControlLane;
  readonly #clock: MemberClock;
  readonly #onError: (error: Error) => void;
  readonly #watches = new Map<string, Watch>();

  constructor(lane: ControlLane, clock: MemberClock, onError: (error: Error) => void) {
    this.#lane = lane;
    this.#clock = clock;
    this.#onError = onError;
  }

  open(channel: string, sink: MemberSink): () => Promise<void> {
    let watch = this.#watches.get(channel);
    if (watch === undefined) {
      const list = new MemberList();
      watch = { channel, list, sinks: new Set(), isAsked: false, isOpen: false, cancelSettling: undefined };
      this.#watches.set(channel, watch);
    }
    const { sinks } = watch;
    sinks.add(sink);
    const { list } = watch;
    if (watch.isOpen) {
      queueMicrotask(() => {
        if (sinks.has(sink)) this.#guard(() => sink.opened(list));
      });
    } else if (!watch.isAsked && this.#lane.isOpen) {
      this.#ask(watch);
    }
    const opened = watch;
    return () => this.#close(opened, sink);
  }

  /** Sends all watch requests again, one per step. */
  *renewal(): Generator<void, void> {
    for (const watch of this.#watches.values()) {
      if (watch.isAsked) continue;
      this.#ask(watch);
      yield;
    }
  }

  lost(): void {
    for (const watch of this.#watches.values()) watch.isAsked = false;
  }

  end(error: Error): void {
    for (const watch of [...this.#watches.values()]) this.#refused(watch, error);
  }

  take(channel: string, diff: MemberDiff): void {
    const watch = this.#watches.get(channel);
    if (watch?.isOpen !== true) return;
    if (!watch.list.continues(diff)) this.#ask(watch);
    else this.#tell(watch, watch.list.diff(diff));
  }

  /** The store dropped diffs because this process read too slowly. Returns whether the channel is watched. */
  missed(channel: string): boolean {
    const watch = this.#watches.get(channel);
    if (watch?.isAsked !== true) return false;
    this.#ask(watch);
    return true;
  }

  #ask(watch: Watch): void {
    watch.isAsked = true;
    const call = watchMembers.call(watch.channel);
    this.#lane.control({
      call,
      settled: (buffer: Buffer, start: number, end: number) => {
        const page = call.decode(buffer, start, end);
        if (this.#watches.get(watch.channel) !== watch || !watch.isAsked) return;
        if (page === undefined) this.#refused(watch, new StoreError('The store is of a version without presence'));
        else this.#page(watch, page);
      },
      failed: (error) => {
        if (this.#watches.get(watch.channel) === watch) this.#refused(watch, error);
      },
    });
  }

  #page(watch: Watch, page: MembersPage): void {
    const { list, isOpen } = watch;
    watch.cancelSettling?.();
    watch.cancelSettling = undefined;
    const change = list.page(page);
    watch.isOpen = true;
    if (!isOpen) for (const sink of [...watch.sinks]) this.#guard(() => sink.opened(list));
    else this.#tell(watch, change);
    if (page.settlesInMs === undefined || !list.isUnsettled) return;
    watch.cancelSettling = this.#clock.after(page.settlesInMs, () => {
      watch.cancelSettling = undefined;
      // During a link loss the list settles later, with the page after the reconnect.
      if (watch.isAsked) this.#tell(watch, list.settle());
    });
  }

  #tell(watch: Watch, change: MemberChange | undefined): void {
    if (change === undefined) return;
    for (const sink of [...watch.sinks]) this.#guard(() => sink.changed(change));
  }

  #close(watch: Watch, sink: MemberSink): Promise<void> {
    if (!watch.sinks.delete(sink) || watch.sinks.size > 0) return Promise.resolve();
    watch.cancelSettling?.();
    if (this.#watches.get(watch.channel) === watch) this.#watches.delete(watch.channel);
    if (!watch.isAsked || !this.#lane.isOpen) return Promise.resolve();
    const call = unwatchMembers.call(watch.channel);
    return new Promise((resolve) => {
      this.#lane.control({ call, settled: () => resolve(), failed: () => resolve() });
    });
  }

  #refused(watch: Watch, error: Error): void {
    watch.cancelSettling?.();
    this.#watches.delete(watch.channel);
    for (const sink of watch.sinks) this.#guard(() => sink.refused(error));
    watch.sinks.clear();
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onError(error as Error);
    }
  }
}
