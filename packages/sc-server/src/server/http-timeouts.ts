/**
 * For HTTP servers that are made here: a connection that says nothing, or drips its request, is gone within seconds.
 * Node would keep it for minutes.
 */
export const httpTimeouts = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 };
