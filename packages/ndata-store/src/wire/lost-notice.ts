/** What a client is told that it has missed, as JSON: [channel, publications], changes of keys, channels with member events. */
export interface LostNotice {
  readonly channels: readonly (readonly [channel: string, count: number])[];
  readonly changes: number;
  readonly members: readonly string[];
}
