import { addressGroup } from './address-group.js';

export interface AdmissionRules {
  /** Open connections of one address; 0 is no limit. */
  readonly maxPerAddress: number;
  /** New connections of one address in a second, on average; 0 is no limit. Twice as many may come at once. */
  readonly perSecond: number;
  /** The time in milliseconds. */
  readonly now: () => number;
}

interface Visitor {
  open: number;
  /** New connections it may make at once; grows with time up to the burst. */
  tokens: number;
  refilledAt: number;
}

/** Addresses that are remembered without having a connection. Beyond, the oldest are forgotten. */
const maxIdleVisitors = 10_000;
const burstFactor = 2;

/** Limits by client address, checked before anything is spent on a connection. */
export interface Admission {
  /** Whether the address may have one more connection. If so it counts until `leave`. */
  enter(address: string): boolean;
  leave(address: string): void;
  /** How many addresses are remembered. */
  readonly size: number;
}

export function createAdmission({ maxPerAddress, perSecond, now }: AdmissionRules): Admission {
  const visitors = new Map<string, Visitor>();
  const burst = perSecond * burstFactor;

  function refill(visitor: Visitor): void {
    const time = now();
    visitor.tokens = Math.min(burst, visitor.tokens + ((time - visitor.refilledAt) / 1000) * perSecond);
    visitor.refilledAt = time;
  }

  function forgetOldest(): void {
    for (const [group, visitor] of visitors) {
      if (visitors.size <= maxIdleVisitors) return;
      if (visitor.open === 0) visitors.delete(group);
    }
  }

  return {
    get size() {
      return visitors.size;
    },
    enter(address) {
      if (maxPerAddress === 0 && perSecond === 0) return true;
      const group = addressGroup(address);
      const visitor = visitors.get(group) ?? { open: 0, tokens: burst, refilledAt: now() };
      visitors.set(group, visitor);
      refill(visitor);
      if (maxPerAddress > 0 && visitor.open >= maxPerAddress) return false;
      if (perSecond > 0 && visitor.tokens < 1) return false;
      visitor.tokens -= 1;
      visitor.open++;
      return true;
    },
    leave(address) {
      const group = addressGroup(address);
      const visitor = visitors.get(group);
      if (visitor === undefined) return;
      visitor.open--;
      if (visitor.open > 0) return;
      refill(visitor);
      // At the end of the line of those that may be forgotten; with a full bucket there is nothing to remember.
      visitors.delete(group);
      if (perSecond > 0 && visitor.tokens < burst) visitors.set(group, visitor);
      forgetOldest();
    },
  };
}
