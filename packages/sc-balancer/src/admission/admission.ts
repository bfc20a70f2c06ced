import { addressGroup } from './address-group.js';

export interface AdmissionRules {
  /** Open connections of one address; 0 is no limit. */
  readonly maxPerAddress: number;
  /** New connections of one address in a second, on average; 0 is no limit. Twice as many may come at once. */
  readonly perSecond: number;
  /** The time in milliseconds. */
  readonly now: () => number;
}

interface Client {
  open: number;
  /** New connections it may make at once; grows with time up to the burst. */
  tokens: number;
  refilledAt: number;
}

/** Addresses that are remembered without having a connection. Beyond, those that left first are forgotten. */
const maxIdleClients = 10_000;
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
  const connected = new Map<string, Client>();
  /** Clients without a connection whose bucket is not full yet, in the order in which they left. */
  const idle = new Map<string, Client>();
  const burst = perSecond * burstFactor;

  function refill(client: Client): void {
    const time = now();
    client.tokens = Math.min(burst, client.tokens + ((time - client.refilledAt) / 1000) * perSecond);
    client.refilledAt = time;
  }

  function remember(group: string, client: Client): void {
    idle.set(group, client);
    if (idle.size <= maxIdleClients) return;
    const [oldest] = idle.keys();
    if (oldest !== undefined) idle.delete(oldest);
  }

  return {
    get size() {
      return connected.size + idle.size;
    },
    enter(address) {
      if (maxPerAddress === 0 && perSecond === 0) return true;
      const group = addressGroup(address);
      const known = connected.get(group) ?? idle.get(group);
      const client = known ?? { open: 0, tokens: burst, refilledAt: now() };
      refill(client);
      if (maxPerAddress > 0 && client.open >= maxPerAddress) return false;
      if (perSecond > 0 && client.tokens < 1) {
        // It counts as seen: a client that keeps trying is not forgotten before others.
        if (idle.delete(group)) remember(group, client);
        return false;
      }
      idle.delete(group);
      connected.set(group, client);
      client.tokens -= 1;
      client.open++;
      return true;
    },
    leave(address) {
      if (maxPerAddress === 0 && perSecond === 0) return;
      const group = addressGroup(address);
      const client = connected.get(group);
      if (client === undefined || --client.open > 0) return;
      connected.delete(group);
      refill(client);
      // With a full bucket there is nothing to remember.
      if (perSecond > 0 && client.tokens < burst) remember(group, client);
    },
  };
}
