/** Peculiarities of a published client. */
export interface ClientFacts {
  readonly version: string;
  readonly generation: 'B6' | 'C' | 'D' | 'E' | 'F';
  /** The ping that it knows. */
  readonly ping: '' | '#1' | '1';
  /** Whether it takes a code from 4500 on for final. */
  readonly knowsFinalCodes: boolean;
  /** A code after which it comes back; `anyCode` stands for any that is not final. */
  readonly comesBackAfter: number;
  /** Whether it does so when its connection is cut. In Node the first ones take that for a normal end. */
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
