/** Counters on the hot paths of one server. */
export interface Traffic {
  framesReceived: number;
  framesSent: number;
  /** Bytes of WebSocket frames, including headers. */
  bytesReceived: number;
  bytesSent: number;
  /** Publications that were queued for a client. */
  deliveries: number;
}

/** Hot path. Counts a frame queued for a client, or the publications joined in it. */
export function countSent(traffic: Traffic, publications: number): void {
  traffic.framesSent += publications > 1 ? publications : 1;
  traffic.deliveries += publications;
}
