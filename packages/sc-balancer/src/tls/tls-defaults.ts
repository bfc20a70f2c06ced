import type { TlsOptions } from 'node:tls';

/** Ephemeral key exchange and authenticated encryption only. */
const modernCiphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Time limit of a handshake, in milliseconds. */
export const handshakeTimeoutMs = 10_000;

/** Applies secure defaults below the user's TLS options. */
export function withTlsDefaults(options: TlsOptions): TlsOptions {
  return {
    minVersion: 'TLSv1.2',
    ciphers: modernCiphers,
    handshakeTimeout: handshakeTimeoutMs,
    ...options,
  };
}
