export * from '../index.js';
export { connect } from './connect.js';
