import { InvalidActionError } from 'sc-protocol';
import type { Logger } from '../../log/logger.js';
import type { ResolvedClusterOptions } from '../options/resolved-options.js';
import { checkProtocol, type ProtocolOptions } from '../options/protocol-options.js';
import { checkSecureContext, type SharedTls } from './shared.js';

/** Changes the TLS options of a running cluster, by a call of the application or by reading them again. */
export class TlsControl {
  readonly #options: Pick<ResolvedClusterOptions, 'protocol' | 'readProtocolOptions'>;
  readonly #tls: SharedTls;
  readonly #logger: Logger;

  constructor(
    options: Pick<ResolvedClusterOptions, 'protocol' | 'readProtocolOptions'>,
    tls: SharedTls,
    logger: Logger,
  ) {
    this.#options = options;
    this.#tls = tls;
    this.#logger = logger;
  }

  /** Changes the given options; all other options keep their values. */
  change(protocolOptions: ProtocolOptions): void {
    if (this.#options.protocol !== 'https') throw new InvalidActionError("protocolOptions go with protocol: 'https'");
    this.#replace(this.#tls.merged(protocolOptions));
  }

  /** Reads all options again; options that are no longer given are removed. */
  reload(): void {
    const { readProtocolOptions } = this.#options;
    if (readProtocolOptions === undefined) {
      this.#logger.warn('SIGHUP ignored: `protocolOptions` is not a function');
      return;
    }
    try {
      this.#replace(readProtocolOptions());
    } catch (error) {
      this.#logger.error('The new certificate cannot be used; the current one stays in use', { error });
    }
  }

  #replace(protocolOptions: ProtocolOptions): void {
    checkProtocol('https', protocolOptions);
    checkSecureContext(protocolOptions);
    this.#tls.replace(protocolOptions);
    this.#logger.info('New TLS handshakes use the new certificate');
  }
}
