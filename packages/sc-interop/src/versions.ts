/** Peculiarities of a published client. */
export interface ClientFacts {
  readonly version: string;
  readonly generation: 'B6' | 'C' | 'D' | 'E' | 'F';
  /** Format of the ping message. */
  readonly ping: '' | '#1' | '1';
  /** Whether the client does not reconnect after close codes from 4500 on. */
  readonly knowsFinalCodes: boolean;
  /** A close code after which the client reconnects. `anyCode` stands for any code that is not final. */
  readonly comesBackAfter: number;
  /** Whether the client reconnects when its connection is cut. In Node.js, old versions treat that as a normal close. */
  readonly noticesCuts: boolean;
}

const anyCode = 4321;

export const clients: readonly ClientFacts[] = [
  {
    version: 'sc2-2.2.6',
    ping: '1',
    generation: 'B6',
    comesBackAfter: 4002,
    noticesCuts: false,
    knowsFinalCodes: true,
  },
  { version: '2.2.25', ping: '1', generation: 'C', comesBackAfter: 4003, noticesCuts: false, knowsFinalCodes: true },
  { version: '2.4.1', ping: '1', generation: 'C', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: false },
  { version: '3.1.1', ping: '#1', generation: 'D', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: false },
  { version: '4.0.0', ping: '#1', generation: 'E', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: false },
  { version: '4.3.19', ping: '#1', generation: 'E', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '5.5.2', ping: '#1', generation: 'E', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '9.0.4', ping: '#1', generation: 'E', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '14.3.2', ping: '#1', generation: 'E', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '15.1.0', ping: '', generation: 'F', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '16.1.1', ping: '', generation: 'F', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '18.3.0', ping: '', generation: 'F', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
  { version: '20.0.2', ping: '', generation: 'F', comesBackAfter: anyCode, noticesCuts: true, knowsFinalCodes: true },
];
