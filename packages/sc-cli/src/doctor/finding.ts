/** What the doctor has looked at. A failure will go wrong, a warning may. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
}
