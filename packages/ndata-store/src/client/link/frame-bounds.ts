import { Buffer } from 'node:buffer';
import { ResourceLimitError } from 'sc-protocol';
import type { Call } from '../../commands/call.js';
import type { Encoded } from '../../values.js';
import { optionsJson } from '../../wire/frame-writer.js';
import { frameHeaderBytes } from '../../wire/frame.js';

/** Upper bound of the frame size of a call: a UTF-16 code unit takes at most three bytes in UTF-8. Hot path. */
function mostFrameBytes({ keys, options, payload }: Call): number {
  let bytes = frameHeaderBytes + 3;
  for (const key of keys) bytes += 2 + key.length * 3;
  if (options !== undefined) bytes += optionsJson(options).length * 3;
  if (payload !== undefined) bytes += typeof payload === 'string' ? payload.length * 3 : payload.length;
  return bytes;
}

/** Exact frame size of a call in bytes. */
export function frameBytes({ keys, options, payload }: Call): number {
  let bytes = frameHeaderBytes + 3;
  for (const key of keys) bytes += 2 + Buffer.byteLength(key);
  if (options !== undefined) bytes += Buffer.byteLength(optionsJson(options));
  return bytes + encodedBytes(payload);
}

/** Returns an error if the store would reject the call as too large. `maxBytes` is the limit announced at the login. */
export function frameProblem(call: Call, maxBytes: number): Error | undefined {
  const bytes = frameBytes(call);
  if (bytes <= maxBytes) return undefined;
  return new ResourceLimitError(
    `"${call.name}" takes ${bytes} bytes, and the store takes at most ${maxBytes} (its \`maxValueBytes\`, with keys and options)`,
    { limit: 'maxValueBytes', max: maxBytes, actual: bytes },
  );
}

/** Data already queued for a store. */
export interface Waiting {
  readonly options: { readonly maxPendingCalls: number; readonly maxPendingBytes: number };
  readonly calls: number;
  readonly bytes: number;
  readonly maxFrameBytes: number;
}

/** Returns an error if the call exceeds a limit. Throws if its options are not serializable. Hot path. */
export function boundProblem(call: Call, waiting: Waiting): Error | undefined {
  const { options, calls, bytes, maxFrameBytes } = waiting;
  const { maxPendingCalls, maxPendingBytes } = options;
  if (calls >= maxPendingCalls) {
    return new ResourceLimitError(
      `At most ${maxPendingCalls} calls may wait for a store (\`maxPendingCalls\`), and so many do`,
      { limit: 'maxPendingCalls', max: maxPendingCalls },
    );
  }
  const most = mostFrameBytes(call);
  // A single call may always wait, even if it is larger than `maxPendingBytes`.
  if (most <= maxFrameBytes && (bytes === 0 || bytes + most <= maxPendingBytes)) return undefined;
  const problem = frameProblem(call, maxFrameBytes);
  if (problem !== undefined || bytes === 0) return problem;
  const total = bytes + frameBytes(call);
  if (total <= maxPendingBytes) return undefined;
  return new ResourceLimitError(
    `At most ${maxPendingBytes} bytes may wait for a store (\`maxPendingBytes\`), and these would be ${total}`,
    { limit: 'maxPendingBytes', max: maxPendingBytes, actual: total },
  );
}

function encodedBytes(encoded: Encoded | undefined): number {
  if (encoded === undefined) return 0;
  return typeof encoded === 'string' ? Buffer.byteLength(encoded) : encoded.length;
}
