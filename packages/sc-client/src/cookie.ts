export { cookieTokenStore } from './cookie-token-store.js';

export type { CookieOptions } from './cookie-token-store.js';
