import { describe, expect, it } from '@jest/globals';
import { RecentOrders } from '../../../src/channels/recent-orders.js';

describe('Recent orders', () => {
  const create = () => {
    let now = 0;
    const done: string[] = [];
    const orders = new RecentOrders(() => now);
    const note = (id: string, subject: string) => orders.note(id, subject, () => done.push(id));
    return { orders, done, note, pass: (ms: number) => (now += ms) };
  };

  it('are made up for where the process before had not carried them out', () => {
    const { orders, done, note } = create();
    for (const id of ['1', '2', '3']) note(id, 'user ada');
    note('4', 'user bob');
    orders.makeUp({}, ['user ada', 'session x'], new Set(['2']));
    expect(done).toEqual(['1', '3']);
    expect(orders.idsOf(['user ada'])).toEqual(['1', '2', '3']);
  });

  it('are forgotten after a while', () => {
    const { orders, note, pass } = create();
    note('1', 'user ada');
    pass(5_000);
    note('2', 'user ada');
    pass(6_000);
    expect(orders.idsOf(['user ada'])).toEqual(['2']);
    pass(6_000);
    note('3', 'user bob');
    expect(orders.idsOf(['user ada'])).toEqual([]);
  });
});
