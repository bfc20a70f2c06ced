/** What a store keeps and how much, wherever it runs. */
export interface StoreOptions {
  /** Largest value and payload, in bytes. @default 16777216 */
  readonly maxValueBytes?: number;
  /** The clock, in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}
