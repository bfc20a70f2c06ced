import { describe, expect, it } from '@jest/globals';
import { Publication } from 'ndata-store';
import { FeedRecord } from '../../../src/channels/feed-record.js';

const publication = (live: number, bytes = 1) =>
  new Publication('news', new Uint8Array(bytes), false, 0, undefined, live);
const livesAfter = (record: FeedRecord, live: number) => record.after(live)?.map((one) => one.live);

describe('A record of a feed', () => {
  it('has what was published after a number', () => {
    const record = new FeedRecord(4);
    for (const live of [5, 6, 7]) record.push(publication(live));
    expect(livesAfter(record, 4)).toEqual([5, 6, 7]);
    expect(livesAfter(record, 6)).toEqual([7]);
    expect(livesAfter(record, 7)).toEqual([]);
  });

  it('does not claim what it cannot know', () => {
    const record = new FeedRecord(4);
    record.push(publication(5));
    expect(livesAfter(record, 3)).toBeUndefined();
    expect(livesAfter(record, 6)).toBeUndefined();
    record.reset(9);
    expect(livesAfter(record, 5)).toBeUndefined();
    expect(livesAfter(record, 9)).toEqual([]);
  });

  it('counts a publication that the feed had already', () => {
    const record = new FeedRecord(4);
    record.advance(5);
    record.push(publication(6));
    expect(livesAfter(record, 4)).toEqual([6]);
  });

  it.each([
    ['publications', 5_000, 1],
    ['bytes', 100, 100_000],
  ])('forgets the oldest beyond a number of %s', (_what, count, bytes) => {
    const record = new FeedRecord(0);
    for (let live = 1; live <= count; live++) record.push(publication(live, bytes));
    expect(livesAfter(record, 0)).toBeUndefined();
    expect(livesAfter(record, count - 3)).toEqual([count - 2, count - 1, count]);
  });

  it('calls back when it has moved on, until cancelled', () => {
    const record = new FeedRecord(0);
    const seen: string[] = [];
    record.onAdvance(() => seen.push(`kept ${record.top}`));
    record.onAdvance(() => seen.push('cancelled'))();
    record.push(publication(1));
    record.push(publication(2));
    expect(seen).toEqual(['kept 1']);
  });
});
