import type { Socket } from 'node:net';

/**
 * Carries bytes both ways until both ends are closed: backpressure in each direction, the end of one direction passed
 * on as such, and a break of one end breaks the other. Once one direction has ended, `halfCloseTimeoutMs` without a
 * byte ends it all. `onClosed` is called once, when neither end is open any more.
 */
export function relay(
  client: Socket,
  target: Socket,
  { halfCloseTimeoutMs }: { readonly halfCloseTimeoutMs: number },
  onClosed: () => void,
): void {
  let open = 2;
  const onClose = (): void => {
    if (--open === 0) onClosed();
  };
  client.once('close', onClose);
  target.once('close', onClose);
  carry(client, target, halfCloseTimeoutMs);
  carry(target, client, halfCloseTimeoutMs);
}

/** Hot path: one write for what one turn of the loop has read. */
function carry(from: Socket, to: Socket, halfCloseTimeoutMs: number): void {
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    to.uncork();
  };
  // TLS gives one chunk for each record; joined they are one write.
  const joins = 'encrypted' in from;
  from.on('data', (chunk: Buffer) => {
    if (joins && !isCorked) {
      isCorked = true;
      to.cork();
      process.nextTick(uncork);
    }
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  const onEnd = (): void => {
    to.end();
    // Nobody may hold a connection of which one half is gone without using the other.
    for (const end of [from, to]) end.setTimeout(halfCloseTimeoutMs, () => end.destroy());
  };
  // A TLS client that says goodbye in the flight that ends its handshake has ended before anybody listened.
  if (from.readableEnded) onEnd();
  else from.once('end', onEnd);
  from.once('close', () => {
    // A close that is not the last step of two regular ends is a break.
    if (!from.readableEnded || !from.writableFinished) to.destroy();
  });
  // The `close` that follows does what is to be done.
  from.on('error', () => undefined);
}
