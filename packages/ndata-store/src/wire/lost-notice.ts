/**
 * Notice of dropped data for a client, as JSON: channels with the number of the last dropped publication, the number of
 * dropped key changes, and channels with dropped member events. The client counts from the last number that it
 * received, so no publication is counted twice.
 */
export interface LostNotice {
  readonly channels: readonly (readonly [channel: string, live: number])[];
  readonly changes: number;
  readonly members: readonly string[];
}
