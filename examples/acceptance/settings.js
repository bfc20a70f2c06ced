// All settings, read once from the environment.

const number = (name) => {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new Error(`${name} must be a whole number, got ${text}`);
  return value;
};
const text = (name) => process.env[name] || undefined;
const withoutUndefined = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

export const settings = {
  port: number('PORT') ?? 8000,
  workers: number('WORKERS') ?? 1,
  stores: number('STORES'),
  balancers: number('BALANCERS'),
  keyFile: text('TLS_KEY_FILE'),
  certFile: text('TLS_CERT_FILE'),
  codec: text('CODEC') ?? 'json',
  logLevel: text('LOG_LEVEL'),
};

/** Options that both modes pass to each `SCServer`. */
export const serverOptions = withoutUndefined({
  origins: ['http://localhost:*', 'http://127.0.0.1:*'],
  authKey: text('AUTH_KEY'),
  pingInterval: number('PING_INTERVAL'),
  pingTimeout: number('PING_TIMEOUT'),
  handshakeTimeout: number('HANDSHAKE_TIMEOUT'),
  inboundRate: number('INBOUND_RATE'),
  maxEventLoopLag: number('SC_MAX_EVENT_LOOP_LAG'),
  legacyDialects: text('LEGACY_DIALECTS')?.split(','),
});

export { withoutUndefined };
