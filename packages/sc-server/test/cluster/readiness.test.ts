import { describe, expect, it } from '@jest/globals';
import { reasonsNotReady, type ReadinessView } from '../../src/cluster/health/readiness.js';

const member = (state = 'ready') => ({ id: 0, pid: 1, state, uptimeMs: 0, silentMs: 0, restarts: 0 });
const worker = (state = 'ready', overloaded = false) => ({ ...member(state), clients: 0, storesAway: 0, overloaded });
const running: ReadinessView = {
  state: 'running',
  workers: [worker()],
  stores: [member()],
  sharedStores: [],
  balancers: [],
};
const one = { stores: 1, balancers: 0 };

describe('the reasons why a host is not ready', () => {
  it.each<[what: string, view: Partial<ReadinessView>, reasons: string[]]>([
    ['everything runs', {}, []],
    ['it starts', { state: 'starting' }, ['the cluster is starting']],
    ['it drains', { state: 'draining' }, ['the cluster is draining']],
    ['it ends', { state: 'closing' }, ['the cluster is closing']],
    ['one worker of two is ready', { workers: [worker('starting'), worker()] }, []],
    ['one worker of two is overloaded', { workers: [worker('ready', true), worker()] }, []],
    [
      'the only worker that is not overloaded drains',
      { workers: [worker('ready', true), worker('stopping')] },
      ['every worker is overloaded'],
    ],
    ['no worker is ready', { workers: [worker('starting')] }, ['no worker is ready']],
    ['no worker is there', { workers: [] }, ['no worker is ready']],
    ['its store starts again', { stores: [member('starting')] }, ['1 of 1 stores away']],
    ['worker and store are gone', { workers: [], stores: [] }, ['no worker is ready', '1 of 1 stores away']],
  ])('%s', (_what, view, reasons) => {
    expect(reasonsNotReady({ ...running, ...view }, one)).toEqual(reasons);
  });

  it('names the shared stores that no worker reaches', () => {
    const workers = [0, 1].map((id) => ({ ...worker(), id, storesAway: 1 }));
    const shared = (address: string, ...awayFrom: number[]) => ({ address, state: 'away' as const, awayFrom });
    const away = { ...running, stores: [], workers };
    const none = { stores: 0, balancers: 0 };
    expect(reasonsNotReady({ ...away, sharedStores: [shared('a:1'), shared('b:1', 0, 1)] }, none)).toEqual([
      'store b:1 cannot be reached',
    ]);
    expect(reasonsNotReady({ ...away, sharedStores: [shared('a:1', 0), shared('b:1', 1)] }, none)).toEqual([
      'no worker reaches every store',
    ]);
  });

  it('a balancer is needed when there should be some', () => {
    const wanted = { stores: 1, balancers: 2 };
    expect(reasonsNotReady(running, wanted)).toEqual(['no balancer is ready']);
    expect(reasonsNotReady({ ...running, balancers: [member()] }, wanted)).toEqual([]);
  });
});
