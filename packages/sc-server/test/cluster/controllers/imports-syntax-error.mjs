import './syntax-error.mjs';

export function run() {}
