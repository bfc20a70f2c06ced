import { closeCodes } from 'sc-protocol';
import type { InboundRate, Limited } from '../limits/inbound-rate.js';
import type { LimitName } from '../limits/limit-hits.js';
import type { ClientLog, LoggedClient } from '../log/client-log.js';
import type { Beating, Heartbeat } from './heartbeat.js';

/** The socket whose liveness is tracked. */
export interface LivenessOwner extends LoggedClient {
  readonly parts: {
    readonly options: { readonly inboundRatePolicy: 'pause' | 'close' };
    readonly heartbeat: Heartbeat;
    readonly limits: { readonly inboundRate: InboundRate };
    readonly clientLog: ClientLog;
  };
  readonly transport: { pause(): void; resume(): void };
  ping(): void;
  closeAtLimit(limit: LimitName, code: number, reason?: string): void;
}

/** State to pass on when the socket moves. Times are in ticks of the heartbeat. */
export interface SavedLiveness {
  readonly spent: number;
  readonly silentFor: number;
  readonly pingDueIn: number;
}

/** Tracks when data last arrived from a client, its remaining inbound allowance, and whether reading is paused. */
export class Liveness implements Beating, Limited {
  allowance: number;
  lastHeard: number;
  beatSlot: number | undefined;
  readonly #owner: LivenessOwner;
  #pauses = 0;

  constructor(owner: LivenessOwner, saved?: SavedLiveness) {
    const { heartbeat, limits } = owner.parts;
    this.#owner = owner;
    this.allowance = limits.inboundRate.burst;
    this.lastHeard = heartbeat.tick - (saved?.silentFor ?? 0);
    heartbeat.add(this, saved?.pingDueIn);
    if (saved !== undefined && saved.spent > 0) limits.inboundRate.spend(this, saved.spent);
  }

  save(): SavedLiveness {
    const { heartbeat, limits } = this.#owner.parts;
    const { burst } = limits.inboundRate;
    return {
      spent: burst === Infinity ? 0 : burst - this.allowance,
      silentFor: heartbeat.tick - this.lastHeard,
      pingDueIn: heartbeat.dueIn(this),
    };
  }

  get isReadingPaused(): boolean {
    return this.#pauses > 0;
  }

  /** Records that data arrived from the client. Hot path. */
  heard(): void {
    this.lastHeard = this.#owner.parts.heartbeat.tick;
  }

  /** Deducts frames of the client from its allowance. Hot path. */
  spend(count: number): void {
    this.#owner.parts.limits.inboundRate.spend(this, count);
  }

  /** Pauses reading. Calls nest: each needs a matching `resume`. */
  pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#owner.transport.pause();
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses === 0) this.#owner.transport.resume();
  }

  stop(): void {
    const { heartbeat, limits } = this.#owner.parts;
    heartbeat.remove(this);
    limits.inboundRate.forget(this);
  }

  ping(): void {
    this.#owner.ping();
  }

  onSilent(): void {
    this.#owner.closeAtLimit('pingTimeout', closeCodes.pongTimeout);
  }

  onRateExceeded(): void {
    const { options, clientLog } = this.#owner.parts;
    if (options.inboundRatePolicy === 'close') {
      this.#owner.closeAtLimit('inboundRate', closeCodes.policyViolation, 'Too many messages');
      return;
    }
    clientLog.reachedLimit(this.#owner, 'inboundRate');
    this.pause();
  }

  onRateRestored(): void {
    this.resume();
  }
}
