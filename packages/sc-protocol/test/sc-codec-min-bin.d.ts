declare module 'sc-codec-min-bin' {
  const engine: {
    encode(value: unknown): Uint8Array;
    decode(message: string | Uint8Array): unknown;
  };
  export default engine;
}
