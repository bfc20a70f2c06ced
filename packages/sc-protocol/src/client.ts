export {
  connectTimeoutCode,
  handshakeFailedCode,
  hungUpCode,
  invalidFrameCode,
  noStatusCode,
  normalCode,
  pingTimeoutCode,
} from './close-codes.js';
export {
  answerFrame,
  authenticateFrame,
  disconnectFrame,
  eventFrame,
  handshakeFrame,
  historyFrame,
  membersFrame,
  presenceEvent,
  presenceFrame,
  publishFrame,
  refusalFrame,
  removeAuthTokenFrame,
  subscribeFrame,
  unsubscribeFrame,
} from './dialects/write.js';
export { decodeBase64 } from './json.js';
