import { createSecureContext } from 'node:tls';
import type { SecureContext, SecureContextOptions, TlsOptions } from 'node:tls';

type SniCallback = NonNullable<TlsOptions['SNICallback']>;

/** Certificates by the name that clients ask for: an exact one, or `*.` for one label. */
export class ServerNames {
  #contexts = new Map<string, SecureContext>();

  /** Makes ready to have these and no others; what it returns does it. Throws when a certificate cannot be used. */
  prepare(names: Readonly<Record<string, SecureContextOptions>>, common: TlsOptions): () => void {
    const entries = Object.entries(names).map(([name, options]) => [name, contextOf(options, common)] as const);
    return () => {
      this.#contexts = new Map(entries.map(([name, context]) => [name.toLowerCase(), context]));
    };
  }

  add(name: string, options: SecureContextOptions, common: TlsOptions): void {
    this.#contexts.set(name.toLowerCase(), contextOf(options, common));
  }

  find(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase();
    return this.#contexts.get(name) ?? this.#contexts.get(name.replace(/^[^.]+/, '*'));
  }

  /** For a server: asks `otherwise` about names that are not here. */
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
