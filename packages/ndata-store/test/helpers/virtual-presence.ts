import { MemberLane } from '../../src/client/member-lane.js';
import type { ControlCall } from '../../src/client/link/pending-calls.js';
import type { ControlLane } from '../../src/client/link/subscriptions.js';
import { requestOf } from '../../src/commands/call.js';
import { coreCommands } from '../../src/commands/table.js';
import { NoCaller } from '../../src/core/caller.js';
import type { ReadyReply } from '../../src/core/command.js';
import { resolveCoreOptions } from '../../src/core/core-options.js';
import type { StoreCore } from '../../src/core/store-core.js';
import type { MemberDiff } from '../../src/data/channel-members.js';
import { Members } from '../../src/data/members.js';
import type { VirtualClock } from './virtual-clock.js';

/** Members of a store, under a clock and behind links that can be cut; all of it but the sockets is the real thing. */
export class VirtualStore {
  readonly #clock: VirtualClock;
  readonly #options;
  #core: StoreCore | undefined;
  #life = 0;

  constructor(clock: VirtualClock, graceMs: number) {
    this.#clock = clock;
    this.#options = resolveCoreOptions({ channels: { '*': { presence: { graceMs } } } });
    this.start();
  }

  get core(): StoreCore | undefined {
    return this.#core;
  }

  start(): void {
    const steps = {
      run: (work: Iterator<void, void>): void => {
        while (work.next().done !== true);
      },
    };
    const members = new Members({ steps, life: `life${++this.#life}`, clock: this.#clock });
    // Commands about members use nothing else of a store.
    this.#core = { members, options: this.#options } as unknown as StoreCore;
  }

  kill(): void {
    this.#core?.members.close();
    this.#core = undefined;
  }
}

/** One run of a link: frames that are on their way when it is cut never arrive. */
class Link extends NoCaller {
  readonly core: StoreCore;
  isCut = false;
  readonly #push: (channel: string, diff: string) => void;

  constructor(core: StoreCore, push: (channel: string, diff: string) => void) {
    super();
    this.core = core;
    this.#push = push;
  }

  override membersChanged(channel?: string, diff?: string): void {
    this.#push(channel ?? '', diff ?? '');
  }
}

/** A worker as far as presence goes: its lane, on a link that comes and goes. */
export class VirtualWorker implements ControlLane {
  readonly lane: MemberLane;
  readonly #clock: VirtualClock;
  readonly #store: VirtualStore;
  readonly #random: () => number;
  #link: Link | undefined;
  /** When the last frame of each direction arrives: frames keep their order. */
  #sentTo = 0;
  #receivedTo = 0;
  #isDead = false;
  frames = 0;

  constructor(clock: VirtualClock, store: VirtualStore, random: () => number) {
    this.#clock = clock;
    this.#store = store;
    this.#random = random;
    const fail = (error: Error): void => {
      throw error;
    };
    this.lane = new MemberLane({
      lane: this,
      timeoutMs: 2 ** 31 - 1,
      reason: () => undefined,
      onError: fail,
      onEvent: () => undefined,
      clock,
      now: () => clock.now(),
    });
    this.#dial();
  }

  get isOpen(): boolean {
    return this.#link !== undefined;
  }

  control(control: ControlCall): void {
    const link = this.#link;
    if (link === undefined) throw new Error('The link is away');
    this.frames++;
    this.#sentTo = Math.max(this.#sentTo, this.#clock.now() + this.#random() * 20);
    this.#clock.after(this.#sentTo - this.#clock.now(), () => {
      if (link.isCut || this.#store.core !== link.core) return;
      const { call } = control;
      const command = coreCommands.byCode[call.code];
      const reply = command?.run(link.core, requestOf(call), link) as ReadyReply;
      const bytes = reply === undefined ? Buffer.alloc(0) : Buffer.from(reply as string, 'latin1');
      this.#receive(link, () => control.settled(bytes, 0, bytes.length));
    });
  }

  /** The link breaks. The store notices it after a while, which may be after the next link stands. */
  cut(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#lose(link);
    if (!this.#isDead) this.#dial();
  }

  /** `kill -9`. */
  kill(): void {
    this.#isDead = true;
    if (this.#link !== undefined) this.#lose(this.#link);
  }

  #lose(link: Link): void {
    this.#link = undefined;
    link.isCut = true;
    this.lane.lost();
    this.#clock.after(this.#random() * 400, () => {
      if (this.#store.core !== link.core) return;
      const release = link.core.members.release(link);
      while (release.next().done !== true);
    });
  }

  #dial(): void {
    this.#clock.after(this.#random() * 300, () => {
      const { core } = this.#store;
      if (this.#isDead) return;
      if (core === undefined) {
        this.#dial();
        return;
      }
      const link: Link = new Link(core, (channel, diff) => {
        const parsed = JSON.parse(diff) as MemberDiff;
        this.#receive(link, () => this.lane.watches.take(channel, parsed));
      });
      this.#sentTo = this.#receivedTo = this.#clock.now();
      this.#link = link;
      this.#renew(link, this.lane.renewal());
    });
  }

  #renew(link: Link, renewal: Iterator<void, void>): void {
    if (link.isCut || renewal.next().done === true) return;
    this.#clock.after(this.#random() * 5, () => this.#renew(link, renewal));
  }

  #receive(link: Link, act: () => void): void {
    this.#receivedTo = Math.max(this.#receivedTo, this.#clock.now() + this.#random() * 20);
    this.#clock.after(this.#receivedTo - this.#clock.now(), () => {
      if (!link.isCut) act();
    });
  }
}
