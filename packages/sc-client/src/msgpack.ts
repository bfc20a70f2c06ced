export { msgpackCodec } from 'sc-protocol/msgpack';
