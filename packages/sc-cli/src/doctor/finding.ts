/** Result of a check of the doctor. A failure will cause problems, a warning may. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
}
