import { addressGroup } from './address-group.js';

export interface AdmissionRules {
  /** Maximum number of open connections per address; 0 is no limit. */
  readonly maxPerAddress: number;
  /** Average number of new connections per second from one address, with bursts of twice as many; 0 is no limit. */
  readonly perSecond: number;
  /** Returns the time in milliseconds. */
  readonly now: () => number;
}

interface Client {
  open: number;
  /** Tokens for new connections, refilled over time up to the burst size. */
  tokens: number;
  refilledAt: number;
}

/**
 * Maximum number of entries for addresses without a connection. Beyond it, the addresses that disconnected first are
 * evicted.
 */
const maxIdleClients = 10_000;
const burstFactor = 2;

/** Limits by client address, checked before other resources are spent on a connection. */
export interface Admission {
  /** Reports whether the address may open another connection. If so, the connection counts until `leave`. */
  enter(address: string): boolean;
  leave(address: string): void;
  /** Number of tracked addresses. */
  readonly size: number;
}

export function createAdmission({ maxPerAddress, perSecond, now }: AdmissionRules): Admission {
  const connected = new Map<string, Client>();
  /** Clients without a connection whose bucket is not full yet, in order of disconnection. */
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
        // Move the client to the end of the eviction order, so that a client that keeps trying is not evicted first.
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
      // A full bucket is the initial state and need not be stored.
      if (perSecond > 0 && client.tokens < burst) remember(group, client);
    },
  };
}
