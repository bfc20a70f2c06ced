import { describe, expect, it } from '@jest/globals';
import { waitFor, withDeadline } from '../src/wait-for.js';

describe('waitFor', () => {
  it('returns what the condition returned when it became truthy', async () => {
    let looks = 0;
    await expect(waitFor(() => (++looks >= 3 ? `look ${looks}` : ''), { what: 'the third look' })).resolves.toBe(
      'look 3',
    );
  });

  it('says what it waited for when the deadline passes, with the last error as cause', async () => {
    const wait = waitFor(
      () => {
        throw new Error('not there');
      },
      { deadlineMs: 20, what: () => 'the moon' },
    );
    await expect(wait).rejects.toMatchObject({
      message: 'Waited 20 ms for the moon',
      cause: { message: 'not there' },
    });
  });
});

describe('withDeadline', () => {
  it('passes on what the promise settles with', async () => {
    await expect(withDeadline(Promise.resolve(7), { what: 'seven' })).resolves.toBe(7);
    await expect(withDeadline(Promise.reject(new Error('no')), { what: 'seven' })).rejects.toThrow('no');
  });

  it('fails when the promise does not settle in time', async () => {
    const never = new Promise<never>(() => undefined);
    await expect(withDeadline(never, { deadlineMs: 20, what: 'ever' })).rejects.toThrow('Waited 20 ms for ever');
  });
});
