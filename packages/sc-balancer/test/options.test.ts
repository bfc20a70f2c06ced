import { describe, expect, it } from '@jest/globals';
import { HandOffListener, ProxyBalancer } from '../src/index.js';
import type { HandOffOptions, ProxyOptions } from '../src/index.js';

describe('Options', () => {
  it.each([
    [{ port: 70_000 }, '`port` must be a whole number from 0 to 65535, got 70000'],
    [{ port: 0, ackTimeout: 5 }, '`ackTimeout` is not an option of HandOffListener; did you mean `ackTimeoutMs`?'],
    [{ port: 0, policy: 'random' }, '`policy` must be one of leastConnections, roundRobin, byAddress, got "random"'],
    [{ port: 0, waitTimeoutMs: 0 }, '`waitTimeoutMs` must be a whole number from 1 to 2147483647, got 0'],
    [{}, '`port` must be a whole number from 0 to 65535, got undefined'],
  ])('of hand-off are refused at once: %j', (options, message) => {
    expect(() => new HandOffListener(options as HandOffOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', message }),
    );
  });

  it.each([
    [{ maxConnections: 0.5 }, '`maxConnections` must be a whole number from 1 to 2147483647, got 0.5'],
    [{ target: [] }, '`target` is not an option of ProxyBalancer; did you mean `targets`?'],
    [{ rampMs: -1 }, '`rampMs` must be a whole number from 0 to 2147483647, got -1'],
  ])('of the proxy are refused at once: %j', (options, message) => {
    expect(() => new ProxyBalancer(options as ProxyOptions)).toThrow(
      expect.objectContaining({ name: 'InvalidOptionsError', message }),
    );
  });
});
