import { KeyObject } from 'node:crypto';
import type { ServerOptions as HttpsOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { InvalidOptionsError } from 'sc-protocol';

/** The options of Node's `https.createServer` that can be sent between processes. */
export interface ProtocolOptions extends Omit<HttpsOptions, 'SNICallback' | 'ALPNCallback' | 'pskCallback'> {
  /** Additional certificates by server name (SNI); a name may begin with `*.`. */
  serverNames?: Readonly<Record<string, SecureContextOptions>>;
}

/** Calls the given function and validates its result as at the start. */
export function readAgain(read: () => ProtocolOptions): ProtocolOptions {
  const protocolOptions = read();
  checkProtocol('https', protocolOptions);
  return protocolOptions;
}

/** Rejects TLS options that are unexpected, incomplete, or cannot be sent between processes. */
export function checkProtocol(protocol: 'http' | 'https', protocolOptions: ProtocolOptions | undefined): void {
  const refuse = (message: string) => new InvalidOptionsError(message, { option: 'protocolOptions' });
  if (protocol === 'http') {
    if (protocolOptions !== undefined)
      throw refuse("protocolOptions must go with protocol: 'https', got protocol 'http'");
    return;
  }
  if (protocolOptions === undefined)
    throw refuse("protocolOptions is required when protocol is 'https': give key and cert, or pfx");
  const { key, cert, pfx } = protocolOptions;
  if (pfx === undefined && (key === undefined || cert === undefined)) {
    throw refuse('protocolOptions must hold key and cert, or pfx');
  }
  if (protocolOptions.passphrase === undefined && isEncrypted(key)) {
    throw refuse('protocolOptions.passphrase is required: the key is encrypted');
  }
  for (const [name, value] of Object.entries(protocolOptions)) checkPortable(`protocolOptions.${name}`, value);
}

/** Rejects values that would be changed by serialization. */
function checkPortable(name: string, value: unknown): void {
  const refuse = (what: string) =>
    new InvalidOptionsError(`${name} is ${what}, which cannot be sent between processes${insteadOf(name, value)}`, {
      option: 'protocolOptions',
    });
  if (typeof value === 'function') throw refuse('a function');
  if (typeof value === 'bigint' || typeof value === 'symbol') throw refuse(`a ${typeof value}`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    throw refuse(`a ${value.constructor.name}`);
  }
  for (const [key, part] of Object.entries(value)) checkPortable(`${name}.${key}`, part);
}

function insteadOf(name: string, value: unknown): string {
  if (name.endsWith('.SNICallback')) return '; use protocolOptions.serverNames';
  if (value instanceof KeyObject) return "; give the key as PEM: keyObject.export({ type: 'pkcs8', format: 'pem' })";
  return '; give strings, numbers, booleans, buffers, arrays and plain objects';
}

function isEncrypted(key: HttpsOptions['key']): boolean {
  return (typeof key === 'string' || Buffer.isBuffer(key)) && key.includes('ENCRYPTED');
}
