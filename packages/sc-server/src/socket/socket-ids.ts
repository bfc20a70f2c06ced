import { randomFillSync } from 'node:crypto';

const bytesPerId = 15;
const idsPerFill = 256;

/**
 * Creates a generator of socket ids: 120 random bits as 20 URL-safe characters. Random bytes are drawn for 256 ids at a
 * time.
 */
export function createSocketIds(): () => string {
  const pool = Buffer.alloc(bytesPerId * idsPerFill);
  let position = pool.length;
  return () => {
    if (position === pool.length) {
      randomFillSync(pool);
      position = 0;
    }
    position += bytesPerId;
    return pool.toString('base64url', position - bytesPerId, position);
  };
}
