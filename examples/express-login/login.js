// The users, and the tokens that they log in with. Replace the table by your database.
import { scrypt, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { SignJWT, jwtVerify } from 'jose';

const hash = promisify(scrypt);
const anHour = '1h';

export function createLogin(authKey) {
  const key = new TextEncoder().encode(authKey);
  const users = new Map();
  const ready = addUser(users, 'ada', 'difference engine');

  /** Returns a signed token or `undefined`. Takes the same time for an unknown name as for a wrong password. */
  async function logIn(username, password) {
    await ready;
    if (typeof username !== 'string' || typeof password !== 'string') return undefined;
    const { salt, wanted } = users.get(username) ?? { salt: 'none', wanted: Buffer.alloc(64) };
    const isRight = timingSafeEqual(await hash(password, salt, 64), wanted);
    if (!isRight || !users.has(username)) return undefined;
    return new SignJWT({ username })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuedAt()
      .setExpirationTime(anHour)
      .sign(key);
  }

  /** Express middleware: `request.user`, or 401. */
  async function requireUser(request, response, next) {
    const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
    try {
      if (scheme !== 'Bearer') throw new Error('No token');
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'] });
      request.user = payload.username;
    } catch {
      // Do not reveal to the client why a token is invalid.
      return response.status(401).json({ error: 'Please log in first' });
    }
    next();
  }

  return { logIn, requireUser };
}

async function addUser(users, username, password) {
  const salt = randomBytes(16).toString('hex');
  users.set(username, { salt, wanted: await hash(password, salt, 64) });
}
