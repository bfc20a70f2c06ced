export {
  connectTimeoutCode,
  handshakeFailedCode,
  hungUpCode,
  invalidFrameCode,
  noStatusCode,
  normalCode,
  pingTimeoutCode,
} from './close-codes.js';
export { wireEvent } from './dialects/wire-event.js';
export { decodeBase64 } from './json.js';
