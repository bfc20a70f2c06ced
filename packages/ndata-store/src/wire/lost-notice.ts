/**
 * Notice of missed data for a client, as JSON: channels with the number of the last publication that was left out, changes of
 * keys, channels with member events. A receiver counts from the last number that it knows, so it counts no publication twice.
 */
export interface LostNotice {
  readonly channels: readonly (readonly [channel: string, live: number])[];
  readonly changes: number;
  readonly members: readonly string[];
}
