import type { ServerOptions as HttpsOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { InvalidOptionsError } from 'sc-protocol';

/** What `https.createServer` of Node takes, as far as it can travel between processes. */
export interface ProtocolOptions extends Omit<HttpsOptions, 'SNICallback' | 'ALPNCallback' | 'pskCallback'> {
  /** Other certificates by the server name that clients ask for; a name may begin with `*.`. */
  serverNames?: Readonly<Record<string, SecureContextOptions>>;
}

/** Calls the function that was given, and refuses what it returns as at the start. */
export function readAgain(read: () => ProtocolOptions): ProtocolOptions {
  const protocolOptions = read();
  checkProtocol('https', protocolOptions);
  return protocolOptions;
}

/** Refuses TLS options that are not needed, incomplete, or cannot travel. */
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
  for (const [name, value] of Object.entries(protocolOptions)) {
    if (typeof value !== 'function') continue;
    const instead = name === 'SNICallback' ? '; use protocolOptions.serverNames' : '';
    throw refuse(`protocolOptions.${name} is a function, which cannot travel between processes${instead}`);
  }
}

function isEncrypted(key: HttpsOptions['key']): boolean {
  return (typeof key === 'string' || Buffer.isBuffer(key)) && key.includes('ENCRYPTED');
}
