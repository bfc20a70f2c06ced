import { createSecureContext } from 'node:tls';
import type { SecureContext, SecureContextOptions, TlsOptions } from 'node:tls';

type SniCallback = NonNullable<TlsOptions['SNICallback']>;

/** Certificates by requested server name: an exact name, or `*.` for one label. */
export class ServerNames {
  readonly #contexts: ReadonlyMap<string, SecureContext>;

  /** Throws if a certificate cannot be used. */
  constructor(names: Readonly<Record<string, SecureContextOptions>>, common: TlsOptions) {
    this.#contexts = new Map(
      Object.entries(names).map(([name, options]) => [name.toLowerCase(), contextOf(options, common)]),
    );
  }

  find(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase();
    return this.#contexts.get(name) ?? this.#contexts.get(name.replace(/^[^.]+/, '*'));
  }

  /** Returns an `SNICallback` that delegates unknown names to `otherwise`. */
  callback(otherwise: SniCallback | undefined): SniCallback {
    return (name, done) => {
      const context = this.find(name);
      if (context === undefined && otherwise !== undefined) otherwise(name, done);
      else done(null, context);
    };
  }
}

function contextOf(options: SecureContextOptions, common: TlsOptions): SecureContext {
  return createSecureContext({ ...common, ...options });
}
