/** What is special about a published client. */
export interface ClientFacts {
  readonly version: string;
  readonly generation: 'C' | 'D' | 'E' | 'F';
  /** The ping that it knows. */
  readonly ping: '' | '#1' | '1';
  /** Whether it takes a code from 4500 on for final. */
  readonly knowsFinalCodes: boolean;
  /**
   * Whether it comes back after every other code. The first ones come back after a handful only, and in Node their
   * WebSocket calls a connection that was cut a normal end.
   */
  readonly comesBackAlways: boolean;
}

export const clients: readonly ClientFacts[] = [
  { version: '2.2.25', ping: '1', generation: 'C', comesBackAlways: false, knowsFinalCodes: true },
  { version: '2.4.1', ping: '1', generation: 'C', comesBackAlways: true, knowsFinalCodes: false },
  { version: '3.1.1', ping: '#1', generation: 'D', comesBackAlways: true, knowsFinalCodes: false },
  { version: '4.0.0', ping: '#1', generation: 'E', comesBackAlways: true, knowsFinalCodes: false },
  { version: '4.3.19', ping: '#1', generation: 'E', comesBackAlways: true, knowsFinalCodes: true },
  { version: '5.5.2', ping: '#1', generation: 'E', comesBackAlways: true, knowsFinalCodes: true },
  { version: '9.0.4', ping: '#1', generation: 'E', comesBackAlways: true, knowsFinalCodes: true },
  { version: '14.3.2', ping: '#1', generation: 'E', comesBackAlways: true, knowsFinalCodes: true },
  { version: '15.1.0', ping: '', generation: 'F', comesBackAlways: true, knowsFinalCodes: true },
  { version: '16.1.1', ping: '', generation: 'F', comesBackAlways: true, knowsFinalCodes: true },
  { version: '18.3.0', ping: '', generation: 'F', comesBackAlways: true, knowsFinalCodes: true },
  { version: '20.0.2', ping: '', generation: 'F', comesBackAlways: true, knowsFinalCodes: true },
];
