import { describe, expect, it } from '@jest/globals';
import { type ChannelCause, type ChannelState, channelSteps, nextChannelStep } from '../src/index.js';

const rows: [ChannelState, ChannelCause, ChannelState, string[]][] = [
  ['unsubscribed', 'subscribe', 'pending', []],
  ['unsubscribed', 'unsubscribe', 'unsubscribed', []],
  ['unsubscribed', 'accepted', 'unsubscribed', []],
  ['unsubscribed', 'refused', 'unsubscribed', []],
  ['unsubscribed', 'kickedOut', 'unsubscribed', []],
  ['unsubscribed', 'lost', 'unsubscribed', []],
  ['unsubscribed', 'ordered', 'subscribed', ['subscribe']],
  ['pending', 'subscribe', 'pending', []],
  ['pending', 'unsubscribe', 'unsubscribed', []],
  ['pending', 'accepted', 'subscribed', ['subscribe']],
  ['pending', 'refused', 'unsubscribed', ['subscribeFail']],
  ['pending', 'kickedOut', 'unsubscribed', ['kickOut']],
  ['pending', 'lost', 'pending', []],
  ['pending', 'ordered', 'subscribed', ['subscribe']],
  ['subscribed', 'subscribe', 'subscribed', []],
  ['subscribed', 'unsubscribe', 'unsubscribed', ['unsubscribe']],
  ['subscribed', 'accepted', 'subscribed', []],
  ['subscribed', 'refused', 'subscribed', []],
  ['subscribed', 'kickedOut', 'unsubscribed', ['kickOut', 'unsubscribe']],
  ['subscribed', 'lost', 'pending', ['unsubscribe']],
  ['subscribed', 'ordered', 'subscribed', []],
];

describe('the states of a subscription', () => {
  it.each(rows)('%s, when %s, becomes %s and raises %j', (state, cause, next, events) => {
    expect(nextChannelStep(state, cause)).toStrictEqual({ state: next, events });
  });

  it('have rows for what changes them, and no more', () => {
    const listed = Object.entries(channelSteps).flatMap(([state, steps]) =>
      Object.keys(steps).map((cause) => `${state} ${cause}`),
    );
    const changes = rows.filter(([state, , next]) => next !== state);
    expect(listed.sort()).toStrictEqual(changes.map(([state, cause]) => `${state} ${cause}`).sort());
  });
});
