/**
 * Notice of missed data for a client, as JSON: [channel, publications], changes of keys, channels with member events.
 */
export interface LostNotice {
  readonly channels: readonly (readonly [channel: string, count: number])[];
  readonly changes: number;
  readonly members: readonly string[];
}
