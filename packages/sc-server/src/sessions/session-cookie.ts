import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface SessionCookieSetting {
  readonly name: string;
  readonly key: Buffer;
  readonly isSecure: boolean | undefined;
}

const idBytes = 18;
const idPattern = /^[\w-]{24}$/;

/** The cookie with a session's id: signed, so that ids cannot be forged, and inaccessible to scripts. */
export class SessionCookie {
  readonly #name: string;
  readonly #key: Buffer;
  readonly #isSecure: boolean | undefined;

  constructor({ name, key, isSecure }: SessionCookieSetting) {
    this.#name = name;
    this.#key = key;
    this.#isSecure = isSecure;
  }

  newId(): string {
    return randomBytes(idBytes).toString('base64url');
  }

  /** The id in the request's cookie, if present and signed by this server. */
  read({ headers }: IncomingMessage): string | undefined {
    for (const part of (headers.cookie ?? '').split(';')) {
      const at = part.indexOf('=');
      if (at === -1 || part.slice(0, at).trim() !== this.#name) continue;
      const [id = '', signature = ''] = part
        .slice(at + 1)
        .trim()
        .split('.');
      if (idPattern.test(id) && this.#isSigned(id, signature)) return id;
    }
    return undefined;
  }

  /** Returns the value of a `Set-Cookie` header. It is a session cookie, which ends with the browser session. */
  write(id: string, request: IncomingMessage): string {
    const isSecure = this.#isSecure ?? 'encrypted' in request.socket;
    const value = `${id}.${this.#sign(id).toString('base64url')}`;
    return `${this.#name}=${value}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  }

  #isSigned(id: string, signature: string): boolean {
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(id);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(id: string): Buffer {
    return createHmac('sha256', this.#key).update(id).digest();
  }
}
