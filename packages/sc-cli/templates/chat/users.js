// The users of the app. They are in the store, which all workers share, until the app stops. Replace it by your
// database.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const hash = promisify(scrypt);

export function createUsers(exchange) {
  /** Returns the user's name. The first login with a new name sets its password. */
  async function logIn(name, password) {
    const username = cleanName(name);
    if (typeof password !== 'string' || password.length < 8 || password.length > 100) {
      throw new Error('A password has 8 to 100 characters.');
    }
    const key = ['users', username.toLowerCase()];
    const salt = randomBytes(16).toString('hex');
    const isNew =
      !(await exchange.hasKey(key)) &&
      // Atomic: if two clients register the same name at once, only one succeeds.
      (await exchange.compareAndSet(key, undefined, { username, salt, hash: await hashed(password, salt) }));
    if (isNew) return username;
    const user = await exchange.get(key);
    const isRight = timingSafeEqual(Buffer.from(await hashed(password, user.salt)), Buffer.from(user.hash));
    if (!isRight) throw new Error('This name is taken, and the password does not match.');
    return user.username;
  }

  return { logIn };
}

async function hashed(password, salt) {
  return (await hash(password, salt, 32)).toString('hex');
}

function cleanName(name) {
  const clean = typeof name === 'string' ? name.trim() : '';
  if (!/^[\p{L}\p{N}._-]{1,24}$/u.test(clean)) throw new Error('A name has 1 to 24 letters and digits.');
  return clean;
}
