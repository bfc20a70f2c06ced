import { describe, expect, it } from '@jest/globals';
import { type HistoryEvent, type HistoryReport, checkHistory, describeHistory } from '../../src/history/index.js';

/**
 * A log in short form, one event a word: `p+1` p begins to publish "1", `p=1` acknowledged, `p!1` refused, `p?1` unknown; `s:sub`,
 * `s:sub@e.1:5`, `s:back` (recovered), `s:miss` (not recovered), `s:leave`, `s:gap`, `s:at@e.1:5`, `s:lost@e.1:5`;
 * `s<1` delivered without an offset, `s<1@e.1:5` with one.
 */
function log(text: string): HistoryEvent[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word, at): HistoryEvent => {
      const [, client = '', sign = '', rest = ''] = /^(\w+?)([+=!?<:])(.*)$/.exec(word) ?? [];
      const [what = '', where] = rest.split('@');
      const [epoch = '', offset] = where?.split(':') ?? [];
      const position = where === undefined ? undefined : { epoch, offset: Number(offset) };
      const common = { at, client, channel: 'c' };
      switch (sign) {
        case '+':
          return { ...common, type: 'attempt', id: what };
        case '=':
          return { ...common, type: 'ack', id: what, position };
        case '!':
          return { ...common, type: 'fail', id: what, isUnknown: false };
        case '?':
          return { ...common, type: 'fail', id: what, isUnknown: true };
        case '<':
          return { ...common, type: 'deliver', id: what, position };
      }
      switch (what) {
        case 'sub':
          return { ...common, type: 'subscribe', position };
        case 'back':
          return { ...common, type: 'subscribe', recovered: true, position };
        case 'miss':
          return { ...common, type: 'subscribe', recovered: false, reason: 'trimmed', position };
        case 'leave':
          return { ...common, type: 'leave' };
        case 'gap':
          return { ...common, type: 'gap' };
        case 'at':
          return { ...common, type: 'position', position: position ?? { epoch, offset: 0 } };
        case 'lost':
          return { ...common, type: 'position', position: position ?? { epoch, offset: 0 }, reason: 'epoch' };
        default:
          throw new Error(`Not a word of a log: ${word}`);
      }
    });
}

const faultsOf = ({ faults }: HistoryReport): string[] => faults.map(({ kind, client }) => `${kind} ${client}`);

describe('checkHistory', () => {
  it.each([
    ['nothing at all', 's:sub'],
    ['everything in order, without offsets', 's:sub p+1 p=1 s<1 p+2 s<2 p=2'],
    ['everything in order, with offsets', 's:sub@e.1:0 p+1 s<1@e.1:1 p=1 p+2 p=2@e.1:2 s<2@e.1:2'],
    ['deliveries before the acks', 's:sub@e.1:0 p+1 p+2 s<1@e.1:1 s<2@e.1:2 p=1 p=2'],
    [
      'publications behind the last delivery to a client that left',
      's:sub@e.1:0 p+1 s<1@e.1:1 p+2 p=2@e.1:2 p=1 s:leave',
    ],
    [
      'one again from a worker that does not know that it was lost',
      's:sub@e.1:0 p+1 p=1 s<1@e.1:1 s:miss@e.1:0 s<1@e.1:1',
    ],
    ['a publication before the subscription', 'p+1 p=1@e.1:1 s:sub@e.1:1 p+2 p=2 s<2@e.1:2'],
    ['one begun before it and acknowledged after it', 'p+1 s:sub p=1'],
    ['a first subscription with past publications', 'p+1 p=1@e.1:1 p+2 p=2@e.1:2 s:sub s<2@e.1:2 p+3 s<3@e.1:3 p=3'],
    ['a recovery', 's:sub@e.1:0 p+1 s<1@e.1:1 p=1 p+2 p=2 s:back@e.1:1 s<2@e.1:2 p+3 p=3 s<3@e.1:3'],
    ['another life of the same stream', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2 s<2@e.2:2'],
    ['a publication after the subscription was given up', 's:sub p+1 p=1 s<1 s:leave p+2 p=2'],
    ['a second subscription after a leave', 's:sub p+1 p=1 s<1 s:leave p+2 p=2 s:sub p+3 p=3 s<3'],
    ['the same publication again in a second subscription', 's:sub p+1 p=1 s<1@e.1:1 s:leave s:sub s<1@e.1:1'],
    ['an unknown publish that happened', 's:sub p+1 p?1 s<1'],
    ['an unknown publish that did not', 's:sub p+1 p?1'],
    ['an unknown publish that came late', 's:sub p+1 p?1 p+2 p=2 s<2 s<1'],
    ['a refused publish', 's:sub p+1 p!1'],
    ['a publication that a line of the server dropped', 's:sub@e.1:0 p+1 p=1@e.1:1 s:at@e.1:1 p+2 p=2 s<2@e.1:2'],
    ['publications of others that are not in the log', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 s:gap p+2 p=2 s<2@e.1:5'],
    ['one published again in the next stream', 's:sub p+1 s<1@e.1:1 s:lost@f.1:0 s<1@f.1:1 p=1@f.1:1'],
    ['two publishers whose publications cross', 's:sub p+1 q+2 s<2 s<1 p=1 q=2'],
  ])('finds no fault in %s', (_name, text) => {
    const report = checkHistory(log(text));
    expect({ said: describeHistory(report), faults: faultsOf(report) }).toEqual(
      expect.objectContaining({ faults: [] }),
    );
    expect(report.signalled).toBe(0);
  });

  it.each([
    ['an acknowledged publication that never came', 's:sub p+1 p=1', ['lost s']],
    ['the same with offsets', 's:sub@e.1:0 p+1 p=1@e.1:1', ['lost s']],
    ['one in the middle', 's:sub@e.1:0 p+1 p=1@e.1:1 p+2 s<2@e.1:2 p=2', ['lost s']],
    ['one skipped between two that came', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2@e.1:2 p+3 p=3 s<3@e.1:3', ['lost s']],
    [
      'a recovery that says true and is not',
      's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2@e.1:2 s:back@e.1:1 p+3 p=3 s<3@e.1:3',
      ['lost s'],
    ],
    [
      'a signal that comes after the next delivery',
      's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2@e.1:2 p+3 p=3 s<3@e.1:3 s:miss@e.1:3',
      ['lost s'],
    ],
    ['a signal from before', 's:sub@e.1:0 s:lost@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2@e.1:2 p+3 p=3 s<3@e.1:3', ['lost s']],
    ['one of two subscribers', 's:sub t:sub p+1 p=1 s<1', ['lost t']],
    ['one delivered to others and never acknowledged', 's:sub t:sub p+1 p?1 s<1', ['unsignalled t']],
    ['a hole in the offsets', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2 s<2@e.1:5', ['unsignalled s']],
    ['another stream that nothing tells of', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2 s<2@f.1:1', ['unsignalled s']],
    ['a publication that came twice', 's:sub p+1 p=1 s<1 s<1', ['duplicated s']],
    ['one in the next stream that nothing tells of', 's:sub p+1 s<1@e.1:1 s<1@f.1:1 p=1@f.1:1', ['duplicated s']],
    ['twice across a recovery', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 s:back@e.1:1 s<1@e.1:1', ['duplicated s']],
    [
      'published twice, at two offsets',
      's:sub@e.1:0 p+1 p=1@e.1:1 s<1@e.1:1 s<1@e.1:2',
      ['conflicting s', 'duplicated s'],
    ],
    ['two of one publisher that crossed', 's:sub p+1 p+2 p=1 p=2 s<2 s<1', ['reordered s']],
    ['offsets that go back', 's:sub p+1 q+2 p=1 q=2 s<1@e.1:2 s<2@e.1:1', ['reordered s']],
    [
      'one position for two publications',
      's:sub t:sub p+1 q+2 s<1@e.1:1 t<2@e.1:1 p?1 q?2 s<2@e.1:2 t<1@e.1:2',
      ['conflicting t', 'conflicting s', 'conflicting t'],
    ],
    ['a refused publish that was delivered', 's:sub p+1 p!1 s<1', ['conflicting s']],
    ['an answer with another position than the delivery', 's:sub@e.1:0 p+1 s<1@e.1:1 p=1@e.1:2', ['conflicting p']],
  ])('finds the fault in %s', (_name, text, expected) => {
    const report = checkHistory(log(text));
    expect(faultsOf(report).slice(0, expected.length)).toEqual(expected);
    expect(report.counts[expected[0]?.split(' ')[0] as keyof typeof report.counts]).toBeGreaterThan(0);
  });

  it.each([
    ['a failed recovery', 's:sub@e.1:0 p+1 p=1@e.1:1 s:miss@e.1:1 p+2 p=2 s<2@e.1:2'],
    ['a position of another stream', 's:sub@e.1:0 p+1 p=1 s<1@e.1:1 p+2 p=2@e.1:2 s:lost@f.1:0 p+3 p=3 s<3@f.1:1'],
    ['a subscription that came back without recovery', 's:sub p+1 p=1 s<1 p+2 p=2 s:sub p+3 p=3 s<3'],
    [
      'offsets that a crash took and the next life gave again',
      's:sub@e.1:0 p+1 s<1@e.1:1 p=1 p+2 s<2@e.1:2 p=2 p+3 p=3@e.2:1 s:miss@e.2:1 p+4 p=4@e.2:2 s<4@e.2:2',
    ],
    ['a signal after the last delivery', 's:sub@e.1:0 p+1 p=1@e.1:1 s:lost@f.1:0'],
  ])('counts as told what is missing behind %s', (_name, text) => {
    const report = checkHistory(log(text));
    expect(faultsOf(report)).toEqual([]);
    expect(report.signalled).toBe(1);
  });

  it('shows the shortest piece of the log', () => {
    const noise = Array.from({ length: 50 }, (_, i) => `p+n${i} p=n${i} s<n${i}@e.1:${i + 1}`).join(' ');
    const report = checkHistory(log(`s:sub@e.1:0 ${noise} p+a p=a@e.1:51 t:sub@e.1:51 p+b p=b s<b@e.1:52 t<b@e.1:52`));
    expect(report.counts).toEqual({ lost: 1, duplicated: 0, reordered: 0, unsignalled: 0, conflicting: 0 });
    expect(report.faults[0]?.piece.map(({ type, client }) => `${client} ${type}`)).toEqual([
      's deliver',
      'p attempt',
      'p ack',
      's deliver',
    ]);
    expect(describeHistory(report)).toContain('lost: s on "c": "a" (e.1:51) was acknowledged and never came');
  });

  it('counts how publishes and subscriptions ended', () => {
    const report = checkHistory(log('s:sub p+1 p+2 p+3 p=1 p!2 p?3 s<1 s:back s:miss'));
    expect(report).toMatchObject({ attempts: 3, acks: 1, refused: 1, unknown: 1, deliveries: 1 });
    expect(report).toMatchObject({ recoveries: 1, failedRecoveries: 1 });
  });

  it('keeps channels apart', () => {
    const other = log('s:sub p+1 p=1').map((event) => ({ ...event, channel: 'd' }));
    expect(checkHistory([...log('s:sub p+1 p=1 s<1'), ...other]).faults).toMatchObject([
      { kind: 'lost', channel: 'd' },
    ]);
  });
});
