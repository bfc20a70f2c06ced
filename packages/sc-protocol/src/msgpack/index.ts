export { msgpackCodec } from './codec.js';
