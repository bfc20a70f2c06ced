import type { ProtocolOptions } from '../options/protocol-options.js';

/** TLS options serialized as JSON for IPC; binary values are tagged. */
export interface PortableTlsOptions {
  readonly json: string;
}

interface MarkedBytes {
  readonly $base64: string;
}

export function packTlsOptions(options: ProtocolOptions): PortableTlsOptions {
  const json = JSON.stringify(options, function (this: Record<string, unknown>, key, value: unknown) {
    // `value` is already the result of `Buffer.toJSON`.
    const original = this[key];
    return ArrayBuffer.isView(original)
      ? ({
          $base64: Buffer.from(original.buffer, original.byteOffset, original.byteLength).toString('base64'),
        } satisfies MarkedBytes)
      : value;
  });
  return { json };
}

export function unpackTlsOptions({ json }: PortableTlsOptions): ProtocolOptions {
  return JSON.parse(json, (_key, value: unknown) => {
    const marked = value as Partial<MarkedBytes> | null;
    return typeof marked === 'object' && typeof marked?.$base64 === 'string'
      ? Buffer.from(marked.$base64, 'base64')
      : value;
  }) as ProtocolOptions;
}

export function unpackKeys(keys: readonly string[]): Buffer[] {
  return keys.map((key) => Buffer.from(key, 'base64'));
}
